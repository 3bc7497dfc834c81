"""A token that was refused is on record, with its reason, whoever brought it.

Once a minute for each token and so many in all, so that a flood cannot fill the trail. A token of a client is
on record at the client; one that the books do not know by itself, so that tries with it are found together.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from pharmacy.domain.actors import Actor
from pharmacy.store import audit
from pharmacy.store.door import token_hash, whose
from pharmacy.store.practices import AccessToken, ApiClient
from pharmacy.store.sessions import Session, Sessions
from pharmacy.store.waits import told_apart
from pharmacy.usecases.rate_limits import Gate

_UNKNOWN_TOKENS = UUID("3c1de0b2-0a44-5c0e-8f0b-6b1f7f0f52d9")


def put_on_record(
    sessions: Sessions, gate: Gate, token: str, asked: str, *, by: Actor, now: datetime
) -> None:
    """The refusal of that token at the operation that was `asked` for is on record, if it is to be."""
    hashed = token_hash(token)
    if not gate.is_to_be_recorded(sessions, hashed, now=now):
        return
    with told_apart(), sessions.write() as session:
        subject, reason = _subject_and_reason(session, hashed, now)
        audit.record(session, "token.refused", subject, by=by, at=now, asked=asked, reason=reason)


def _subject_and_reason(session: Session, hashed: bytes, now: datetime) -> tuple[UUID, str]:
    found = whose(session, hashed)
    if found is None:
        return uuid5(_UNKNOWN_TOKENS, hashed.hex()), "unknown token"
    token, client = found
    return client.id, _reason(token, client, now)


def _reason(token: AccessToken, client: ApiClient, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if client.disabled_at is not None:
        return "client shut out"
    return "expired" if token.expires_at <= now else "not for clients"
