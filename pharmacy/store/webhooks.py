"""Where practices hear of events: their endpoints, and what is to be delivered to each.

Every event that concerns an endpoint makes one delivery, in the transaction that gives the event its place in
the log. A delivery is leased before it is carried out; a lease that runs out makes it due again, so a subscriber
may hear twice and knows by the id, and never not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from pharmacy.domain.errors import NotFound
from pharmacy.store.base import Model, new_id, one_of
from pharmacy.store.events import Event

# Longer than one conversation may last, and than a batch of them.
LEASE = timedelta(seconds=120)


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    PARKED = "parked"


@dataclass(eq=False)
class EndpointNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such endpoint."


@dataclass(eq=False)
class DeliveryNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such delivery."


class WebhookEndpoint(Model):
    """Its secret is derived from its id and `secret_version`; with version 0 nothing is sent yet."""

    __tablename__ = "webhook_endpoints"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"), index=True)
    url: Mapped[str]
    # Which types it hears; empty for all, those that are still to come too.
    kinds: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    secret_version: Mapped[int]
    previous_secret_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class WebhookDelivery(Model):
    __tablename__ = "webhook_deliveries"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id"))
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"))
    state: Mapped[DeliveryState] = mapped_column(one_of(DeliveryState, "state"))
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    leased_until: Mapped[datetime | None]
    last_outcome: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    endpoint: Mapped[WebhookEndpoint] = relationship(lazy="raise")
    event: Mapped[Event] = relationship(lazy="raise")
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        CheckConstraint("(state = 'waiting') = (settled_at is null)", name="settled_pair"),
        Index("ix_webhook_deliveries_due", "due_at", postgresql_where="state = 'waiting'"),
        Index("ix_webhook_deliveries_parked", "id", postgresql_where="state = 'parked'"),
    )


def endpoints_of(practice_id: UUID) -> Select[WebhookEndpoint]:
    """The endpoints of a practice that have not ended."""
    query = select(WebhookEndpoint).where(
        WebhookEndpoint.practice_id == practice_id, WebhookEndpoint.ended_at.is_(None)
    )
    return query.order_by(WebhookEndpoint.id)


def endpoint_of_practice(session: Session, endpoint_id: UUID, practice_id: UUID) -> WebhookEndpoint:
    """The endpoint, locked, if it belongs to that practice and has not ended; EndpointNotFound otherwise."""
    query = endpoints_of(practice_id).where(WebhookEndpoint.id == endpoint_id)
    endpoint = session.scalar(query.with_for_update())
    if endpoint is None:
        raise EndpointNotFound
    return endpoint


def deliveries(state: DeliveryState) -> Select[WebhookDelivery]:
    """Every practice's deliveries in that state, newest first; for staff."""
    query = select(WebhookDelivery).where(WebhookDelivery.state == state)
    return query.options(joinedload(WebhookDelivery.event)).order_by(WebhookDelivery.id.desc())


def lease_due(session: Session, *, now: datetime, most: int) -> Sequence[UUID]:
    """Ids of the `most` longest due deliveries, leased to the caller until `now + LEASE`."""
    due = (
        select(WebhookDelivery.id)
        .where(
            WebhookDelivery.state == DeliveryState.WAITING,
            WebhookDelivery.due_at <= now,
            (WebhookDelivery.leased_until.is_(None)) | (WebhookDelivery.leased_until < now),
        )
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        # As a common table expression it runs once; a subquery may run again and lease more than `most`.
        .cte("due")
    )
    leased = (
        update(WebhookDelivery)
        .where(WebhookDelivery.id.in_(select(due.c.id)))
        .values(leased_until=now + LEASE)
        .returning(WebhookDelivery.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(leased))


def release(session: Session, delivery_ids: Sequence[UUID]) -> None:
    """The leases of these are given back: the next round finds what of them still waits."""
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.id.in_(delivery_ids), WebhookDelivery.state == DeliveryState.WAITING)
        .values(leased_until=None)
        .execution_options(synchronize_session=False)
    )


def waiting(session: Session, delivery_id: UUID) -> WebhookDelivery | None:
    """The delivery with its endpoint and event, if it still waits."""
    query = select(WebhookDelivery).where(
        WebhookDelivery.id == delivery_id, WebhookDelivery.state == DeliveryState.WAITING
    )
    return session.scalar(
        query.options(joinedload(WebhookDelivery.endpoint), joinedload(WebhookDelivery.event))
    )


def for_update(session: Session, delivery_id: UUID) -> WebhookDelivery:
    query = select(WebhookDelivery).where(WebhookDelivery.id == delivery_id)
    delivery = session.scalar(
        query.options(joinedload(WebhookDelivery.event)).with_for_update(of=WebhookDelivery)
    )
    if delivery is None:
        raise DeliveryNotFound
    return delivery


def park_waiting_of(session: Session, endpoint_id: UUID, because: str, *, now: datetime) -> None:
    """Nothing more is sent to that endpoint."""
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.state == DeliveryState.WAITING)
        .values(state=DeliveryState.PARKED, settled_at=now, last_outcome=because)
        .execution_options(synchronize_session=False)
    )
