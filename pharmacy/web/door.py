"""How an API client comes in: its token is checked in the very transaction in which it acts.

`reading` and `answer_once` are the two ways. A creating request needs an `Idempotency-Key`: the same key with
the same body is answered as before, with another body it is refused; while the first is still running the
second waits, at most the lock time limit, and is then told to come again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Response, request

from pharmacy.domain.calendar import local_day
from pharmacy.domain.errors import Conflict, NotAllowed, Unfit
from pharmacy.store import door as books
from pharmacy.store.door import Arriving, Caller, Knock
from pharmacy.store.idempotency import KEY_CONSTRAINT, find
from pharmacy.store.sessions import Session
from pharmacy.store.waits import AlreadyThere, StillRunning, told_apart
from pharmacy.usecases.admission import Admission
from pharmacy.usecases.commands import Receipt
from pharmacy.usecases.readings import Shown, put_readings_on_record
from pharmacy.web.current import bearer_token, idempotency_key, operation_asked, the_pharmacy
from pharmacy.web.guards import Unauthenticated
from pharmacy.web.strict_json import canonical

LONGEST_KEY = 200

Work = Callable[[Session, Admission], str]
Wording = Callable[[Any], str]
_Who = TypeVar("_Who", Caller, Knock)


@dataclass(eq=False)
class ScopeMissing(NotAllowed):
    scope: str

    def __str__(self) -> str:
        return f"This client may not do that; it lacks the scope {self.scope}."


@dataclass(eq=False)
class IdempotencyKeyMissing(Unfit):
    def __str__(self) -> str:
        return f"This request creates something, so it needs an Idempotency-Key of 1 to {LONGEST_KEY} ASCII characters."


@dataclass(eq=False)
class IdempotencyKeyReused(Unfit):
    def __str__(self) -> str:
        return "This Idempotency-Key was used for another request."


@dataclass(eq=False)
class FirstStillRunning(Conflict):
    def __str__(self) -> str:
        return "A request with this Idempotency-Key is still being carried out; ask again in a moment."


@contextmanager
def reading(scope: str) -> Iterator[tuple[Session, Knock]]:
    """The books, open for reading, and who reads; Unauthenticated or ScopeMissing otherwise.

    Whose facts were read is on record before they are answered.
    """
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        shown, knock = Shown(session), _let_in(session, scope)
        yield session, knock
    put_readings_on_record(
        pharmacy.sessions, shown.patients, operation_asked(), by=knock.actor, now=pharmacy.clock()
    )


def let_in_alone(scope: str) -> Caller:
    """Who asks, for an answer that reads nothing else of the books: the one look at the door, by itself."""
    token, pharmacy = _token_brought(), the_pharmacy()
    with told_apart(), pharmacy.sessions.glance() as connection:
        caller = books.caller(connection, token, now=pharmacy.clock())
    return _welcome(token, caller, scope)


@contextmanager
def writing(scope: str) -> Iterator[tuple[Session, Knock]]:
    """The books, open for a change that creates nothing, and who makes it; otherwise as `reading`."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        yield session, _let_in(session, scope)


def answer_once(
    scope: str,
    work: Work,
    respond: Wording,
    *,
    arriving: Arriving | None = None,
    receipt: Receipt | None = None,
) -> Response:
    """The answer to a creating request: made now, or as it was given before to the same key.

    `receipt` is the key of a face that finds one elsewhere than in the header.
    """
    receipt = receipt or receipt_due()
    try:
        return _made_now(scope, work, respond, receipt, arriving)
    except AlreadyThere as filed:
        if filed.constraint != KEY_CONSTRAINT:
            raise
        return _given_before(scope, receipt)
    except StillRunning:
        raise FirstStillRunning from None


def receipt_due() -> Receipt:
    """The key and fingerprint that a creating request brings; IdempotencyKeyMissing otherwise."""
    key = idempotency_key()
    if not key or len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise IdempotencyKeyMissing
    return Receipt(key=key, fingerprint=fingerprint())


def _made_now(
    scope: str, work: Work, respond: Wording, receipt: Receipt, arriving: Arriving | None
) -> Response:
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    with told_apart(), pharmacy.sessions.write() as session:
        knock = _let_in(session, scope, key=receipt.key, arriving=arriving)
        if knock.answered is not None:
            return replayed(receipt, *knock.answered)
        admission = Admission(
            knock=knock,
            reference=pharmacy.reference.current(
                session, local_day(now, pharmacy.zone), knock.reference_version
            ),
            receipt=receipt,
            respond=respond,
        )
        answer = work(session, admission)
    return Response(answer, 201, content_type="application/json")


def _given_before(scope: str, receipt: Receipt) -> Response:
    with reading(scope) as (session, knock):
        stored = find(session, knock.api_client_id, receipt.key)
    if stored is None:
        raise FirstStillRunning
    return replayed(receipt, stored.fingerprint, stored.answer)


def replayed(receipt: Receipt, fingerprint: bytes, answer: str) -> Response:
    """The answer that was given before to the same key; IdempotencyKeyReused when the request was another."""
    if fingerprint != receipt.fingerprint:
        raise IdempotencyKeyReused
    return Response(answer, 201, {"Idempotent-Replayed": "true"}, content_type="application/json")


def _let_in(
    session: Session, scope: str, *, key: str | None = None, arriving: Arriving | None = None
) -> Knock:
    token, pharmacy = _token_brought(), the_pharmacy()
    now = pharmacy.clock()
    today = local_day(now, pharmacy.zone)
    return _welcome(
        token, books.knock(session, token, now=now, today=today, key=key, arriving=arriving), scope
    )


def _token_brought() -> str:
    token = bearer_token()
    if token is None:
        raise Unauthenticated
    return token


def _welcome(token: str, who: _Who | None, scope: str) -> _Who:
    """Whoever may come in for that; Unauthenticated or ScopeMissing for everybody else."""
    gate = the_pharmacy().gate
    if who is None:
        gate.forget(books.token_hash(token))
        raise Unauthenticated
    gate.remember(books.token_hash(token), who.api_client_id)
    if scope not in who.scopes:
        raise ScopeMissing(scope)
    return who


def fingerprint() -> bytes:
    """The same for the same request, however its body was spaced or its keys were ordered."""
    return hashlib.sha256(request.path.encode() + b"\n" + canonical(request.get_json())).digest()
