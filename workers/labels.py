"""Labels, drawn by workers."""

from __future__ import annotations

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from pharmacy.usecases.each_apart import each_apart
from pharmacy.usecases.make_label import make_label, make_proofs
from workers.app import the_pharmacy


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
