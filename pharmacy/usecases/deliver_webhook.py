"""One event is told to one endpoint, signed; what became of it is written down afterwards.

No transaction is open while the subscriber is spoken to. Whoever dies in between has told and not noted it: the
lease runs out and it is told again, under the same id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from pharmacy.domain.actors import Actor
from pharmacy.domain.webhooks import Delivered, Outcome, Parked, TryAgain, outcome, secret_of, signature
from pharmacy.store import audit, reference, webhooks
from pharmacy.store.sessions import Sessions
from pharmacy.store.webhooks import DeliveryState, WebhookDelivery, WebhookEndpoint
from pharmacy.usecases.event_document import event_document
from pharmacy.usecases.ports import NotDelivered, OutgoingWebhook, Refused, Webhooks

_WAITS = "webhook_waits_seconds"


@dataclass(frozen=True, slots=True)
class Teller:
    """Who speaks to subscribers, and the key from which their secrets are derived."""

    post: Webhooks
    key: bytes


def deliver_webhook(
    sessions: Sessions, delivery_id: UUID | str, teller: Teller, *, by: Actor, now: datetime
) -> Outcome | None:
    """What became of it; None when it does not wait (any more)."""
    with sessions.read() as session:
        delivery = webhooks.waiting(session, UUID(str(delivery_id)))
        settings = reference.settings_in_force(session)
    if delivery is None:
        return None
    waits = [timedelta(seconds=each) for each in settings[_WAITS]]
    status, failure = None, ""
    try:
        status = teller.post.tell(_message(delivery, teller.key, now))
    except Refused as refusal:
        failure, waits = f"refused while {refusal.stage}", []
    except NotDelivered as silent:
        failure = f"no answer while {silent.stage}"
    became = outcome(status, failure, delivery.attempts + 1, waits, now)
    _note(sessions, delivery.id, became, by, now)
    return became


def secrets_that_hold(endpoint: WebhookEndpoint, key: bytes, now: datetime) -> list[bytes]:
    """The secret in force, then the one before while it still holds."""
    version = endpoint.secret_version
    held = [secret_of(key, str(endpoint.id), version)]
    if version > 1 and endpoint.previous_secret_until is not None and endpoint.previous_secret_until > now:
        held.append(secret_of(key, str(endpoint.id), version - 1))
    return held


def _message(delivery: WebhookDelivery, key: bytes, now: datetime) -> OutgoingWebhook:
    body = orjson.dumps(event_document(delivery.event))
    message_id, timestamp = str(delivery.event_id), int(now.timestamp())
    signed = signature(secrets_that_hold(delivery.endpoint, key, now), message_id, timestamp, body)
    return OutgoingWebhook(
        url=delivery.endpoint.url,
        headers={
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signed,
        },
        body=body,
    )


def _note(sessions: Sessions, delivery_id: UUID, became: Outcome, by: Actor, now: datetime) -> None:
    with sessions.write() as session:
        delivery = webhooks.for_update(session, delivery_id)
        if delivery.state is not DeliveryState.WAITING:
            return
        delivery.attempts += 1
        delivery.leased_until = None
        match became:
            case Delivered():
                delivery.state, delivery.settled_at, delivery.last_outcome = (
                    DeliveryState.DELIVERED,
                    now,
                    "taken",
                )
            case TryAgain(at=at, because=because):
                delivery.due_at, delivery.last_outcome = at, because
            case Parked(because=because):
                delivery.state, delivery.settled_at, delivery.last_outcome = (
                    DeliveryState.PARKED,
                    now,
                    because,
                )
                audit.record(session, "webhook.parked", delivery.id, by=by, at=now, because=because)
