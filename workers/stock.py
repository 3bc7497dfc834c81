"""Lots whose last day is over are marked, whoever finds them first after midnight."""

from __future__ import annotations

from celery import shared_task

from pharmacy.usecases.expire_lots import expire_lots
from workers.app import the_pharmacy


@shared_task(name="stock.expire")
def expire() -> None:
    pharmacy = the_pharmacy()
    with pharmacy.sessions.write() as session:
        expire_lots(session, pharmacy.zone, by=pharmacy.clockwork, now=pharmacy.clock())
