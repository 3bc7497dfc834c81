"""Committed events are given their place in their practice's log, and due deliveries handed to workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import any_, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import events, heartbeat, webhooks
from pharmacy.store.events import Event
from pharmacy.store.sessions import Sessions
from pharmacy.store.webhooks import DeliveryState, WebhookDelivery, WebhookEndpoint

MOST_PLACED = 2_000
MOST_LEASED = 200
# A subscriber may take many seconds for each, and a task must end well before its time limit.
BATCH = 10
WEBHOOK_TOPIC = "webhook.due"
Send = Callable[[str, list[str]], None]


def relay_events(sessions: Sessions, send: Send, *, by: Actor, now: datetime) -> int:
    """How many events were placed; their deliveries, and others that are due, are with the broker."""
    with sessions.write() as session:
        heartbeat.beat(session, "events", now=now)
        placed = events.place(session, most=MOST_PLACED)
        if placed:
            _deliver_to_whom_it_concerns(session, placed, now)
    with sessions.write() as session:
        left = list(webhooks.lease_due(session, now=now, most=MOST_LEASED))
    try:
        while left:
            send(WEBHOOK_TOPIC, [str(each) for each in left[:BATCH]])
            del left[:BATCH]
    finally:
        return_deliveries(sessions, left)
    return len(placed)


def return_deliveries(sessions: Sessions, delivery_ids: Sequence[UUID]) -> None:
    """What was leased and not begun is due again at once."""
    if delivery_ids:
        with sessions.write() as session:
            webhooks.release(session, delivery_ids)


def _deliver_to_whom_it_concerns(session: Session, placed: Sequence[UUID], now: datetime) -> None:
    """One delivery for each endpoint that has its secret and hears events of that type."""
    chosen = (
        select(
            func.uuidv7(),
            WebhookEndpoint.id,
            Event.id,
            literal(DeliveryState.WAITING.value),
            literal(now),
            literal(0),
        )
        .join(Event, Event.practice_id == WebhookEndpoint.practice_id)
        .where(
            Event.id.in_(placed),
            WebhookEndpoint.ended_at.is_(None),
            WebhookEndpoint.secret_version > 0,
            or_(WebhookEndpoint.kinds == [], Event.kind == any_(WebhookEndpoint.kinds)),
        )
        .order_by(Event.position)
    )
    columns = ["id", "endpoint_id", "event_id", "state", "due_at", "attempts"]
    session.execute(insert(WebhookDelivery).from_select(columns, chosen, include_defaults=False))
