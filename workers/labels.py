"""Labels, drawn and printed by workers."""

from __future__ import annotations

from datetime import timedelta
from itertools import takewhile

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from pharmacy.usecases.each_apart import each_apart
from pharmacy.usecases.make_label import make_label, make_proofs
from pharmacy.usecases.print_label import print_label
from workers.app import the_pharmacy

# A task is ended after 60 seconds, in the midst of whatever it says; one printer may take 15.
NO_START_AFTER = timedelta(seconds=30)


@shared_task(name="labels.request_proofs")
def request_proofs(message_ids: list[str]) -> None:
    pharmacy = the_pharmacy()
    each_apart(
        message_ids,
        lambda each: make_proofs(
            pharmacy.sessions, each, pharmacy.imprint, by=pharmacy.clockwork, now=pharmacy.clock()
        ),
        ends=(SoftTimeLimitExceeded,),
    )


@shared_task(name="labels.make")
def make(message_ids: list[str]) -> None:
    pharmacy = the_pharmacy()
    each_apart(
        message_ids,
        lambda each: make_label(
            pharmacy.sessions, each, pharmacy.labels, by=pharmacy.clockwork, now=pharmacy.clock()
        ),
        ends=(SoftTimeLimitExceeded,),
    )


@shared_task(name="labels.print")
def print_labels(message_ids: list[str]) -> None:
    """What is not begun in time has a lease that runs out, and comes again."""
    pharmacy = the_pharmacy()
    ends_at = pharmacy.clock() + NO_START_AFTER
    each_apart(
        takewhile(lambda _: pharmacy.clock() < ends_at, message_ids),
        lambda each: print_label(
            pharmacy.sessions, each, pharmacy.print_room, by=pharmacy.clockwork, now=pharmacy.clock()
        ),
        ends=(SoftTimeLimitExceeded,),
    )
