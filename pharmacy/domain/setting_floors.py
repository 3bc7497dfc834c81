"""What no setting may loosen, because the law, the compendium or the machine says so; and that a value keeps its shape.

House policy may be stricter than any of these and never looser. What a setting is made of (its fields, numbers or
words) is not changed by giving it another value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pharmacy.domain.errors import Unfit
from pharmacy.domain.notice_policy import LAW_A_DAY, LAW_A_WEEK

_MOST_TRIES = 100
_SHORTEST_PASSWORD = 8
_LONGEST_SIGN_IN_HOURS = 24


@dataclass(eq=False)
class BelowFloor(Unfit):
    """The value is looser than the law allows; `source` says which."""

    because: str
    source: str

    def __str__(self) -> str:
        return f"{self.because} ({self.source}); no setting goes beyond that."


@dataclass(eq=False)
class OtherShape(Unfit):
    because: str

    def __str__(self) -> str:
        return self.because


def require_within_floors(name: str, value: Any) -> None:
    """Raises BelowFloor where that value of that setting is looser than the law."""
    for floor in _FLOORS.get(name, ()):
        if not floor.holds(value):
            raise BelowFloor(floor.because, floor.source)


def require_same_shape(was: Any, value: Any, where: tuple[str | int, ...] = ()) -> None:
    """Raises OtherShape, pointing to the place, where the value is made of other things than the one before."""
    if isinstance(was, Mapping):
        if not isinstance(value, Mapping) or value.keys() != was.keys():
            raise OtherShape("The fields of this setting are fixed.", where=where)
        for key, each in was.items():
            require_same_shape(each, value[key], (*where, key))
    elif isinstance(was, list):
        _require_list(was, value, where)
    elif was is not None and value is not None:
        _require_same_kind(was, value, where)


def _require_list(was: list[Any], value: Any, where: tuple[str | int, ...]) -> None:
    if not isinstance(value, list):
        raise OtherShape("This is a list.", where=where)
    for index, each in enumerate(value):
        if was:
            require_same_shape(was[0], each, (*where, index))


def _require_same_kind(was: Any, value: Any, where: tuple[str | int, ...]) -> None:
    if isinstance(was, bool) or isinstance(value, bool):
        if type(was) is not type(value):
            raise OtherShape("This is yes or no.", where=where)
    elif isinstance(was, int):
        if not isinstance(value, int):
            raise OtherShape("This is a whole number.", where=where)
    elif not isinstance(value, str) or not value:
        raise OtherShape("Say what it is to be.", where=where)
    elif _is_decimal(was) and not _is_decimal(value):
        raise OtherShape("This is a number, with a point before the decimals.", where=where)


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


@dataclass(frozen=True, slots=True)
class _Floor:
    holds: Callable[[Any], bool]
    because: str
    source: str


def _at_most(most: int, what: str, source: str) -> tuple[_Floor, ...]:
    return (_Floor(lambda value: 0 < value <= most, f"{what}: at most {most}", source),)


def _between(least: int, most: int, what: str) -> tuple[_Floor, ...]:
    return (
        _Floor(
            lambda value: least <= value <= most, f"{what}: {least} to {most}", "so that it can be answered"
        ),
    )


_FLOORS: Mapping[str, tuple[_Floor, ...]] = {
    "figures_recount_minutes": _between(1, 1440, "Minutes until it is counted again"),
    "packet_most_orders": _between(1, 50_000, "Orders in a packet"),
    "preview_most_orders": _between(1, 50_000, "Orders on which prices are tried"),
    "training_months": _at_most(12, "Months for which a training holds", "USP <795>"),
    "calibration_months": _at_most(12, "Months between calibrations", "22 TAC 291.131"),
    "weight_limits": (
        _Floor(
            lambda value: (
                Decimal(value["least_pct"]) >= Decimal(90) and Decimal(value["most_pct"]) <= Decimal(110)
            ),
            "Capsules weigh 90 to 110 % of their target",
            "USP <795>",
        ),
    ),
    "notices": (
        # Times as they are written compare like the times they name.
        _Floor(
            lambda value: "08:00" <= value["opens"] < value["closes"] <= "21:00",
            "Messages go between 08:00 and 21:00 of the recipient's clock",
            "47 CFR 64.1200(c)(1)",
        ),
        _Floor(
            lambda value: 0 <= value["most_a_day"] <= LAW_A_DAY and 0 <= value["most_a_week"] <= LAW_A_WEEK,
            "At most one message a day and three a week",
            "47 CFR 64.1200(a)(9)(iv)",
        ),
    ),
    "sign_in": (
        _Floor(
            lambda value: 0 < value["tries"] <= value["locked_after"] <= _MOST_TRIES,
            f"Tries in vain end, after {_MOST_TRIES} at most",
            "NIST SP 800-63B",
        ),
        _Floor(
            lambda value: value["shortest_password"] >= _SHORTEST_PASSWORD and value["least_strength"] >= 1,
            f"Passwords have {_SHORTEST_PASSWORD} characters at least and are not the easiest to guess",
            "NIST SP 800-63B",
        ),
        _Floor(
            lambda value: (
                all(
                    value[name] > 0
                    for name in ("idle_minutes", "tries_minutes", "locked_hours", "link_hours")
                )
                and 0 < value["longest_hours"] <= _LONGEST_SIGN_IN_HOURS
                and 0 < value["emergency_minutes"] <= _LONGEST_SIGN_IN_HOURS * 60
            ),
            "Sign-ins and emergency access end by themselves, within a day",
            "45 CFR 164.312(a)(2)(iii)",
        ),
    ),
    "licensed_states": (
        _Floor(
            lambda value: all(len(each) == 2 and each.isalpha() and each.isupper() for each in value),
            "States by their two letters, each with a licence",
            "state law where the patient is",
        ),
    ),
}
