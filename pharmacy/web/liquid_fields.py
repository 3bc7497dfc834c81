"""Fields that tell capsules from millilitres: the books count a liquid in marks of the oral syringe, readers do not.

What is counted in capsules is null for a liquid, and what is measured in millilitres is null for capsules.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import fields

from pharmacy.domain.dose_text import plain_decimal
from pharmacy.web.fields import AsKept
from pharmacy.web.quantity_fields import DoseMg

_MILLIGRAM = 1000


class CapsuleCount(fields.Integer):
    """A number of capsules; null of a liquid."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_none=True, **options)

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **kwargs: Any) -> Any:
        return None if _unit_ml(obj) is not None else super().serialize(attr, obj, accessor, **kwargs)


class CapsuleStrengthMg(DoseMg):
    """Milligrams in one capsule; null of a liquid."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_none=True, **options)

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **kwargs: Any) -> Any:
        return None if _unit_ml(obj) is not None else super().serialize(attr, obj, accessor, **kwargs)


class VolumeMl(fields.String):
    """Millilitres, exactly; null of capsules. `of` names what holds the marks of the syringe."""

    def __init__(self, of: str, **options: Any) -> None:
        super().__init__(allow_none=True, **options)
        self._of = of

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **kwargs: Any) -> Any:
        unit_ml, marks = _unit_ml(obj), _told(obj, self._of)
        return None if unit_ml is None or marks is None else plain_decimal(unit_ml * int(marks))


class ConcentrationMgPerMl(fields.String):
    """Milligrams in a millilitre; null of capsules."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_none=True, **options)

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **kwargs: Any) -> Any:
        unit_ml, held = _unit_ml(obj), _told(obj, "strength_ug")
        return (
            None if unit_ml is None or held is None else plain_decimal(Decimal(held) / _MILLIGRAM / unit_ml)
        )


class VialSteps(AsKept):
    """What a vial is for, as it is kept; of a liquid the marks of each dose are told in millilitres."""

    def _serialize(  # type: ignore[override]  # As in AsKept.
        self, nested_obj: Any, attr: Any, obj: Any, **kwargs: Any
    ) -> Any:
        unit_ml = nested_obj.get("unit_ml")
        if unit_ml is None:
            return nested_obj
        told = {name: value for name, value in nested_obj.items() if name != "unit_ml"}
        dose_ml = plain_decimal(Decimal(unit_ml) * told["capsules_per_dose"])
        return {**told, "capsules_per_dose": None, "dose_ml": dose_ml}


def _unit_ml(obj: Any) -> Decimal | None:
    """What a mark measures: of a line as it says, of a vial as its steps do."""
    unit = _told(obj, "unit_ml")
    if unit is None:
        steps = _told(obj, "steps")
        unit = steps[0].get("unit_ml") if steps else None
    return None if unit is None else Decimal(str(unit))


def _told(obj: Any, name: str) -> Any:
    return obj.get(name) if isinstance(obj, Mapping) else getattr(obj, name, None)
