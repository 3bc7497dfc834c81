"""Shapes of batch plans."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from pharmacy.domain.capsules import Route
from pharmacy.domain.plan_shelf import Hindrance
from pharmacy.domain.potency import StrengthBasis
from pharmacy.store.batch_plans import PlanState
from pharmacy.usecases.planning_inputs import AheadAsked
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import (
    AsKept,
    CalendarDay,
    KeptDay,
    OneOf,
    QueryWhole,
    Text,
    Whole,
)
from pharmacy.web.quantity_fields import DoseMg

_MOST_AHEAD = 20
_MOST_CAPSULES = 100_000
_MOST_BATCHES = 1_000


class AheadInput(Asked):
    """Capsules to make without a prescription."""

    strength_mg = DoseMg(required=True)
    capsules = Whole(least=1, most=_MOST_CAPSULES, required=True)

    @post_load
    def asked(self, given: dict[str, Any], **_: Any) -> AheadAsked:
        return AheadAsked(given["strength_mg"], given["capsules"])


class BatchPlanInput(Asked):
    """Without anything: all queued lines, as many batches as it takes.

    `override_reason` is the pharmacist-in-charge's, for going beyond the anticipatory limit.
    """

    promised_through = CalendarDay(load_default=None, allow_none=True)
    most_batches = Whole(least=1, most=_MOST_BATCHES, load_default=None, allow_none=True)
    ahead = fields.List(
        fields.Nested(AheadInput),
        load_default=list,
        validate=validate.Length(max=_MOST_AHEAD),
    )
    override_reason = Text(most=1000, load_default=None, allow_none=True)


class BatchPlansQuery(Asked):
    page = Text(most=400, load_default=None, metadata={"description": "The bookmark of a page."})
    limit = QueryWhole(least=1, most=100, load_default=20)


class PlannedLineOutput(Answered):
    line_id = fields.UUID()
    line = fields.String()
    capsules = fields.Integer()
    promised_on = KeptDay()
    last_dose_on = KeptDay()


class PlannedDrawOutput(Answered):
    stock_id = fields.UUID()
    number = fields.String()
    name = fields.String()
    mass_mg = fields.String()


class PlannedBatchOutput(Answered):
    """One batch; `promised_on` is its earliest promise, null when nobody ordered any of it.

    `dispense_by` is the last day on which every line may leave and be taken to its end.
    """

    place = fields.Integer()
    strength_mg = fields.String()
    strength_basis = OneOf(StrengthBasis)
    capsules = fields.Integer()
    ahead = fields.Integer()
    capsules_prepared = fields.Integer()
    route = OneOf(Route)
    machine_loads = fields.Integer()
    lines = fields.List(fields.Nested(PlannedLineOutput))
    draws = fields.List(fields.Nested(PlannedDrawOutput))
    beyond_use_on = KeptDay()
    beyond_use_limited_by = fields.String()
    promised_on = KeptDay(allow_none=True)
    dispense_by = KeptDay()
    because = fields.List(fields.String())


class ProposedTriturateOutput(Answered):
    """A stock triturate to make first, for lines that are too little to weigh otherwise."""

    strength_pct = fields.String()
    total_mg = fields.String()
    draws = fields.List(fields.Nested(PlannedDrawOutput))
    beyond_use_on = KeptDay()
    serves = fields.List(fields.String())
    because = fields.String()


class ServedLineOutput(PlannedLineOutput):
    """A line that finished capsules serve."""

    batch_id = fields.UUID()
    batch_number = fields.String()


class LeftOutOutput(PlannedLineOutput):
    """A line that this plan does not serve, and why; `days_that_fit` for a fill that may be split."""

    strength_mg = fields.String()
    strength_basis = OneOf(StrengthBasis)
    cause = OneOf(Hindrance)
    because = fields.String()
    days_that_fit = fields.Integer(allow_none=True)


class PlanPoolOutput(Answered):
    strength_mg = fields.String()
    strength_basis = OneOf(StrengthBasis)
    lines = fields.Integer()
    capsules = fields.Integer()
    batches = fields.Integer()
    bound = fields.Integer()


class AllowanceOutput(Answered):
    """The anticipatory limit of one strength: the busiest 30 days of the past year, less what lies unreserved."""

    strength_mg = fields.String()
    limit = fields.Integer()
    on_hand = fields.Integer()
    may_make = fields.Integer()
    asked = fields.Integer()
    reason = fields.String(allow_none=True)


class BatchPlanOutput(Answered):
    """A plan: `bound` is a number of batches that no plan for the same lines undercuts, `gap_pct` the distance.

    The same inputs, which `inputs_sha256` stands for, give the same plan.
    """

    id = fields.UUID()
    planned_on = KeptDay()
    state = OneOf(PlanState)
    planned_at = fields.AwareDateTime()
    accepted_at = fields.AwareDateTime(allow_none=True)
    inputs_sha256 = fields.String()
    queued_lines = fields.Integer()
    allowances = fields.List(fields.Nested(AllowanceOutput))
    batches = fields.List(AsKept(PlannedBatchOutput))
    from_shelf = fields.List(AsKept(ServedLineOutput))
    triturates = fields.List(fields.Nested(ProposedTriturateOutput))
    left_out = fields.List(AsKept(LeftOutOutput))
    late = fields.List(fields.String(), metadata={"description": "Lines whose promise has passed."})
    pools = fields.List(AsKept(PlanPoolOutput))
    made_batches = fields.Integer()
    bound = fields.Integer()
    gap_pct = fields.String()
    remarks = fields.List(fields.String())


class BatchPlanPage(Answered):
    batch_plans = fields.List(fields.Nested(BatchPlanOutput))
    next_page = fields.String(allow_none=True)
