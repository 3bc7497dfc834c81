"""Stock: lots by their last day, each with its papers and ledger; receipt by scan, review, counts, movements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.lots import LotAct, LotStatus
from pharmacy.domain.orders import Role
from pharmacy.domain.stock import Movement, MovementKind, NotStocked
from pharmacy.store import component_lots as books
from pharmacy.store import equipment, staff
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.component_lots import LotNotFound
from pharmacy.store.pages import page_of
from pharmacy.store.reference import ComponentLot
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.count_stock import Counted, count_stock
from pharmacy.usecases.decide_on_lot import LotDecision, decide_on_lot
from pharmacy.usecases.lot_views import lot_view, lot_views
from pharmacy.usecases.measure_packing import PackingMeasured, measure_packing
from pharmacy.usecases.move_stock import (
    TakenBack,
    move_stock,
    receive_container,
    take_back_movement,
    transfer_stock,
)
from pharmacy.usecases.refusals import Of
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.lists import Column, Empty, Filter, Pages
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.stock_rows import BENCH, PHARMACISTS, lot_acts, lot_chip, lot_row, movement_rows
from pharmacy.web.console.tries import attempt
from pharmacy.web.console.typed import (
    a_count,
    a_mass,
    a_number_or_none,
    a_stock_mass,
    a_text,
    more_than_nothing,
)
from pharmacy.web.console.words import day_moment, in_words
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role, signed_in

_ROWS = 30
_FIELDS = (
    "reason", "mass_mg", "serial", "way", "counted_mg", "movement_id", "shell_id", "machine", "shells_filled",
    "filled_mg", "empty_mg", "tapped_g_per_ml",
)  # fmt: skip
_SIGNED = frozenset({LotAct.RELEASE.value, LotAct.REJECT.value, "destroy"})
_FOR_PHARMACISTS = frozenset({*(act.value for act in LotAct), "put-back"})


@blueprint.get("/stock")
@signed_in
def stock_page() -> Any:
    """Lots, first to expire first; of one state where it is chosen."""
    viewer = the_viewer()
    wanted = request.args.get("state", LotStatus.RELEASED.value)
    chosen = LotStatus(wanted) if wanted in set(LotStatus) else None
    bookmark = read_bookmark(request.args.get("page") or None)
    with told_apart(), the_pharmacy().sessions.read() as session:
        page = page_of(session, books.listed(None, chosen), _ROWS, bookmark)
        told = lot_views(session, page.records, viewer.today)
        counts = books.counts_by_status(session)
        around = frame(session, "stock")
    following = sign_bookmark(page.next_bookmark)
    state = chosen.value if chosen else "all"
    return render_template(
        "console/stock.html",
        frame=around,
        rows=[lot_row(each, viewer.today) for each in told],
        filters=[*_filters(counts, chosen)],
        columns=[
            Column(words=gettext("Lot")),
            Column(words=gettext("What")),
            Column(words=gettext("State")),
            Column(words=gettext("Last day"), sorted_as="ascending"),
            Column(words=gettext("On hand"), look="right"),
            Column(words=gettext("Why it may not be used"), look="wide"),
        ],
        pages=Pages(
            next_href=url_for("console.stock_page", state=state, page=following) if following else "",
            first_href=url_for("console.stock_page", state=state) if bookmark else "",
        ),
        empty=Empty(
            why=gettext("No lot is in this state."),
            href=url_for("console.receipt_page"),
            next_words=gettext("Receive one"),
        ),
    )


def _filters(counts: Mapping[LotStatus, int], chosen: LotStatus | None) -> list[Filter]:
    every = Filter(
        words=gettext("All"),
        href=url_for("console.stock_page", state="all"),
        is_chosen=chosen is None,
        count=sum(counts.values()),
    )
    return [
        *(
            Filter(
                words=lot_chip(status).words,
                href=url_for("console.stock_page", state=status.value),
                is_chosen=status is chosen,
                count=counts.get(status, 0),
            )
            for status in LotStatus
        ),
        every,
    ]


@blueprint.get("/stock/lots/<uuid:lot_id>")
@signed_in
def lot_page(lot_id: UUID) -> Any:
    """One lot with its papers, its ledger, and what can be done with it."""
    return _lot(lot_id, Form())


@blueprint.get("/stock/ledger/<uuid:stock_id>")
@signed_in
def ledger_page(stock_id: UUID) -> Any:
    """The ledger of a lot, or of a triturate, which has a page of its own as a batch."""
    with told_apart(), the_pharmacy().sessions.read() as session:
        is_lot = session.get(ComponentLot, stock_id) is not None
    return (
        redirect(url_for("console.lot_page", lot_id=stock_id), code=303)
        if is_lot
        else _triturate(stock_id, Form())
    )


@blueprint.post("/stock/<uuid:stock_id>/<act_name>")
@needs_role(Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
def stock_act(stock_id: UUID, act_name: str) -> Any:
    """The act on a lot or triturate is done; or its page shown with the reason why not."""
    if act_name not in _ACTS:
        raise LotNotFound
    with told_apart(), the_pharmacy().sessions.read() as session:
        ledger.kept(session, stock_id)  # What has no ledger is not there.
        is_lot = session.get(ComponentLot, stock_id) is not None
    form = Form.typed(*_FIELDS, name=act_name)
    role = the_viewer().role
    if act_name in _FOR_PHARMACISTS and role not in PHARMACISTS:
        refused = Form(name=act_name, refusal=gettext("This is for a pharmacist."))
        return (_lot if is_lot else _triturate)(stock_id, refused), 403
    tried = attempt(
        form,
        lambda session, by, now: (_ACTS[act_name](session, stock_id, form, by, now), True)[1],
        of=Of.STOCK,
        about=stock_id,
        is_signed=act_name in _SIGNED,
    )
    if tried.is_refused:
        return (_lot if is_lot else _triturate)(stock_id, tried.form), tried.status
    return redirect(url_for("console.ledger_page", stock_id=stock_id), code=303)


def _lot(lot_id: UUID, form: Form) -> str:
    viewer, pharmacy = the_viewer(), the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        lot = books.lot(session, lot_id)
        told = lot_view(session, lot, viewer.today)
        lines = ledger.movements_of(session, lot_id)
        names = staff.names_of(session, [line.moved_by for line in lines])
        packing = equipment.packing_of(session, lot_id)
        shells = equipment.shells(session)
        around = frame(session, "stock")
    return render_template(
        "console/lot.html",
        frame=around,
        lot=told,
        row=lot_row(told, viewer.today),
        received=day_moment(told["received_on"], viewer.today) if told["received_on"] else None,
        acts=lot_acts(lot.status, viewer.role),
        movements=movement_rows(lines, names, pharmacy.zone),
        packing=packing,
        in_words=in_words,
        shells=[(str(each.id), f"{each.size}, {each.vendor}, {each.material.value}") for each in shells],
        stock_id=lot_id,
        may_act=viewer.role in BENCH,
        may_mend=viewer.role in PHARMACISTS,
        form=form,
        form_of=lambda name: form if form.name == name else Form(name=name),
    )


def _triturate(stock_id: UUID, form: Form) -> str:
    viewer, pharmacy = the_viewer(), the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        kept = ledger.kept(session, stock_id)
        lines = ledger.movements_of(session, stock_id)
        names = staff.names_of(session, [line.moved_by for line in lines])
        packing = equipment.packing_of(session, stock_id)
        shells = equipment.shells(session)
        around = frame(session, "stock")
    return render_template(
        "console/ledger.html",
        frame=around,
        kept=kept,
        movements=movement_rows(lines, names, pharmacy.zone),
        packing=packing,
        in_words=in_words,
        shells=[(str(each.id), f"{each.size}, {each.vendor}, {each.material.value}") for each in shells],
        stock_id=stock_id,
        may_act=viewer.role in BENCH,
        may_mend=viewer.role in PHARMACISTS,
        form=form,
        form_of=lambda name: form if form.name == name else Form(name=name),
    )


def _decide(act: LotAct) -> Callable[[Session, UUID, Form, Actor, datetime], Any]:
    def decide(session: Session, stock_id: UUID, form: Form, by: Actor, now: datetime) -> Any:
        decision = LotDecision(
            lot_id=stock_id,
            act=act,
            reason=a_text(form, "reason", gettext("The reason")),
            on=the_viewer().today,
        )
        return decide_on_lot(session, decision, by=by, now=now)

    return decide


def _moved(stock_id: UUID, form: Form, kind: MovementKind, reason: str | None) -> Movement:
    return Movement(
        stock_id=stock_id,
        ug=more_than_nothing(a_stock_mass(form, "mass_mg", gettext("The mass")), "mass_mg").value,
        kind=kind,
        subject_id=stock_id,
        on=the_viewer().today,
        reason=reason,
    )


def _throw_away(kind: MovementKind) -> Callable[[Session, UUID, Form, Actor, datetime], Any]:
    def throw(session: Session, stock_id: UUID, form: Form, by: Actor, now: datetime) -> Any:
        reason = a_text(form, "reason", gettext("The reason"))
        return move_stock(session, _moved(stock_id, form, kind, reason), by=by, now=now)

    return throw


def _transfer(session: Session, stock_id: UUID, form: Form, by: Actor, now: datetime) -> Any:
    moved = _moved(stock_id, form, MovementKind.TRANSFER, a_text(form, "reason", gettext("Where to or from")))
    return transfer_stock(session, moved, form["way"] != "in", by=by, now=now)


def _container(session: Session, stock_id: UUID, form: Form, by: Actor, now: datetime) -> Any:
    reason = f"container {form['serial']}" if form["serial"] else None
    return receive_container(session, _moved(stock_id, form, MovementKind.RECEIVE, reason), by=by, now=now)


def _count(session: Session, stock_id: UUID, form: Form, by: Actor, now: datetime) -> Any:
    counted = Counted(
        stock_id=stock_id,
        mass=a_stock_mass(form, "counted_mg", gettext("What was counted")),
        on=the_viewer().today,
    )
    return count_stock(session, counted, by=by, now=now)


def _put_back(session: Session, stock_id: UUID, form: Form, by: Actor, now: datetime) -> Any:
    try:
        movement_id = UUID(form["movement_id"])
    except ValueError:
        raise NotStocked from None
    mistake = TakenBack(
        movement_id=movement_id, reason=a_text(form, "reason", gettext("The reason")), on=the_viewer().today
    )
    return take_back_movement(session, mistake, by=by, now=now)


def _packing(session: Session, stock_id: UUID, form: Form, by: Actor, now: datetime) -> Any:
    try:
        shell_id = UUID(form["shell_id"])
    except ValueError:
        raise LotNotFound from None
    measured = PackingMeasured(
        stock_id=stock_id,
        shell_id=shell_id,
        machine=a_text(form, "machine", gettext("The machine")),
        shells_filled=a_count(form, "shells_filled", gettext("The number of shells")),
        filled=a_mass(form, "filled_mg", gettext("The filled shells")),
        empty=a_mass(form, "empty_mg", gettext("The empty shells")),
        tapped_g_per_ml=a_number_or_none(form, "tapped_g_per_ml", gettext("The tapped density")),
        on=the_viewer().today,
    )
    return measure_packing(session, measured, by=by, now=now)


_ACTS: Mapping[str, Callable[[Session, UUID, Form, Actor, datetime], Any]] = {
    **{act.value: _decide(act) for act in LotAct},
    "waste": _throw_away(MovementKind.WASTE),
    "destroy": _throw_away(MovementKind.DESTROY),
    "transfer": _transfer,
    "container": _container,
    "count": _count,
    "put-back": _put_back,
    "packing": _packing,
}
