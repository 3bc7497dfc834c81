"""What is to be dispensed: days, capsules and refills, as dispenseRequest says them.

A quantity in anything but capsules, a duration in months and a validity that ends early are refused with their
place: each would have to be guessed at, or watched by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pharmacy.web.fhir.element import INVALID, NOT_SUPPORTED, REQUIRED, Element, Issue
from pharmacy.web.fhir.quantity import Unit, amount, days


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispense:
    days: int | None
    days_supply: int | None
    quantity: int | None
    refills: int
    notes: tuple[Issue, ...]


def dispense_of(requests: Sequence[Element]) -> Dispense:
    """What is to be dispensed: once for the whole group, in its first request that says it."""
    said = [found for each in requests if (found := each.one("dispenseRequest")) is not None]
    if len({repr(each.members) for each in said}) > 1:
        said[1].refuse("The requests of a group ask for different supplies.", code=INVALID)
    if not said:
        return Dispense(
            days=None, days_supply=None, quantity=None, refills=0, notes=(_no_refills(requests[0]),)
        )
    asked = said[0]
    asked.require_only(
        "initialFill",
        "quantity",
        "numberOfRepeatsAllowed",
        "expectedSupplyDuration",
        "validityPeriod",
        "performer",
    )
    initial = asked.one("initialFill")
    if initial is not None:
        initial.require_only("quantity", "duration")
    supply = asked.one("expectedSupplyDuration")
    first = None if initial is None else initial.one("duration")
    refills = asked.whole("numberOfRepeatsAllowed")
    length = None if (told_length := first or supply) is None else days(told_length)
    told = asked.one("quantity") if initial is None else initial.one("quantity")
    return Dispense(
        days=length,
        days_supply=length,
        quantity=None if told is None else _count(told),
        refills=_refills(asked, refills),
        notes=(_no_refills(requests[0]),) if refills is None else (),
    )


def _refills(asked: Element, refills: int | None) -> int:
    if refills is not None and not 0 <= refills <= 11:
        asked.refuse("From 0 to 11 refills are possible.", "numberOfRepeatsAllowed", code=INVALID)
    return refills or 0


def _no_refills(request: Element) -> Issue:
    text = "No number of repeats is given, so there are none."
    place = request.at("dispenseRequest.numberOfRepeatsAllowed")
    return Issue(code="informational", severity="information", text=text, expression=place)


def _count(quantity: Element) -> int:
    """Capsules; a quantity in another unit is refused, since nobody could hold it against the steps."""
    if not quantity.has("code") and not quantity.has("unit"):
        quantity.refuse("The quantity needs its unit, such as {capsule}.", "code", code=REQUIRED)
    value, unit = amount(quantity)
    if unit is not Unit.CAPSULE or value.denominator != 1 or not 1 <= value <= 9999:
        quantity.refuse("The quantity is a whole number of capsules.", code=INVALID, reason="C-QUANTITY")
    return int(value)


def require_valid_long_enough(requests: Sequence[Element], through: date) -> None:
    for request in requests:
        dispense = request.one("dispenseRequest")
        period = None if dispense is None else dispense.one("validityPeriod")
        if period is None:
            continue
        period.require_only("start", "end")
        period.day("start")
        end = period.day("end")
        if end is not None and end < through:
            text = (
                "A validity that ends before a year is over is not watched here: say fewer repeats instead."
            )
            period.refuse(text, "end", code=NOT_SUPPORTED)
