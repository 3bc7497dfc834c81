"""What came written with a plan, held against it, with the place of each disagreement in what was submitted."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from pharmacy.domain.consistency import AsWritten, Ordered, check_as_written
from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.errors import Where
from pharmacy.domain.findings import Finding
from pharmacy.domain.supply import Window
from pharmacy.usecases.commands import SupplyRequest


def findings_of_written(
    request: SupplyRequest,
    window: Window,
    *,
    at: Where,
    refills: int | None = None,
    written_on: date | None = None,
) -> tuple[Finding, ...]:
    """The disagreements between what was written and the steps; none where nothing came beside them."""
    if request.as_written is None:
        return ()
    ordered = Ordered(plan=request.plan, window=window, refills=refills, written_on=written_on)
    return tuple(
        replace(finding, where=(*at, *finding.where))
        for finding in check_as_written(request.as_written, ordered)
    )


def as_written_facts(written: AsWritten | None) -> dict[str, Any] | None:
    """What came beside the steps, to be kept as it came."""
    if written is None:
        return None
    facts = asdict(replace(written, unit_strength=None))
    del facts["unit_strength"]
    strength = written.unit_strength
    facts["unit_strength_mg"] = None if strength is None else plain_decimal(strength.in_milligrams().value)
    return {**facts, "steps": [_told(step) for step in facts["steps"]], "start_on": _day(facts["start_on"])}


def _told(step: dict[str, Any]) -> dict[str, Any]:
    return {name: _day(value) if isinstance(value, date) else value for name, value in step.items()}


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
