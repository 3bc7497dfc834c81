"""A short bearer token for an API client that has proved who it is, and its end before its time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Unfit
from pharmacy.store import audit, practices
from pharmacy.store.door import token_hash
from pharmacy.store.practices import AccessToken
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.authenticate_client import Proof, actor_of, authenticate_client

TOKEN_LASTS = timedelta(minutes=15)


@dataclass(eq=False)
class InvalidScope(Unfit):
    def __str__(self) -> str:
        return "The client may not have every scope that was asked for."


@dataclass(frozen=True, slots=True)
class IssuedToken:
    token: str
    scopes: tuple[str, ...]


def issue_token(
    sessions: Sessions, proof: Proof, wanted: tuple[str, ...] | None, *, by: Actor, now: datetime
) -> IssuedToken:
    """A token that holds for TOKEN_LASTS; the books keep its hash only.

    It opens what was `wanted`, or all that the client may do. Raises InvalidClient or InvalidScope.
    """
    client = authenticate_client(sessions, proof, by=by, now=now)
    if wanted is not None and not set(wanted) <= set(client.scopes):
        raise InvalidScope
    token = secrets.token_urlsafe(32)
    issued = AccessToken(
        token_hash=token_hash(token),
        api_client_id=client.id,
        issued_at=now,
        expires_at=now + TOKEN_LASTS,
        scopes=None if wanted is None else list(wanted),
    )
    with sessions.write() as session:
        session.add(issued)
        audit.record(session, "token.issued", client.id, by=actor_of(client), at=now)
    return IssuedToken(token, tuple(client.scopes) if wanted is None else wanted)


def revoke_token(sessions: Sessions, proof: Proof, token: str, *, by: Actor, now: datetime) -> None:
    """That token of the client holds no more; of a token that is not its own nothing is said (RFC 7009).

    Raises InvalidClient.
    """
    client = authenticate_client(sessions, proof, by=by, now=now)
    with sessions.write() as session:
        if practices.revoke_token(session, client.id, token_hash(token), now=now):
            audit.record(session, "token.revoked", client.id, by=actor_of(client), at=now)
