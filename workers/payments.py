"""Payments: providers are asked by workers, and orders nobody paid for are found by a sweep."""

from __future__ import annotations

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from pharmacy.usecases.ask_provider import ask_provider
from pharmacy.usecases.cancel_unaccepted import cancel_unaccepted
from pharmacy.usecases.each_apart import each_apart
from workers.app import the_pharmacy


@shared_task(name="payments.ask")
def ask(message_ids: list[str]) -> None:
    pharmacy = the_pharmacy()
    each_apart(
        message_ids,
        lambda each: ask_provider(
            pharmacy.sessions, each, pharmacy.till, by=pharmacy.clockwork, now=pharmacy.clock()
        ),
        ends=(SoftTimeLimitExceeded,),
    )


@shared_task(name="payments.sweep")
def sweep() -> None:
    pharmacy = the_pharmacy()
    cancel_unaccepted(pharmacy.sessions, pharmacy.zone, by=pharmacy.clockwork, now=pharmacy.clock())
