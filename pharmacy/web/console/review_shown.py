"""The raw prescription in words, for the reviewer: the text with what was and was not read of it, and what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from pharmacy.domain.free_text import Proposal, read_directions
from pharmacy.domain.screening import Rejection, StaffQuestion
from pharmacy.domain.sig_words import MOST_CHARACTERS
from pharmacy.store.orders import Order, OrderFinding
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.words import with_days_in_words

_ = lazy_gettext

QUESTION_WORDS = (
    (StaffQuestion.DIRECTIONS.value, _("The directions")),
    (StaffQuestion.DOSE.value, _("The dose")),
    (StaffQuestion.QUANTITY.value, _("The quantity")),
    (StaffQuestion.DIAGNOSIS.value, _("The diagnosis")),
    (StaffQuestion.INTERACTION.value, _("An interaction")),
    (StaffQuestion.FILLER.value, _("The filler")),
    (StaffQuestion.IDENTITY.value, _("Who the patient is")),
    (StaffQuestion.LICENCE.value, _("The prescriber's licence")),
    (StaffQuestion.OTHER.value, _("Something else")),
)
REJECTION_WORDS = (
    (Rejection.UNSAFE.value, _("Unsafe for this patient")),
    (Rejection.NO_VALID_PRESCRIPTION.value, _("No valid prescription")),
    (Rejection.PRESCRIBER_NOT_LICENSED.value, _("The prescriber is not licensed")),
    (Rejection.NOT_LICENSED_THERE.value, _("We may not send there")),
    (Rejection.ESSENTIALLY_A_COPY.value, _("Essentially a copy of a product on the market")),
    (Rejection.CANNOT_BE_MADE.value, _("It cannot be made")),
    (Rejection.DUPLICATE.value, _("A duplicate")),
    (Rejection.NOT_ANSWERED.value, _("Nobody answered")),
    (Rejection.OTHER.value, _("Another reason")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of the text: read (with what it was read as), not read, or space and the like."""

    text: str
    kind: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where what was written disagrees with the steps."""

    what: str
    written: str
    from_steps: str
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawShown:
    """`facts` are the other tellings; `document` the resource as another system sent it, where one did."""

    pieces: tuple[Piece, ...]
    facts: tuple[tuple[str, str], ...]
    differences: tuple[Difference, ...]
    document: str


def raw_shown(order: Order, document: str) -> RawShown:
    """What came written with the order's prescription."""
    written: Mapping[str, Any] = order.prescription.as_written or {}
    text = str(written.get("text") or "")
    return RawShown(
        pieces=tuple(pieces_of(text)),
        facts=tuple(_facts(written)),
        differences=tuple(
            _difference(finding) for finding in order.findings if finding.expected or finding.found
        ),
        document=_indented(document),
    )


def pieces_of(text: str) -> Iterator[Piece]:
    """The text in pieces, in its order; together they are the text again."""
    if not text or len(text) > MOST_CHARACTERS:
        if text:
            yield Piece(text=text, kind="plain", meaning="")
        return
    at = 0
    for start, end, kind, meaning in _spans(read_directions(text)):
        if start < at:
            continue
        if start > at:
            yield Piece(text=text[at:start], kind="plain", meaning="")
        yield Piece(text=text[start:end], kind=kind, meaning=meaning)
        at = end
    if at < len(text):
        yield Piece(text=text[at:], kind="plain", meaning="")


def _spans(read: Proposal) -> list[tuple[int, int, str, str]]:
    found = [(each.start, each.end, "read", each.meaning) for each in read.readings]
    found += [(each.start, each.end, "unread", each.meaning) for each in read.unread]
    return sorted(found)


def _facts(written: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    names = (
        ("quantity", gettext("Quantity")),
        ("unit_strength_mg", gettext("Strength, mg")),
        ("days_supply", gettext("Days' supply")),
        ("refills", gettext("Refills")),
        ("start_on", gettext("Start")),
    )
    for name, words in names:
        if written.get(name) is not None:
            yield words, with_days_in_words(str(written[name]))
    for position, step in enumerate(written.get("steps") or (), start=1):
        told = [f"{name.replace('_', ' ')} {value}" for name, value in step.items() if value is not None]
        if told:
            yield gettext("Step %(number)s", number=position), with_days_in_words("; ".join(told))


def _difference(finding: OrderFinding) -> Difference:
    return Difference(
        what=finding.because.partition(":")[0],
        written=with_days_in_words(finding.found or ""),
        from_steps=with_days_in_words(finding.expected or ""),
        severity=finding.severity.value,
    )


def _indented(document: str) -> str:
    if not document:
        return ""
    try:
        return orjson.dumps(orjson.loads(document), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return document
