"""Batches: planned, put on scanned lots, weighed, mixed, filled, checked, counted, released; and their record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from pharmacy.domain.actors import Actor
from pharmacy.domain.orders import Role
from pharmacy.domain.quantities import Milligrams
from pharmacy.gateways.record_pdf import RecordPaper
from pharmacy.store import batches as books
from pharmacy.store.batches import Batch
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.usecases.allocate_capsules import CapsulesAsked, allocate, withdraw
from pharmacy.usecases.bench_policy import bench_policy
from pharmacy.usecases.check_batch import Assayed, Counted, Looked, Weighed, check_batch, reconcile_batch
from pharmacy.usecases.compounding_record import compounding_record
from pharmacy.usecases.end_batches import Destruction, destroy_batch
from pharmacy.usecases.make_batch import Blended, blend, fill
from pharmacy.usecases.plan_batch import NewBatch
from pharmacy.usecases.plan_by_hand import plan_by_hand
from pharmacy.usecases.release_batch import (
    Rejection,
    ReleaseRequest,
    record_deviation,
    reject_batch,
    release_batch,
)
from pharmacy.usecases.scanned_bench import Scanned
from pharmacy.usecases.swap_lots import swap_lots
from pharmacy.usecases.take_shells import Filled
from pharmacy.usecases.verify_worksheet import Verification, verify_worksheet
from pharmacy.usecases.weigh_batch import Reading, check_weighing, record_weighing, step_named
from pharmacy.web.api import batch_shapes as shapes
from pharmacy.web.api.bench_door import acted, created, reference_of, shelf_of, today
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_reading

blueprint = Blueprint("batches", __name__, url_prefix="/api/v1/batches", description="The compounding bench")

BENCH = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
READERS = (*BENCH, Role.SHIPPING, Role.AUDITOR)


@blueprint.post("")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.BatchInput())
@blueprint.response(201, shapes.CompoundingRecordOutput)
def plan(asked: dict[str, Any]) -> Response:
    """A batch is planned and calculated; lots not named are proposed. Beyond orders the anticipatory limit holds."""

    def work(session: Session, by: Actor) -> Batch:
        capsules = asked["capsules"]
        what = asked["triturate"] or asked["liquid"]
        if capsules is not None:
            what = shapes.capsules_asked(capsules, bench_policy(session).plate)
        new = NewBatch(asked=what, scanned=asked["lots"], lasts_until=asked["lasts_until"])
        why_more, now = asked["override_reason"], the_pharmacy().clock()
        return plan_by_hand(session, new, reference_of(session), why_more, by=by, now=now)

    return created(work)


@blueprint.get("")
@needs_staff(*READERS)
@blueprint.arguments(shapes.BatchesQuery(), location="query")
@blueprint.response(200, shapes.BatchPage)
def listing(asked: dict[str, Any]) -> Any:
    """Batches, newest first."""
    bookmark = read_bookmark(asked["page"])
    with staff_reading() as (session, _):
        page = page_of(session, books.newest_first(asked["status"]), asked["limit"], bookmark)
    return {"batches": page.records, "next_page": sign_bookmark(page.next_bookmark)}


@blueprint.get("/<uuid:batch_id>")
@needs_staff(*READERS)
@blueprint.response(200, shapes.CompoundingRecordOutput)
def read(batch_id: UUID) -> Any:
    """The batch with its whole record."""
    with staff_reading() as (session, _):
        return compounding_record(session, books.get(session, batch_id))


@blueprint.post("/<uuid:batch_id>/lots")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.ScannedInput())
@blueprint.response(200, shapes.SwappedOutput)
def lots(scanned: Scanned, batch_id: UUID) -> Any:
    """The batch stands on the scanned lots; every figure that changed is told."""
    changed: list[str] = []

    def work(session: Session, by: Actor) -> Batch:
        shelf = shelf_of(session)
        batch, told = swap_lots(session, batch_id, scanned, shelf, by=by, now=the_pharmacy().clock())
        changed.extend(told)
        return batch

    return {"batch": acted(work), "changed": changed}


@blueprint.post("/<uuid:batch_id>/weighings")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.WeighingInput())
@blueprint.response(201, shapes.CompoundingRecordOutput)
def weigh(asked: dict[str, Any], batch_id: UUID) -> Response:
    """What the balance showed; taken from stock as read, and open until a second person has signed it."""
    reading = Reading(
        step=asked["step"], read=Milligrams(asked["read_mg"]), balance=asked["balance"], on=today()
    )
    return created(
        lambda session, by: record_weighing(session, batch_id, reading, by=by, now=the_pharmacy().clock()),
    )


@blueprint.post("/<uuid:batch_id>/weighings/<step>/check")
@needs_staff(*BENCH)
@blueprint.response(200, shapes.CompoundingRecordOutput)
def check_reading(batch_id: UUID, step: str) -> Any:
    """The second person signs a weighing that somebody else did."""
    return acted(
        lambda session, by: check_weighing(
            session, batch_id, step_named(step), today(), by=by, now=the_pharmacy().clock()
        ),
    )


@blueprint.post("/<uuid:batch_id>/blend")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.BlendInput())
@blueprint.response(200, shapes.CompoundingRecordOutput)
def mix(asked: dict[str, Any], batch_id: UUID) -> Any:
    """Everything weighed and signed is mixed; the figures are drawn again from what was really weighed."""
    blended = Blended(appearance=asked["appearance"], on=today())
    return acted(lambda session, by: blend(session, batch_id, blended, by=by, now=the_pharmacy().clock()))


@blueprint.post("/<uuid:batch_id>/fill")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.FillInput())
@blueprint.response(200, shapes.CompoundingRecordOutput)
def fill_up(asked: dict[str, Any], batch_id: UUID) -> Any:
    """The blend is in its capsules or containers."""
    filled = Filled(capsules=asked["capsules_filled"], on=today(), shell_lot=asked["shell_lot"])
    return acted(lambda session, by: fill(session, batch_id, filled, by=by, now=the_pharmacy().clock()))


@blueprint.post("/<uuid:batch_id>/qc")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.CheckInput())
@blueprint.response(201, shapes.CompoundingRecordOutput)
def quality(asked: dict[str, Any], batch_id: UUID) -> Response:
    """A check, which is final: weights one by one, contents from the laboratory, or appearance."""
    done = _check(asked)
    return created(
        lambda session, by: check_batch(session, batch_id, done, by=by, now=the_pharmacy().clock())
    )


def _check(asked: dict[str, Any]) -> Weighed | Assayed | Looked:
    weights, contents = asked["weights"], asked["contents_pct"]
    if weights is not None:
        return Weighed(
            gross=tuple(Milligrams(each) for each in weights["gross_mg"]),
            mean_shell=Milligrams(weights["mean_shell_mg"]),
            awaits_laboratory=weights["awaits_laboratory"],
            on=today(),
        )
    if contents is not None:
        return Assayed(contents_pct=tuple(contents), on=today())
    return Looked(**asked["appearance"], on=today())


@blueprint.post("/<uuid:batch_id>/yield")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.YieldInput())
@blueprint.response(200, shapes.CompoundingRecordOutput)
def count(asked: dict[str, Any], batch_id: UUID) -> Any:
    """Every capsule and all powder accounted for; what lies outside the policy bars release."""
    waste = Milligrams(asked.pop("waste_mg"))
    counted = Counted(**asked, waste=waste, on=today())
    return acted(
        lambda session, by: reconcile_batch(session, batch_id, counted, by=by, now=the_pharmacy().clock()),
    )


@blueprint.post("/<uuid:batch_id>/release")
@needs_staff(*PHARMACISTS)
@blueprint.arguments(shapes.ReleaseInput())
@blueprint.response(200, shapes.CompoundingRecordOutput)
def release(asked: dict[str, Any], batch_id: UUID) -> Any:
    """A pharmacist who did not compound has reviewed the record and releases the batch."""
    request = ReleaseRequest(on=today(), **asked)
    return acted(
        lambda session, by: release_batch(session, batch_id, request, by=by, now=the_pharmacy().clock()),
    )


@blueprint.post("/<uuid:batch_id>/reject")
@needs_staff(*PHARMACISTS)
@blueprint.arguments(shapes.RejectInput())
@blueprint.response(200, shapes.CompoundingRecordOutput)
def reject(asked: dict[str, Any], batch_id: UUID) -> Any:
    """The batch goes no further, or waits in quarantine; its orders wait for other capsules."""
    rejection = Rejection(on=today(), **asked)
    return acted(
        lambda session, by: reject_batch(session, batch_id, rejection, by=by, now=the_pharmacy().clock()),
    )


@blueprint.post("/<uuid:batch_id>/destroy")
@needs_staff(*PHARMACISTS)
@blueprint.arguments(shapes.DestroyInput())
@blueprint.response(200, shapes.CompoundingRecordOutput)
def destroy(asked: dict[str, Any], batch_id: UUID) -> Any:
    """The batch is destroyed, with the reason; orders still in the house wait for other capsules."""
    done = Destruction(batch_id=batch_id, reason=asked["reason"], on=today())
    return acted(lambda session, by: destroy_batch(session, done, by=by, now=the_pharmacy().clock()))


@blueprint.post("/<uuid:batch_id>/deviations")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.DeviationInput())
@blueprint.response(201, shapes.CompoundingRecordOutput)
def deviate(asked: dict[str, Any], batch_id: UUID) -> Response:
    """Something went otherwise than the formulation says."""
    return created(
        lambda session, by: record_deviation(
            session, batch_id, asked["wording"], by=by, now=the_pharmacy().clock()
        ),
    )


@blueprint.post("/<uuid:batch_id>/allocations")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.AllocationInput())
@blueprint.response(201, shapes.CompoundingRecordOutput)
def promise(asked: dict[str, Any], batch_id: UUID) -> Response:
    """Capsules promised to an order line; with the last line of an order covered the order moves on."""
    wanted = CapsulesAsked(**asked)
    return created(
        lambda session, by: allocate(
            session, batch_id, wanted, shelf_of(session), by=by, now=the_pharmacy().clock()
        ),
    )


@blueprint.post("/<uuid:batch_id>/withdrawals")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.CapsulesBackInput())
@blueprint.response(200, shapes.CompoundingRecordOutput)
def give_back(asked: dict[str, Any], batch_id: UUID) -> Any:
    """A line's capsules are the batch's again, as long as no label is on them."""
    return acted(
        lambda session, by: withdraw(
            session, batch_id, asked["order_line_id"], by=by, now=the_pharmacy().clock()
        ),
    )


@blueprint.get("/<uuid:batch_id>/worksheet")
@needs_staff(*READERS)
@blueprint.arguments(shapes.WorksheetQuery(), location="query")
@blueprint.response(200, shapes.CompoundingRecordOutput)
@blueprint.alt_response(
    200, content_type="application/pdf", schema={"type": "string", "format": "binary"}, success=True
)
def worksheet(asked: dict[str, Any], batch_id: UUID) -> Any:
    """The compounding record, as JSON or as it is printed and filed."""
    pharmacy = the_pharmacy()
    with staff_reading() as (session, _):
        record = compounding_record(session, books.get(session, batch_id))
    if asked["format"] is shapes.WorksheetFormat.JSON:
        return record
    paper = RecordPaper(pharmacy=pharmacy.imprint.identity, zone=pharmacy.zone)
    return Response(paper.render(record), content_type="application/pdf")


@blueprint.post("/<uuid:batch_id>/worksheet/verify")
@needs_staff(*READERS)
@blueprint.response(200, shapes.VerificationOutput)
def verify(batch_id: UUID) -> Verification:
    """The calculation worked out again from its inputs, and every difference to what is kept."""
    with staff_reading() as (session, _):
        return verify_worksheet(session, books.get(session, batch_id))
