"""Prices: drafted, previewed, approved and withdrawn by the pharmacist-in-charge; read by all staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.store import price_books as books
from pharmacy.store.reference import PriceBook
from pharmacy.usecases.edit_price_book import (
    DraftChange,
    NewDraft,
    approve_price_book,
    change_price_book,
    draft_price_book,
    withdraw_price_book,
)
from pharmacy.usecases.preview_price_book import PreviewRequest, month_before, preview_price_book
from pharmacy.web.api.price_book_shapes import (
    PreviewInput,
    PreviewOutput,
    PriceBookChange,
    PriceBookInput,
    PriceBookOutput,
    PriceBooksOutput,
    WithdrawalInput,
)
from pharmacy.web.api.shapes import Blueprint, NothingInput
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint("price_books", __name__, url_prefix="/api/v1/price-books", description="Prices")
_IN_CHARGE = Role.PHARMACIST_IN_CHARGE


@blueprint.get("")
@needs_staff()
@blueprint.response(200, PriceBooksOutput)
def listing() -> Any:
    """Every price book, the latest to take effect first."""
    with staff_reading() as (session, _):
        return {"price_books": books.every(session)}


@blueprint.get("/<uuid:price_book_id>")
@needs_staff()
@blueprint.response(200, PriceBookOutput)
def show(price_book_id: UUID) -> Any:
    """One price book with every number."""
    with staff_reading() as (session, _):
        return books.get(session, price_book_id)


@blueprint.post("")
@needs_staff(_IN_CHARGE)
@blueprint.arguments(PriceBookInput())
@blueprint.response(201, PriceBookOutput)
def draft(asked: dict[str, Any]) -> Any:
    """Draft new prices, based on a price book; nothing is charged by a draft."""
    new = NewDraft(
        version=asked["version"],
        effective_on=asked["effective_on"],
        changes=_facts(asked["rules"]),
        reason=asked["reason"],
        based_on=asked["based_on"],
    )
    now = the_pharmacy().clock()
    return staff_answer_once(
        lambda session, actor: _fields(draft_price_book(session, new, by=actor, now=now)),
        worded_by(PriceBookOutput()),
    )


@blueprint.patch("/<uuid:price_book_id>")
@needs_staff(_IN_CHARGE)
@blueprint.arguments(PriceBookChange())
@blueprint.response(200, PriceBookOutput)
def change(asked: dict[str, Any], price_book_id: UUID) -> Any:
    """Change a draft; 409 when somebody has edited it since it was read."""
    edit = DraftChange(
        price_book_id=price_book_id,
        seen_edition=asked["seen_edition"],
        changes=_facts(asked["rules"]),
        effective_on=asked["effective_on"],
    )
    with staff_writing() as (session, actor):
        return change_price_book(session, edit, by=actor, now=the_pharmacy().clock())


@blueprint.post("/<uuid:price_book_id>/preview")
@needs_staff()
@blueprint.arguments(PreviewInput())
@blueprint.response(200, PreviewOutput)
def preview(asked: dict[str, Any], price_book_id: UUID) -> Any:
    """What last month's orders would have cost by these prices; nothing is kept."""
    pharmacy = the_pharmacy()
    first_on, last_on = month_before(local_day(pharmacy.clock(), pharmacy.zone))
    request = PreviewRequest(
        price_book_id=price_book_id,
        first_on=asked["first_on"] or first_on,
        last_on=asked["last_on"] or last_on,
        zone=pharmacy.zone,
    )
    with staff_reading() as (session, _):
        return preview_price_book(session, request)


@blueprint.post("/<uuid:price_book_id>/approve")
@needs_staff(_IN_CHARGE)
@blueprint.arguments(NothingInput())
@blueprint.response(200, PriceBookOutput)
def approve(_: dict[str, Any], price_book_id: UUID) -> Any:
    """The prices are charged from their day on; they never change afterwards."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    with staff_writing() as (session, actor):
        today = local_day(now, pharmacy.zone)
        return approve_price_book(session, price_book_id, today=today, by=actor, now=now)


@blueprint.post("/<uuid:price_book_id>/withdraw")
@needs_staff(_IN_CHARGE)
@blueprint.arguments(WithdrawalInput())
@blueprint.response(200, PriceBookOutput)
def withdraw(asked: dict[str, str], price_book_id: UUID) -> Any:
    """Approved prices whose day has not come will not take effect."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    with staff_writing() as (session, actor):
        today = local_day(now, pharmacy.zone)
        return withdraw_price_book(session, price_book_id, asked["reason"], today=today, by=actor, now=now)


def _facts(changes: dict[str, Any]) -> dict[str, Any]:
    """Changes in the form in which price books are kept: strengths as whole micrograms."""
    facts = dict(changes)
    if "stock_prices" in facts:
        facts["stock_prices"] = [
            {
                "strength_ug": each["strength_mg"].value,
                "capsules": each["capsules"],
                "batch_capsules": each["batch_capsules"],
            }
            for each in facts["stock_prices"]
        ]
    return facts


def _fields(book: PriceBook) -> dict[str, Any]:
    return {each.key: getattr(book, each.key) for each in PriceBook.__table__.columns}
