"""Whether this process lives, whether it can serve, and how late the work is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from pharmacy.store import heartbeat, notices, outbox, seals
from pharmacy.store.notices import NoticeState
from pharmacy.store.waits import told_apart
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public("says only that the process lives")
def alive() -> dict[str, str]:
    return {"status": "alive"}


@blueprint.get("/readyz")
@public("says only whether the books open and how old the last sweep is")
def ready() -> dict[str, Any]:
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        relayed, swept = (heartbeat.last(session, job) for job in ("relay", "notices"))
        waiting = outbox.waiting(session)
        unsealed = seals.unsealed_count(session)
    return {
        "status": "ready",
        "messages_waiting": waiting,
        "seconds_since_relay": _seconds_since(relayed),
        "seconds_since_notice_sweep": _seconds_since(swept),
        "audit_unsealed": unsealed,
    }


@blueprint.get("/metrics")
@public("numbers without names")
def metrics() -> Response:
    pharmacy = the_pharmacy()
    registry = CollectorRegistry()
    waiting = Gauge("pharmacy_messages_waiting", "Messages not delivered yet", registry=registry)
    unsealed = Gauge("pharmacy_audit_unsealed", "Audit entries not sealed yet", registry=registry)
    ages = Gauge("pharmacy_seconds_since", "Seconds since a job last ran", ["job"], registry=registry)
    uncertain = Gauge("pharmacy_notices_uncertain", "Notices whose fate nobody knows", registry=registry)
    overdue = Gauge("pharmacy_notices_overdue", "Notices that are due and wait yet", registry=registry)
    with told_apart(), pharmacy.sessions.read() as session:
        waiting.set(outbox.waiting(session))
        unsealed.set(seals.unsealed_count(session))
        uncertain.set(notices.count_in(session, [NoticeState.UNCERTAIN]).get(NoticeState.UNCERTAIN, 0))
        overdue.set(notices.overdue(session, pharmacy.clock()))
        for job in ("relay", "notices"):
            if (age := _seconds_since(heartbeat.last(session, job))) is not None:
                ages.labels(job).set(age)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _seconds_since(beaten_at: datetime | None) -> int | None:
    """The age of a sweep; None for one that never ran."""
    return None if beaten_at is None else int((the_pharmacy().clock() - beaten_at).total_seconds())
