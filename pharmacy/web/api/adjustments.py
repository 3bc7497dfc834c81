"""Adjusting a plan: prescribers' systems ask and authorise, pharmacists ask within their authority and accept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from pharmacy.domain.authority import AdjustmentState
from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.store import adjustments as books
from pharmacy.store import prescriptions
from pharmacy.store.sessions import Session
from pharmacy.usecases.accept_adjustment import Acceptance, accept_adjustment
from pharmacy.usecases.act_on_order import Surroundings
from pharmacy.usecases.adjust_prescription import (
    AdjustmentRequest,
    ask_adjustment,
    authorise_adjustment,
    end_adjustment,
)
from pharmacy.usecases.admission import Admission, first_of_its_key, kept_answer
from pharmacy.usecases.reference import Reference
from pharmacy.web.api.adjustment_shapes import (
    AdjustmentAcceptInput,
    AdjustmentEndInput,
    AdjustmentInput,
    AdjustmentOutput,
    AdjustmentsOutput,
    AuthorizeInput,
    StaffAdjustmentInput,
)
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.door import answer_once, reading
from pharmacy.web.guards import needs_scope, needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint("adjustments", __name__, url_prefix="/api/v1", description="Adjustments of a plan")
_SCOPE = "prescriptions.write"
_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_WORDED = worded_by(AdjustmentOutput())


@blueprint.post("/prescriptions/<uuid:prescription_id>/adjustments")
@needs_scope(_SCOPE)
@blueprint.arguments(AdjustmentInput())
@blueprint.response(201, AdjustmentOutput)
def ask(asked: dict[str, Any], prescription_id: UUID) -> Any:
    """Ask for a change of the plan from a day on; the answer is everything that it would change."""
    now = the_pharmacy().clock()

    def work(session: Session, admission: Admission) -> str:
        prescriptions.hold(session, prescription_id)
        first_of_its_key(session, admission)
        row = ask_adjustment(
            session, _request(asked, prescription_id), admission.reference, by=admission.actor, now=now
        )
        return kept_answer(session, admission, row, now)

    return answer_once(_SCOPE, work, _WORDED)


@blueprint.get("/prescriptions/<uuid:prescription_id>/adjustments")
@needs_scope("prescriptions.read")
@blueprint.response(200, AdjustmentsOutput)
def listing(prescription_id: UUID) -> Any:
    """Every adjustment that was asked for, newest first."""
    with reading("prescriptions.read") as (session, knock):
        prescriptions.get(session, prescription_id, knock.practice_id)
        return {"adjustments": books.of_prescription(session, prescription_id)}


@blueprint.post("/adjustments/<uuid:adjustment_id>/authorize")
@needs_scope(_SCOPE)
@blueprint.arguments(AuthorizeInput())
@blueprint.response(201, AdjustmentOutput)
def authorize(asked: dict[str, Any], adjustment_id: UUID) -> Any:
    """The prescriber signs a change that a pharmacist, or a system without a signature, has asked for."""
    now = the_pharmacy().clock()

    def work(session: Session, admission: Admission) -> str:
        row = authorise_adjustment(
            session, adjustment_id, asked["authorization"], admission.reference, by=admission.actor, now=now
        )
        return kept_answer(session, admission, row, now)

    return answer_once(_SCOPE, work, _WORDED)


@blueprint.post("/adjustments/<uuid:adjustment_id>/decline")
@needs_scope(_SCOPE)
@blueprint.arguments(AdjustmentEndInput())
@blueprint.response(201, AdjustmentOutput)
def decline(asked: dict[str, str], adjustment_id: UUID) -> Any:
    """The prescriber does not want the change."""
    return _ended(adjustment_id, AdjustmentState.DECLINED, asked["reason"])


@blueprint.post("/adjustments/<uuid:adjustment_id>/withdraw")
@needs_scope(_SCOPE)
@blueprint.arguments(AdjustmentEndInput())
@blueprint.response(201, AdjustmentOutput)
def withdraw(asked: dict[str, str], adjustment_id: UUID) -> Any:
    """Whoever asked no longer wants the change."""
    return _ended(adjustment_id, AdjustmentState.WITHDRAWN, asked["reason"])


def _ended(adjustment_id: UUID, ended: AdjustmentState, because: str) -> Any:
    now = the_pharmacy().clock()

    def work(session: Session, admission: Admission) -> str:
        row = end_adjustment(session, adjustment_id, ended, because, by=admission.actor, now=now)
        return kept_answer(session, admission, row, now)

    return answer_once(_SCOPE, work, _WORDED)


@blueprint.post("/staff/prescriptions/<uuid:prescription_id>/adjustments")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(StaffAdjustmentInput())
@blueprint.response(201, AdjustmentOutput)
def ask_as_pharmacist(asked: dict[str, Any], prescription_id: UUID) -> Any:
    """A pharmacist records a change within the envelope or their discretion, or has it signed outside of it."""
    now = the_pharmacy().clock()
    return staff_answer_once(
        lambda session, actor: cast(
            "Mapping[str, Any]",  # The schema reads rows as it reads mappings.
            ask_adjustment(
                session, _request(asked, prescription_id), reference_of(session), by=actor, now=now
            ),
        ),
        _WORDED,
    )


@blueprint.post("/adjustments/<uuid:adjustment_id>/accept")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(AdjustmentAcceptInput())
@blueprint.response(200, AdjustmentOutput)
def accept(asked: dict[str, str], adjustment_id: UUID) -> Any:
    """A pharmacist accepts: the patient is screened again, and the plan in force is the changed one."""
    pharmacy = the_pharmacy()
    with staff_writing() as (session, actor):
        around = Surroundings(reference=reference_of(session), imprint=pharmacy.imprint)
        accepted = Acceptance(adjustment_id=adjustment_id, **asked)
        return accept_adjustment(session, accepted, around, by=actor, now=pharmacy.clock())


@blueprint.post("/staff/adjustments/<uuid:adjustment_id>/decline")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(AdjustmentEndInput())
@blueprint.response(200, AdjustmentOutput)
def decline_as_pharmacist(asked: dict[str, str], adjustment_id: UUID) -> Any:
    """A pharmacist does not accept the change."""
    now = the_pharmacy().clock()
    with staff_writing() as (session, actor):
        return end_adjustment(
            session, adjustment_id, AdjustmentState.DECLINED, asked["reason"], by=actor, now=now
        )


def reference_of(session: Session) -> Reference:
    """What the pharmacy works with today."""
    pharmacy = the_pharmacy()
    return pharmacy.reference.current(session, local_day(pharmacy.clock(), pharmacy.zone))


def _request(asked: dict[str, Any], prescription_id: UUID) -> AdjustmentRequest:
    return AdjustmentRequest(
        prescription_id=prescription_id,
        kind=asked["kind"],
        reason=asked["reason"],
        from_day=asked["from_day"],
        days=asked["days"],
        to=asked["time_of_day"],
        bedtime_at=asked["usual_bedtime"],
        authorization=asked.get("authorization"),
    )
