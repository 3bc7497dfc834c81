"""The catalogue, component lots from receipt to recall, and the ledgers of stock; for staff."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.domain.stock import Movement, MovementKind
from pharmacy.store import component_lots as books
from pharmacy.store import components as catalogue
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.pages import page_of
from pharmacy.usecases.add_component import NewComponent, add_component
from pharmacy.usecases.count_stock import Counted, count_stock
from pharmacy.usecases.decide_on_lot import LotDecision, decide_on_lot
from pharmacy.usecases.lot_views import choice_of_lot, component_view, lot_view, lot_views, scan_view
from pharmacy.usecases.move_stock import (
    TakenBack,
    move_stock,
    receive_container,
    take_back_movement,
    transfer_stock,
)
from pharmacy.usecases.receive_lot import NewLot, NotReceivedYet, receive_lot
from pharmacy.web.api.component_lot_shapes import (
    Catalogue,
    ChoiceInput,
    ChoiceOutput,
    ComponentInput,
    ComponentLotInput,
    ComponentLotOutput,
    ComponentLotPage,
    ComponentLotsQuery,
    ComponentOutput,
    ContainerInput,
    CountInput,
    CountOutput,
    Ledger,
    LotDecisionInput,
    MovementInput,
    MovementOutput,
    PutBackInput,
    ScanInput,
    ScanOutput,
    StockTransferInput,
    TransferWay,
)
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint("component_lots", __name__, url_prefix="/api/v1", description="Components and stock")
PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
BENCH = (Role.TECHNICIAN, *PHARMACISTS)


@blueprint.get("/components")
@needs_staff()
@blueprint.response(200, Catalogue)
def components() -> Any:
    """The catalogue, by name."""
    with staff_reading() as (session, _):
        return {"components": [component_view(row) for row in catalogue.catalogue(session)]}


@blueprint.post("/components")
@needs_staff(*PHARMACISTS)
@blueprint.arguments(ComponentInput())
@blueprint.response(201, ComponentOutput)
def add(asked: dict[str, Any]) -> Any:
    """Add a component to the catalogue, with the tags that rules go by."""
    now = the_pharmacy().clock()
    return staff_answer_once(
        lambda session, actor: component_view(
            add_component(session, NewComponent(**asked), by=actor, now=now)
        ),
        worded_by(ComponentOutput()),
    )


@blueprint.get("/component-lots")
@needs_staff()
@blueprint.arguments(ComponentLotsQuery(), location="query")
@blueprint.response(200, ComponentLotPage)
def listing(asked: dict[str, Any]) -> Any:
    """Lots, first to expire first."""
    bookmark = read_bookmark(asked["page"])
    with staff_reading() as (session, _):
        page = page_of(session, books.listed(asked["kind"], asked["status"]), asked["limit"], bookmark)
        lots = lot_views(session, page.records, _today())
    return {"lots": lots, "next_page": sign_bookmark(page.next_bookmark)}


@blueprint.post("/component-lots")
@needs_staff(*BENCH)
@blueprint.arguments(ComponentLotInput())
@blueprint.response(201, ComponentLotOutput)
def receive(asked: dict[str, Any]) -> Any:
    """Receive a lot: it waits in quarantine until a pharmacist has reviewed it."""
    now, today = the_pharmacy().clock(), _today()
    mass, printed, received_on = asked.pop("mass_mg"), asked.pop("expiry"), asked.pop("received_on")
    lot = NewLot(mass=mass, printed=printed, received_on=received_on or today, today=today, **asked)
    return staff_answer_once(
        lambda session, actor: lot_view(session, receive_lot(session, lot, by=actor, now=now), today),
        worded_by(ComponentLotOutput()),
    )


@blueprint.post("/component-lots/scans")
@needs_staff(*BENCH)
@blueprint.arguments(ScanInput())
@blueprint.response(200, ScanOutput)
def scan(asked: dict[str, str]) -> Any:
    """What the GS1 symbol on a container says, to begin a receipt or to find the lot."""
    with staff_writing() as (session, _):
        return scan_view(session, asked["scan"], _today())


@blueprint.post("/component-lots/choice")
@needs_staff(*BENCH)
@blueprint.arguments(ChoiceInput())
@blueprint.response(200, ChoiceOutput)
def choice(asked: dict[str, Any]) -> Any:
    """The lot to use: the first to expire that holds enough and supports the wanted beyond-use date."""
    with staff_reading() as (session, _):
        return choice_of_lot(session, asked["kind"], asked["need_mg"], asked["beyond_use_on"], _today())


@blueprint.get("/component-lots/<uuid:lot_id>")
@needs_staff()
@blueprint.response(200, ComponentLotOutput)
def show(lot_id: UUID) -> Any:
    """One lot with its papers and what is on hand."""
    with staff_reading() as (session, _):
        return lot_view(session, books.lot(session, lot_id), _today())


@blueprint.post("/component-lots/<uuid:lot_id>/decisions")
@needs_staff(*PHARMACISTS)
@blueprint.arguments(LotDecisionInput())
@blueprint.response(200, ComponentLotOutput)
def decide(asked: dict[str, Any], lot_id: UUID) -> Any:
    """Release after review, reject, or put back into quarantine; a lot is recalled at /recalls."""
    today = _today()
    decision = LotDecision(lot_id=lot_id, on=today, **asked)
    with staff_writing() as (session, actor):
        lot = decide_on_lot(session, decision, by=actor, now=the_pharmacy().clock())
        return lot_view(session, lot, today)


@blueprint.get("/stock/<uuid:stock_id>/movements")
@needs_staff()
@blueprint.response(200, Ledger)
def movements(stock_id: UUID) -> Any:
    """The whole ledger of one lot or triturate, oldest first."""
    with staff_reading() as (session, _):
        stock = ledger.kept(session, stock_id)
        return {
            "stock_id": stock_id,
            "number": stock.number,
            "on_hand_mg": stock.on_hand_ug,
            "movements": ledger.movements_of(session, stock_id),
        }


@blueprint.post("/stock/<uuid:stock_id>/movements")
@needs_staff(*BENCH)
@blueprint.arguments(MovementInput())
@blueprint.response(201, MovementOutput)
def throw_away(asked: dict[str, Any], stock_id: UUID) -> Any:
    """Take off the books what was wasted or destroyed, with the reason."""
    now = the_pharmacy().clock()
    movement = Movement(
        stock_id=stock_id,
        ug=asked["mass_mg"].value,
        kind=MovementKind(asked["kind"]),
        subject_id=stock_id,
        on=_today(),
        reason=asked["reason"],
    )
    return staff_answer_once(
        lambda session, actor: _fields(move_stock(session, movement, by=actor, now=now)),
        worded_by(MovementOutput()),
    )


@blueprint.post("/component-lots/<uuid:lot_id>/containers")
@needs_staff(*BENCH)
@blueprint.arguments(ContainerInput())
@blueprint.response(201, MovementOutput)
def another_container(asked: dict[str, Any], lot_id: UUID) -> Any:
    """Receive another container of a lot; of one that was used up, a pharmacist reviews it again."""
    now, today = the_pharmacy().clock(), _today()
    if asked["received_on"] is not None and asked["received_on"] > today:
        raise NotReceivedYet(where=("received_on",))
    container = Movement(
        stock_id=lot_id,
        ug=asked["mass_mg"].value,
        kind=MovementKind.RECEIVE,
        subject_id=lot_id,
        on=asked["received_on"] or today,
        reason=None if asked["serial"] is None else f"container {asked['serial']}",
    )
    return staff_answer_once(
        lambda session, actor: _fields(receive_container(session, container, by=actor, now=now)),
        worded_by(MovementOutput()),
    )


@blueprint.post("/stock/<uuid:stock_id>/transfers")
@needs_staff(*BENCH)
@blueprint.arguments(StockTransferInput())
@blueprint.response(201, MovementOutput)
def transfer(asked: dict[str, Any], stock_id: UUID) -> Any:
    """Stock that went to another place of the house's, or came from there, with the reason."""
    now = the_pharmacy().clock()
    movement = Movement(
        stock_id=stock_id,
        ug=asked["mass_mg"].value,
        kind=MovementKind.TRANSFER,
        subject_id=stock_id,
        on=_today(),
        reason=asked["reason"],
    )
    is_out = asked["way"] is TransferWay.OUT
    return staff_answer_once(
        lambda session, actor: _fields(transfer_stock(session, movement, is_out, by=actor, now=now)),
        worded_by(MovementOutput()),
    )


@blueprint.post("/stock-movements/<uuid:movement_id>/put-back")
@needs_staff(*PHARMACISTS)
@blueprint.arguments(PutBackInput())
@blueprint.response(201, MovementOutput)
def put_back(asked: dict[str, str], movement_id: UUID) -> Any:
    """Take back a movement that was recorded by mistake; once, by a line of its own."""
    now = the_pharmacy().clock()
    mistake = TakenBack(movement_id=movement_id, reason=asked["reason"], on=_today())
    return staff_answer_once(
        lambda session, actor: _fields(take_back_movement(session, mistake, by=actor, now=now)),
        worded_by(MovementOutput()),
    )


@blueprint.post("/stock/<uuid:stock_id>/counts")
@needs_staff(*BENCH)
@blueprint.arguments(CountInput())
@blueprint.response(201, CountOutput)
def count(asked: dict[str, Any], stock_id: UUID) -> Any:
    """Count what is on hand; the books follow, and a large difference is investigated."""
    now = the_pharmacy().clock()
    counted = Counted(stock_id=stock_id, mass=asked["counted_mg"], on=_today())
    return staff_answer_once(
        lambda session, actor: _fields(count_stock(session, counted, by=actor, now=now)),
        worded_by(CountOutput()),
    )


def _today() -> date:
    pharmacy = the_pharmacy()
    return local_day(pharmacy.clock(), pharmacy.zone)


def _fields(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
