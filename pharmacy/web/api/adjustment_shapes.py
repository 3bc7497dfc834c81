"""The shapes of adjustments: what is asked for, and the whole difference that it makes."""

from __future__ import annotations

from datetime import time
from typing import Any

from marshmallow import fields

from pharmacy.domain.actors import ActorKind
from pharmacy.domain.adjustments import AdjustmentKind
from pharmacy.domain.authority import AdjustmentState, Authority
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.titration import TimeOfDay
from pharmacy.web.api.input_schemas import AuthorizationInput
from pharmacy.web.api.output_schemas import FindingOutput, OfferedLine, PriceLineOutput
from pharmacy.web.api.plan_shapes import MOST_STEP_DAYS, IntakeOutput
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import OneOf, Text, Whole
from pharmacy.web.liquid_fields import CapsuleCount, CapsuleStrengthMg, ConcentrationMgPerMl, VolumeMl
from pharmacy.web.quantity_fields import MoneyText

# A course is followed for some years at the most.
MOST_DAY = 3660


class ClockTime(Text):
    """A local time as HH:MM."""

    def __init__(self, **options: Any) -> None:
        described = {"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"} | options.pop("metadata", {})
        super().__init__(least=5, most=5, metadata=described, **options)

    default_error_messages = {"clock": "A local time is due here, as HH:MM."}  # noqa: RUF012  # Marshmallow's way.

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        text = super()._deserialize(value, attr, data, **rest)
        try:
            return time.fromisoformat(text)
        except ValueError:
            raise self.make_error("clock") from None


class StaffAdjustmentInput(Asked):
    """What a pharmacist asks for."""

    kind = OneOf(AdjustmentKind, required=True)
    from_day = Whole(
        least=1,
        most=MOST_DAY,
        load_default=None,
        metadata={"description": "Day of the plan; without it the patient's tomorrow."},
    )
    days = Whole(
        least=1,
        most=MOST_STEP_DAYS,
        load_default=None,
        metadata={"description": "With pause (none: until resumed), stay and slower."},
    )
    time_of_day = OneOf(TimeOfDay, load_default=None)
    usual_bedtime = ClockTime(
        load_default=None,
        metadata={
            "description": "When the bedtime dose is taken; after midnight it belongs to the day before."
        },
    )
    reason = Text(most=400, required=True)


class AdjustmentInput(StaffAdjustmentInput):
    """What a prescriber's system asks for; with `authorization` it is authorised at once."""

    authorization = fields.Nested(AuthorizationInput, load_default=None)


class AuthorizeInput(Asked):
    authorization = fields.Nested(AuthorizationInput, required=True)


class AdjustmentEndInput(Asked):
    reason = Text(most=400, required=True)


class AdjustmentAcceptInput(Asked):
    reason = Text(
        most=400, load_default="", metadata={"description": "Due where a finding is to be overridden."}
    )
    contact = Text(
        most=200,
        load_default="",
        metadata={"description": "With whom was spoken and when; due where a finding blocks."},
    )


class CapsulesChange(Answered):
    """One strength: at home on the eve, of these still taken, left over, and to be made; of a liquid in millilitres."""

    may_lack = frozenset(
        {"concentration_mg_per_ml", "at_home_ml", "still_serve_ml", "surplus_ml", "to_make_ml"}
    )

    strength_mg = CapsuleStrengthMg(attribute="strength_ug")
    at_home = CapsuleCount()
    still_serve = CapsuleCount()
    surplus = CapsuleCount()
    to_make = CapsuleCount()
    concentration_mg_per_ml = ConcentrationMgPerMl()
    at_home_ml = VolumeMl(of="at_home")
    still_serve_ml = VolumeMl(of="still_serve")
    surplus_ml = VolumeMl(of="surplus")
    to_make_ml = VolumeMl(of="to_make")


class ToMakeOutput(Answered):
    may_lack = frozenset({"volume_ml"})

    capsules = fields.Integer(allow_none=True)
    volume_ml = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(OfferedLine))
    price_lines = fields.List(fields.Nested(PriceLineOutput))
    total_usd = MoneyText(attribute="total_cents")


class LabelToCome(Answered):
    may_lack = frozenset({"concentration_mg_per_ml"})

    strength_mg = CapsuleStrengthMg(attribute="strength_ug")
    concentration_mg_per_ml = ConcentrationMgPerMl()
    directions = fields.List(fields.String())


class LabelOutdated(LabelToCome):
    order_id = fields.String()


class LabelsChange(Answered):
    to_come = fields.List(fields.Nested(LabelToCome))
    outdated = fields.List(fields.Nested(LabelOutdated))


class DatedStep(Answered):
    position = fields.Integer()
    first_day = fields.Integer()
    last_day = fields.Integer()
    first_on = fields.String()
    last_on = fields.String()
    intakes = fields.List(fields.Nested(IntakeOutput))


class PlannedNoticeOutput(Answered):
    kind = fields.String()
    step = fields.Integer(allow_none=True)
    on = fields.String()


class SideOutput(Answered):
    """One of the two plans, as far as its supply carries."""

    steps = fields.List(fields.Nested(DatedStep))
    covered_through_day = fields.Integer()
    run_out_on = fields.String(allow_none=True)
    notices = fields.List(fields.Nested(PlannedNoticeOutput))
    earliest_refill_on = fields.String(allow_none=True)


class OrderTouched(Answered):
    id = fields.String()
    rx_number = fields.Integer()
    status = OneOf(OrderStatus)


class DifferenceOutput(Answered):
    """Everything that changes, before and after."""

    from_on = fields.String()
    halved = fields.List(fields.String())
    first_morning_on = fields.String(allow_none=True)
    first_morning_not_before = fields.String(allow_none=True)
    capsules = fields.List(fields.Nested(CapsulesChange))
    to_make = fields.Nested(ToMakeOutput, allow_none=True)
    labels = fields.Nested(LabelsChange)
    before = fields.Nested(SideOutput)
    after = fields.Nested(SideOutput)
    orders_replaced = fields.List(fields.Nested(OrderTouched))
    orders_held = fields.List(fields.Nested(OrderTouched))
    findings = fields.List(fields.Nested(FindingOutput))


class AdjustmentOutput(Answered):
    id = fields.UUID()
    prescription_id = fields.UUID()
    kind = OneOf(AdjustmentKind)
    from_day = fields.Integer()
    days = fields.Integer(allow_none=True)
    time_of_day = OneOf(TimeOfDay, allow_none=True)
    reason = fields.String()
    state = OneOf(AdjustmentState)
    state_at = fields.AwareDateTime()
    asked_at = fields.AwareDateTime()
    asked_by = OneOf(ActorKind, attribute="asked_by_kind")
    authority = OneOf(Authority, allow_none=True)
    settled_because = fields.String(allow_none=True)
    order_id = fields.UUID(allow_none=True)
    difference = fields.Nested(DifferenceOutput)


class AdjustmentsOutput(Answered):
    adjustments = fields.List(fields.Nested(AdjustmentOutput))
