"""Master formulation records: written, approved by another, read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.store import formulations as books
from pharmacy.store.formulations import Formulation
from pharmacy.store.pages import page_of
from pharmacy.usecases.approve_formulation import Approval, approve_formulation
from pharmacy.usecases.write_formulation import NewFormulation, write_formulation
from pharmacy.web.api.formulation_shapes import (
    ApprovalInput,
    FormulationInput,
    FormulationOutput,
    FormulationPage,
    FormulationsQuery,
)
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint("formulations", __name__, url_prefix="/api/v1/formulations", description="Formulations")
_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)


@blueprint.get("")
@needs_staff()
@blueprint.arguments(FormulationsQuery(), location="query")
@blueprint.response(200, FormulationPage)
def listing(asked: dict[str, Any]) -> Any:
    """Every version, newest of a code first."""
    bookmark = read_bookmark(asked["page"])
    with staff_reading() as (session, _):
        page = page_of(session, books.listed(asked["code"]), asked["limit"], bookmark)
    return {"formulations": page.records, "next_page": sign_bookmark(page.next_bookmark)}


@blueprint.post("")
@needs_staff(Role.TECHNICIAN, *_PHARMACISTS)
@blueprint.arguments(FormulationInput())
@blueprint.response(201, FormulationOutput)
def write(new: NewFormulation) -> Any:
    """Write the next version of a record; it serves nobody until another pharmacist approves it."""
    now = the_pharmacy().clock()
    return staff_answer_once(
        lambda session, actor: _fields(write_formulation(session, new, by=actor, now=now)),
        worded_by(FormulationOutput()),
    )


@blueprint.get("/<uuid:formulation_id>")
@needs_staff()
@blueprint.response(200, FormulationOutput)
def show(formulation_id: UUID) -> Any:
    """One version with its twelve contents."""
    with staff_reading() as (session, _):
        return books.formulation(session, formulation_id)


@blueprint.post("/<uuid:formulation_id>/approval")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(ApprovalInput())
@blueprint.response(200, FormulationOutput)
def approve(asked: dict[str, Any], formulation_id: UUID) -> Any:
    """Approve a version that somebody else wrote; from that day on it is compounded by."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    approval = Approval(
        formulation_id=formulation_id,
        effective_on=asked["effective_on"],
        today=local_day(now, pharmacy.zone),
    )
    with staff_writing() as (session, actor):
        return approve_formulation(session, approval, by=actor, now=now)


def _fields(row: Formulation) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in Formulation.__table__.columns}
