"""One supply option with everything that follows from it, as plain facts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.findings import Finding
from pharmacy.domain.pricing import StepPrice
from pharmacy.domain.supply import Supply, SupplyLine, most_per_dose
from pharmacy.usecases.batch_views import batch_facts, worksheet_facts
from pharmacy.usecases.derivation import NotOffered, Option
from pharmacy.usecases.monthly_mark import is_over_mark
from pharmacy.usecases.plan_as_facts import vial_steps_facts
from pharmacy.usecases.submission_rows import price_line_facts


def option_document(option: Option) -> dict[str, Any]:
    """Lines, batches with their worksheets, the itemised price, and what stands against making this option."""
    return {
        "supply_method": option.supply.method.value,
        "reasons": list(option.reasons),
        **_quantities(option.supply),
        "lines": [_line(line, position) for position, line in enumerate(option.supply.lines, start=1)],
        "batches": [
            batch_facts(each, position) | worksheet_facts(each)
            for position, each in enumerate(option.batches, start=1)
        ],
        "price_lines": price_line_facts(option),
        "price_steps": [_step(step) for step in option.price.steps],
        "total_cents": option.price.total.cents,
        "per_30_days_cents": option.price.per_30_days.cents,
        "is_over_monthly_mark": is_over_mark(option),
        "findings": findings_document(option.findings),
    }


def not_offered_document(each: NotOffered) -> dict[str, Any]:
    """A way to supply the plan that a limit forbids, and why."""
    return {
        "supply_method": each.supply.method.value,
        "strengths_mg": _strengths(each.supply),
        "capsules": each.supply.capsules,
        "because": each.because,
        "days_that_fit": each.days_that_fit,
    }


def _quantities(supply: Supply) -> dict[str, Any]:
    """Capsules and their strengths, or millilitres and what one of them holds."""
    liquid = [line for line in supply.lines if line.unit_ml is not None]
    if not liquid:
        return {
            "strengths_mg": _strengths(supply),
            "capsules": supply.capsules,
            "most_capsules_per_dose": most_per_dose(supply),
            "volume_ml": None,
        }
    volume = sum((line.unit_ml * line.capsules for line in liquid if line.unit_ml), start=Decimal(0))
    return {
        "strengths_mg": [],
        "capsules": None,
        "most_capsules_per_dose": None,
        "volume_ml": plain_decimal(volume),
    }


def _strengths(supply: Supply) -> list[str]:
    return [plain_decimal(line.strength.in_milligrams().value) for line in supply.lines]


def findings_document(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [_finding(finding) for finding in findings]


def _finding(finding: Finding) -> dict[str, Any]:
    told = {
        "code": finding.code,
        "severity": finding.severity,
        "because": finding.because,
        "pointer": "".join(f"/{part}" for part in finding.where),
    }
    if finding.expected is not None:
        told |= {"expected": finding.expected, "found": finding.found or ""}
    return told


def _line(line: SupplyLine, position: int) -> dict[str, Any]:
    return {
        "position": position,
        "strength_ug": line.strength.value,
        "capsules": line.capsules,
        "unit_ml": None if line.unit_ml is None else plain_decimal(line.unit_ml),
        "vials": [{"capsules": vial.capsules, "steps": vial_steps_facts(vial)} for vial in line.vials],
    }


def _step(step: StepPrice) -> dict[str, Any]:
    return {
        "strength_ug": step.strength.value,
        "ingredients_cents": step.ingredients.cents,
        "labour_cents": step.labour.cents,
        "packaging_cents": step.packaging.cents,
        "amount_cents": step.amount.cents,
    }
