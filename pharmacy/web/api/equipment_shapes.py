"""Shapes of balances and their calibrations, of shells, and of packing statistics."""

from __future__ import annotations

from marshmallow import fields, validate

from pharmacy.domain.components import ComponentTag
from pharmacy.store.equipment import ShellMaterial
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import (
    CalendarDay,
    Flag,
    Identifier,
    KeptDay,
    OneOf,
    Text,
    Whole,
)
from pharmacy.web.quantity_fields import ExactNumber

_SIZES = ["000", "00", "0", "1", "2", "3", "4", "5"]


class BalanceInput(Asked):
    """A balance has a sensitivity requirement, a certified minimum weight, or both; it is used once calibrated."""

    name = Text(most=100, required=True)
    readability_mg = ExactNumber(places=4, least="0.0001", most="1000", required=True)
    sensitivity_requirement_mg = ExactNumber(
        places=4, least="0.0001", most="10000", load_default=None, allow_none=True
    )
    max_error_pct = ExactNumber(places=2, least="0.01", most="5", load_default=None, allow_none=True)
    certificate_minimum_mg = ExactNumber(
        places=4, least="0.0001", most="100000", load_default=None, allow_none=True
    )


class BalanceOutput(Answered):
    """A balance; `why_not` says why it weighs nothing today, and is null when it does."""

    id = fields.UUID()
    name = fields.String()
    readability_mg = ExactNumber(places=4, least="0", most="1000")
    sensitivity_requirement_mg = ExactNumber(places=4, least="0", most="10000", allow_none=True)
    max_error_pct = ExactNumber(places=2, least="0", most="100")
    certificate_minimum_mg = ExactNumber(places=4, least="0", most="100000", allow_none=True)
    minimum_weighable_mg = ExactNumber(places=12, least="0", most="1000000")
    calibration_due_on = KeptDay()
    in_use = fields.Boolean()
    why_not = fields.String(allow_none=True)


class BalanceList(Answered):
    balances = fields.List(fields.Nested(BalanceOutput))


class CalibrationInput(Asked):
    """`due_on` is when the next one is due, at most as far as the house allows; that is its default."""

    calibrated_on = CalendarDay(required=True)
    has_passed = Flag(required=True)
    due_on = CalendarDay(load_default=None, allow_none=True)
    performed_by = Text(most=200, required=True)
    certificate = Text(most=100, load_default=None, allow_none=True)
    remark = Text(most=1000, load_default=None, allow_none=True)
    corrects_id = Identifier(load_default=None, allow_none=True)


class CalibrationOutput(Answered):
    id = fields.UUID()
    balance_id = fields.UUID()
    calibrated_on = KeptDay()
    has_passed = fields.Boolean()
    due_on = KeptDay(allow_none=True)
    performed_by = fields.String()
    certificate = fields.String(allow_none=True)
    remark = fields.String(allow_none=True)
    corrects_id = fields.UUID(allow_none=True)
    recorded_at = fields.AwareDateTime()
    recorded_by = fields.UUID()


class CalibrationLog(Answered):
    calibrations = fields.List(fields.Nested(CalibrationOutput))


class ShellInput(Asked):
    size = Text(most=3, required=True, validate=validate.OneOf(_SIZES))
    vendor = Text(most=200, required=True)
    material = OneOf(ShellMaterial, required=True)
    volume_ml = ExactNumber(places=3, least="0.001", most="2", required=True)
    empty_mg = ExactNumber(places=1, least="0.1", most="500", required=True)
    tags = fields.List(OneOf(ComponentTag), load_default=list)
    source = Text(most=300, required=True)


class ShellOutput(Answered):
    id = fields.UUID()
    size = fields.String()
    vendor = fields.String()
    material = OneOf(ShellMaterial)
    volume_ml = ExactNumber(places=3, least="0", most="2")
    empty_mg = ExactNumber(places=1, least="0", most="500")
    tags = fields.List(fields.String())
    source = fields.String()


class ShellList(Answered):
    shells = fields.List(fields.Nested(ShellOutput))


class PackingInput(Asked):
    """10, 50 or 100 shells filled with the pure powder and weighed, and the same shells empty."""

    shell_id = Identifier(required=True)
    machine = Text(most=100, required=True)
    shells_filled = Whole(least=1, most=1000, required=True)
    filled_mg = ExactNumber(places=3, least="0", most="1000000", required=True)
    empty_mg = ExactNumber(places=3, least="0", most="1000000", required=True)
    tapped_g_per_ml = ExactNumber(places=4, least="0.01", most="5", load_default=None, allow_none=True)


class PackingKept(Answered):
    """What fills one shell, measured for that lot or triturate, shell, vendor and machine."""

    id = fields.UUID()
    component_lot_id = fields.UUID(allow_none=True)
    batch_id = fields.UUID(allow_none=True)
    shell = fields.String()
    shell_vendor = fields.String()
    machine = fields.String()
    mass_mg = ExactNumber(places=6, least="0", most="1000000")
    measured_on = KeptDay()
    measured_by = fields.UUID(allow_none=True)
    shells_filled = fields.Integer(allow_none=True)


class PackingOutput(PackingKept):
    """What fills one shell; `plausible_mg` is what the shell's volume and the given density would hold."""

    plausible_mg = ExactNumber(places=6, least="0", most="1000000", allow_none=True)


class PackingList(Answered):
    packing_statistics = fields.List(fields.Nested(PackingKept))
