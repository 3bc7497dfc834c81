"""Practices, their API clients and tokens, and the prescribers on their roster.

A practice is the boundary of what its API clients may see. A token is checked in the transaction in which
it acts, so that revoking it (or disabling its client) works at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.errors import NotFound
from pharmacy.domain.payments import Payer
from pharmacy.domain.scopes import RosterScope
from pharmacy.store.base import Facts, Model, new_id, one_of


@dataclass(eq=False)
class PracticeNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such practice."


@dataclass(eq=False)
class ClientNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such client."


@dataclass(eq=False)
class KeyNotFound(NotFound):
    def __str__(self) -> str:
        return "This client has no such key."


@dataclass(eq=False)
class PrescriberNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such prescriber on a roster."


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
    # Empty for a client that proves itself by its private key alone.
    secret_hash: Mapped[str]
    # The secret before, which holds a while longer, so that a client changes over without a gap.
    previous_secret_hash: Mapped[str | None]
    previous_secret_until: Mapped[datetime | None]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    disabled_at: Mapped[datetime | None]


class ClientKey(Model):
    """A public key of an API client, as a JWK; it holds until `holds_until`, or for good where that is None."""

    __tablename__ = "client_keys"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    api_client_id: Mapped[UUID] = mapped_column(ForeignKey("api_clients.id"))
    kid: Mapped[str]
    jwk: Mapped[Facts]
    added_at: Mapped[datetime]
    holds_until: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("api_client_id", "kid"),)


class UsedAssertion(Model):
    """A signed assertion that was taken once, kept until it could not be taken again anyhow."""

    __tablename__ = "used_assertions"
    api_client_id: Mapped[UUID] = mapped_column(ForeignKey("api_clients.id"), primary_key=True)
    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class AccessToken(Model):
    """A short bearer token, kept as its SHA-256 only."""

    __tablename__ = "access_tokens"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    api_client_id: Mapped[UUID] = mapped_column(ForeignKey("api_clients.id"))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    # What was asked for of the client's scopes; None is all of them.
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(TEXT))
    revoked_at: Mapped[datetime | None]
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
    licence_number: Mapped[str | None]
    licence_state: Mapped[str | None]
    # What the practice may ask for in their name.
    scopes: Mapped[list[str]] = mapped_column(
        ARRAY(TEXT), default=lambda: list(RosterScope), server_default="{orders,adjustments,renewals}"
    )
    verified_at: Mapped[datetime]
    verified_by: Mapped[UUID]
    expires_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]
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


def holds_on(day: date | BindParameter[date]) -> tuple[ColumnElement[bool], ...]:
    """What must be true of a roster entry for orders of that day: neither expired nor withdrawn, and for orders."""
    return (
        RosterEntry.expires_on >= day,
        RosterEntry.withdrawn_at.is_(None),
        RosterEntry.scopes.contains([RosterScope.ORDERS]),
    )


def is_on_roster(session: Session, practice_id: UUID, npi: str, today: date) -> bool:
    """Whether the practice may order for that prescriber on the pharmacy's `today`."""
    query = select(RosterEntry.id).where(
        RosterEntry.practice_id == practice_id, RosterEntry.npi == npi, *holds_on(today)
    )
    return session.scalar(query) is not None


def get(session: Session, practice_id: UUID) -> Practice:
    practice = session.get(Practice, practice_id)
    if practice is None:
        raise PracticeNotFound
    return practice


def by_name() -> Select[Practice]:
    """Every practice, for staff."""
    return select(Practice).order_by(Practice.name, Practice.id)


def clients_of(practice_id: UUID) -> Select[ApiClient]:
    return select(ApiClient).where(ApiClient.practice_id == practice_id).order_by(ApiClient.id)


def roster_of(practice_id: UUID) -> Select[RosterEntry]:
    """Everybody who is or was on the practice's roster."""
    query = select(RosterEntry).where(RosterEntry.practice_id == practice_id)
    return query.order_by(RosterEntry.full_name, RosterEntry.id)


def client_for_update(session: Session, api_client_id: UUID) -> ApiClient:
    client = session.scalar(select(ApiClient).where(ApiClient.id == api_client_id).with_for_update())
    if client is None:
        raise ClientNotFound
    return client


def roster_entry_for_update(session: Session, entry_id: UUID) -> RosterEntry:
    entry = session.scalar(select(RosterEntry).where(RosterEntry.id == entry_id).with_for_update())
    if entry is None:
        raise PrescriberNotFound
    return entry


def roster_entry_of(session: Session, practice_id: UUID, npi: str) -> RosterEntry | None:
    """The prescriber of that NPI on that roster, locked; withdrawn and expired ones too."""
    query = select(RosterEntry).where(RosterEntry.practice_id == practice_id, RosterEntry.npi == npi)
    return session.scalar(query.with_for_update())


def keys_of(session: Session, api_client_id: UUID) -> list[ClientKey]:
    return list(
        session.scalars(
            select(ClientKey).where(ClientKey.api_client_id == api_client_id).order_by(ClientKey.id)
        )
    )


def key_of(session: Session, api_client_id: UUID, kid: str) -> ClientKey:
    query = select(ClientKey).where(ClientKey.api_client_id == api_client_id, ClientKey.kid == kid)
    key = session.scalar(query.with_for_update())
    if key is None:
        raise KeyNotFound
    return key


def key_that_holds(session: Session, api_client_id: UUID, kid: str, *, now: datetime) -> ClientKey | None:
    return session.scalar(
        select(ClientKey).where(
            ClientKey.api_client_id == api_client_id,
            ClientKey.kid == kid,
            or_(ClientKey.holds_until.is_(None), ClientKey.holds_until > now),
        )
    )


def forget_assertions(session: Session, api_client_id: UUID, *, before: datetime) -> None:
    """Assertions of that client that had expired by then are forgotten: they would be refused for that."""
    session.execute(
        delete(UsedAssertion).where(
            UsedAssertion.api_client_id == api_client_id, UsedAssertion.expires_at < before
        )
    )


def revoke_token(session: Session, api_client_id: UUID, hashed: bytes, *, now: datetime) -> bool:
    """Whether that client had such a token that held until now."""
    revoked = session.execute(
        update(AccessToken)
        .where(
            AccessToken.token_hash == hashed,
            AccessToken.api_client_id == api_client_id,
            AccessToken.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(AccessToken.token_hash)
    )
    return revoked.first() is not None


def revoke_tokens(session: Session, api_client_id: UUID, *, now: datetime) -> None:
    """No token that client has holds any more."""
    session.execute(
        update(AccessToken)
        .where(AccessToken.api_client_id == api_client_id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
