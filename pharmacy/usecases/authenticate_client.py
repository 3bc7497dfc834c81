"""An API client proves who it is: by its secret, or by an assertion signed with its private key.

Every refusal is told in the same words, takes about as long, and is on record with its reason. An assertion is
taken once. Hashing and signatures are checked between two short transactions: they are slow on purpose.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.dialects.postgresql import insert

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.client_assertions import CLOCKS_APART, AssertionRefused, Claims, checked
from pharmacy.domain.errors import NotAllowed
from pharmacy.store import audit, practices
from pharmacy.store.practices import ApiClient, UsedAssertion
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.client_keys import read, require_signed_by
from pharmacy.usecases.hashing import hasher

# Verified when the client is unknown, so that an unknown name takes as long as a wrong secret.
_NOBODY = hasher.hash(secrets.token_urlsafe(16))
# Who is not known is on record by what was said, so that tries at one name are found together.
_SAID_NAMES = UUID("6e0c7d0e-3f0a-5a51-8a83-0d6b1c6a2f43")


@dataclass(eq=False)
class InvalidClient(NotAllowed):
    def __str__(self) -> str:
        return "The client could not be authenticated."


@dataclass(frozen=True, slots=True)
class SecretProof:
    client_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class AssertionProof:
    """A signed assertion for `audience`; `client_id` is None where the request did not repeat it."""

    assertion: str
    audience: str
    client_id: str | None


Proof = SecretProof | AssertionProof


def authenticate_client(sessions: Sessions, proof: Proof, *, by: Actor, now: datetime) -> ApiClient:
    """The client that this proves; InvalidClient otherwise, and then the refusal is on record, `by` the house."""
    try:
        if isinstance(proof, SecretProof):
            return _by_secret(sessions, proof, now)
        return _by_assertion(sessions, proof, now)
    except AssertionRefused as refusal:
        said = proof.client_id or "nobody named"
        with sessions.write() as session:
            client = practices.client_named(session, said) if proof.client_id else None
            subject = client.id if client else uuid5(_SAID_NAMES, said)
            audit.record(session, "client.refused", subject, by=by, at=now, reason=refusal.reason)
        raise InvalidClient from None


def name_said(proof: Proof) -> str:
    """The name under which this proof comes; nothing of it is believed yet, and it may be empty."""
    if isinstance(proof, SecretProof) or proof.client_id is not None:
        return proof.client_id or ""
    try:
        return str(read(proof.assertion).claims.get("iss", ""))
    except AssertionRefused:
        return ""


def actor_of(client: ApiClient) -> Actor:
    """The client as rules and records know it."""
    return Actor(kind=ActorKind.API_CLIENT, id=client.id, name=client.name, practice_id=client.practice_id)


def _by_secret(sessions: Sessions, proof: SecretProof, now: datetime) -> ApiClient:
    with sessions.read() as session:
        client = practices.client_named(session, proof.client_id)
    hashes = [client.secret_hash] if client and client.secret_hash else [_NOBODY]
    if client and client.previous_secret_hash and (client.previous_secret_until or now) > now:
        hashes.append(client.previous_secret_hash)
    holds = [_matches(hashed, proof.secret) for hashed in hashes]
    if client is None or not any(holds):
        raise AssertionRefused("wrong secret" if client else "unknown client")
    return client


def _by_assertion(sessions: Sessions, proof: AssertionProof, now: datetime) -> ApiClient:
    signed = read(proof.assertion)
    client_id = signed.claims.get("iss")
    if (
        not isinstance(client_id, str)
        or not client_id.isprintable()
        or proof.client_id not in {None, client_id}
    ):
        raise AssertionRefused("another issuer or subject")
    claims = checked(signed.claims, client_id, proof.audience, now)
    with sessions.read() as session:
        client = practices.client_named(session, client_id)
        key = practices.key_that_holds(session, client.id, signed.kid, now=now) if client else None
    if client is None or key is None:
        raise AssertionRefused("unknown key" if client else "unknown client")
    require_signed_by(signed, key.jwk)
    _use_up(sessions, client, claims, now)
    return client


def _use_up(sessions: Sessions, client: ApiClient, claims: Claims, now: datetime) -> None:
    """Whoever comes second with an assertion is refused, also when both come at once."""
    with sessions.write() as session:
        practices.forget_assertions(session, client.id, before=now - CLOCKS_APART)
        first = session.execute(
            insert(UsedAssertion)
            .values(api_client_id=client.id, jti=claims.jti, expires_at=claims.expires_at)
            .on_conflict_do_nothing()
            .returning(UsedAssertion.jti)
        ).first()
    if first is None:
        raise AssertionRefused("used before")


def _matches(hashed: str, secret: str) -> bool:
    try:
        return hasher.verify(hashed, secret)
    except (VerificationError, InvalidHashError):
        return False
