"""The shapes that go out: what an order, a quote, a simulation look like to a prescriber's system.

They dump rows just written and rows just read alike. Doses are milligrams without trailing zeros, money is a
decimal string, and every number's unit is in its name.
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from pharmacy.domain.actors import ActorKind
from pharmacy.domain.findings import Severity
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.supply import SupplyMethod
from pharmacy.web.api.liquid_shapes import LiquidOutput
from pharmacy.web.api.plan_shapes import IntakeOutput, PlanOutput
from pharmacy.web.api.shapes import Answered
from pharmacy.web.fields import AsKept, KeptDay, OneOf
from pharmacy.web.liquid_fields import (
    CapsuleCount,
    CapsuleStrengthMg,
    ConcentrationMgPerMl,
    VialSteps,
    VolumeMl,
)
from pharmacy.web.quantity_fields import DoseMg, MoneyText


class FigureInputOutput(Answered):
    name = fields.String()
    value = fields.String()
    source = fields.String()


class FigureOutput(Answered):
    """A derived number that can be opened: formula, inputs with their sources, rounding step."""

    key = fields.String()
    name = fields.String()
    value = fields.String()
    unit = fields.String()
    formula = fields.String()
    inputs = fields.List(fields.Nested(FigureInputOutput))
    rounding = fields.String()


class FindingOutput(Answered):
    """`expected` and `found` are there where what was written disagrees with the plan."""

    may_lack = frozenset({"rule_version", "expected", "found"})

    code = fields.String()
    severity = OneOf(Severity)
    because = fields.String()
    pointer = fields.String()
    rule_version = fields.Integer(
        allow_none=True,
        metadata={"description": "The version of the screening rule; null for other findings."},
    )
    expected = fields.String(allow_none=True)
    found = fields.String(allow_none=True)


class PriceLineOutput(Answered):
    kind = fields.String()
    text = fields.String(attribute="wording")
    amount_usd = MoneyText(attribute="amount_cents")
    figure = AsKept(FigureOutput)


class StepPriceOutput(Answered):
    strength_mg = DoseMg(attribute="strength_ug")
    ingredients_usd = MoneyText(attribute="ingredients_cents")
    labour_usd = MoneyText(attribute="labour_cents")
    packaging_usd = MoneyText(attribute="packaging_cents")
    amount_usd = MoneyText(attribute="amount_cents")


class BatchOutput(Answered):
    """What is weighed for one line. `refusal` says why nothing can be, and then there are no weighings.

    The worksheet (`figures`, `instructions`) comes with everything but the answer to a submission.
    """

    may_lack = frozenset(
        [
            "capsules_prepared",
            "route",
            "active_exact_mg",
            "active_mg",
            "filler_mg",
            "blend_mg",
            "theoretical_fill_mg",
            "delivered_pct",
            "beyond_use_on",
            "beyond_use_limited_by",
            "batch_number",
            "figures",
            "instructions",
        ]
    )

    line = fields.Integer()
    strength_mg = CapsuleStrengthMg(attribute="strength_ug")
    capsules_required = CapsuleCount()
    volume_ml = VolumeMl(of="capsules_required")
    capsules_prepared = fields.Integer()
    route = fields.String()
    active_exact_mg = fields.String()
    active_mg = fields.String(
        metadata={"description": "Weigh target of the powder or triturate that carries the drug."}
    )
    filler_mg = fields.String()
    blend_mg = fields.String()
    theoretical_fill_mg = fields.String()
    delivered_pct = fields.String()
    beyond_use_on = KeptDay()
    beyond_use_limited_by = fields.String()
    covers_last_dose = fields.Boolean()
    refusal = fields.String(allow_none=True)
    batch_number = fields.String()
    figures = fields.List(AsKept(FigureOutput))
    instructions = fields.List(fields.String())


class BesideOutput(Answered):
    """Capsules of another strength, from another vial, that belong to the same dose."""

    strength_mg = fields.String()
    capsules = fields.Integer()


class VialStepOutput(Answered):
    may_lack = frozenset({"beside", "dose_ml"})

    position = fields.Integer()
    of_steps = fields.Integer()
    first_day = fields.Integer()
    last_day = fields.Integer()
    time_of_day = fields.String()
    capsules_per_dose = fields.Integer(allow_none=True)
    dose_ml = fields.String(metadata={"description": "Of an oral liquid."})
    beside = fields.List(fields.Nested(BesideOutput))


class LabelSummary(Answered):
    id = fields.UUID()
    kind = fields.String()
    made_at = fields.AwareDateTime(allow_none=True)
    voided_at = fields.AwareDateTime(allow_none=True)


class VialOutput(Answered):
    """A vial of capsules, or a bottle of a liquid."""

    capsules = CapsuleCount()
    volume_ml = VolumeMl(of="capsules")
    steps = fields.List(VialSteps(VialStepOutput))
    labels = fields.List(fields.Nested(LabelSummary))


class LineOutput(Answered):
    """Capsules of one strength, or an oral liquid of one concentration."""

    position = fields.Integer()
    strength_mg = CapsuleStrengthMg(attribute="strength_ug")
    capsules = CapsuleCount()
    concentration_mg_per_ml = ConcentrationMgPerMl()
    volume_ml = VolumeMl(of="capsules")
    vials = fields.List(fields.Nested(VialOutput))


class OfferedVial(Answered):
    """A vial or bottle of an offer: nothing is made yet, so it has no labels."""

    capsules = CapsuleCount()
    volume_ml = VolumeMl(of="capsules")
    steps = fields.List(VialSteps(VialStepOutput))


class OfferedLine(Answered):
    position = fields.Integer()
    strength_mg = CapsuleStrengthMg(attribute="strength_ug")
    capsules = CapsuleCount()
    concentration_mg_per_ml = ConcentrationMgPerMl()
    volume_ml = VolumeMl(of="capsules")
    vials = fields.List(fields.Nested(OfferedVial))


class PatientOutput(Answered):
    id = fields.UUID()
    full_name = fields.String()
    birth_on = fields.Date()


class PrescriptionOutput(Answered):
    id = fields.UUID()
    written_on = fields.Date()
    last_fill_on = fields.Date()
    refills = fields.Integer()
    purpose = fields.String(allow_none=True)
    prescriber_npi = fields.String()
    prescriber_name = fields.String()


class SplitOutput(Answered):
    """The whole fill that this order is a part of; its parts together cost `total_usd`."""

    first_day = fields.Integer()
    days = fields.Integer()
    total_usd = MoneyText(attribute="total_cents")
    because = fields.String()


class OrderOutput(Answered):
    """One order with everything derived from its plan."""

    id = fields.UUID(attribute="order.id")
    rx_number = fields.Integer(attribute="order.number")
    status = OneOf(OrderStatus, attribute="order.status")
    resumes_to = OneOf(OrderStatus, attribute="order.resumes_to", allow_none=True)
    status_at = fields.AwareDateTime(attribute="order.status_at")
    created_at = fields.AwareDateTime(attribute="order.created_at")
    fill_number = fields.Integer(attribute="order.fill_number")
    first_day = fields.Integer(attribute="order.first_day")
    days = fields.Integer(attribute="order.days")
    supply_option = OneOf(SupplyMethod, attribute="order.supply_method")
    delivery = OneOf(Delivery, attribute="order.delivery")
    promised_on = fields.Date(attribute="order.promised_on", allow_none=True)
    shipped_on = fields.Date(attribute="order.shipped_on", allow_none=True)
    patient = fields.Nested(PatientOutput, attribute="order.patient")
    prescription = fields.Nested(PrescriptionOutput, attribute="order.prescription")
    plan = fields.Nested(PlanOutput, attribute="order.plan_version")
    lines = fields.List(fields.Nested(LineOutput), attribute="order.lines")
    batches = fields.List(fields.Nested(BatchOutput))
    price_lines = fields.List(fields.Nested(PriceLineOutput), attribute="order.price_lines")
    quote_id = fields.UUID(attribute="order.quote_id", allow_none=True)
    total_usd = MoneyText(attribute="order.total_cents")
    split_fill = fields.Nested(
        SplitOutput,
        attribute="order.split",
        allow_none=True,
        metadata={"description": "Where the fill is handed over in parts; null for a whole one."},
    )
    remake_of = fields.UUID(
        attribute="order.remake_of_id",
        allow_none=True,
        metadata={"description": "The order that this one makes good, at no charge."},
    )
    findings = fields.List(fields.Nested(FindingOutput), attribute="order.findings")


class OrderSummary(Answered):
    id = fields.UUID()
    rx_number = fields.Integer(attribute="number")
    status = OneOf(OrderStatus)
    status_at = fields.AwareDateTime()
    created_at = fields.AwareDateTime()
    patient = fields.Nested(PatientOutput)
    total_usd = MoneyText(attribute="total_cents")


class OrderPage(Answered):
    orders = fields.List(fields.Nested(OrderSummary))
    next_page = fields.String(
        allow_none=True, metadata={"description": "Bookmark of the next page, null on the last."}
    )


class TimelineEntry(Answered):
    at = fields.AwareDateTime()
    action = fields.String()
    by = OneOf(ActorKind)
    detail = fields.Dict()


class Timeline(Answered):
    entries = fields.List(fields.Nested(TimelineEntry))


class OptionOutput(Answered):
    """One way to supply the plan, and what follows from it."""

    may_lack = frozenset({"strengths_mg", "reasons", "volume_ml"})  # Quotes made before they were told.

    supply_option = OneOf(SupplyMethod, attribute="supply_method")
    strengths_mg = fields.List(fields.String())
    reasons = fields.List(fields.String(), metadata={"description": "What it is best at among the options."})
    capsules = fields.Integer(allow_none=True)
    most_capsules_per_dose = fields.Integer(allow_none=True)
    volume_ml = fields.String(
        allow_none=True, metadata={"description": "Of an oral liquid; null for capsules."}
    )
    lines = fields.List(fields.Nested(OfferedLine))
    batches = fields.List(fields.Nested(BatchOutput))
    price_lines = fields.List(fields.Nested(PriceLineOutput))
    price_steps = fields.List(fields.Nested(StepPriceOutput))
    total_usd = MoneyText(attribute="total_cents")
    per_30_days_usd = MoneyText(attribute="per_30_days_cents")
    is_over_monthly_mark = fields.Boolean()
    findings = fields.List(
        fields.Nested(FindingOutput),
        metadata={
            "description": "Lines that today's lots cannot make, or that would not last to the last dose."
        },
    )


class NotOfferedOutput(Answered):
    """A way to supply the plan that a limit forbids, and why."""

    supply_option = OneOf(SupplyMethod, attribute="supply_method")
    strengths_mg = fields.List(fields.String())
    capsules = fields.Integer()
    because = fields.String()
    days_that_fit = fields.Integer(
        metadata={"description": "So many days from the first fit one fill; the rest is another fill."}
    )


class ScheduledStepOutput(Answered):
    position = fields.Integer()
    first_day = fields.Integer()
    last_day = fields.Integer()
    first_on = fields.Date()
    last_on = fields.Date()
    intakes = fields.List(fields.Nested(IntakeOutput))


class SimulationOutput(Answered):
    """Everything that follows from a plan; nothing is kept."""

    first_day = fields.Integer()
    days = fields.Integer()
    start_on = fields.Date(metadata={"description": "Assumed: promise date plus the way to the patient."})
    schedule = fields.List(fields.Nested(ScheduledStepOutput))
    total_mg = DoseMg(attribute="total_ug")
    options = fields.List(fields.Nested(OptionOutput))
    not_offered = fields.List(fields.Nested(NotOfferedOutput))
    liquid = fields.Nested(
        LiquidOutput, allow_none=True, metadata={"description": "With dosage_form oral_liquid only."}
    )
    findings = fields.List(fields.Nested(FindingOutput))


class StartOutput(Answered):
    on = fields.Date()
    basis = fields.String(metadata={"description": "confirmed, or assumed from shipping."})


class DosingDayOutput(Answered):
    day = fields.Integer()
    on = fields.Date()
    step = fields.Integer()
    intakes = fields.List(fields.Nested(IntakeOutput))


class ScheduleOutput(Answered):
    prescription_id = fields.UUID()
    plan_version = fields.Integer()
    start = fields.Nested(StartOutput)
    steps = fields.List(fields.Nested(ScheduledStepOutput))
    days = fields.List(fields.Nested(DosingDayOutput))


class FaultOutput(Answered):
    pointer = fields.String()
    code = fields.String()
    detail = fields.String()


class ProblemOutput(Answered):
    """RFC 9457: what was wrong, in words and with a JSON pointer for each fault."""

    may_lack = frozenset({"errors", "error"})

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    errors = fields.List(fields.Nested(FaultOutput))
    error = fields.String(metadata={"description": "At the door for tokens: the same as OAuth 2 names it."})


Document = dict[str, Any]
