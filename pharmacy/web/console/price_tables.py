"""The tables of a price book as fields: a row each for what stands there, and some empty ones for what is new.

Works without a script: a row is added in an empty one, and taken away by emptying all its fields. Each fault stands at
its own field; what was typed stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import request

from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.quantities import Micrograms
from pharmacy.usecases.price_book import row_of
from pharmacy.web.console.forms import Form
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.typed import number_of
from pharmacy.web.states import STATES

TABLES_FORM = "tables"
_SPARE_ROWS, _MOST_ROWS = 3, 60
_CODE = re.compile(r"[a-z][a-z_]{0,39}")
_MOST_DIGITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its name in the books, its words, what is typed in it, and what keeps it short."""

    name: str
    words: Any
    kind: str
    longest: int = 12

    @property
    def mode(self) -> str:
        """The keyboard of a tablet."""
        return {"whole": "numeric", "number": "decimal", "dose": "decimal"}.get(self.kind, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    title: Any
    hint: Any
    columns: tuple[Column, ...]


TABLES: Mapping[str, Table] = {
    "quantity_tiers": Table(
        title=lazy_gettext("Quantity tiers"),
        hint=lazy_gettext("From so many capsules in one order this share is taken off: 0.1 is 10 %."),
        columns=(
            Column(name="from_capsules", words=lazy_gettext("From capsules"), kind="whole"),
            Column(name="share", words=lazy_gettext("Share"), kind="number"),
        ),
    ),
    "stock_prices": Table(
        title=lazy_gettext("Stock prices"),
        hint=lazy_gettext(
            "Exactly so many capsules of a strength are priced as a share of a batch of that size."
        ),
        columns=(
            Column(name="strength_ug", words=lazy_gettext("Strength, mg"), kind="dose"),
            Column(name="capsules", words=lazy_gettext("Capsules"), kind="whole"),
            Column(name="batch_capsules", words=lazy_gettext("Capsules of the batch"), kind="whole"),
        ),
    ),
    "surcharges": Table(
        title=lazy_gettext("Surcharges"),
        hint=lazy_gettext("Asked for by their code, such as rush or other_filler."),
        columns=(
            Column(name="code", words=lazy_gettext("Code"), kind="code", longest=40),
            Column(name="wording", words=lazy_gettext("Wording on the price"), kind="words", longest=60),
            Column(name="amount", words=lazy_gettext("Amount, USD"), kind="number"),
        ),
    ),
    "taxes": Table(
        title=lazy_gettext("Tax"),
        hint=lazy_gettext("By the state of the patient: 0.065 is 6.5 %. A state that is not named has none."),
        columns=(
            Column(name="state", words=lazy_gettext("State"), kind="state", longest=2),
            Column(name="share", words=lazy_gettext("Share"), kind="number"),
        ),
    ),
}


def field_name(table: str, row: int, column: str) -> str:
    """The name of that field in the form."""
    return f"{table}-{row}-{column}"


def tables_form(rules: Mapping[str, Any]) -> Form:
    """The form with what stands in the books, and spare rows."""
    return Form.showing(
        {
            field_name(name, row, column.name): _shown(column, facts)
            for name, table in TABLES.items()
            for row, facts in enumerate([*rules.get(name, ()), *[{}] * _SPARE_ROWS])
            for column in table.columns
        },
        TABLES_FORM,
    )


def tables_typed() -> Form:
    """The form with what was typed in any row, as many as there were."""
    return Form.typed(*(name for name in request.form if _is_ours(name)), name=TABLES_FORM, longest=60)


def rows_of(form: Form, table: str) -> range:
    """The rows of that table in the form."""
    found = [int(name.split("-")[1]) for name in form.values if name.startswith(f"{table}-")]
    return range(max(found, default=-1) + 1)


def read_tables(form: Form) -> tuple[Form, dict[str, list[dict[str, Any]]]]:
    """Every table that came, as the books keep it; or the form with each fault at its field."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for name, table in TABLES.items():
        rows = rows_of(form, name)
        if not rows:
            continue  # A table that did not come stays as it is; one that is to be empty comes with empty rows.
        kept = []
        for row in rows:
            if any(form[field_name(name, row, column.name)] for column in table.columns):
                form, facts = _row(form, name, row, table.columns)
                kept.append(facts)
        tables[name] = kept
    return form, tables


def _row(form: Form, table: str, row: int, columns: Sequence[Column]) -> tuple[Form, dict[str, Any]]:
    facts, faults = {}, dict[str, str]()
    for column in columns:
        place = field_name(table, row, column.name)
        try:
            facts[column.name] = _read(column, form[place], place)
        except (PharmacyError, ValueError) as refusal:
            faults[place] = str(refusal)
    if not faults:
        try:
            row_of(table, facts)
        except ValueError as refusal:
            faults[field_name(table, row, columns[0].name)] = str(refusal)
    for place, sentence in faults.items():
        form = form.at_fault(place, sentence)
    return form, facts


def _read(column: Column, text: str, place: str) -> Any:
    """What was typed, as the books keep it; a refusal in words for what is none of the kind."""
    if column.kind == "dose":
        return Micrograms.from_milligrams(number_of(text, place, str(column.words))).value
    if column.kind == "number":
        return str(number_of(text, place, str(column.words)))
    return _READERS[column.kind](text)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise ValueError(gettext("A whole number is due here."))
    return int(text)


def _state(text: str) -> str:
    if text.upper() not in STATES:
        raise ValueError(gettext("Two letters of a state are due here."))
    return text.upper()


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise ValueError(gettext("A code is of small letters and _."))
    return text


def _said(text: str) -> str:
    if not text:
        raise ValueError(gettext("This is due as well, or empty the whole row."))
    return text


_READERS: Mapping[str, Callable[[str], Any]] = {
    "whole": _whole,
    "state": _state,
    "code": _code,
    "words": _said,
}


def _shown(column: Column, facts: Mapping[str, Any]) -> str | None:
    value = facts.get(column.name)
    if value is None:
        return None
    if column.kind == "dose":
        return plain_decimal(Micrograms(value).in_milligrams().value)
    return plain_decimal(Decimal(value)) if column.kind == "number" else str(value)


def _is_ours(name: str) -> bool:
    table, _, rest = name.partition("-")
    row, _, column = rest.partition("-")
    known = TABLES.get(table)
    return (
        known is not None
        and row.isascii()
        and row.isdecimal()
        and len(row) <= len(str(_MOST_ROWS))
        and int(row) < _MOST_ROWS + _SPARE_ROWS
        and column in {each.name for each in known.columns}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShown:
    """A table with the names of its fields, row by row."""

    name: str
    title: str
    hint: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


def tables_shown(form: Form) -> tuple[TableShown, ...]:
    """Every table as its form shows it."""
    return tuple(_tables(form))


def _tables(form: Form) -> Iterator[TableShown]:
    for name, table in TABLES.items():
        yield TableShown(
            name=name,
            title=str(table.title),
            hint=str(table.hint),
            columns=table.columns,
            rows=tuple(
                tuple(field_name(name, row, column.name) for column in table.columns)
                for row in rows_of(form, name)
            ),
        )
