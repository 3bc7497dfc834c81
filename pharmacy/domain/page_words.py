"""The shape of what patients' pages say: which sentences each page has, in every language.

What is missing in one language is an error of types. `{told}` is what a page shows in bold; the sentences themselves
stand in `page_phrases`.
"""

from collections.abc import Mapping
from typing import NamedTuple

from pharmacy.domain.check_ins import CheckInAnswer
from pharmacy.domain.pricing import LineKind


class Frame(NamedTuple):
    """What stands on every page."""

    questions: str
    thanks: str


class Refusals(NamedTuple):
    """Why a page is not shown, as a heading and a sentence, and whom to call."""

    no_link: tuple[str, str]
    changed: tuple[str, str]
    busy: tuple[str, str]
    other: tuple[str, str]
    closed: tuple[str, str]
    call: str


class Entry(NamedTuple):
    """The question for the birth date; `fields` are its parts in the order in which they are read."""

    heading: str
    why: str
    legend: str
    fields: tuple[tuple[str, str], ...]
    example: str
    go_on: str
    took_a_while: str
    wrong: str
    wrong_but_one: str


class Advice(NamedTuple):
    """What a patient is to remember whatever they answer; `emergency` goes before what it is for."""

    heading: str
    emergency: str
    emergency_is: str
    opioids: str
    double_dose: str


class CheckIn(NamedTuple):
    """How it goes, and what happens next."""

    heading: str
    tap: str
    answers: Mapping[CheckInAnswer, str]
    said: str
    said_before: str
    fine: str
    not_fine: str


class FirstDay(NamedTuple):
    """When the first dose was taken."""

    heading: str
    tap: str
    today: str
    yesterday: str
    not_yet: str
    outside: str
    not_handed_over: str
    call: str
    confirmed: str


class Refill(NamedTuple):
    """The wish for the refill."""

    heading: str
    due: str
    ask: str
    asked_heading: str
    asked: str


class PriceWords(NamedTuple):
    """The itemised price, and what accepting it means; a line of the price is worded by its kind."""

    heading: str
    whose: str
    caption: str
    line: str
    total: str
    lines: Mapping[LineKind, str]
    by_mail: str
    picked_up: str
    accept: str
    decline: str
    nothing_due: str
    changed: str
    accepted: str
    accepted_by_mail: str
    accepted_picked_up: str
    close: str


class Stopping(NamedTuple):
    """The end of a kind of message."""

    heading: str
    stop: str
    done_heading: str
    done: str


class Dates(NamedTuple):
    """A day in full."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str


class PagePhrases(NamedTuple):
    """Every page in one language."""

    frame: Frame
    refusals: Refusals
    entry: Entry
    advice: Advice
    check_in: CheckIn
    first_day: FirstDay
    refill: Refill
    price: PriceWords
    stopping: Stopping
    dates: Dates
