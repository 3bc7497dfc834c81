"""What the bench calculator takes and answers."""

from __future__ import annotations

from decimal import ROUND_CEILING
from typing import Any

from marshmallow import fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from pharmacy.web.api.output_schemas import FigureOutput
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import Text, Whole
from pharmacy.web.quantity_fields import DoseMg, ExactNumber

_LIMITS = ("sensitivity_requirement_mg", "certificate_minimum_mg", "repeatability_mg")


class BalanceAskedInput(Asked):
    """A balance as its record and certificate describe it; one of the three limits is due."""

    readability_mg = ExactNumber(places=6, least="0.0001", most="1000", required=True)
    sensitivity_requirement_mg = ExactNumber(places=6, least="0.0001", most="1000", load_default=None)
    max_error_pct = ExactNumber(places=6, least="0.01", most="20", load_default=None)
    certificate_minimum_mg = ExactNumber(places=6, least="0.0001", most="100000", load_default=None)
    repeatability_mg = ExactNumber(places=6, least="0.0001", most="1000", load_default=None)

    @validates_schema
    def has_a_limit(self, told: dict[str, Any], **_: Any) -> None:
        if all(told[name] is None for name in _LIMITS):
            raise ValidationError("A sensitivity requirement, a certified minimum or a repeatability is due.")


class TabletsInput(Asked):
    needed_mg = ExactNumber(places=6, least="0.001", most="100000", required=True)
    label_mg = ExactNumber(places=6, least="0.001", most="1000", required=True)
    mean_tablet_mg = ExactNumber(places=6, least="0.001", most="10000", required=True)
    mixture_mg = ExactNumber(places=6, least="1", most="100000", required=True)
    balance = fields.Nested(BalanceAskedInput, required=True)

    @validates_schema
    def can_be_mixed(self, told: dict[str, Any], **_: Any) -> None:
        """A tablet weighs more than its drug, and the mixture more than the tablets that go into it."""
        if told["label_mg"] > told["mean_tablet_mg"]:
            raise ValidationError("A tablet holds no more than it weighs.", "label_mg")
        tablets = (told["needed_mg"] / told["label_mg"]).to_integral_value(ROUND_CEILING)
        if told["mixture_mg"] < tablets * told["mean_tablet_mg"]:
            raise ValidationError("The mixture weighs more than the tablets in it.", "mixture_mg")


class ShellAskedInput(Asked):
    size = Text(most=10, required=True)
    volume_ml = ExactNumber(places=6, least="0.01", most="10", required=True)


class ShellsInput(Asked):
    """The fill, and the shells with their vendor's volumes."""

    fill_mg = ExactNumber(places=6, least="0.1", most="10000", required=True)
    tapped_density_g_per_ml = ExactNumber(places=6, least="0.01", most="10", required=True)
    shells = fields.List(fields.Nested(ShellAskedInput), required=True, validate=validate.Length(1, 20))


class AcceptanceValueInput(Asked):
    """Mean and standard deviation of ten assayed capsules, in per cent of label."""

    mean_pct = ExactNumber(places=6, least="0", most="1000", required=True)
    deviation_pct = ExactNumber(places=6, least="0", most="1000", required=True)


class LoadsInput(Asked):
    capsules = Whole(least=1, most=100000, required=True)
    plate = Whole(least=1, most=1000, required=True)


class LiquidStepInput(Asked):
    dose_mg = DoseMg(required=True)
    days = Whole(least=1, most=400, required=True)


class VolumeInput(Asked):
    concentration_mg_per_ml = ExactNumber(places=6, least="0.001", most="100", required=True)
    steps = fields.List(fields.Nested(LiquidStepInput), required=True, validate=validate.Length(1, 50))


class WorkedOutOutput(Answered):
    """The figures with their formulas, and the answer in words; `passes` where something is judged."""

    figures = fields.List(fields.Nested(FigureOutput))
    answer = fields.String()
    passes = fields.Boolean(allow_none=True)
