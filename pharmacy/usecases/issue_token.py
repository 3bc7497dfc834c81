"""A short bearer token for an API client that knows its secret."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.errors import NotAllowed
from pharmacy.store import audit, practices
from pharmacy.store.door import token_hash
from pharmacy.store.practices import AccessToken
from pharmacy.store.sessions import Sessions

TOKEN_LASTS = timedelta(minutes=15)

hasher = PasswordHasher()
# Verified when the client is unknown, so that an unknown name takes as long as a wrong secret.
_NOBODY = hasher.hash(secrets.token_urlsafe(16))


@dataclass(eq=False)
class InvalidClient(NotAllowed):
    def __str__(self) -> str:
        return "Client id and secret do not belong together."


@dataclass(frozen=True, slots=True)
class IssuedToken:
    token: str
    scopes: tuple[str, ...]


def issue_token(sessions: Sessions, client_id: str, secret: str, *, now: datetime) -> IssuedToken:
    """A token that holds for TOKEN_LASTS; the books keep its hash only. Raises InvalidClient.

    The secret is checked between two short transactions: hashing is slow on purpose.
    """
    with sessions.read() as session:
        client = practices.client_named(session, client_id)
    if not _matches(client.secret_hash if client else _NOBODY, secret) or client is None:
        raise InvalidClient
    token = secrets.token_urlsafe(32)
    issued = AccessToken(
        token_hash=token_hash(token), api_client_id=client.id, issued_at=now, expires_at=now + TOKEN_LASTS
    )
    actor = Actor(kind=ActorKind.API_CLIENT, id=client.id, name=client.name, practice_id=client.practice_id)
    with sessions.write() as session:
        session.add(issued)
        audit.record(session, "token.issued", client.id, by=actor, at=now)
    return IssuedToken(token, tuple(client.scopes))


def _matches(hashed: str, secret: str) -> bool:
    try:
        return hasher.verify(hashed, secret)
    except VerificationError:
        return False
