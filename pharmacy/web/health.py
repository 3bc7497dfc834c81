"""Whether this process lives, whether it can serve, and how late the work is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from pharmacy.store import heartbeat, outbox, seals
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
        swept_at = heartbeat.last(session, "relay")
        waiting = outbox.waiting(session)
        unsealed = seals.unsealed_count(session)
    age = None if swept_at is None else int((pharmacy.clock() - swept_at).total_seconds())
    return {
        "status": "ready",
        "messages_waiting": waiting,
        "seconds_since_relay": age,
        "audit_unsealed": unsealed,
    }


@blueprint.get("/metrics")
@public("numbers without names")
def metrics() -> Response:
    pharmacy = the_pharmacy()
    registry = CollectorRegistry()
    waiting = Gauge("pharmacy_messages_waiting", "Messages not delivered yet", registry=registry)
    unsealed = Gauge("pharmacy_audit_unsealed", "Audit entries not sealed yet", registry=registry)
    with told_apart(), pharmacy.sessions.read() as session:
        waiting.set(outbox.waiting(session))
        unsealed.set(seals.unsealed_count(session))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
