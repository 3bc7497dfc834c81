"""What comes after a fill: refills, renewals, a transfer; and what the patient has really done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from pharmacy.domain.orders import Role
from pharmacy.store import prescriptions
from pharmacy.store.sessions import Session
from pharmacy.usecases.act_on_order import Surroundings
from pharmacy.usecases.admission import Admission, first_of_its_key, kept_answer
from pharmacy.usecases.follow_course import MissedDays, confirm_course_start, record_missed_days
from pharmacy.usecases.order_document import order_document
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.refill_prescription import RefillRequest, refill_prescription
from pharmacy.usecases.renew_prescription import RenewalReply, answer_renewal, ask_renewal
from pharmacy.usecases.standing_course import StandingCourse
from pharmacy.usecases.transfer_prescription import TransferRequest, transfer_prescription
from pharmacy.web.api.adjustments import reference_of
from pharmacy.web.api.output_schemas import OrderOutput
from pharmacy.web.api.refill_shapes import (
    CourseOutput,
    MissedDaysInput,
    RefillInput,
    RenewalOutput,
    RenewalReplyInput,
    StartInput,
    TransferInput,
    TransferOutput,
    answers_of,
)
from pharmacy.web.api.shapes import Blueprint, NothingInput
from pharmacy.web.current import the_pharmacy
from pharmacy.web.door import answer_once
from pharmacy.web.guards import needs_scope, needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint("refills", __name__, url_prefix="/api/v1", description="Refills and renewals")
_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_COUNTER = (*_PHARMACISTS, Role.TECHNICIAN)
_ORDER, _RENEWAL = worded_by(OrderOutput()), worded_by(RenewalOutput())


@blueprint.post("/prescriptions/<uuid:prescription_id>/refills")
@needs_scope("orders.write")
@blueprint.arguments(RefillInput())
@blueprint.response(201, OrderOutput)
def refill(asked: dict[str, Any], prescription_id: UUID) -> Any:
    """The next fill: it begins where the supply before ends, and is reviewed like a first order."""
    now = the_pharmacy().clock()

    def work(session: Session, admission: Admission) -> str:
        prescriptions.hold(session, prescription_id)
        first_of_its_key(session, admission)
        request, reference = _request(asked, prescription_id), admission.reference
        order = refill_prescription(session, request, reference, by=admission.actor, now=now)
        return kept_answer(session, admission, order_document(session, order, reference), now)

    return answer_once("orders.write", work, _ORDER)


@blueprint.post("/staff/prescriptions/<uuid:prescription_id>/refills")
@needs_staff(*_COUNTER)
@blueprint.arguments(RefillInput())
@blueprint.response(201, OrderOutput)
def refill_by_staff(asked: dict[str, Any], prescription_id: UUID) -> Any:
    """The same, asked for at the counter or on the telephone."""
    now = the_pharmacy().clock()

    def work(session: Session, actor: Any) -> Mapping[str, Any]:
        reference = reference_of(session)
        order = refill_prescription(session, _request(asked, prescription_id), reference, by=actor, now=now)
        return order_document(session, order, reference)

    return staff_answer_once(work, _ORDER)


@blueprint.post("/prescriptions/<uuid:prescription_id>/renewals")
@needs_scope("prescriptions.write")
@blueprint.arguments(RenewalReplyInput())
@blueprint.response(201, RenewalOutput)
def answer(asked: dict[str, Any], prescription_id: UUID) -> Any:
    """The prescriber approves, changes or denies a renewal; what is approved or changed is a prescription of its own."""
    now = the_pharmacy().clock()

    def work(session: Session, admission: Admission) -> str:
        prescriptions.hold(session, prescription_id)
        first_of_its_key(session, admission)
        reply = RenewalReply(prescription_id=prescription_id, **asked)
        row = answer_renewal(session, reply, admission.reference, by=admission.actor, now=now)
        return kept_answer(session, admission, row, now)

    return answer_once("prescriptions.write", work, _RENEWAL)


@blueprint.post("/staff/prescriptions/<uuid:prescription_id>/renewals")
@needs_staff(*_COUNTER)
@blueprint.arguments(NothingInput())
@blueprint.response(201, RenewalOutput)
def ask(_asked: dict[str, Any], prescription_id: UUID) -> Any:
    """The prescriber is asked for a renewal; an open request is given again."""
    now = the_pharmacy().clock()
    return staff_answer_once(
        lambda session, actor: cast(
            "Mapping[str, Any]",  # The schema reads rows as it reads mappings.
            ask_renewal(session, prescription_id, reference_of(session), by=actor, now=now),
        ),
        _RENEWAL,
    )


@blueprint.post("/prescriptions/<uuid:prescription_id>/transfer")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(TransferInput())
@blueprint.response(200, TransferOutput)
def transfer(asked: dict[str, str], prescription_id: UUID) -> Any:
    """The remaining refills go to another pharmacy; here the prescription is void."""
    request = TransferRequest(prescription_id=prescription_id, **asked)
    with staff_writing() as (session, actor):
        return transfer_prescription(
            session, request, reference_of(session), by=actor, now=the_pharmacy().clock()
        )


@blueprint.post("/prescriptions/<uuid:prescription_id>/start")
@needs_staff(*_COUNTER)
@blueprint.arguments(StartInput())
@blueprint.response(200, CourseOutput)
def start(asked: dict[str, Any], prescription_id: UUID) -> Any:
    """The patient has said on which day they began; the calendar and notices count from there."""
    with staff_writing() as (session, actor):
        around = _around(session)
        now = the_pharmacy().clock()
        standing = confirm_course_start(
            session, prescription_id, asked["started_on"], around, by=actor, now=now
        )
        return _course(standing, around.reference)


@blueprint.post("/prescriptions/<uuid:prescription_id>/missed-days")
@needs_staff(*_COUNTER)
@blueprint.arguments(MissedDaysInput())
@blueprint.response(200, CourseOutput)
def miss(asked: dict[str, Any], prescription_id: UUID) -> Any:
    """Days without a dose: what was due on them comes after them."""
    what = MissedDays(prescription_id=prescription_id, **asked)
    with staff_writing() as (session, actor):
        around = _around(session)
        standing = record_missed_days(session, what, around, by=actor, now=the_pharmacy().clock())
        return _course(standing, around.reference)


def _around(session: Session) -> Surroundings:
    return Surroundings(reference=reference_of(session), imprint=the_pharmacy().imprint)


def _course(standing: StandingCourse, reference: Reference) -> dict[str, Any]:
    return {
        "prescription_id": standing.prescription.id,
        "plan_version": standing.version.version,
        "start_on": standing.start(reference)[0],
        "supplied_through_day": standing.supplied_through(),
        "is_paused": bool(standing.course.set_aside),
    }


def _request(asked: dict[str, Any], prescription_id: UUID) -> RefillRequest:
    return RefillRequest(
        prescription_id=prescription_id,
        answers=answers_of(asked),
        days=asked["days"],
        method=asked["supply_option"],
        delivery=asked["delivery"],
    )
