"""What a prescriber should see before signing: the plan held against itself, opioids beside it, and the price.

Nothing is kept, and nobody is named: the medicines are those that the prescriber's system knows of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pharmacy.domain.findings import Finding
from pharmacy.domain.screening import screen
from pharmacy.domain.screening.statements import Profile, Stated
from pharmacy.usecases.commands import SupplyRequest
from pharmacy.usecases.derivation import derive
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.written_findings import findings_of_written

# Nobody's age is asked; that of an adult says nothing.
_ADULT = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftChecked:
    """Findings about the plan, those about opioids, and the price of the usual option in cents."""

    about_plan: tuple[Finding, ...]
    about_opioids: tuple[Finding, ...]
    days: int
    total_cents: int
    per_30_days_cents: int


def check_draft(supply: SupplyRequest, medicines: Sequence[Stated], reference: Reference) -> DraftChecked:
    """What is found; raises Unfit as an order would."""
    derivation = derive(supply, reference)
    option = derivation.chosen(supply)
    written = findings_of_written(supply, derivation.window, at=("prescription", "as_written"))
    profile = Profile(on=reference.on, age=_ADULT, medicines=tuple(medicines))
    found = screen(profile, supply.plan, reference.screening.rules)
    return DraftChecked(
        about_plan=(*derivation.findings, *written),
        about_opioids=tuple(each for each in found if "OPIOID" in each.code),
        days=derivation.window.days,
        total_cents=option.price.total.cents,
        per_30_days_cents=option.price.per_30_days.cents,
    )
