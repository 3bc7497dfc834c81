"""Prices: every version, drafts to edit, what last month's orders would have cost, and the day they take effect.

All staff read them. The pharmacist-in-charge drafts, edits, signs and withdraws; what was approved never changes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import redirect, render_template, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.errors import NotFound, PharmacyError
from pharmacy.domain.orders import Role
from pharmacy.store import price_books
from pharmacy.store.reference import PriceBook, PriceBookStatus
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.edit_price_book import (
    DraftChange,
    NewDraft,
    approve_price_book,
    change_price_book,
    draft_price_book,
    withdraw_price_book,
)
from pharmacy.usecases.preview_price_book import PreviewRequest, month_before, preview_price_book
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form, seen_version
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.presence import the_actor, the_member
from pharmacy.web.console.price_numbers import NUMBERS, OTHERS, numbers_typed
from pharmacy.web.console.price_tables import (
    TABLES_FORM,
    read_tables,
    tables_form,
    tables_shown,
    tables_typed,
)
from pharmacy.web.console.prices_shown import book_shown, book_values, books_shown, preview_shown
from pharmacy.web.console.signature import require_signature
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import needs_role, signed_in

_IN_CHARGE = Role.PHARMACIST_IN_CHARGE
_Work = Callable[[Session, Actor, date], PriceBook]


@blueprint.get("/prices")
@signed_in
def prices_page() -> Any:
    """Every price book, the latest to take effect first."""
    return _show_prices(Form())


@blueprint.post("/prices")
@needs_role(_IN_CHARGE)
def draft_prices() -> Any:
    """A draft like the prices it is based on, under a name of its own."""
    form = Form.typed("version", "effective_on", "reason", "based_on", name="draft").lacking(
        {
            "version": gettext("Give the new prices a name."),
            "effective_on": gettext("Say from which day they would be charged."),
            "reason": gettext("Say why prices change."),
        }
    )
    form, effective_on = _day(form)
    based_on = _id(form["based_on"])
    if form.is_refused or effective_on is None or based_on is None:
        return _show_prices(form), 422
    new = NewDraft(
        version=form["version"],
        effective_on=effective_on,
        changes={},
        reason=form["reason"],
        based_on=based_on,
    )
    pharmacy = the_pharmacy()
    try:
        with told_apart(), pharmacy.sessions.write() as session:
            made = draft_price_book(session, new, by=the_actor(), now=pharmacy.clock())
            price_book_id = made.id
    except PharmacyError as refusal:
        return _show_prices(form.refused(refusal)), status_of(refusal)
    return _back_to(price_book_id)


@blueprint.get("/prices/<uuid:price_book_id>")
@signed_in
def price_book_page(price_book_id: UUID) -> Any:
    """One price book: its numbers, what it would change, and what may be done with it."""
    return _show_book(price_book_id, Form())


@blueprint.post("/prices/<uuid:price_book_id>/numbers")
@needs_role(_IN_CHARGE)
def edit_prices(price_book_id: UUID) -> Any:
    """The numbers of a draft, and its day."""
    form, effective_on = _day(Form.typed(*NUMBERS, *OTHERS, "effective_on", name="numbers"))
    form, changes = numbers_typed(form)

    def work(session: Session, by: Actor, _: date) -> PriceBook:
        change = DraftChange(
            price_book_id=price_book_id,
            seen_edition=seen_version(),
            changes=changes,
            effective_on=effective_on,
        )
        return change_price_book(session, change, by=by, now=the_pharmacy().clock())

    return _tried(price_book_id, work, form)


@blueprint.post("/prices/<uuid:price_book_id>/tables")
@needs_role(_IN_CHARGE)
def edit_price_tables(price_book_id: UUID) -> Any:
    """The tables of a draft: tiers, stock prices, surcharges, taxes."""
    form, tables = read_tables(tables_typed())

    def work(session: Session, by: Actor, _: date) -> PriceBook:
        change = DraftChange(price_book_id=price_book_id, seen_edition=seen_version(), changes=tables)
        return change_price_book(session, change, by=by, now=the_pharmacy().clock())

    return _tried(price_book_id, work, form)


@blueprint.post("/prices/<uuid:price_book_id>/approve")
@needs_role(_IN_CHARGE)
def approve_prices(price_book_id: UUID) -> Any:
    """Signed: charged from their day on, and never changed again."""

    def work(session: Session, by: Actor, today: date) -> PriceBook:
        return approve_price_book(session, price_book_id, today=today, by=by, now=the_pharmacy().clock())

    return _tried(price_book_id, work, Form(name="approve"), is_signed=True)


@blueprint.post("/prices/<uuid:price_book_id>/withdraw")
@needs_role(_IN_CHARGE)
def withdraw_prices(price_book_id: UUID) -> Any:
    """Approved prices whose day has not come will not take effect."""
    form = Form.typed("reason", name="withdraw").lacking(
        {"reason": gettext("Say why these prices shall not take effect.")}
    )

    def work(session: Session, by: Actor, today: date) -> PriceBook:
        now = the_pharmacy().clock()
        return withdraw_price_book(session, price_book_id, form["reason"], today=today, by=by, now=now)

    return _tried(price_book_id, work, form)


def _tried(price_book_id: UUID, work: _Work, form: Form, *, is_signed: bool = False) -> Any:
    """Done, and back to the price book; or the page again with what was typed and why not."""
    pharmacy = the_pharmacy()
    try:
        with pharmacy.sessions.read() as session:
            price_books.get(session, price_book_id)
        if form.is_refused:
            return _show_book(price_book_id, form), 422
        if is_signed:
            require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            work(session, the_actor(), local_day(pharmacy.clock(), pharmacy.zone))
    except NotFound:
        raise
    except PharmacyError as refusal:
        fields = {*form.values, "signature"} if is_signed else None
        return _show_book(price_book_id, form.refused(refusal, fields)), status_of(refusal)
    return _back_to(price_book_id)


def _show_prices(form: Form) -> str:
    pharmacy = the_pharmacy()
    today = local_day(pharmacy.clock(), pharmacy.zone)
    with pharmacy.sessions.read() as session:
        found = price_books.every(session)
        shown = books_shown(found, today)
        return render_template(
            "console/prices.html",
            frame=frame(session, "prices"),
            books=shown,
            options=[(row.id, row.version) for row in shown],
            form=form,
            may_draft=the_member().role is _IN_CHARGE,
        )


def _show_book(price_book_id: UUID, form: Form) -> str:
    pharmacy = the_pharmacy()
    today = local_day(pharmacy.clock(), pharmacy.zone)
    first_on, last_on = month_before(today)
    with pharmacy.sessions.read() as session:
        book = price_books.get(session, price_book_id)
        asked = PreviewRequest(
            price_book_id=price_book_id, first_on=first_on, last_on=last_on, zone=pharmacy.zone
        )
        numbers = form if form.name == "numbers" else Form.showing(book_values(book), "numbers")
        tables = form if form.name == TABLES_FORM else tables_form(book.rules)
        return render_template(
            "console/price_book.html",
            frame=frame(session, "prices"),
            book=book_shown(book, today, pharmacy.zone),
            preview=preview_shown(preview_price_book(session, asked)),
            numbers=numbers,
            tables=tables,
            table_rows=tables_shown(tables),
            form=form,
            is_in_charge=the_member().role is _IN_CHARGE,
            is_draft=book.status is PriceBookStatus.DRAFT,
        )


def _day(form: Form) -> tuple[Form, date | None]:
    """The day that was typed, or the form with what is wrong with it."""
    try:
        return form, date.fromisoformat(form["effective_on"]) if form["effective_on"] else None
    except ValueError:
        return form.at_fault("effective_on", gettext("Write the day as year, month, day: 2026-12-31.")), None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _back_to(price_book_id: UUID) -> Any:
    return redirect(url_for("console.price_book_page", price_book_id=price_book_id), code=303)
