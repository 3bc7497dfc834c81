"""Labels on paper, for staff: printed, reprinted with a reason, voided, made anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from pharmacy.domain.orders import Role
from pharmacy.store import label_prints, orders
from pharmacy.store import labels as books
from pharmacy.store.labels import Label
from pharmacy.store.sessions import Session
from pharmacy.usecases.label_truth import void_if_untrue, void_label
from pharmacy.usecases.print_label import browser_copy
from pharmacy.usecases.replace_label import Replacement, replace_label
from pharmacy.usecases.request_print import BROWSER, PrintAsked, request_print
from pharmacy.web.api.label_shapes import (
    LabelReasonInput,
    PrintersOutput,
    PrintInput,
    PrintOutput,
    ReprintInput,
    StaffLabelOutput,
    StaffLabelsOutput,
)
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint("label-printing", __name__, url_prefix="/api/v1", description="Labels on paper")

_AT_THE_BENCH = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)


@blueprint.get("/label-printers")
@needs_staff()
@blueprint.response(200, PrintersOutput)
def printers() -> Any:
    """Where labels can be printed."""
    with staff_reading():
        return {"printers": [*the_pharmacy().print_room.names, BROWSER]}


@blueprint.get("/orders/<uuid:order_id>/labels")
@needs_staff()
@blueprint.response(200, StaffLabelsOutput)
def of_order(order_id: UUID) -> Any:
    """Every label of the order with its prints, void ones too, oldest first."""
    with staff_reading() as (session, _):
        order = orders.get(session, order_id)
        return {"labels": [_shown(session, label) for label in books.of_order(session, order.id)]}


@blueprint.post("/labels/<uuid:label_id>/prints")
@needs_staff(*_AT_THE_BENCH)
@blueprint.arguments(PrintInput())
@blueprint.response(201, PrintOutput)
def first_print(asked: dict[str, Any], label_id: UUID) -> Any:
    """Print the label of a vial, once. A label that the books no longer bear out becomes void instead: 409."""
    return _print(label_id, asked)


@blueprint.post("/labels/<uuid:label_id>/reprints")
@needs_staff(*_AT_THE_BENCH)
@blueprint.arguments(ReprintInput())
@blueprint.response(201, PrintOutput)
def reprint(asked: dict[str, Any], label_id: UUID) -> Any:
    """Print it again, with a reason; the copy bears its number."""
    return _print(label_id, asked)


@blueprint.get("/labels/<uuid:label_id>/prints/<uuid:print_id>/file")
@needs_staff(*_AT_THE_BENCH)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def file_of_print(label_id: UUID, print_id: UUID) -> Any:
    """The copy that a browser prints, with its number on it; for prints that were asked for here."""
    with staff_reading() as (session, _):
        pdf = browser_copy(session, label_id, print_id, the_pharmacy().labels)
    return Response(pdf, content_type="application/pdf")


@blueprint.post("/labels/<uuid:label_id>/void")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(LabelReasonInput())
@blueprint.response(200, StaffLabelOutput)
def void(asked: dict[str, str], label_id: UUID) -> Any:
    """The label no longer holds, for that reason; whoever scans it is told."""
    with staff_writing() as (session, actor):
        label = void_label(session, label_id, asked["reason"], by=actor, now=the_pharmacy().clock())
        return _shown(session, label)


@blueprint.post("/labels/<uuid:label_id>/replacements")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(LabelReasonInput())
@blueprint.response(201, StaffLabelOutput)
def replace(asked: dict[str, str], label_id: UUID) -> Any:
    """Ask for the label anew from the books of today, say after a name was mended; the old one is void."""
    pharmacy = the_pharmacy()
    wanted = Replacement(label_id=label_id, reason=asked["reason"])
    return staff_answer_once(
        lambda session, actor: _shown(
            session,
            replace_label(session, wanted, pharmacy.imprint, by=actor, now=pharmacy.clock()),
        ),
        worded_by(StaffLabelOutput()),
    )


def _print(label_id: UUID, asked: Mapping[str, Any]) -> Response:
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    # In a transaction of its own: a label found untrue stays void although the print is refused.
    with staff_writing() as (session, actor):
        void_if_untrue(session, label_id, pharmacy.imprint, by=actor, now=now)
    wanted = PrintAsked(label_id=label_id, known=pharmacy.print_room.names, **asked)
    return staff_answer_once(
        lambda session, actor: _fields(request_print(session, wanted, by=actor, now=now)),
        worded_by(PrintOutput()),
    )


def _shown(session: Session, label: Label) -> Mapping[str, Any]:
    prints = [_fields(each) for each in label_prints.of_label(session, label.id)]
    return {**_fields(label), "prints": prints}


def _fields(row: Any) -> Mapping[str, Any]:
    """The columns of a row, but for files."""
    return {each.key: getattr(row, each.key) for each in row.__table__.columns if each.key != "pdf"}
