"""What last month's orders would have cost by other prices, before those take effect.

Orders are priced as they were supplied: their strengths, vials, days, delivery and state. Surcharges that were asked
for stay as they were charged. Nothing is kept, and no order changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.liquid_pricing import LiquidNotPriced
from pharmacy.domain.money import Money, total
from pharmacy.domain.price_rules import PriceRules
from pharmacy.domain.pricing import LineKind, StrengthCount, Terms, price
from pharmacy.domain.quantities import Micrograms
from pharmacy.store import price_books
from pharmacy.store.orders import Order
from pharmacy.store.reference import setting_in_force
from pharmacy.usecases.price_book import rules_from

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRequest:
    """Which price book, against the orders received from `first_on` to `last_on`, both included, there."""

    price_book_id: UUID
    first_on: date
    last_on: date
    zone: ZoneInfo


def preview_price_book(session: Session, asked: PreviewRequest) -> dict[str, Any]:
    """Total before and after for each order and for all of them; an order that has no price by the book says why.

    `is_cut` is whether there were more orders than the setting lets in; the first of them are looked at.

    Raises PriceBookNotFound. Sums are of the orders that have a price both times.
    """
    book = price_books.get(session, asked.price_book_id)
    rules = rules_from(book.version, book.rules)
    since, until = (
        datetime.combine(day, time(), asked.zone) for day in (asked.first_on, asked.last_on + ONE_DAY)
    )
    most = int(setting_in_force(session, "preview_most_orders"))
    found = price_books.orders_between(session, since, until, most=most + 1)
    rows = [_row(order, rules) for order in found[:most]]
    priced = [row for row in rows if row["after_cents"] is not None]
    before, after = (sum(row[name] for row in priced) for name in ("before_cents", "after_cents"))
    return {
        "price_book_id": book.id,
        "version": book.version,
        "first_on": asked.first_on,
        "last_on": asked.last_on,
        "orders": rows,
        "is_cut": len(found) > most,
        "before_cents": before,
        "after_cents": after,
        "difference_cents": after - before,
        "dearer": sum(row["after_cents"] > row["before_cents"] for row in priced),
        "cheaper": sum(row["after_cents"] < row["before_cents"] for row in priced),
    }


def month_before(today: date) -> tuple[date, date]:
    """The first and the last day of the calendar month before that of `today`."""
    last = today.replace(day=1) - ONE_DAY
    return last.replace(day=1), last


def _row(order: Order, rules: PriceRules) -> dict[str, Any]:
    row: dict[str, Any] = {
        "order_id": order.id,
        "rx_number": order.number,
        "before_cents": order.total_cents,
        "after_cents": None,
        "difference_cents": None,
        "refusal": None,
    }
    try:
        after = _total(order, rules)
    except (ValueError, LiquidNotPriced) as refusal:
        return {**row, "refusal": str(refusal)}
    return {**row, "after_cents": after.cents, "difference_cents": after.cents - order.total_cents}


def _total(order: Order, rules: PriceRules) -> Money:
    strengths = tuple(
        StrengthCount(
            strength=Micrograms(line.strength_ug),
            capsules=line.capsules,
            vials=len(line.vials),
            per_vial=tuple(vial.capsules for vial in line.vials),
            unit_ml=line.unit_ml,
        )
        for line in order.lines
    )
    found = price(rules, strengths, order.days, order.delivery, Terms(ship_to_state=order.patient.state))
    kept = [Money(line.amount_cents) for line in order.price_lines if line.kind == LineKind.SURCHARGE]
    return found.total + total(kept)
