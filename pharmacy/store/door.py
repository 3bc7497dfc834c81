"""One look at the books before an API client's request is carried out.

Who calls, what they may do, whether this very request was answered before, which reference version is in
force, whether the prescriber is on the practice's roster, and the next order number: one statement, in the
transaction in which the request acts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, exists, select, true
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.identity import IdentityKeys
from pharmacy.store import known_patients
from pharmacy.store.idempotency import IdempotencyKey
from pharmacy.store.known_patients import KnownPatient
from pharmacy.store.orders import ORDER_NUMBERS
from pharmacy.store.practices import AccessToken, ApiClient, RosterEntry, holds_on, is_on_roster
from pharmacy.store.reference import ReferenceVersion
from pharmacy.store.walls import let_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What the books say of an order that comes in for that practice, by whatever way."""

    practice_id: UUID
    is_on_roster: bool
    order_number: int | None
    known: tuple[KnownPatient, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock(Arrival):
    """What the books say of one knock at the door; `answered` is the earlier answer to the same key."""

    api_client_id: UUID
    client_name: str
    scopes: frozenset[str]
    reference_version: int
    answered: tuple[bytes, str] | None

    @property
    def actor(self) -> Actor:
        """The client as rules and records know it."""
        return Actor(
            kind=ActorKind.API_CLIENT,
            id=self.api_client_id,
            name=self.client_name,
            practice_id=self.practice_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls for what tells of nobody: the client, what it may do, and the reference version in force."""

    api_client_id: UUID
    scopes: frozenset[str]
    reference_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """What an order that comes in asks the books: whether the prescriber is on the roster, who the patient is."""

    npi: str
    patient: IdentityKeys


def token_hash(token: str) -> bytes:
    """How a bearer token is kept: as its SHA-256 only."""
    return hashlib.sha256(token.encode()).digest()


# A token that holds, of a client that may come in.
_HOLDS = (
    AccessToken.token_hash == bindparam("token_hash"),
    AccessToken.expires_at > bindparam("now"),
    AccessToken.revoked_at.is_(None),
    ApiClient.disabled_at.is_(None),
)
_CALLER = (
    select(ApiClient.id, ApiClient.scopes, AccessToken.scopes.label("granted"), ReferenceVersion.version)
    .select_from(AccessToken)
    .join(ApiClient, ApiClient.id == AccessToken.api_client_id)
    .join(ReferenceVersion, true())
    .where(*_HOLDS)
)
_WHO = (
    select(
        ApiClient.id,
        ApiClient.name,
        ApiClient.practice_id,
        ApiClient.scopes,
        AccessToken.scopes.label("granted"),
        ReferenceVersion.version,
        IdempotencyKey.fingerprint,
        IdempotencyKey.answer,
        exists()
        .where(
            RosterEntry.practice_id == ApiClient.practice_id,
            RosterEntry.npi == bindparam("npi"),
            *holds_on(bindparam("today")),
        )
        .label("is_on_roster"),
        *let_in(),
    )
    .select_from(AccessToken)
    .join(ApiClient, ApiClient.id == AccessToken.api_client_id)
    .join(ReferenceVersion, true())
    .outerjoin(
        IdempotencyKey,
        and_(IdempotencyKey.api_client_id == ApiClient.id, IdempotencyKey.key == bindparam("key")),
    )
    .where(*_HOLDS)
)
_WHO_AND_NUMBER = _WHO.add_columns(
    ORDER_NUMBERS.next_value().label("order_number"), known_patients.alike_as_json().label("known")
)


def caller(connection: Connection, token: str, *, now: datetime) -> Caller | None:
    """Whose token that is, for an answer that reads nothing else of the books; None as `knock`."""
    row = connection.execute(_CALLER, {"token_hash": token_hash(token), "now": now}).first()
    if row is None:
        return None
    return Caller(
        api_client_id=row.id, scopes=_scopes(row.scopes, row.granted), reference_version=row.version
    )


def _scopes(own: Iterable[str], granted: Iterable[str] | None) -> frozenset[str]:
    """What the client may do by this token."""
    return frozenset(own if granted is None else set(own) & set(granted))


def knock(
    session: Session,
    token: str,
    *,
    now: datetime,
    today: date,
    key: str | None = None,
    arriving: Arriving | None = None,
) -> Knock | None:
    """What the books say of that token; None when it is unknown, expired or revoked, or its
    client is disabled.

    With an order `arriving` the roster is asked, as it stands on the pharmacy's `today`, records that may be of
    the same patient are looked for over the whole pharmacy, and an order number is drawn.
    """
    given = {"token_hash": token_hash(token), "now": now, "today": today, "key": key, "npi": None}
    if arriving is not None:
        given |= {"npi": arriving.npi, **known_patients.parameters(arriving.patient, today)}
    row = session.connection().execute(_WHO if arriving is None else _WHO_AND_NUMBER, given).first()
    if row is None:
        return None
    return Knock(
        api_client_id=row.id,
        client_name=row.name,
        practice_id=row.practice_id,
        scopes=_scopes(row.scopes, row.granted),
        reference_version=row.version,
        answered=None if row.answer is None else (bytes(row.fingerprint), row.answer),
        is_on_roster=row.is_on_roster,
        order_number=None if arriving is None else row.order_number,
        known=() if arriving is None else known_patients.known_of_json(row.known),
    )


def arrival(session: Session, practice_id: UUID, arriving: Arriving, *, today: date) -> Arrival:
    """What the books say of an order that staff enter for that practice; an order number is drawn."""
    return Arrival(
        practice_id=practice_id,
        is_on_roster=is_on_roster(session, practice_id, arriving.npi, today),
        order_number=session.scalar(ORDER_NUMBERS.next_value()),
        known=known_patients.alike(session, arriving.patient, on=today),
    )


def whose(session: Session, hashed: bytes) -> tuple[AccessToken, ApiClient] | None:
    """The token with that hash and its client, whether it holds or not; None when there is none."""
    query = select(AccessToken, ApiClient).join(ApiClient, ApiClient.id == AccessToken.api_client_id)
    found = session.execute(query.where(AccessToken.token_hash == hashed)).first()
    return None if found is None else (found[0], found[1])
