"""The batches: what is at the bench, on the shelf, stopped or over; a new one; and the sheet that is printed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import redirect, render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.batch_calculation import CapsulesAsked, LiquidAsked, TriturateAsked
from pharmacy.domain.errors import Unfit
from pharmacy.domain.formulations import DosageForm
from pharmacy.domain.orders import Role
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.store import batches, formulations
from pharmacy.store.batches import Batch
from pharmacy.store.formulations import Formulation
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.bench_policy import bench_policy
from pharmacy.usecases.compounding_record import compounding_record
from pharmacy.usecases.plan_batch import NewBatch
from pharmacy.usecases.plan_by_hand import plan_by_hand
from pharmacy.usecases.refusals import Of
from pharmacy.usecases.scanned_bench import Scanned
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.batch_room import batch_chip
from pharmacy.web.console.batch_rows import VIEWS, batch_row, view_words
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.figures_shown import figure_shown
from pharmacy.web.console.forms import Form
from pharmacy.web.console.formulations_shown import CATEGORY_WORDS
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.lists import Column, Empty, Filter, Pages
from pharmacy.web.console.order import reference_of_today
from pharmacy.web.console.presence import the_member
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.scan_box import address_of_scan
from pharmacy.web.console.tries import attempt
from pharmacy.web.console.typed import a_count, a_number, a_stock_mass
from pharmacy.web.console.words import day_text, in_words, instant_moment
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role, signed_in

_BENCH = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_ROWS = 30
_HUNDRED = Decimal(100)
_LONGEST_SCAN = 200
_MOST_ML = 100_000


@blueprint.get("/batches")
@signed_in
def batches_page() -> Any:
    """Batches, newest first, by where they stand."""
    chosen = request.args.get("view", "bench")
    chosen = chosen if chosen in VIEWS else "bench"
    return _list(chosen, Form(name="new"), Form(name="scan"))


@blueprint.post("/batches")
@needs_role(*_BENCH)
def new_batch() -> Any:
    """A batch is planned on the lots whose turn it is; or the list shown with the reason why not."""
    form = Form.typed(
        "kind",
        "strength_mg",
        "capsules",
        "strength_pct",
        "total_mg",
        "override_reason",
        "formulation",
        "mg_per_ml",
        "volume_ml",
        name="new",
    )
    tried = attempt(
        form,
        lambda session, by, now: _plan(session, form, by, now).number,
        of=Of.BATCH,
        about=the_member().id,
    )
    if tried.is_refused or tried.done is None:
        return _list("bench", tried.form, Form(name="scan")), tried.status
    return redirect(url_for("console.batch_page", number=tried.done), code=303)


@blueprint.post("/scan")
@signed_in
def scan() -> Any:
    """What was scanned leads to its page; what nobody knows is said to be unknown."""
    form = Form.typed("scan", name="scan", longest=_LONGEST_SCAN)
    with told_apart(), the_pharmacy().sessions.read() as session:
        address = address_of_scan(session, form["scan"], the_viewer().today)
    if address is not None:
        return redirect(address, code=303)
    unknown = form.at_fault("scan", gettext("No batch, lot or balance is called that: scan it again."))
    return _list("bench", Form(name="new"), unknown), 422


@blueprint.get("/batches/<number>/sheet")
@signed_in
def batch_sheet(number: str) -> Any:
    """The compounding record, to be printed."""
    viewer = the_viewer()
    with told_apart(), the_pharmacy().sessions.read() as session:
        record = compounding_record(session, batches.numbered(session, number))
        around = frame(session, "batches")
    return render_template(
        "console/batch_sheet.html",
        frame=around,
        record=record,
        figures=[figure_shown(each) for each in record["figures"]],
        figures_as_weighed=[figure_shown(each) for each in record["figures_as_weighed"]],
        state=batch_chip(record["status"]),
        printed_on=day_text(viewer.today),
        in_words=in_words,
        at_moment=lambda at: instant_moment(at, the_pharmacy().zone),
    )


def _list(chosen: str, form: Form, scanned: Form) -> str:
    viewer = the_viewer()
    bookmark = read_bookmark(request.args.get("page") or None)
    with told_apart(), the_pharmacy().sessions.read() as session:
        page = page_of(session, batches.listed(VIEWS[chosen]), _ROWS, bookmark)
        counts = batches.counts_by_status(session)
        liquids = formulations.all_in_force(session, DosageForm.ORAL_LIQUID, viewer.today)
        around = frame(session, "batches")
    return render_template(
        "console/batches.html",
        frame=around,
        rows=[batch_row(batch, viewer.today) for batch in page.records],
        filters=[
            Filter(
                words=view_words(view),
                href=url_for("console.batches_page", view=view),
                is_chosen=view == chosen,
                count=sum(counts.get(status, 0) for status in statuses),
            )
            for view, statuses in VIEWS.items()
        ],
        columns=[
            Column(words=gettext("Batch")),
            Column(words=gettext("What")),
            Column(words=gettext("State")),
            Column(words=gettext("Promised"), look="right"),
            Column(words=gettext("Made"), look="wide"),
            Column(words=gettext("Use by")),
        ],
        pages=_pages(chosen, page.next_bookmark, bookmark),
        empty=Empty(
            why=gettext("No batch is here."),
            href=url_for("console.planner_page"),
            next_words=gettext("Plan what the queue needs"),
        ),
        form=form,
        scanned=scanned,
        formulations=[
            (each.code, f"{each.code}, {CATEGORY_WORDS[each.category]}: {each.name}") for each in liquids
        ],
        may_plan=viewer.role in _BENCH,
    )


def _pages(chosen: str, following: str | None, bookmark: str | None) -> Pages:
    here = url_for("console.batches_page", view=chosen)
    next_page = sign_bookmark(following)
    return Pages(
        next_href=url_for("console.batches_page", view=chosen, page=next_page) if next_page else "",
        first_href=here if bookmark else "",
    )


def _plan(session: Session, form: Form, by: Actor, now: datetime) -> Batch:
    liquid = _record_of(session, form) if form["kind"] == "liquid" else None
    asked = _asked(session, form) if liquid is None else _liquid_asked(form, liquid)
    new = NewBatch(asked=asked, scanned=Scanned(), formulation=None if liquid is None else liquid.code)
    why_more = form["override_reason"] or None
    batch = plan_by_hand(session, new, reference_of_today(session), why_more, by=by, now=now)
    session.flush()  # The page reads it by its number.
    return batch


def _record_of(session: Session, form: Form) -> Formulation:
    """The record by which the liquid is to be made, in the version of today."""
    followed = formulations.in_force(session, form["formulation"], the_viewer().today)
    if followed is None or followed.form is not DosageForm.ORAL_LIQUID:
        raise FormulationDue(where=("formulation",))
    return followed


def _liquid_asked(form: Form, followed: Formulation) -> LiquidAsked:
    """How much of which strength; its kind of water is that of the record."""
    strength, volume = (
        a_number(form, name, what)
        for name, what in (
            ("mg_per_ml", gettext("The strength of the liquid")),
            ("volume_ml", gettext("The volume")),
        )
    )
    if not 0 < strength <= _HUNDRED:
        raise StrengthOutOfRange(where=("mg_per_ml",))
    if not 1 <= volume <= _MOST_ML:
        raise VolumeOutOfRange(where=("volume_ml",))
    return LiquidAsked(
        concentration_mg_per_ml=strength,
        volume_ml=volume,
        basis=StrengthBasis.NALTREXONE_HYDROCHLORIDE,
        category=followed.category,
    )


def _asked(session: Session, form: Form) -> CapsulesAsked | TriturateAsked:
    if form["kind"] == "triturate":
        pct = a_number(form, "strength_pct", gettext("The strength"))
        if not 0 < pct < _HUNDRED:
            raise StrengthOutOfRange(where=("strength_pct",))
        total = a_number(form, "total_mg", gettext("The mass"))
        if not total:
            raise StrengthOutOfRange(where=("total_mg",))
        return TriturateAsked(fraction=pct / _HUNDRED, total=Milligrams(total))
    strength = a_stock_mass(form, "strength_mg", gettext("The strength"))
    required = a_count(form, "capsules", gettext("The number of capsules"))
    if not strength.value or not required:
        raise StrengthOutOfRange(where=("strength_mg" if not strength.value else "capsules",))
    return CapsulesAsked(
        strength=Micrograms(strength.value),
        required=required,
        basis=StrengthBasis.NALTREXONE_HYDROCHLORIDE,
        route=None,
        portion=None,
        plate=bench_policy(session).plate,
    )


class FormulationDue(Unfit):
    def __str__(self) -> str:
        return gettext("A formulation of an oral liquid that is in force is due here.")


class VolumeOutOfRange(Unfit):
    def __str__(self) -> str:
        return gettext("From 1 mL to %(most)s mL are made at a time.", most=f"{_MOST_ML:,}")


class StrengthOutOfRange(Unfit):
    def __str__(self) -> str:
        return gettext("More than nothing is made, and less than pure.")
