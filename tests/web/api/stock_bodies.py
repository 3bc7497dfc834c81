"""Bodies that the stock's doors take, safe but for what a test names."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from pharmacy.bootstrap import Pharmacy
from pharmacy.store.batches import Batch
from pharmacy.store.components import Component
from pharmacy.store.reference import ComponentLot


def component_id(pharmacy: Pharmacy, name: str) -> str:
    """The demonstration's component of that name."""
    with pharmacy.sessions.read() as session:
        return str(session.scalars(select(Component.id).where(Component.name == name)).one())


def lot_id(pharmacy: Pharmacy, number: str) -> UUID:
    with pharmacy.sessions.read() as session:
        return session.scalars(select(ComponentLot.id).where(ComponentLot.number == number)).one()


def triturate_id(pharmacy: Pharmacy) -> UUID:
    with pharmacy.sessions.read() as session:
        return session.scalars(select(Batch.id).where(Batch.number == "TRIT-2601")).one()


def a_certificate_body(**changes: Any) -> dict[str, Any]:
    """The certificate of example E1."""
    return {
        "number": "COA-1",
        "form": "naltrexone_hydrochloride",
        "assay_pct": "99.2",
        "basis": "anhydrous",
        "water_pct": "3.1",
        "solvents_pct": "0",
        "identity_confirmed": True,
        "maker_is_registered": True,
        **changes,
    }


def a_lot_body(
    pharmacy: Pharmacy, component: str = "naltrexone hydrochloride", **changes: Any
) -> dict[str, Any]:
    """25 g of a lot that ends with February 2028."""
    is_api = component == "naltrexone hydrochloride"
    return {
        "component_id": component_id(pharmacy, component),
        "number": "NTX-7",
        "vendor": "Example Chemicals",
        "manufacturer": "Example Works",
        "mass_mg": "25000",
        "expiry": {"year": 2028, "month": 2},
        "grade": "USP",
        "storage": "tight container, room temperature",
        "certificate": a_certificate_body() if is_api else None,
        **changes,
    }


def a_formulation_body(pharmacy: Pharmacy, **changes: Any) -> dict[str, Any]:
    """Capsules with cellulose, all twelve contents."""
    return {
        "code": "LDN-CAPS",
        "name": "naltrexone hydrochloride low-dose capsules",
        "form": "capsule",
        "strength": {"least_mg": "0.1", "most_mg": "10", "per": "capsule"},
        "components": [
            {"component_id": component_id(pharmacy, "naltrexone hydrochloride"), "amount": "label strength"},
            {"component_id": component_id(pharmacy, "microcrystalline cellulose"), "amount": "to fill"},
        ],
        "shell": {"size": "3", "material": "hypromellose"},
        "characteristics": "naltrexone hydrochloride USP",
        "container_closure": "tight, light-resistant",
        "instructions": {
            "equipment": ["balance"],
            "supplies": ["boats"],
            "steps": ["Weigh.", "Blend.", "Fill."],
        },
        "description": "white powder in a size 3 shell",
        "beyond_use": {"category": "solid", "days": 180, "storage": "room temperature"},
        "beyond_use_reference": "USP <795>",
        "calculations": ["potency of the lot"],
        "labelling": ["strength"],
        "quality_checks": [{"check": "net weight", "expected": "90 to 110 %"}],
        "repeatability": "lots are on the compounding record",
        **changes,
    }


def an_incident_body(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "complaint",
        "severity": "minor",
        "reported_on": "2026-11-23",
        "source": "patient, by telephone",
        "description": "A capsule was empty.",
        **changes,
    }
