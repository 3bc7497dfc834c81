"""The formulations of the demonstration: capsules, and the 1 mg/mL liquid in its three kinds of water.

Written by the pharmacist, approved by the pharmacist-in-charge. The texts are invented and no recipe to follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pharmacy.domain.beyond_use import CATEGORY_LIMIT_DAYS, Category
from pharmacy.domain.formulations import DosageForm
from pharmacy.store.components import Component
from pharmacy.store.formulations import Formulation
from pharmacy.store.staff import StaffMember

CAPSULES = "LDN-CAPS"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    code: str
    name: str
    form: DosageForm
    category: Category
    amounts: Mapping[str, str]
    storage: str


_LIQUID = "naltrexone hydrochloride oral liquid 1 mg/mL"
_ONE_MG = "1 mg of naltrexone hydrochloride per mL"
_DRAFTS = (
    _Draft(
        code=CAPSULES,
        name="naltrexone hydrochloride low-dose capsules",
        form=DosageForm.CAPSULE,
        category=Category.SOLID,
        amounts={
            "naltrexone hydrochloride": "label strength, corrected for potency",
            "microcrystalline cellulose": "to fill the shell, by displacement",
        },
        storage="room temperature",
    ),
    _Draft(
        code="LDN-LIQUID-AQUEOUS",
        name=_LIQUID,
        form=DosageForm.ORAL_LIQUID,
        category=Category.AQUEOUS,
        amounts={"naltrexone hydrochloride": _ONE_MG, "purified water": "to volume"},
        storage="refrigerator",
    ),
    _Draft(
        code="LDN-LIQUID-PRESERVED",
        name=_LIQUID,
        form=DosageForm.ORAL_LIQUID,
        category=Category.AQUEOUS_PRESERVED,
        amounts={"naltrexone hydrochloride": _ONE_MG, "preserved oral vehicle": "to volume"},
        storage="refrigerator",
    ),
    _Draft(
        code="LDN-LIQUID-OIL",
        name=_LIQUID,
        form=DosageForm.ORAL_LIQUID,
        category=Category.ORAL_NON_AQUEOUS,
        amounts={"naltrexone hydrochloride": _ONE_MG, "medium-chain triglycerides": "to volume"},
        storage="room temperature",
    ),
)


def approved_formulations(
    catalogue: Mapping[str, Component], author: StaffMember, approver: StaffMember, on: date, now: datetime
) -> list[Formulation]:
    """The records, approved and in force from that day on; `catalogue` is by name."""
    return [
        Formulation(
            code=draft.code,
            version=1,
            name=draft.name,
            form=draft.form,
            category=draft.category,
            beyond_use_days=CATEGORY_LIMIT_DAYS[draft.category],
            contents=_contents(draft, catalogue),
            written_by=author.id,
            written_at=now,
            approved_by=approver.id,
            approved_at=now,
            effective_on=on,
        )
        for draft in _DRAFTS
    ]


def _contents(draft: _Draft, catalogue: Mapping[str, Component]) -> dict[str, Any]:
    is_capsule = draft.form is DosageForm.CAPSULE
    return {
        "strength": {
            "least_mg": "0.001" if is_capsule else "1",
            "most_mg": "10" if is_capsule else "1",
            "per": "capsule" if is_capsule else "mL",
        },
        "components": [
            {"component_id": str(catalogue[name].id), "name": name, "amount": amount}
            for name, amount in draft.amounts.items()
        ],
        "shell": {"size": "3", "material": "gelatin"} if is_capsule else None,
        "characteristics": "naltrexone hydrochloride USP; water content of the lot counted by its certificate",
        "container_closure": "tight, light-resistant container with a child-resistant closure",
        "instructions": {
            "equipment": ["balance", "mortar and pestle", "capsule machine" if is_capsule else "graduate"],
            "supplies": ["weighing boats", "gloves"],
            "steps": [
                "Weigh each component; a second person checks each weighing.",
                "Blend by geometric dilution."
                if is_capsule
                else "Dissolve or disperse, then bring to volume.",
                "Fill, close, count." if is_capsule else "Pour, close, shake well.",
            ],
        },
        "description": "white powder in a size 3 shell" if is_capsule else "clear to cloudy liquid",
        "beyond_use": {
            "category": draft.category.value,
            "days": CATEGORY_LIMIT_DAYS[draft.category],
            "storage": draft.storage,
        },
        "beyond_use_reference": "USP <795> (2023), limit of the category without stability data",
        "calculations": ["potency of the lot", "count overage", "filler or vehicle to the whole"],
        "labelling": ["strength", "beyond-use date", "this is a compounded preparation", draft.storage],
        "quality_checks": [
            {"check": "net weight of ten capsules", "expected": "each within 90 to 110 % of theory"}
            if is_capsule
            else {"check": "volume and appearance", "expected": "to the mark, evenly dispersed"}
        ],
        "repeatability": "lots, balance, shells and machine are on the compounding record",
    }
