"""From our records to FHIR: pure functions, nothing of which passes back into the pharmacy.

A MedicationRequest is a prescription as it was sent, in shape A, with the standing of today; a Task is where one
fill of it stands; a MedicationDispense is the capsules of one batch in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pharmacy.domain.dose_text import format_dose, plain_decimal
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import TitrationPlan
from pharmacy.store.prescription_search import PrescriptionStanding
from pharmacy.web.fhir.keeping import naming
from pharmacy.web.fhir.medication import NALTREXONE, RXNORM
from pharmacy.web.fhir.people import TIME_ZONE
from pharmacy.web.fhir.plan_told import CAPSULES, MadeAs, dosages_of, medication_of, stated_as_made
from pharmacy.web.fhir.quantity import UCUM

_S = OrderStatus
RX_NUMBER = "https://ldn-pharmacy.example/fhir/sid/order-number"
STATES = "https://ldn-pharmacy.example/fhir/CodeSystem/order-status"
_TASK: Mapping[OrderStatus, str] = {
    _S.RECEIVED: "received",
    _S.IN_REVIEW: "received",
    _S.AWAITING_PAYMENT: "accepted",
    _S.QUEUED: "accepted",
    _S.COMPOUNDING: "in-progress",
    _S.LABELLED: "in-progress",
    _S.VERIFIED: "in-progress",
    _S.SHIPPED: "in-progress",
    _S.PICKED_UP: "completed",
    _S.COMPLETED: "completed",
    _S.CLARIFICATION: "on-hold",
    _S.ON_HOLD: "on-hold",
    _S.REJECTED: "rejected",
    _S.CANCELLED: "cancelled",
    _S.RETURNED: "failed",
}
_DISPENSE: Mapping[OrderStatus, str] = {
    _S.VERIFIED: "in-progress",
    _S.SHIPPED: "completed",
    _S.PICKED_UP: "completed",
    _S.COMPLETED: "completed",
    _S.ON_HOLD: "on-hold",
    _S.REJECTED: "cancelled",
    _S.CANCELLED: "cancelled",
    _S.RETURNED: "stopped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is true of a prescription today: its newest fill, and whether its plan was changed since it was sent.

    `made_as` is what its fills are made as.
    """

    prescription_id: UUID
    patient_id: UUID
    standing: PrescriptionStanding
    status_at: datetime
    changed_plan: TitrationPlan | None = None
    made_as: MadeAs = CAPSULES


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """The capsules of one batch in one fill; of a liquid the marks of the syringe, each measuring `unit_ml`."""

    allocation_id: UUID
    order: Any
    strength: Micrograms
    capsules: int
    unit_ml: Decimal | None
    number: str
    beyond_use_on: date


def to_medication_request(document: Mapping[str, Any], standing: Standing) -> dict[str, Any]:
    """The request as it was sent, in shape A, with its address, patient and status as of now."""
    patient = f"Patient/{standing.patient_id}"
    resource = {
        **naming(document, patient),
        "resourceType": "MedicationRequest",
        "id": str(standing.prescription_id),
        "meta": {**_kept_meta(document), "lastUpdated": instant(standing.status_at)},
        "status": standing.standing.replace("_", "-"),
        "subject": {"reference": patient, "type": "Patient"},
    }
    if standing.changed_plan is not None:
        resource = stated_as_made(resource, standing.made_as)
        resource["dosageInstruction"] = dosages_of(standing.changed_plan, standing.made_as)
    return resource


def worded_from(prescription: Any, plan: TitrationPlan, made_as: MadeAs = CAPSULES) -> dict[str, Any]:
    """A prescription that came by another door, as a request in shape A."""
    prescriber = {
        "resourceType": "Practitioner",
        "id": "prescriber",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": prescription.prescriber_npi}],
        "name": [{"text": prescription.prescriber_name}],
    }
    return {
        "contained": [prescriber],
        "intent": "order",
        "medicationCodeableConcept": medication_of(made_as),
        "authoredOn": prescription.written_on.isoformat(),
        "requester": {"reference": "#prescriber"},
        "dosageInstruction": dosages_of(plan, made_as),
        "dispenseRequest": {"numberOfRepeatsAllowed": prescription.refills},
    }


def to_patient(patient: Any) -> dict[str, Any]:
    """The person as their practice has told of them; what other practices told stays with those."""
    points = [("phone", patient.phone), ("email", patient.email)]
    return {
        "resourceType": "Patient",
        "id": str(patient.id),
        "meta": {"versionId": str(patient.version)},
        "extension": [{"url": TIME_ZONE, "valueCode": patient.time_zone}],
        "active": patient.inactive_since is None,
        "name": [{"use": "official", "text": patient.full_name}],
        "telecom": [{"system": system, "value": value} for system, value in points if value is not None],
        "birthDate": patient.birth_on.isoformat(),
        "address": [
            {
                "line": [patient.address_line],
                "city": patient.city,
                "state": patient.state,
                "postalCode": patient.postal_code,
                "country": "US",
            }
        ],
        "communication": [
            {
                "language": {"coding": [{"system": "urn:ietf:bcp:47", "code": patient.language}]},
                "preferred": True,
            }
        ],
    }


def to_task(order: Any, questions: Iterable[str]) -> dict[str, Any]:
    """Where one fill stands, in HL7's states and, beside them, in ours."""
    asked = list(questions)
    return {
        "resourceType": "Task",
        "id": str(order.id),
        "meta": {"lastUpdated": instant(order.status_at)},
        "identifier": [{"system": RX_NUMBER, "value": str(order.number)}],
        "status": _TASK[order.status],
        "businessStatus": {"coding": [{"system": STATES, "code": order.status.value}]},
        "intent": "order",
        "focus": {"reference": f"MedicationRequest/{order.prescription_id}"},
        "for": {"reference": f"Patient/{order.patient_id}"},
        "authoredOn": instant(order.created_at),
        "lastModified": instant(order.status_at),
        **({"note": [{"text": text} for text in asked]} if asked else {}),
    }


def _form(lot: Lot) -> str:
    """What it is: capsules of a strength, or a liquid of a concentration."""
    if lot.unit_ml is None:
        return f"{format_dose(lot.strength)} capsule"
    return f"{plain_decimal(lot.strength.in_milligrams().value / lot.unit_ml)} mg/mL oral liquid"


def _count_of(lot: Lot) -> dict[str, Any]:
    """How many capsules, or how many millilitres of a liquid, whose capsules are marks of the syringe."""
    if lot.unit_ml is None:
        return {"value": lot.capsules, "unit": "capsule", "system": UCUM, "code": "{capsule}"}
    return {"value": lot.unit_ml * lot.capsules, "unit": "mL", "system": UCUM, "code": "mL"}


def to_medication_dispense(lot: Lot) -> dict[str, Any]:
    """The capsules of one batch: strength, lot, beyond-use date and count."""
    order = lot.order
    medication = {
        "resourceType": "Medication",
        "id": "lot",
        "code": {
            "coding": [{"system": RXNORM, "code": NALTREXONE, "display": "naltrexone"}],
            "text": f"naltrexone HCl {_form(lot)}, compounded",
        },
        "batch": {"lotNumber": lot.number, "expirationDate": lot.beyond_use_on.isoformat()},
    }
    handed_over = order.shipped_on
    return {
        "resourceType": "MedicationDispense",
        "id": str(lot.allocation_id),
        "meta": {"lastUpdated": instant(order.status_at)},
        "contained": [medication],
        "status": _DISPENSE.get(order.status, "preparation"),
        "medicationReference": {"reference": "#lot"},
        "subject": {"reference": f"Patient/{order.patient_id}"},
        "authorizingPrescription": [{"reference": f"MedicationRequest/{order.prescription_id}"}],
        "quantity": _count_of(lot),
        **({"whenHandedOver": handed_over.isoformat()} if handed_over is not None else {}),
    }


def bundle_of(resources: Iterable[Mapping[str, Any]], base: str, links: Mapping[str, str]) -> dict[str, Any]:
    """A page of a search."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": relation, "url": url} for relation, url in links.items()],
        "entry": [
            {
                "fullUrl": f"{base}/{each['resourceType']}/{each['id']}",
                "resource": each,
                "search": {"mode": "match"},
            }
            for each in resources
        ],
    }


def instant(at: datetime) -> str:
    return at.isoformat()


def _kept_meta(document: Mapping[str, Any]) -> dict[str, Any]:
    """Profiles and tags of the sender; version and time are ours to say."""
    meta = document.get("meta")
    if not isinstance(meta, dict):
        return {}
    return {name: value for name, value in meta.items() if name not in {"versionId", "lastUpdated"}}
