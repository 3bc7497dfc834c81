"""Staff keep the practices: their systems, what these may do, their secrets and keys, and whom they may order for.

What is taken away is gone in the next request: tokens are looked up in the transaction in which they act.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.scopes import RosterScope, Scope
from pharmacy.store import audit, practices
from pharmacy.store.base import new_id
from pharmacy.store.practices import ApiClient, ClientKey, Practice, RosterEntry
from pharmacy.usecases.client_keys import public_key
from pharmacy.usecases.hashing import hasher


@dataclass(eq=False)
class KeyAlreadyThere(Conflict):
    def __str__(self) -> str:
        return "This client has a key of that name; a new key needs a new one."


@dataclass(eq=False)
class VerificationExpired(Unfit):
    def __str__(self) -> str:
        return "What was verified must hold beyond today."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    practice_id: UUID
    name: str
    scopes: Sequence[Scope]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedPrescriber:
    """What a member of staff has verified about a prescriber, and until which day it holds."""

    practice_id: UUID
    npi: str
    full_name: str
    licence_number: str
    licence_state: str
    scopes: Sequence[RosterScope]
    expires_on: date


@dataclass(frozen=True, slots=True)
class FreshSecret:
    """The only time that the secret is seen."""

    client: ApiClient
    secret: str


def open_practice(session: Session, name: str, *, by: Actor, now: datetime) -> Practice:
    practice = Practice(id=new_id(), name=name)
    session.add(practice)
    audit.record(session, "practice.opened", practice.id, by=by, at=now)
    return practice


def add_client(session: Session, new: NewClient, *, by: Actor, now: datetime) -> ApiClient:
    """A system of that practice, which cannot come in before it is given a secret or a key."""
    practices.get(session, new.practice_id)
    client = ApiClient(
        id=new_id(),
        practice_id=new.practice_id,
        name=new.name,
        client_id=f"client-{secrets.token_hex(8)}",
        secret_hash="",
        scopes=sorted(new.scopes),
    )
    session.add(client)
    audit.record(session, "client.added", client.id, by=by, at=now, scopes=client.scopes)
    return client


def give_secret(
    session: Session, api_client_id: UUID, overlap: timedelta, *, by: Actor, now: datetime
) -> FreshSecret:
    """A new secret, seen once; the one before holds for `overlap` more."""
    client = practices.client_for_update(session, api_client_id)
    secret = secrets.token_urlsafe(32)
    client.previous_secret_hash = client.secret_hash or None
    client.previous_secret_until = now + overlap if client.secret_hash else None
    client.secret_hash = hasher.hash(secret)
    audit.record(session, "client.secret_given", client.id, by=by, at=now)
    return FreshSecret(client, secret)


def register_key(
    session: Session, api_client_id: UUID, kid: str, jwk: Mapping[str, Any], *, by: Actor, now: datetime
) -> ClientKey:
    """That public key opens from now on, beside those that do already. Raises KeyUnfit, KeyAlreadyThere."""
    client = practices.client_for_update(session, api_client_id)
    kept = public_key(jwk)
    if any(key.kid == kid for key in practices.keys_of(session, client.id)):
        raise KeyAlreadyThere(where=("kid",))
    key = ClientKey(id=new_id(), api_client_id=client.id, kid=kid, jwk=kept, added_at=now, holds_until=None)
    session.add(key)
    audit.record(session, "client.key_registered", client.id, by=by, at=now, kid=kid)
    return key


def end_key(
    session: Session, api_client_id: UUID, kid: str, overlap: timedelta, *, by: Actor, now: datetime
) -> ClientKey:
    """That key opens nothing once `overlap` is over; with none, no token that the client has holds either."""
    client = practices.client_for_update(session, api_client_id)
    key = practices.key_of(session, client.id, kid)
    key.holds_until = now + overlap
    if not overlap:
        practices.revoke_tokens(session, client.id, now=now)
    audit.record(session, "client.key_ended", client.id, by=by, at=now, kid=kid)
    return key


def shut_out(session: Session, api_client_id: UUID, reason: str, *, by: Actor, now: datetime) -> ApiClient:
    """The client and every token it has are refused from now on."""
    client = practices.client_for_update(session, api_client_id)
    client.disabled_at = client.disabled_at or now
    practices.revoke_tokens(session, client.id, now=now)
    audit.record(session, "client.shut_out", client.id, by=by, at=now, reason=reason)
    return client


def let_in_again(
    session: Session, api_client_id: UUID, reason: str, *, by: Actor, now: datetime
) -> ApiClient:
    """The client may ask for tokens again; those it had stay revoked."""
    client = practices.client_for_update(session, api_client_id)
    client.disabled_at = None
    audit.record(session, "client.let_in_again", client.id, by=by, at=now, reason=reason)
    return client


def set_scopes(
    session: Session, api_client_id: UUID, scopes: Sequence[Scope], *, by: Actor, now: datetime
) -> ApiClient:
    """The client may do that from now on, and nothing else, with whatever token it has."""
    client = practices.client_for_update(session, api_client_id)
    client.scopes = sorted(scopes)
    audit.record(session, "client.scopes_set", client.id, by=by, at=now, scopes=client.scopes)
    return client


def verify_prescriber(
    session: Session, verified: VerifiedPrescriber, today: date, *, by: Actor, now: datetime
) -> RosterEntry:
    """The prescriber is on the practice's roster, as verified by that member of staff, also if they were before."""
    practices.get(session, verified.practice_id)
    if verified.expires_on <= today:
        raise VerificationExpired(where=("expires_on",))
    entry = practices.roster_entry_of(session, verified.practice_id, verified.npi)
    if entry is None:
        entry = RosterEntry(id=new_id(), practice_id=verified.practice_id, npi=verified.npi)
        session.add(entry)
    entry.full_name = verified.full_name
    entry.licence_number, entry.licence_state = verified.licence_number, verified.licence_state
    entry.scopes = sorted(verified.scopes)
    entry.expires_on, entry.verified_at, entry.verified_by = verified.expires_on, now, by.id
    entry.withdrawn_at = None
    audit.record(session, "prescriber.verified", entry.id, by=by, at=now, npi=verified.npi)
    return entry


def withdraw_prescriber(
    session: Session, entry_id: UUID, reason: str, *, by: Actor, now: datetime
) -> RosterEntry:
    """From the next order on the practice may not order for that prescriber."""
    entry = practices.roster_entry_for_update(session, entry_id)
    entry.withdrawn_at = entry.withdrawn_at or now
    audit.record(session, "prescriber.withdrawn", entry.id, by=by, at=now, reason=reason)
    return entry
