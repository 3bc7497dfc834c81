"""The audit trail, sealed by workers."""

from __future__ import annotations

from celery import shared_task

from pharmacy.usecases.seal_audit import seal_audit
from workers.app import the_pharmacy


@shared_task(name="audit.seal")
def seal() -> None:
    pharmacy = the_pharmacy()
    seal_audit(pharmacy.sessions, pharmacy.notary, by=pharmacy.clockwork, now=pharmacy.clock())
