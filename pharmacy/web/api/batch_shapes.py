"""What batches look like at the API, in both directions."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

from marshmallow import fields, post_load, validate, validates_schema
from marshmallow.exceptions import ValidationError

from pharmacy.domain.batch_calculation import CapsulesAsked, LiquidAsked, TriturateAsked
from pharmacy.domain.batches import BatchKind, BatchStatus
from pharmacy.domain.beyond_use import Category
from pharmacy.domain.capsules import Route
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.weighing_plan import WeighingStep
from pharmacy.usecases.scanned_bench import Scanned
from pharmacy.web.api.output_schemas import FigureOutput
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import (
    CalendarDay,
    Flag,
    Identifier,
    OneOf,
    QueryWhole,
    Text,
    Whole,
)
from pharmacy.web.liquid_fields import CapsuleCount, VolumeMl
from pharmacy.web.quantity_fields import DoseMg, ExactNumber

HUNDRED = Decimal(100)
_HYDROCHLORIDE = StrengthBasis.NALTREXONE_HYDROCHLORIDE


class ScannedInput(Asked):
    """What was scanned, as printed on it; what is left out is proposed, or stays as it was."""

    api_lot = Text(most=60, load_default=None)
    filler_lot = Text(most=60, load_default=None)
    triturate = Text(most=60, load_default=None)
    balance = Text(most=60, load_default=None)
    tablets = Text(most=60, load_default=None)

    @post_load
    def make(self, told: dict[str, Any], **_: Any) -> Scanned:
        return Scanned(**told)


class CapsulesInput(Asked):
    """Capsules of one strength. Without a route powder is weighed, or else a triturate."""

    strength_mg = DoseMg(required=True)
    capsules = Whole(least=1, most=5000, required=True)
    strength_basis = OneOf(StrengthBasis, load_default=_HYDROCHLORIDE)
    route = OneOf(Route, load_default=None)
    aliquot_mg = ExactNumber(places=6, least="0.001", most="100000", load_default=None)
    plate = Whole(least=1, most=1000, load_default=None)


class TriturateInput(Asked):
    """A stock triturate: its strength in per cent, and how much of it is made."""

    strength_pct = ExactNumber(places=6, least="0.000001", most="99", required=True)
    total_mg = ExactNumber(places=6, least="1", most="1000000", required=True)

    @post_load
    def make(self, told: dict[str, Any], **_: Any) -> TriturateAsked:
        return TriturateAsked(fraction=told["strength_pct"] / HUNDRED, total=Milligrams(told["total_mg"]))


class LiquidInput(Asked):
    """An oral liquid; the category sets how long it may be used."""

    concentration_mg_per_ml = ExactNumber(places=6, least="0.001", most="100", required=True)
    volume_ml = ExactNumber(places=6, least="1", most="100000", required=True)
    strength_basis = OneOf(StrengthBasis, load_default=_HYDROCHLORIDE)
    category = OneOf(Category, required=True)

    @post_load
    def make(self, told: dict[str, Any], **_: Any) -> LiquidAsked:
        basis = told.pop("strength_basis")
        return LiquidAsked(basis=basis, **told)


class BatchInput(Asked):
    """Exactly one of capsules, triturate and liquid; the lots may be proposed.

    Capsules beyond what orders still need are made without a prescription: `override_reason` is the
    pharmacist-in-charge's, for going beyond the anticipatory limit.
    """

    capsules = fields.Nested(CapsulesInput, load_default=None)
    triturate = fields.Nested(TriturateInput, load_default=None)
    liquid = fields.Nested(LiquidInput, load_default=None)
    lots = fields.Nested(ScannedInput, load_default=Scanned)
    lasts_until = CalendarDay(load_default=None)
    override_reason = Text(most=1000, load_default=None)

    @validates_schema
    def one_kind(self, told: dict[str, Any], **_: Any) -> None:
        if sum(told[kind] is not None for kind in ("capsules", "triturate", "liquid")) != 1:
            raise ValidationError("One of capsules, triturate and liquid is due.")


def capsules_asked(told: dict[str, Any], plate: int) -> CapsulesAsked:
    """The capsules that were asked for, on the house's plate unless another was named."""
    portion = told["aliquot_mg"]
    return CapsulesAsked(
        strength=told["strength_mg"],
        required=told["capsules"],
        basis=told["strength_basis"],
        route=told["route"],
        portion=None if portion is None else Milligrams(portion),
        plate=told["plate"] or plate,
    )


class BatchesQuery(Asked):
    status = OneOf(BatchStatus, load_default=None)
    limit = QueryWhole(least=1, most=200, load_default=50)
    page = Text(most=400, load_default=None)


class WorksheetFormat(StrEnum):
    JSON = "json"
    PDF = "pdf"


class WorksheetQuery(Asked):
    format = OneOf(WorksheetFormat, load_default=WorksheetFormat.JSON)


class WeighingInput(Asked):
    """What the balance showed for one step."""

    step = OneOf(WeighingStep, required=True)
    read_mg = ExactNumber(places=6, least="0.001", most="10000000", required=True)
    balance = Text(most=60, required=True)


class BlendInput(Asked):
    appearance = Text(most=300, required=True)


class FillInput(Asked):
    """Capsules are counted; triturates and liquids are not."""

    capsules_filled = Whole(least=1, most=10000, load_default=None)
    shell_lot = Text(most=60, load_default=None)


class WeightsInput(Asked):
    gross_mg = fields.List(
        ExactNumber(places=6, least="0.001", most="10000"), required=True, validate=validate.Length(1, 10)
    )
    mean_shell_mg = ExactNumber(places=6, least="0.001", most="10000", required=True)
    awaits_laboratory = Flag(load_default=False)


class AppearanceInput(Asked):
    conforms = Flag(required=True)
    remark = Text(most=300, required=True)


class CheckInput(Asked):
    """Exactly one of: weights capsule by capsule, contents from the laboratory, appearance."""

    weights = fields.Nested(WeightsInput, load_default=None)
    contents_pct = fields.List(
        ExactNumber(places=6, least="0", most="1000"), load_default=None, validate=validate.Length(10, 10)
    )
    appearance = fields.Nested(AppearanceInput, load_default=None)

    @validates_schema
    def one_check(self, told: dict[str, Any], **_: Any) -> None:
        if sum(told[kind] is not None for kind in ("weights", "contents_pct", "appearance")) != 1:
            raise ValidationError("One of weights, contents_pct and appearance is due.")


class YieldInput(Asked):
    released = Whole(least=0, most=10000, required=True)
    rejected = Whole(least=0, most=10000, required=True)
    retained = Whole(least=0, most=10000, required=True)
    waste_mg = ExactNumber(places=6, least="0", most="10000000", required=True)


class ReleaseInput(Asked):
    assessment = Text(least=5, most=500, load_default=None)
    exception_reason = Text(least=5, most=500, load_default=None)


class RejectInput(Asked):
    reason = Text(least=5, most=500, required=True)
    into_quarantine = Flag(load_default=False)


class DestroyInput(Asked):
    reason = Text(least=5, most=500, required=True)


class DeviationInput(Asked):
    wording = Text(least=5, most=1000, required=True)


class AllocationInput(Asked):
    order_line_id = Identifier(required=True)
    capsules = Whole(least=1, most=300, required=True)


class CapsulesBackInput(Asked):
    order_line_id = Identifier(required=True)


class ComponentUsed(Answered):
    """One ingredient with what its container says."""

    role = fields.String()
    name = fields.String()
    number = fields.String()
    manufacturer = fields.String(allow_none=True)
    vendor = fields.String(allow_none=True)
    last_on = fields.Date()


class WeighingOutput(Answered):
    step = fields.String()
    ingredient = fields.String()
    name = fields.String()
    exact_mg = fields.String()
    target_mg = fields.String()
    read_mg = fields.String(allow_none=True)
    off_pct = fields.String(allow_none=True)
    balance = fields.String(allow_none=True)
    weighed_by = fields.String(allow_none=True)
    weighed_at = fields.AwareDateTime(allow_none=True)
    checked_by = fields.String(allow_none=True)
    checked_at = fields.AwareDateTime(allow_none=True)


class CheckOutput(Answered):
    kind = fields.String()
    has_passed = fields.Boolean()
    faults = fields.List(fields.String())
    figures = fields.List(fields.Nested(FigureOutput))
    readings = fields.List(fields.String())
    remark = fields.String(allow_none=True)
    checked_by = fields.String()
    checked_at = fields.AwareDateTime()


class DeviationOutput(Answered):
    wording = fields.String()
    recorded_by = fields.String()
    recorded_at = fields.AwareDateTime()


class SignatureOutput(Answered):
    """A person, what the signature means, and when it was given."""

    meaning = fields.String()
    name = fields.String()
    at = fields.AwareDateTime()


class AllocationOutput(Answered):
    order_line_id = fields.UUID()
    order_number = fields.Integer()
    capsules = CapsuleCount()
    volume_ml = VolumeMl(of="capsules")
    is_destroyed = fields.Boolean()


class MixingRoundOutput(Answered):
    added_mg = fields.String()
    total_mg = fields.String()


class CertificateOutput(Answered):
    engine = fields.String()
    sha256 = fields.String()
    inputs = fields.Dict()


class CompoundingRecordOutput(Answered):
    """The compounding record: what was made of what, by whom, when, with every figure and every signature."""

    id = fields.UUID()
    number = fields.String()
    kind = fields.Enum(BatchKind, by_value=True)
    status = fields.Enum(BatchStatus, by_value=True)
    preparation = fields.String()
    strength = fields.String()
    dosage_form = fields.String()
    compounded_on = fields.Date()
    beyond_use_on = fields.Date()
    beyond_use_limited_by = fields.String()
    storage = fields.String()
    formulation = fields.String()
    components = fields.List(fields.Nested(ComponentUsed))
    weighings = fields.List(fields.Nested(WeighingOutput))
    quantity = fields.String()
    capsules_required = fields.Integer(allow_none=True)
    capsules_prepared = fields.Integer(allow_none=True)
    capsules_filled = fields.Integer(allow_none=True)
    capsules_on_offer = fields.Integer(allow_none=True)
    capsules_allocated = fields.Integer(
        allow_none=True, metadata={"description": "Null of a liquid: see its allocations."}
    )
    allocations = fields.List(fields.Nested(AllocationOutput))
    figures = fields.List(fields.Nested(FigureOutput))
    figures_as_weighed = fields.List(fields.Nested(FigureOutput))
    instructions = fields.List(fields.String())
    rounds = fields.List(fields.Nested(MixingRoundOutput))
    machine_loads = fields.List(fields.Integer())
    appearance = fields.String(allow_none=True)
    checks = fields.List(fields.Nested(CheckOutput))
    reconciliation = fields.List(fields.Nested(FigureOutput))
    reconciliation_faults = fields.List(fields.String())
    deviations = fields.List(fields.Nested(DeviationOutput))
    signatures = fields.List(fields.Nested(SignatureOutput))
    certificate = fields.Nested(CertificateOutput, allow_none=True)


class SwappedOutput(Answered):
    """The batch on its new lots, and every figure that changed."""

    batch = fields.Nested(CompoundingRecordOutput)
    changed = fields.List(fields.String())


class BatchSummary(Answered):
    id = fields.UUID()
    number = fields.String()
    kind = fields.Enum(BatchKind, by_value=True)
    status = fields.Enum(BatchStatus, by_value=True)
    compounded_on = fields.Date()
    beyond_use_on = fields.Date()
    capsules_on_offer = fields.Integer(allow_none=True)
    capsules_allocated = fields.Integer(
        attribute="capsules_promised", allow_none=True, metadata={"description": "Null of a liquid."}
    )


class BatchPage(Answered):
    batches = fields.List(fields.Nested(BatchSummary))
    next_page = fields.String(allow_none=True)


class VerificationOutput(Answered):
    """Whether the certificate holds, and every difference where it does not."""

    holds = fields.Boolean()
    engine = fields.String()
    sha256 = fields.String()
    differences = fields.List(fields.String())
