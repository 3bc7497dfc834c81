"""What arrived beside the steps of a prescription, to be held against them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load, validate

from pharmacy.domain.consistency import AsWritten, WrittenStep
from pharmacy.domain.sig_words import MOST_CHARACTERS
from pharmacy.domain.titration import MOST_STEPS
from pharmacy.web.api.shapes import Asked
from pharmacy.web.fields import CalendarDay, Text, Whole
from pharmacy.web.quantity_fields import DoseMg

_MOST_DAY = 3660
# Line breaks are white space here; other control characters are refused.
_LINES = r"^[^\x00-\x09\x0b\x0c\x0e-\x1f\x7f]*$"


class DirectionsText(Text):
    """Directions as they came; line breaks count as spaces, so that places in the text stay what they are."""

    def __init__(self, **options: Any) -> None:
        described = {
            "description": "Directions as they came.",
            "examples": ["LDN 1.5mg caps #69 1 qhs x7d, 2 qhs x7d, 3 qhs thereafter"],
            "pattern": _LINES,
        }
        super().__init__(most=MOST_CHARACTERS, metadata=described, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        spaced = value.replace("\n", " ").replace("\r", " ") if isinstance(value, str) else value
        return super()._deserialize(spaced, attr, data, **rest)


class WrittenStepInput(Asked):
    """What was written about one step, as far as it was."""

    text = DirectionsText(load_default=None, allow_none=True)
    duration_days = Whole(least=1, most=_MOST_DAY, load_default=None, allow_none=True)
    duration_days_most = Whole(
        least=1,
        most=_MOST_DAY,
        load_default=None,
        allow_none=True,
        metadata={"description": "The upper end of a range such as 7 to 14 days."},
    )
    first_day = Whole(least=1, most=_MOST_DAY, load_default=None, allow_none=True)
    last_day = Whole(least=1, most=_MOST_DAY, load_default=None, allow_none=True)
    first_on = CalendarDay(load_default=None, allow_none=True)
    last_on = CalendarDay(load_default=None, allow_none=True)

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> WrittenStep:
        return WrittenStep(**given)


class AsWrittenInput(Asked):
    """Other tellings of the same prescription: each disagreement with the steps is a finding, nothing is chosen."""

    text = DirectionsText(load_default=None, allow_none=True)
    quantity = Whole(
        least=1,
        most=9999,
        load_default=None,
        allow_none=True,
        metadata={"description": "Capsules or tablets in all, of unit_strength_mg where that is given."},
    )
    unit_strength_mg = DoseMg(load_default=None, allow_none=True)
    days_supply = Whole(least=1, most=_MOST_DAY, load_default=None, allow_none=True)
    refills = Whole(least=0, most=99, load_default=None, allow_none=True)
    start_on = CalendarDay(load_default=None, allow_none=True)
    steps = fields.List(
        fields.Nested(WrittenStepInput), load_default=list, validate=validate.Length(max=MOST_STEPS)
    )

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> AsWritten:
        strength = given.pop("unit_strength_mg")
        return AsWritten(**{**given, "unit_strength": strength, "steps": tuple(given["steps"])})
