"""Shapes of an oral liquid in a simulation."""

from __future__ import annotations

from marshmallow import fields

from pharmacy.domain.titration import TimeOfDay
from pharmacy.web.api.shapes import Answered
from pharmacy.web.fields import OneOf
from pharmacy.web.quantity_fields import DoseMg


class LiquidDoseOutput(Answered):
    """A dose in both measures, on these days of the plan, both included."""

    position = fields.Integer()
    first_day = fields.Integer()
    last_day = fields.Integer()
    time_of_day = OneOf(TimeOfDay)
    dose_mg = DoseMg(attribute="dose_ug")
    dose_ml = fields.String()


class BottleOutput(Answered):
    first_day = fields.Integer()
    last_day = fields.Integer()
    first_on = fields.Date()
    last_on = fields.Date()
    volume_ml = fields.String()


class LiquidOutput(Answered):
    """The plan as an oral liquid: doses in both measures, and bottles that last."""

    concentration_mg_per_ml = fields.String()
    beyond_use_category = fields.String()
    total_ml = fields.String()
    doses = fields.List(fields.Nested(LiquidDoseOutput))
    bottles = fields.List(fields.Nested(BottleOutput))
