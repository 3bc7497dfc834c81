"""The shape of what a prescriber authorises in advance."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, post_load, validates

from pharmacy.domain.authority import Envelope
from pharmacy.domain.quantities import Micrograms
from pharmacy.web.api.plan_shapes import MOST_STEP_DAYS
from pharmacy.web.api.shapes import Asked
from pharmacy.web.fields import Whole
from pharmacy.web.quantity_fields import DoseMg


class EnvelopeInput(Asked):
    """What the prescriber authorises in advance: the highest daily dose, and the pace of rises."""

    most_mg_a_day = DoseMg(required=True)
    least_step_days = Whole(least=1, most=MOST_STEP_DAYS, required=True)

    @validates("most_mg_a_day")
    def a_dose(self, most: Micrograms, **_: Any) -> None:
        if not most.value:
            raise ValidationError("An envelope allows some dose.")

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> Envelope:
        return Envelope(given["most_mg_a_day"], given["least_step_days"])
