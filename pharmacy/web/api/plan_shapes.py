"""The shapes of a plan, coming in and going out.

A step has one dose at one time of day (`dose_mg`, `time_of_day`), or `intakes`, for morning and bedtime amounts
that may differ: exactly one of the two, so that nothing has to be guessed. What goes out names `intakes` always,
and the simple form beside it where the step has a single one.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema
from marshmallow.utils import get_value

from pharmacy.domain.errors import within
from pharmacy.domain.supply import SupplyMethod
from pharmacy.domain.titration import MOST_STEPS, Intake, Step, TimeOfDay, TitrationPlan
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import OneOf, Whole
from pharmacy.web.quantity_fields import DoseMg

MOST_STEP_DAYS = 366
MOST_IN_SET = 12
_TIMES = tuple(TimeOfDay)


class IntakeInput(Asked):
    time_of_day = OneOf(TimeOfDay, required=True)
    dose_mg = DoseMg(required=True)

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> Intake:
        return Intake(given["time_of_day"], given["dose_mg"])


class StepInput(Asked):
    """One step: `dose_mg` and `time_of_day`, or else `intakes`."""

    dose_mg = DoseMg(metadata={"description": "With time_of_day; not beside intakes."})
    time_of_day = OneOf(TimeOfDay)
    intakes = fields.List(
        fields.Nested(IntakeInput),
        validate=validate.Length(min=1, max=len(_TIMES)),
        metadata={"description": "Instead of dose_mg and time_of_day: each time of day at most once."},
    )
    duration_days = Whole(
        least=1,
        most=MOST_STEP_DAYS,
        allow_none=True,
        required=True,
        metadata={"description": "Days; null for an open-ended last step."},
    )

    @validates_schema
    def one_form(self, given: dict[str, Any], **_: Any) -> None:
        if "intakes" in given:
            for name in ("dose_mg", "time_of_day"):
                if name in given:
                    raise ValidationError("Either intakes, or dose_mg and time_of_day, but not both.", name)
            times = [intake.time_of_day for intake in given["intakes"]]
            if len(set(times)) < len(times):
                raise ValidationError("Each time of day is given at most once.", "intakes")
            return
        for name in ("dose_mg", "time_of_day"):
            if name not in given:
                raise ValidationError("Missing data for required field.", name)

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> Step:
        taken = given.get("intakes") or [Intake(given["time_of_day"], given["dose_mg"])]
        return Step(
            intakes=tuple(sorted(taken, key=lambda intake: _TIMES.index(intake.time_of_day))),
            duration_days=given["duration_days"],
        )


class PlanInput(Asked):
    steps = fields.List(
        fields.Nested(StepInput), required=True, validate=validate.Length(min=1, max=MOST_STEPS)
    )

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> TitrationPlan:
        with within("plan"):
            return TitrationPlan(tuple(given["steps"]))


class StrengthsMg(fields.List[Any]):
    """The strengths of a set, in any order, each once; kept smallest first."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            DoseMg(),
            validate=validate.Length(min=1, max=MOST_IN_SET),
            metadata={"description": "With supply_option strength_set, and only then: which strengths."},
            **options,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        return tuple(sorted(set(super()._deserialize(value, attr, data, **rest))))


def require_strengths_with_their_set(given: dict[str, Any]) -> None:
    """Nothing, when strengths are named exactly with a strength set; a ValidationError otherwise."""
    is_set = given.get("supply_option") is SupplyMethod.STRENGTH_SET
    if is_set == (given.get("strengths_mg") is None) and not (is_set and given.get("quote_id")):
        raise ValidationError("Strengths are named with a strength set, and only then.", "strengths_mg")


class IntakeOutput(Answered):
    time_of_day = OneOf(TimeOfDay)
    dose_mg = DoseMg(attribute="dose_ug")


class StepOutput(Answered):
    """`dose_mg` and `time_of_day` are there where the step has one intake."""

    may_lack = frozenset({"dose_mg", "time_of_day"})

    position = fields.Integer()
    duration_days = fields.Integer(allow_none=True)
    intakes = fields.List(fields.Nested(IntakeOutput))
    time_of_day = OneOf(TimeOfDay)
    dose_mg = DoseMg(attribute="dose_ug")


class PlanOutput(Answered):
    version = fields.Integer()
    steps = fields.List(fields.Nested(StepOutput))

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """The steps are put together from the intakes, which the books keep one by one."""
        if attr != "steps":
            return super().get_attribute(obj, attr, default)
        return _steps_of([_facts_of(intake) for intake in get_value(obj, "intakes")])


def _facts_of(intake: Any) -> dict[str, Any]:
    names = ("position", "time_of_day", "dose_ug", "duration_days")
    return {name: get_value(intake, name) for name in names}


def _steps_of(intakes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    steps = []
    for position, rows in groupby(intakes, key=itemgetter("position")):
        taken = sorted(rows, key=lambda row: _TIMES.index(row["time_of_day"]))
        simple = {name: taken[0][name] for name in ("time_of_day", "dose_ug")} if len(taken) == 1 else {}
        steps.append(
            {"position": position, "duration_days": taken[0]["duration_days"], "intakes": taken} | simple
        )
    return steps
