"""Price books in words: what each number is, which version is in force, and what new prices would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.money import Money
from pharmacy.domain.quantities import Micrograms
from pharmacy.store.reference import PriceBook, PriceBookStatus
from pharmacy.web.console.language import gettext
from pharmacy.web.console.price_numbers import NUMBERS, OTHERS, other_value
from pharmacy.web.console.words import Chip, Moment, Tone, day_moment, instant_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRow:
    """One price book in the list."""

    id: str
    version: str
    state: Chip
    effective: Moment
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    name: str
    words: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookShown:
    """One price book, whole."""

    id: str
    version: str
    edition: int
    state: Chip
    effective: Moment
    is_to_come: bool
    reason: str
    drafted: str
    approved: str
    approved_at: Moment | None
    withdrawn: str
    numbers: tuple[NumberRow, ...]
    others: tuple[tuple[str, str], ...]
    tables: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    order_id: str
    number: str
    before: str
    after: str
    difference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewShown:
    """What last month's orders would have cost; those that change most stand first."""

    period: str
    orders: int
    before: str
    after: str
    difference: str
    dearer: int
    cheaper: int
    rows: tuple[PreviewRow, ...]
    left_out: int
    # Whether only the first orders of the month were looked at.
    is_cut: bool


_MOST_ROWS = 20


def books_shown(books: Sequence[PriceBook], today: date) -> tuple[BookRow, ...]:
    """Every price book, with the one in force marked."""
    in_force = next(
        (book for book in books if book.status is PriceBookStatus.APPROVED and book.effective_on <= today),
        None,
    )
    return tuple(
        BookRow(
            id=str(book.id),
            version=book.version,
            state=_state(book, today, is_in_force=book is in_force),
            effective=day_moment(book.effective_on, today),
            reason=book.reason,
            by=book.approved_by or book.drafted_by or "",
        )
        for book in books
    )


def book_shown(book: PriceBook, today: date, zone: ZoneInfo) -> BookShown:
    """The price book as its page shows it."""
    return BookShown(
        id=str(book.id),
        version=book.version,
        edition=book.edition,
        state=_state(book, today, is_in_force=False),
        effective=day_moment(book.effective_on, today),
        is_to_come=book.effective_on > today,
        reason=book.reason,
        drafted=book.drafted_by or "",
        approved=book.approved_by,
        approved_at=None if book.approved_at is None else instant_moment(book.approved_at, zone),
        withdrawn=book.withdrawn_because or "",
        numbers=tuple(
            NumberRow(name=name, words=str(words), value=str(book.rules.get(name) or ""), unit=unit)
            for name, (words, unit) in NUMBERS.items()
        ),
        others=tuple(
            (str(words), str(shown))
            for words, shown in ((OTHERS[name], other_value(book.rules, name)) for name in OTHERS)
        ),
        tables=tuple(_tables(book.rules)),
    )


def book_values(book: PriceBook) -> dict[str, str | None]:
    """What stands in the fields of a draft."""
    numbers = {name: book.rules.get(name) for name in NUMBERS}
    return {
        **{name: None if value is None else str(value) for name, value in numbers.items()},
        "home_state": book.rules.get("home_state") or "",
        "shipping_is_taxable": "yes" if book.rules.get("shipping_is_taxable") else "no",
        "effective_on": book.effective_on.isoformat(),
    }


def preview_shown(document: Mapping[str, Any]) -> PreviewShown:
    """The preview, its greatest changes first."""
    priced = [row for row in document["orders"] if row["after_cents"] is not None]
    moved = sorted(priced, key=lambda row: (-abs(row["difference_cents"]), row["rx_number"]))
    return PreviewShown(
        period=f"{document['first_on'].isoformat()} – {document['last_on'].isoformat()}",
        orders=len(priced),
        before=Money(document["before_cents"]).text,
        after=Money(document["after_cents"]).text,
        difference=_signed(document["difference_cents"]),
        dearer=document["dearer"],
        cheaper=document["cheaper"],
        rows=tuple(
            PreviewRow(
                order_id=str(row["order_id"]),
                number=str(row["rx_number"]),
                before=Money(row["before_cents"]).text,
                after=Money(row["after_cents"]).text,
                difference=_signed(row["difference_cents"]),
            )
            for row in moved[:_MOST_ROWS]
        ),
        left_out=max(len(moved) - _MOST_ROWS, 0),
        is_cut=document["is_cut"],
    )


def _signed(cents: int) -> str:
    return f"+{Money(cents).text}" if cents > 0 else Money(cents).text


def _state(book: PriceBook, today: date, *, is_in_force: bool) -> Chip:
    if book.status is PriceBookStatus.DRAFT:
        return Chip(gettext("Draft"), Tone.MINE)
    if book.status is PriceBookStatus.WITHDRAWN:
        return Chip(gettext("Withdrawn"), Tone.BLOCKED)
    if is_in_force:
        return Chip(gettext("In force"), Tone.DONE)
    to_come = book.effective_on > today
    return Chip(gettext("Approved, to come") if to_come else gettext("Approved"), Tone.WAITING)


def _tables(rules: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """What is more than one number: tiers, stock prices, surcharges and taxes, in sentences."""
    told = [
        (
            gettext("Quantity tiers"),
            tuple(
                gettext(
                    "from %(count)s capsules, share %(share)s",
                    count=each["from_capsules"],
                    share=each["share"],
                )
                for each in rules.get("quantity_tiers", ())
            ),
        ),
        (
            gettext("Stock prices"),
            tuple(
                f"{each['capsules']} x {format_dose(Micrograms(each['strength_ug']))} / {each['batch_capsules']}"
                for each in rules.get("stock_prices", ())
            ),
        ),
        (
            gettext("Surcharges"),
            tuple(f"{each['wording']}: {each['amount']} USD" for each in rules.get("surcharges", ())),
        ),
        (gettext("Tax"), tuple(f"{each['state']}: {each['share']}" for each in rules.get("taxes", ()))),
    ]
    return [(title, rows) for title, rows in told if rows]
