"""What was typed in a field of a form, read as a mass, a number, a day or words; refused at the field otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pharmacy.domain.errors import Unfit
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.web.console.forms import Form
from pharmacy.web.console.language import gettext

_DECIMAL = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,6})?")
_COUNT = re.compile(r"[0-9]{1,6}")
_MOST_DECIMALS_OF_STOCK = 3  # A ledger counts in whole micrograms.


@dataclass(eq=False)
class NoNumber(Unfit):
    what: str

    def __str__(self) -> str:
        return gettext("%(what)s is a number, with a point before the decimals.", what=self.what)


@dataclass(eq=False)
class NoText(Unfit):
    what: str

    def __str__(self) -> str:
        return gettext("%(what)s is due, in words.", what=self.what)


@dataclass(eq=False)
class NoDay(Unfit):
    what: str

    def __str__(self) -> str:
        return gettext("%(what)s is a day, such as 2026-03-02.", what=self.what)


def a_text(form: Form, name: str, what: str) -> str:
    """What stands there; NoText when nothing does."""
    if not form[name]:
        raise NoText(what, where=(name,))
    return form[name]


def a_number(form: Form, name: str, what: str) -> Decimal:
    """The decimal number there; NoNumber otherwise."""
    return number_of(form[name], name, what)


def number_of(text: str, name: str, what: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise NoNumber(what, where=(name,))
    return Decimal(text)


def a_number_or_none(form: Form, name: str, what: str) -> Decimal | None:
    """The number there; None where nothing was typed."""
    return a_number(form, name, what) if form[name] else None


def a_mass(form: Form, name: str, what: str) -> Milligrams:
    return Milligrams(a_number(form, name, what))


def a_stock_mass(form: Form, name: str, what: str) -> Micrograms:
    """Milligrams as a ledger keeps them: whole micrograms, above zero unless nothing is a fair answer."""
    number = a_number(form, name, what)
    if -int(number.as_tuple().exponent) > _MOST_DECIMALS_OF_STOCK:
        raise NoNumber(gettext("%(what)s, to a microgram,", what=what), where=(name,))
    return Micrograms.from_milligrams(number)


def more_than_nothing(mass: Micrograms, name: str) -> Micrograms:
    """The mass, when it is one."""
    if not mass.value:
        raise NoNumber(gettext("More than nothing"), where=(name,))
    return mass


def a_count(form: Form, name: str, what: str) -> int:
    if not _COUNT.fullmatch(form[name]):
        raise NoNumber(what, where=(name,))
    return int(form[name])


def a_count_or_none(form: Form, name: str, what: str) -> int | None:
    return a_count(form, name, what) if form[name] else None


def a_day(form: Form, name: str, what: str) -> date:
    try:
        return date.fromisoformat(form[name])
    except ValueError:
        raise NoDay(what, where=(name,)) from None


def a_day_or_none(form: Form, name: str, what: str) -> date | None:
    return a_day(form, name, what) if form[name] else None
