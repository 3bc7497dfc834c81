"""Shapes of master formulation records: the twelve contents of USP <795>, none of which may be missing."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from pharmacy.domain.beyond_use import Category
from pharmacy.domain.formulations import CODE_SHAPE, DosageForm, StrengthRange
from pharmacy.store.equipment import ShellMaterial
from pharmacy.usecases.write_formulation import (
    BeyondUsePeriod,
    ExpectedCheck,
    Instructions,
    NewFormulation,
    Part,
    ShellNamed,
)
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import (
    CalendarDay,
    Identifier,
    KeptDay,
    OneOf,
    QueryWhole,
    Text,
    Whole,
)
from pharmacy.web.quantity_fields import DoseMg

_SOME = validate.Length(min=1, max=100)


class StrengthInput(Asked):
    """From which to which strength, both included, for one capsule or one millilitre."""

    least_mg = DoseMg(required=True)
    most_mg = DoseMg(required=True)
    per = Text(most=20, required=True, validate=validate.OneOf(["capsule", "mL"]))

    @post_load
    def _as_value(self, said: dict[str, Any], **_: Any) -> StrengthRange:
        return StrengthRange(least=said["least_mg"], most=said["most_mg"], per=said["per"])


class FormulationComponentInput(Asked):
    component_id = Identifier(required=True)
    amount = Text(most=500, required=True)

    @post_load
    def _as_value(self, said: dict[str, Any], **_: Any) -> Part:
        return Part(**said)


class FormulationShellInput(Asked):
    size = Text(most=3, required=True, validate=validate.OneOf(["000", "00", "0", "1", "2", "3", "4", "5"]))
    material = OneOf(ShellMaterial, required=True)

    @post_load
    def _as_value(self, said: dict[str, Any], **_: Any) -> ShellNamed:
        return ShellNamed(**said)


class InstructionsInput(Asked):
    equipment = fields.List(Text(most=200), required=True, validate=_SOME)
    supplies = fields.List(Text(most=200), required=True, validate=_SOME)
    steps = fields.List(Text(most=2000), required=True, validate=_SOME)

    @post_load
    def _as_value(self, said: dict[str, Any], **_: Any) -> Instructions:
        return Instructions(**said)


class BeyondUseInput(Asked):
    category = OneOf(Category, required=True)
    days = Whole(least=1, most=3650, required=True)
    storage = Text(most=200, required=True)

    @post_load
    def _as_value(self, said: dict[str, Any], **_: Any) -> BeyondUsePeriod:
        return BeyondUsePeriod(**said)


class QualityCheckInput(Asked):
    check = Text(most=500, required=True)
    expected = Text(most=500, required=True)

    @post_load
    def _as_value(self, said: dict[str, Any], **_: Any) -> ExpectedCheck:
        return ExpectedCheck(**said)


class FormulationInput(Asked):
    """One version of one record; `shell` is for capsules alone and is not one of the components."""

    code = Text(least=2, most=40, required=True, validate=validate.Regexp(CODE_SHAPE))
    name = Text(most=200, required=True)
    form = OneOf(DosageForm, required=True)
    strength = fields.Nested(StrengthInput, required=True)
    components = fields.List(fields.Nested(FormulationComponentInput), required=True, validate=_SOME)
    shell = fields.Nested(FormulationShellInput, load_default=None, allow_none=True)
    characteristics = Text(most=2000, required=True)
    container_closure = Text(most=2000, required=True)
    instructions = fields.Nested(InstructionsInput, required=True)
    description = Text(most=2000, required=True)
    beyond_use = fields.Nested(BeyondUseInput, required=True)
    beyond_use_reference = Text(most=2000, required=True)
    calculations = fields.List(Text(most=2000), required=True, validate=_SOME)
    labelling = fields.List(Text(most=500), required=True, validate=_SOME)
    quality_checks = fields.List(fields.Nested(QualityCheckInput), required=True, validate=_SOME)
    repeatability = Text(most=2000, required=True)

    @post_load
    def _as_command(self, said: dict[str, Any], **_: Any) -> NewFormulation:
        return NewFormulation(**said)


class ApprovalInput(Asked):
    effective_on = CalendarDay(required=True)


class FormulationsQuery(Asked):
    code = Text(most=40, load_default=None)
    page = Text(most=400, load_default=None, metadata={"description": "The bookmark of a page."})
    limit = QueryWhole(least=1, most=100, load_default=20)


class FormulationOutput(Answered):
    """One version; approval and first use are null until they happen. An approved version never changes."""

    id = fields.UUID()
    code = fields.String()
    version = fields.Integer()
    name = fields.String()
    form = OneOf(DosageForm)
    category = OneOf(Category)
    beyond_use_days = fields.Integer()
    contents = fields.Dict(keys=fields.String())
    written_by = fields.UUID()
    written_at = fields.AwareDateTime()
    approved_by = fields.UUID(allow_none=True)
    approved_at = fields.AwareDateTime(allow_none=True)
    effective_on = KeptDay(allow_none=True)
    first_used_at = fields.AwareDateTime(allow_none=True)


class FormulationPage(Answered):
    formulations = fields.List(fields.Nested(FormulationOutput))
    next_page = fields.String(allow_none=True)
