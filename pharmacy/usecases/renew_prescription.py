"""A renewal: the prescriber is asked for a new prescription, and approves, changes or denies.

An approved one goes on with what of the plan is not yet supplied; a changed one brings a plan of its own. Either is
a prescription of its own, signed and dated by the prescriber, whose first fill is asked for like a refill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.authority import Authority
from pharmacy.domain.course import cut
from pharmacy.domain.errors import Unfit
from pharmacy.domain.events import EventKind
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.supply import NothingLeftToSupply
from pharmacy.domain.titration import TitrationPlan, check_plan, date_of
from pharmacy.domain.validity import valid_through
from pharmacy.store import audit, events, renewals, tasks
from pharmacy.store.base import new_id
from pharmacy.store.prescriptions import PlanVersion, Prescription, intakes_of
from pharmacy.store.renewals import Renewal, RenewalState
from pharmacy.usecases.adjust_prescription import require_here, require_signature
from pharmacy.usecases.commands import Authorization
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.standing_course import StandingCourse, hold_course


class RenewalAnswer(StrEnum):
    APPROVE = "approve"
    CHANGE = "change"
    DENY = "deny"


_STATES: Mapping[RenewalAnswer, RenewalState] = {
    RenewalAnswer.APPROVE: RenewalState.APPROVED,
    RenewalAnswer.CHANGE: RenewalState.CHANGED,
    RenewalAnswer.DENY: RenewalState.DENIED,
}


@dataclass(eq=False)
class AnswerIncomplete(Unfit):
    """What an answer needs; `because` is the whole sentence."""

    because: str

    def __str__(self) -> str:
        return self.because


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalReply:
    """The prescriber's answer: a signature and refills to approve, a plan too to change, a reason to deny."""

    prescription_id: UUID
    answer: RenewalAnswer
    written_on: date | None = None
    refills: int | None = None
    plan: TitrationPlan | None = None
    authorization: Authorization | None = None
    reason: str | None = None


def ask_renewal(
    session: Session, prescription_id: UUID, reference: Reference, *, by: Actor, now: datetime
) -> Renewal:
    """The prescriber is asked, once while the request waits."""
    standing = hold_course(session, prescription_id, by.practice_id)
    require_here(standing)
    waiting = renewals.open_of(session, prescription_id)
    if waiting is not None:
        return waiting
    asked = _asked(session, standing, reference, by, now)
    _tell(session, asked, EventKind.RENEWAL_ASKED, now)
    return asked


def answer_renewal(
    session: Session, reply: RenewalReply, reference: Reference, *, by: Actor, now: datetime
) -> Renewal:
    """The request is answered, also one that nobody had made yet.

    Raises AnswerIncomplete with its place, SignedByAnother, SignedInTheFuture, NothingLeftToSupply where a plan that
    ended would be approved as it is, DoseOverMaximum.
    """
    standing = hold_course(session, reply.prescription_id, by.practice_id)
    require_here(standing)
    _require_whole(reply)
    found = renewals.open_of(session, reply.prescription_id) or _asked(session, standing, reference, by, now)
    if reply.answer is not RenewalAnswer.DENY:
        renewed_id = _renewed(session, standing, reply, reference, by=by, now=now)
    else:
        renewed_id = None
    found.renewed_id = renewed_id
    found.state = _STATES[reply.answer]
    found.answered_at, found.answered_by, found.reason = now, by.id, reply.reason
    session.flush()  # The answer is worded from what is filed.
    audit.record(session, f"renewal.{found.state}", reply.prescription_id, by=by, at=now)
    _tell(session, found, EventKind.RENEWAL_ANSWERED, now)
    outcome = f"The prescriber has answered: {found.state}."
    tasks.close_about(session, "prescription.renew", reply.prescription_id, outcome, by=by, now=now)
    return found


def _asked(
    session: Session, standing: StandingCourse, reference: Reference, by: Actor, now: datetime
) -> Renewal:
    asked = Renewal(
        id=new_id(),
        prescription_id=standing.prescription.id,
        practice_id=standing.prescription.practice_id,
        state=RenewalState.ASKED,
        asked_at=now,
        asked_by=by.id,
        needed_on=_needed_on(standing, reference),
    )
    session.add(asked)
    session.flush()  # It is answered, or worded, as a row.
    audit.record(session, "renewal.asked", standing.prescription.id, by=by, at=now)
    return asked


def _tell(session: Session, renewal: Renewal, kind: EventKind, now: datetime) -> None:
    events.add(
        session,
        kind,
        practice_id=renewal.practice_id,
        prescription_id=renewal.prescription_id,
        subject_id=renewal.id,
        now=now,
    )


def _needed_on(standing: StandingCourse, reference: Reference) -> date:
    if not standing.orders:
        return reference.on
    start_on, _ = standing.start(reference)
    return date_of(start_on, standing.supplied_through()) + timedelta(days=1)


def _require_whole(reply: RenewalReply) -> None:
    if reply.answer is RenewalAnswer.DENY:
        if not reply.reason:
            raise AnswerIncomplete("Say why the renewal is denied.", where=("reason",))
        return
    if reply.authorization is None:
        raise AnswerIncomplete("A renewal is signed.", where=("authorization",))
    if reply.written_on is None:
        raise AnswerIncomplete("A renewal is dated.", where=("written_on",))
    if reply.refills is None:
        raise AnswerIncomplete("Say how many refills the renewal gives.", where=("refills",))
    if (reply.plan is None) == (reply.answer is RenewalAnswer.CHANGE):
        raise AnswerIncomplete("A changed renewal brings a plan, and only it does.", where=("plan",))


def _renewed(
    session: Session,
    standing: StandingCourse,
    reply: RenewalReply,
    reference: Reference,
    *,
    by: Actor,
    now: datetime,
) -> UUID:
    """The id of the prescription that takes the old one's place."""
    old, signed, written_on = standing.prescription, reply.authorization, reply.written_on
    if signed is None or written_on is None:
        raise AnswerIncomplete("A renewal is signed and dated.", where=("authorization",))
    require_signature(standing, signed, now)
    if written_on > reference.on:
        raise AnswerIncomplete("This day is still to come.", where=("written_on",))
    plan = reply.plan or _what_is_left(standing)
    check_plan(plan, reference.dose_limits)
    same = (
        "practice_id", "patient_id", "purpose", "diagnosis_codes", "strength_basis", "prescriber_npi", "prescriber_name",
        "prescriber_phone", "prescriber_address", "prescriber_licence", "prescriber_licence_state",
        "envelope_most_ug", "envelope_step_days",
    )  # fmt: skip
    renewed_id = new_id()
    renewed = Prescription(
        id=renewed_id,
        **{name: getattr(old, name) for name in same},
        written_on=written_on,
        last_fill_on=valid_through(written_on, old.patient.state, _delivery(standing), reference.validity),
        refills=reply.refills,
        authorization_kind=signed.kind,
        authorization_npi=signed.signer_npi,
        authorization_at=signed.signed_at,
        authorization_agent=signed.agent,
        created_at=now,
        renews_id=old.id,
    )
    session.add(renewed)
    session.flush()  # The plan names its prescription.
    _file_plan(session, renewed_id, plan, by=by, now=now)
    return renewed_id


def _delivery(standing: StandingCourse) -> Delivery:
    """How the course was supplied last; by mail as long as nothing was."""
    return standing.newest.delivery if standing.orders else Delivery.MAIL


def _what_is_left(standing: StandingCourse) -> TitrationPlan:
    """The plan from the first day that is not supplied."""
    course = standing.course
    _, after = cut(course.legs, standing.supplied_through() + 1)
    coming = (*after, *course.set_aside)
    steps = tuple(leg.step for leg in coming if not leg.is_break)
    if not steps:
        raise NothingLeftToSupply(standing.supplied_through(), where=("answer",))
    return TitrationPlan(steps)


def _file_plan(
    session: Session, prescription_id: UUID, plan: TitrationPlan, *, by: Actor, now: datetime
) -> None:
    version = PlanVersion(
        id=new_id(),
        prescription_id=prescription_id,
        version=1,
        first_day=1,
        created_at=now,
        created_by=by.id,
        authority=Authority.PRESCRIPTION,
    )
    session.add(version)
    session.flush()  # Intakes name their version.
    session.add_all(intakes_of(version.id, plan))
