"""Shapes of plans that were read from free text."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from pharmacy.domain.titration import TimeOfDay
from pharmacy.store.plan_proposals import ProposalStatus
from pharmacy.web.api.as_written_shapes import DirectionsText
from pharmacy.web.api.plan_shapes import IntakeOutput, PlanInput
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import OneOf, Text
from pharmacy.web.quantity_fields import DoseMg


class DirectionsInput(Asked):
    text = DirectionsText(required=True)


class AcceptInput(Asked):
    """What the pharmacist accepts: the plan as read, or this one in its place."""

    plan = fields.Nested(PlanInput, load_default=None, allow_none=True)


class DeclineInput(Asked):
    reason = Text(least=3, most=500, required=True)


class SpanOutput(Answered):
    """Characters `start` to `end` (excluded, counted from zero) of the text, and what they mean."""

    start = fields.Integer()
    end = fields.Integer()
    meaning = fields.String()


class ProposedStepOutput(Answered):
    """A step as far as it was read; `arithmetic` tells how numbers follow that do not stand in the text."""

    position = fields.Integer()
    doses_mg = fields.List(DoseMg(), attribute="doses_ug")
    times_of_day = fields.List(OneOf(TimeOfDay))
    duration_days = fields.Integer(allow_none=True)
    is_open = fields.Boolean()
    arithmetic = fields.List(fields.String())


class PlanStepOutput(Answered):
    duration_days = fields.Integer(allow_none=True)
    intakes = fields.List(fields.Nested(IntakeOutput))


class PlanProposalOutput(Answered):
    """A text, what was read from it, what was not, and what became of it. No plan where something is lacking."""

    id = fields.UUID()
    status = OneOf(ProposalStatus)
    text = fields.String()
    steps = fields.List(fields.Nested(ProposedStepOutput), attribute="reading.steps")
    strength_mg = DoseMg(attribute="reading.strength_ug", allow_none=True)
    quantity = fields.Integer(attribute="reading.quantity", allow_none=True)
    refills = fields.Integer(attribute="reading.refills", allow_none=True)
    spans = fields.List(fields.Nested(SpanOutput), attribute="reading.spans")
    unread = fields.List(fields.Nested(SpanOutput), attribute="reading.unread")
    lacks = fields.List(fields.String(), attribute="reading.lacks")
    proposed_plan = fields.List(fields.Nested(PlanStepOutput), attribute="reading.plan", allow_none=True)
    accepted_plan = fields.List(fields.Nested(PlanStepOutput), allow_none=True)
    reason = fields.String(allow_none=True)
    proposed_at = fields.AwareDateTime()
    decided_at = fields.AwareDateTime(allow_none=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Plans are kept by time of day; they go out as intakes, like every plan."""
        value = super().get_attribute(obj, attr, default)
        if attr in {"reading.plan", "accepted_plan"} and value:
            return [_step(step) for step in value]
        return value


def _step(facts: dict[str, Any]) -> dict[str, Any]:
    intakes = [
        {"time_of_day": time, "dose_ug": facts["intakes"][time.value]}
        for time in TimeOfDay
        if time.value in facts["intakes"]
    ]
    return {"duration_days": facts["duration_days"], "intakes": intakes}
