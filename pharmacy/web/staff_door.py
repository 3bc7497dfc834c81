"""How a member of staff comes in by the API: the key is checked in the very transaction in which they act.

The roles stand on the view (`guards.needs_staff`) and are read here, so that they are named once. The key is
that of a sign-in, sent as a bearer token: it never travels in a cookie, so nobody can be made to send it.

What staff were refused is on record as well: the change is undone, and then the refusal with its reason is
written in a transaction of its own, before it is answered. The kind of the entry follows the door by which they came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, current_app, request

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, NotAllowed, PharmacyError, Unfit
from pharmacy.domain.orders import Role
from pharmacy.store import staff
from pharmacy.store.idempotency import STAFF_KEY_CONSTRAINT, StaffAnswer, find_of_staff
from pharmacy.store.sessions import Session
from pharmacy.store.waits import AlreadyThere, StillRunning, told_apart
from pharmacy.usecases.commands import Receipt
from pharmacy.usecases.readings import Shown, put_readings_on_record
from pharmacy.usecases.recognise_staff import member_of_key
from pharmacy.usecases.refusals import Of, Refused, put_refusal_on_record
from pharmacy.usecases.sign_in import actor_of, hash_of
from pharmacy.web.current import bearer_token, operation_asked, the_pharmacy
from pharmacy.web.door import FirstStillRunning, Wording, receipt_due, replayed
from pharmacy.web.guards import Unauthenticated, staff_roles_of

StaffWork = Callable[[Session, Actor], Any]
# What each part of the API does something to, by the name of its blueprint.
_KINDS: Mapping[str, Of] = {
    "batches": Of.BATCH,
    "batch_plans": Of.BATCH_PLAN,
    "component_lots": Of.STOCK,
    "equipment": Of.EQUIPMENT,
    "formulations": Of.FORMULATION,
    "quality": Of.LOG,
    "recalls": Of.RECALL,
}


@dataclass(eq=False)
class NotForThisRole(NotAllowed):
    roles: frozenset[Role]

    def __str__(self) -> str:
        return f"This is for {' or '.join(sorted(role.replace('_', ' ') for role in self.roles))} only."


@contextmanager
def staff_reading() -> Iterator[tuple[Session, Actor]]:
    """The books, open for reading, and who reads; Unauthenticated or NotForThisRole otherwise.

    Whose facts were read is on record before they are answered.
    """
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        shown, actor = Shown(session), _let_in(session)
        yield session, actor
    put_readings_on_record(
        pharmacy.sessions, shown.patients, operation_asked(), by=actor, now=pharmacy.clock()
    )


@contextmanager
def staff_writing() -> Iterator[tuple[Session, Actor]]:
    """The books, open for a change, and who makes it; Unauthenticated or NotForThisRole otherwise."""
    pharmacy = the_pharmacy()
    try:
        with told_apart(), pharmacy.sessions.write() as session:
            actor = _let_in(session)
            staff.lives_on(session, hash_of(bearer_token() or ""), now=pharmacy.clock())
            yield session, actor
    except (Conflict, NotAllowed, Unfit) as refusal:
        _put_on_record(refusal)
        raise


def staff_answer_once(work: StaffWork, respond: Wording) -> Response:
    """The answer to a creating request of staff: made now, or as it was given before to the same key."""
    receipt = receipt_due()
    try:
        return _made_now(work, respond, receipt)
    except AlreadyThere as filed:
        if filed.constraint != STAFF_KEY_CONSTRAINT:
            raise
        with staff_reading() as (session, actor):
            stored = find_of_staff(session, actor.id, receipt.key)
        if stored is None:
            raise FirstStillRunning from None
        return replayed(receipt, stored.fingerprint, stored.answer)
    except StillRunning:
        raise FirstStillRunning from None


def _made_now(work: StaffWork, respond: Wording, receipt: Receipt) -> Response:
    with staff_writing() as (session, actor):
        stored = find_of_staff(session, actor.id, receipt.key)
        if stored is not None:
            return replayed(receipt, stored.fingerprint, stored.answer)
        answer = respond(work(session, actor))
        session.add(
            StaffAnswer(
                staff_member_id=actor.id,
                key=receipt.key,
                fingerprint=receipt.fingerprint,
                answer=answer,
                answered_at=the_pharmacy().clock(),
            )
        )
    return Response(answer, 201, content_type="application/json")


def _put_on_record(refusal: PharmacyError) -> None:
    """Who was refused what and why; about what they named in the address, or else about themselves."""
    pharmacy, key = the_pharmacy(), bearer_token()
    now = pharmacy.clock()
    with told_apart(), pharmacy.sessions.read() as session:
        member = member_of_key(session, key, now=now) if key else None
        by = actor_of(member) if member is not None else None
    if by is None:
        return
    named = [given for given in (request.view_args or {}).values() if isinstance(given, UUID)]
    refused = Refused(
        of=_KINDS.get(request.blueprint or "", Of.STAFF),
        subject_id=named[0] if named else by.id,
        asked=operation_asked(),
        refusal=refusal,
    )
    with told_apart():
        put_refusal_on_record(pharmacy.sessions, refused, by=by, now=now)


def _let_in(session: Session) -> Actor:
    key = bearer_token()
    member = member_of_key(session, key, now=the_pharmacy().clock()) if key else None
    if member is None:
        raise Unauthenticated
    roles = staff_roles_of(current_app.view_functions[request.endpoint or ""]) or frozenset()
    if member.role not in roles:
        raise NotForThisRole(roles)
    return actor_of(member)
