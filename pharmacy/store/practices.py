"""Practices, their API clients and tokens, and the prescribers on their roster.

A practice is the boundary of what its API clients may see. A token is checked in the transaction in which
it acts, so that revoking it (or disabling its client) works at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.errors import NotFound
from pharmacy.domain.payments import Payer
from pharmacy.store.base import Model, new_id, one_of


@dataclass(eq=False)
class PracticeNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such practice."


class Practice(Model):
    __tablename__ = "practices"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    # Who pays for its orders: the patient, unless staff have set the practice to pay.
    payer: Mapped[Payer] = mapped_column(
        one_of(Payer, "payer"), default=Payer.PATIENT, server_default=Payer.PATIENT.value
    )


class ApiClient(Model):
    """A prescriber's system. Its secret is kept as an argon2 hash only."""

    __tablename__ = "api_clients"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"))
    name: Mapped[str]
    client_id: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    disabled_at: Mapped[datetime | None]


class AccessToken(Model):
    """A short bearer token, kept as its SHA-256 only."""

    __tablename__ = "access_tokens"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    api_client_id: Mapped[UUID] = mapped_column(ForeignKey("api_clients.id"))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("expires_at > issued_at", name="lasts"),
        Index("ix_access_tokens_expires_at", "expires_at"),
    )


class RosterEntry(Model):
    """A prescriber for whom a practice may order, verified by staff."""

    __tablename__ = "roster_entries"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"))
    npi: Mapped[str]
    full_name: Mapped[str]
    verified_at: Mapped[datetime]
    verified_by: Mapped[UUID]
    expires_on: Mapped[date]
    __table_args__ = (
        UniqueConstraint("practice_id", "npi"),
        CheckConstraint("npi ~ '^[12][0-9]{9}$'", name="npi_shape"),
    )


def client_named(session: Session, client_id: str) -> ApiClient | None:
    """The client of that public name, unless it is disabled."""
    return session.scalar(
        select(ApiClient).where(ApiClient.client_id == client_id, ApiClient.disabled_at.is_(None))
    )


def payer_of(session: Session, practice_id: UUID) -> Payer:
    """Who pays for that practice's orders."""
    return session.scalars(select(Practice.payer).where(Practice.id == practice_id)).one()


def name_of(session: Session, practice_id: UUID) -> str:
    return session.scalars(select(Practice.name).where(Practice.id == practice_id)).one()


def get_for_update(session: Session, practice_id: UUID) -> Practice:
    """The practice, locked; PracticeNotFound when there is none."""
    practice = session.scalar(select(Practice).where(Practice.id == practice_id).with_for_update())
    if practice is None:
        raise PracticeNotFound
    return practice


def is_on_roster(session: Session, practice_id: UUID, npi: str, today: date) -> bool:
    """Whether the practice may order for that prescriber on the pharmacy's `today`."""
    query = select(RosterEntry.id).where(
        RosterEntry.practice_id == practice_id, RosterEntry.npi == npi, RosterEntry.expires_on >= today
    )
    return session.scalar(query) is not None
