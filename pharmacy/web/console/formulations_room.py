"""Formulations: every master formulation record by version, a next version written, and approved by another.

All staff read them, the bench writes, and a pharmacist who is not the author signs the approval with its day. What
was approved never changes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.beyond_use import CATEGORY_LIMIT_DAYS
from pharmacy.domain.components import ComponentKind
from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.orders import Role
from pharmacy.store import components as catalogue
from pharmacy.store import formulations as books
from pharmacy.store import staff
from pharmacy.store.equipment import ShellMaterial
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.approve_formulation import Approval, approve_formulation
from pharmacy.usecases.refusals import Of
from pharmacy.usecases.write_formulation import NewFormulation, write_formulation
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form, seen_version
from pharmacy.web.console.formulation_form import (
    MOST_ROWS,
    SIZES,
    pointed,
    read_formulation,
    rows_filled,
    shown_formulation,
    typed_formulation,
)
from pharmacy.web.console.formulations_shown import (
    CATEGORY_WORDS,
    FORM_WORDS,
    formulation_row,
    formulation_shown,
    why_not_approve,
)
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.lists import Column, Empty, Pages
from pharmacy.web.console.presence import the_member
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.stock_rows import BENCH
from pharmacy.web.console.tries import attempt
from pharmacy.web.console.typed import a_day
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role, signed_in

_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_WRITERS = (Role.TECHNICIAN, *_PHARMACISTS)
_ROWS = 30
_SPARE_COMPONENTS, _SPARE_CHECKS = 3, 2


@blueprint.get("/formulations")
@signed_in
def formulations_page() -> Any:
    """Every version, newest of a record first."""
    viewer, pharmacy = the_viewer(), the_pharmacy()
    bookmark = read_bookmark(request.args.get("page") or None)
    with told_apart(), pharmacy.sessions.read() as session:
        page = page_of(session, books.listed(None), _ROWS, bookmark)
        in_force = books.versions_in_force(session, viewer.today)
        around = frame(session, "formulations")
    following = sign_bookmark(page.next_bookmark)
    here = url_for("console.formulations_page")
    return render_template(
        "console/formulations.html",
        frame=around,
        rows=[formulation_row(row, in_force, viewer.today, pharmacy.zone) for row in page.records],
        columns=[
            Column(words=gettext("Formulation")),
            Column(words=gettext("Version"), look="right"),
            Column(words=gettext("State")),
            Column(words=gettext("In force from")),
            Column(words=gettext("First used"), look="wide"),
        ],
        pages=Pages(
            next_href=url_for("console.formulations_page", page=following) if following else "",
            first_href=here if bookmark else "",
        ),
        empty=Empty(why=gettext("No formulation is written yet.")),
        may_write=viewer.role in BENCH,
    )


@blueprint.get("/formulations/new")
@needs_role(*_WRITERS)
def new_formulation() -> Any:
    """The form of a record, or of the next version of one, as its last version stands."""
    like = _id(request.args.get("like", ""))
    if like is None:
        return _write_page(Form.showing({"form": "capsule", "shell_material": "gelatin"}), 0)
    with told_apart(), the_pharmacy().sessions.read() as session:
        row = books.formulation(session, like)
        newest = books.newest_version(session, row.code)
        form = shown_formulation(row)
    return _write_page(form, newest)


@blueprint.post("/formulations")
@needs_role(*_WRITERS)
def write() -> Any:
    """The next version is written and waits for approval; or the form with everything that is wrong."""
    form, new = read_formulation(typed_formulation())
    if new is None:
        return _write_page(form, seen_version()), 422
    tried = attempt(
        form,
        lambda session, by, now: _write(session, form, new, by, now),
        of=Of.FORMULATION,
        about=the_member().id,
    )
    if tried.is_refused or tried.done is None:
        return _write_page(tried.form, seen_version()), tried.status
    return redirect(url_for("console.formulation_page", formulation_id=tried.done), code=303)


@blueprint.get("/formulations/<uuid:formulation_id>")
@signed_in
def formulation_page(formulation_id: UUID) -> Any:
    """One version with its twelve contents, and what may be done with it."""
    return _page(formulation_id, Form.showing({"effective_on": the_viewer().today.isoformat()}))


@blueprint.post("/formulations/<uuid:formulation_id>/approval")
@needs_role(*_PHARMACISTS)
def approve_version(formulation_id: UUID) -> Any:
    """Signed: from that day on it is compounded by, and never changes again."""
    form = Form.typed("effective_on")
    form = replace(form, values={**form.values, "signature": ()})
    tried = attempt(
        form,
        lambda session, by, now: _approve(session, formulation_id, form, by, now),
        of=Of.FORMULATION,
        about=formulation_id,
        is_signed=True,
    )
    if tried.is_refused:
        return _page(formulation_id, tried.form), tried.status
    return redirect(url_for("console.formulation_page", formulation_id=formulation_id), code=303)


def _write(session: Session, form: Form, new: NewFormulation, by: Actor, now: datetime) -> UUID:
    try:
        return write_formulation(session, new, by=by, now=now).id
    except PharmacyError as refusal:
        raise pointed(form, refusal) from None


def _approve(session: Session, formulation_id: UUID, form: Form, by: Actor, now: datetime) -> bool:
    approval = Approval(
        formulation_id=formulation_id,
        effective_on=a_day(form, "effective_on", gettext("The first day")),
        today=the_viewer().today,
    )
    approve_formulation(session, approval, by=by, now=now)
    return True


def _page(formulation_id: UUID, form: Form) -> str:
    viewer, pharmacy = the_viewer(), the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        row = books.formulation(session, formulation_id)
        in_force = books.versions_in_force(session, viewer.today)
        versions = session.scalars(books.listed(row.code)).all()
        names = staff.names_of(session, [each for each in (row.written_by, row.approved_by) if each])
        known = {each.id: each for each in catalogue.catalogue(session)}
        shown = formulation_shown(
            row,
            formulation_row(row, in_force, viewer.today, pharmacy.zone),
            known,
            names,
            pharmacy.zone,
        )
        around = frame(session, "formulations")
    return render_template(
        "console/formulation.html",
        frame=around,
        formulation=shown,
        why_not=why_not_approve(row, the_member()),
        versions=[formulation_row(each, in_force, viewer.today, pharmacy.zone) for each in versions],
        may_write=viewer.role in BENCH,
        form=form,
    )


def _write_page(form: Form, newest: int) -> str:
    with told_apart(), the_pharmacy().sessions.read() as session:
        known = catalogue.catalogue(session)
        around = frame(session, "formulations")
    return render_template(
        "console/new_formulation.html",
        frame=around,
        form=form,
        newest=newest,
        kinds=[(each.value, words) for each, words in FORM_WORDS.items()],
        components=[
            ("", gettext("choose")),
            *(
                (str(each.id), f"{each.name} ({each.kind.value})")
                for each in known
                if each.kind is not ComponentKind.SHELL
            ),
        ],
        sizes=[("", gettext("none, it is a liquid")), *((each, each) for each in SIZES)],
        materials=[(each.value, each.value) for each in ShellMaterial],
        categories=[
            (
                each.value,
                gettext(
                    "%(category)s, %(days)s days at most", category=words, days=CATEGORY_LIMIT_DAYS[each]
                ),
            )
            for each, words in CATEGORY_WORDS.items()
        ],
        component_rows=min(MOST_ROWS, rows_filled(form, "components", "amounts") + _SPARE_COMPONENTS),
        check_rows=min(MOST_ROWS, rows_filled(form, "checks", "expected") + _SPARE_CHECKS),
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
