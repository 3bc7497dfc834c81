"""An adjustment is asked for, and goes its way: authorised, declined or withdrawn. In force it comes elsewhere.

A prescriber's request that brings a signature is authorised with it; one without waits for one. A pharmacist's
stands on the envelope, or on usual discretion, or waits for the prescriber. The answer is the whole difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.adjustments import Adjustment, AdjustmentKind
from pharmacy.domain.authority import AdjustmentState, Authority, pharmacists_authority
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.events import EventKind
from pharmacy.domain.moving_time import FirstMorning
from pharmacy.domain.titration import TimeOfDay, date_of
from pharmacy.store import adjustments, audit, events, tasks
from pharmacy.store.adjustments import AdjustmentRow
from pharmacy.store.base import new_id
from pharmacy.store.tasks import NewTask
from pharmacy.usecases.change_document import change_facts
from pharmacy.usecases.change_of_plan import ChangeOfPlan, derive_change, first_day_asked, morning_after
from pharmacy.usecases.commands import Authorization
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.standing_course import StandingCourse, hold_course

# How far a prescriber's clock may be ahead of ours.
CLOCKS_APART = timedelta(minutes=5)


@dataclass(eq=False)
class AdjustmentOpen(Conflict):
    """One change of a plan is decided before the next is asked for."""

    def __str__(self) -> str:
        return "Another adjustment of this prescription waits to be decided; decide or withdraw it first."


@dataclass(eq=False)
class PlanHasChanged(Conflict):
    """The plan in force is not the one that the adjustment was asked of."""

    def __str__(self) -> str:
        return "The plan has changed since this adjustment was asked for; withdraw it and ask anew."


@dataclass(eq=False)
class DayIsPast(Unfit):
    """What was taken cannot be adjusted."""

    today: int

    def __str__(self) -> str:
        return f"At the patient's it is day {self.today} already; days before it cannot be changed."


@dataclass(eq=False)
class SignedByAnother(Unfit):
    npi: str

    def __str__(self) -> str:
        return f"The adjustment is signed by {self.npi}, who is not this prescription's prescriber."


@dataclass(eq=False)
class SignedInTheFuture(Unfit):
    def __str__(self) -> str:
        return "The signature is dated later than now."


@dataclass(eq=False)
class PrescriptionTransferred(Conflict):
    def __str__(self) -> str:
        return "This prescription was transferred to another pharmacy."


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentRequest:
    """What a prescriber's system or a pharmacist asks for; `bedtime_at`: when the bedtime dose is usually taken."""

    prescription_id: UUID
    kind: AdjustmentKind
    reason: str
    from_day: int | None = None
    days: int | None = None
    to: TimeOfDay | None = None
    bedtime_at: time | None = None
    authorization: Authorization | None = None


def ask_adjustment(
    session: Session, request: AdjustmentRequest, reference: Reference, *, by: Actor, now: datetime
) -> AdjustmentRow:
    """The adjustment is proposed or authorised, with the difference it would make; nothing else has changed.

    Raises PrescriptionNotFound, what the rules of adjusting raise, DayIsPast, PrescriberDue for a pharmacist without
    an envelope, AdjustmentOpen while another one waits.
    """
    standing, change, morning = _derived(session, request, reference, by=by, now=now)
    authority = _authority(standing, request, change, by, now)
    row = _row(standing, request, change, by=by, now=now)
    row.difference = change_facts(change, reference, morning)
    if authority is not None:
        row.state, row.authority = AdjustmentState.AUTHORISED, authority
        if request.authorization is not None:
            row.authorization = _authorization_facts(request.authorization)
    session.add(row)
    audit.record(
        session, "adjustment.asked", standing.prescription.id, by=by, at=now, kind=row.kind, state=row.state
    )
    _tell(session, row, EventKind.ADJUSTMENT_ASKED, now)
    _task_due(session, standing, row, reference, by=by, now=now)
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentPreview:
    """What an adjustment would change, as it would be kept, and on whose word it would stand; None waits for one."""

    from_day: int
    authority: Authority | None
    difference: dict[str, Any]


def preview_adjustment(
    session: Session, request: AdjustmentRequest, reference: Reference, *, by: Actor, now: datetime
) -> AdjustmentPreview:
    """The whole difference before anybody records it; nothing is written. Raises what `ask_adjustment` raises."""
    standing, change, morning = _derived(session, request, reference, by=by, now=now)
    return AdjustmentPreview(
        from_day=change.asked.from_day,
        authority=_authority(standing, request, change, by, now),
        difference=change_facts(change, reference, morning),
    )


def _derived(
    session: Session, request: AdjustmentRequest, reference: Reference, *, by: Actor, now: datetime
) -> tuple[StandingCourse, ChangeOfPlan, FirstMorning | None]:
    """The course as it stands, held, and what the request would make of it."""
    standing = hold_course(session, request.prescription_id, by.practice_id)
    require_here(standing)
    require_none_open(session, standing)
    from_day = first_day_asked(standing, request.from_day, reference, now)
    today = standing.day_of(now, reference)
    if today is not None and from_day < today:
        raise DayIsPast(today, where=("from_day",))
    asked = Adjustment(kind=request.kind, from_day=from_day, days=request.days, to=request.to)
    morning = morning_after(standing, asked, request.bedtime_at, reference)
    if morning is not None:
        wanted = date_of(standing.start(reference)[0], from_day)
        asked = replace(asked, waits_a_day=morning.waits_a_day(wanted))
    return standing, derive_change(standing, asked, reference), morning


def authorise_adjustment(
    session: Session,
    adjustment_id: UUID,
    authorization: Authorization,
    reference: Reference,
    *,
    by: Actor,
    now: datetime,
) -> AdjustmentRow:
    """The prescriber has authorised it; a pharmacist may now accept it."""
    standing, row = held_adjustment(session, adjustment_id, by)
    require_signature(standing, authorization, now)
    row.advance_to(AdjustmentState.AUTHORISED, by=by, at=now)
    row.authority, row.authorization = Authority.PRESCRIBER, _authorization_facts(authorization)
    _on_record(session, row, by, now)
    tasks.close_about(session, "adjustment.authorise", row.id, "The prescriber has signed.", by=by, now=now)
    _task_due(session, standing, row, reference, by=by, now=now)
    return row


def end_adjustment(
    session: Session, adjustment_id: UUID, ended: AdjustmentState, because: str, *, by: Actor, now: datetime
) -> AdjustmentRow:
    """The adjustment is declined or withdrawn, for that reason; the plan stays as it is."""
    _, row = held_adjustment(session, adjustment_id, by)
    row.advance_to(ended, by=by, at=now)
    row.settled_because = because
    _on_record(session, row, by, now)
    for kind in ("adjustment.authorise", "adjustment.accept"):
        tasks.close_about(session, kind, row.id, f"The adjustment was {ended}.", by=by, now=now)
    return row


def held_adjustment(session: Session, adjustment_id: UUID, by: Actor) -> tuple[StandingCourse, AdjustmentRow]:
    """The adjustment and the course it is about, held; AdjustmentNotFound for another practice's."""
    prescription_id = adjustments.prescription_of(session, adjustment_id, by.practice_id)
    standing = hold_course(session, prescription_id)
    return standing, adjustments.get_for_update(session, adjustment_id)


def require_here(standing: StandingCourse) -> None:
    """PrescriptionTransferred when it is another pharmacy's by now."""
    if standing.prescription.transferred_at is not None:
        raise PrescriptionTransferred


def require_none_open(session: Session, standing: StandingCourse) -> None:
    """AdjustmentOpen while an adjustment waits to be decided."""
    open_ones = (AdjustmentState.PROPOSED, AdjustmentState.AUTHORISED)
    if any(row.state in open_ones for row in adjustments.of_prescription(session, standing.prescription.id)):
        raise AdjustmentOpen


def _authority(
    standing: StandingCourse, request: AdjustmentRequest, change: ChangeOfPlan, by: Actor, now: datetime
) -> Authority | None:
    if request.authorization is not None:
        require_signature(standing, request.authorization, now)
        return Authority.PRESCRIBER
    if by.kind is ActorKind.API_CLIENT:
        return None
    envelope = standing.prescription.envelope()
    return pharmacists_authority(request.kind, envelope, change.course, change.asked.from_day)


def require_signature(standing: StandingCourse, signed: Authorization, now: datetime) -> None:
    """Nothing, when this prescription's prescriber signed, and not later than now."""
    if signed.signer_npi != standing.prescription.prescriber_npi:
        raise SignedByAnother(signed.signer_npi, where=("authorization", "signer_npi"))
    if signed.signed_at > now + CLOCKS_APART:
        raise SignedInTheFuture(where=("authorization", "signed_at"))


def _authorization_facts(signed: Authorization) -> dict[str, Any]:
    return {
        "kind": signed.kind,
        "signer_npi": signed.signer_npi,
        "signed_at": signed.signed_at.isoformat(),
        "agent": signed.agent,
    }


def _row(
    standing: StandingCourse, request: AdjustmentRequest, change: ChangeOfPlan, *, by: Actor, now: datetime
) -> AdjustmentRow:
    return AdjustmentRow(
        id=new_id(),
        prescription_id=standing.prescription.id,
        practice_id=standing.prescription.practice_id,
        kind=change.asked.kind,
        from_day=change.asked.from_day,
        days=change.asked.days,
        time_of_day=change.asked.to,
        waits_a_day=change.asked.waits_a_day,
        reason=request.reason,
        of_version=standing.version.version,
        state=AdjustmentState.PROPOSED,
        state_at=now,
        state_by=by.id,
        asked_by=by.id,
        asked_by_kind=by.kind,
        asked_at=now,
    )


def _task_due(
    session: Session,
    standing: StandingCourse,
    row: AdjustmentRow,
    reference: Reference,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Somebody is to see to it: a pharmacist accepts what is authorised, and calls for what is not."""
    is_authorised = row.state is AdjustmentState.AUTHORISED
    wording = "Accept or decline" if is_authorised else "Have the prescriber authorise"
    new = NewTask(
        kind="adjustment.accept" if is_authorised else "adjustment.authorise",
        subject_id=row.id,
        wording=f"{wording} the adjustment “{row.kind.words}” from day {row.from_day}.",
        due_on=reference.on,
        order_id=standing.newest.id,
        patient_id=standing.prescription.patient_id,
        practice_id=standing.prescription.practice_id,
    )
    tasks.open_task(session, new, by=by, now=now)


def _on_record(session: Session, row: AdjustmentRow, by: Actor, now: datetime) -> None:
    audit.record(session, f"adjustment.{row.state}", row.prescription_id, by=by, at=now, kind=row.kind)
    _tell(session, row, EventKind(f"adjustment.{row.state}"), now)


def _tell(session: Session, row: AdjustmentRow, kind: EventKind, now: datetime) -> None:
    events.add(
        session,
        kind,
        practice_id=row.practice_id,
        prescription_id=row.prescription_id,
        subject_id=row.id,
        now=now,
    )
