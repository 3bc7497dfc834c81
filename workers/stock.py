"""Stock that ends is marked, whoever finds it first after midnight, and counts that fall due are on the list."""

from __future__ import annotations

from celery import shared_task

from pharmacy.usecases.sweep_stock import sweep_stock
from workers.app import the_pharmacy


@shared_task(name="stock.expire")
def expire() -> None:
    pharmacy = the_pharmacy()
    sweep_stock(pharmacy.sessions, pharmacy.zone, by=pharmacy.clockwork, now=pharmacy.clock())
