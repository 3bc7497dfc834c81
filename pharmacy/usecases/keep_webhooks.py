"""Practices keep their endpoints; staff send parked deliveries again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.events import EventKind
from pharmacy.domain.webhooks import as_told, is_public, secret_of
from pharmacy.store import audit, webhooks
from pharmacy.store.base import new_id
from pharmacy.store.webhooks import DeliveryState, WebhookDelivery, WebhookEndpoint


class AddressUnfit(Unfit):
    def __str__(self) -> str:
        return "An address on the open internet is due: https, without name and password in it."


class AlreadyDelivered(Conflict):
    def __str__(self) -> str:
        return "This is not parked, so there is nothing to send again."


def require_fit(url: str, *, may_be_private: bool) -> None:
    """Raises AddressUnfit for what can be seen to be no public https address; names are looked up when it is used."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressUnfit(where=("url",)) from None
    is_plain = parts.scheme == "https" or (may_be_private and parts.scheme == "http")
    is_number = host.replace(".", "").isdigit() or ":" in host
    is_inside = not may_be_private and ("." not in host.strip(".") or (is_number and not is_public(host)))
    if (
        not is_plain
        or "@" in parts.netloc
        or parts.fragment
        or not host
        or port == 0
        or (is_inside and ":" not in host)
    ):
        raise AddressUnfit(where=("url",))
    if not may_be_private and ":" in host and not is_public(host):
        raise AddressUnfit(where=("url",))


def add_endpoint(
    session: Session, url: str, kinds: Sequence[EventKind], *, by: Actor, now: datetime
) -> WebhookEndpoint:
    """An endpoint of the client's practice. Nothing is sent before it is given its secret."""
    endpoint = WebhookEndpoint(
        id=new_id(),
        practice_id=by.practice_id,
        url=url,
        kinds=sorted(kinds),
        secret_version=0,
        created_at=now,
    )
    session.add(endpoint)
    audit.record(session, "webhook_endpoint.added", endpoint.id, by=by, at=now)
    return endpoint


def give_endpoint_secret(
    session: Session, endpoint: WebhookEndpoint, key: bytes, overlap: timedelta, *, by: Actor, now: datetime
) -> str:
    """A new secret, seen once; for `overlap` more everything is signed with the one before besides."""
    endpoint.previous_secret_until = now + overlap if endpoint.secret_version else None
    endpoint.secret_version += 1
    audit.record(session, "webhook_endpoint.secret_given", endpoint.id, by=by, at=now)
    return as_told(secret_of(key, str(endpoint.id), endpoint.secret_version))


def end_endpoint(session: Session, endpoint: WebhookEndpoint, *, by: Actor, now: datetime) -> None:
    """Nothing more is sent there; what waited is parked."""
    endpoint.ended_at = now
    webhooks.park_waiting_of(session, endpoint.id, "the endpoint was ended", now=now)
    audit.record(session, "webhook_endpoint.ended", endpoint.id, by=by, at=now)


def send_again(session: Session, delivery_id: UUID, *, by: Actor, now: datetime) -> WebhookDelivery:
    """A parked delivery is due at once, with all its tries before it. Raises AlreadyDelivered."""
    delivery = webhooks.for_update(session, delivery_id)
    if delivery.state is not DeliveryState.PARKED:
        raise AlreadyDelivered
    delivery.state, delivery.settled_at = DeliveryState.WAITING, None
    delivery.attempts, delivery.due_at, delivery.leased_until = 0, now, None
    audit.record(session, "webhook.sent_again", delivery.id, by=by, at=now)
    return delivery
