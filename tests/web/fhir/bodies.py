"""Resources as other systems send them: the typical titration unless a test says otherwise.

Numbers are Decimals, so that `1.50` is sent as it stands.
"""

from copy import deepcopy
from decimal import Decimal
from typing import Any

from tests.builders import changed

UCUM = "http://unitsofmeasure.org"
OURS = "https://ldn-pharmacy.example/fhir/StructureDefinition/"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NALTREXONE = {"coding": [{"system": RXNORM, "code": "7243", "display": "naltrexone"}]}
TYPICAL = (("1.5", 7), ("3", 7), ("4.5", 16))


def quantity(value: str, code: str = "mg", **more: Any) -> dict[str, Any]:
    return {"value": Decimal(value), "system": UCUM, "code": code, **more}


def dosage(
    sequence: int | None, dose: dict[str, Any], days: int | None, when: str = "HS", **more: Any
) -> dict[str, Any]:
    """One dose a day, at that time of day, for so many days or for good."""
    repeat: dict[str, Any] = {"frequency": 1, "period": 1, "periodUnit": "d", "when": [when]}
    if days is not None:
        repeat["boundsDuration"] = quantity(str(days), "d", unit="days")
    found: dict[str, Any] = {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": dose}], **more}
    return found if sequence is None else {"sequence": sequence, **found}


def a_patient(**fields: Any) -> dict[str, Any]:
    zone = {"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": "America/New_York"}
    return {
        "resourceType": "Patient",
        "id": "patient",
        "extension": [zone],
        "name": [{"use": "official", "family": "Sample", "given": ["Ada", "M."]}],
        "birthDate": "1980-04-02",
        "telecom": [{"system": "phone", "value": "+15550100101"}],
        "address": [{"line": ["1 Elm St"], "city": "Albany", "state": "NY", "postalCode": "12207"}],
        **fields,
    }


def a_prescriber(**fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "Practitioner",
        "id": "doctor",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "2234567891"}],
        "name": [{"family": "Doctor", "given": ["Dana"]}],
        "telecom": [{"system": "phone", "value": "+15550100202"}],
        "address": [{"line": ["2 Oak St"], "city": "Albany", "state": "NY", "postalCode": "12207"}],
        "qualification": [
            {
                "identifier": [{"value": "NY123456"}],
                "code": {"text": "Licence to practise"},
                "issuer": {"display": "NY"},
            }
        ],
        **fields,
    }


def answers() -> list[dict[str, Any]]:
    """Everything that an order is asked, answered."""
    authorization = [
        {"url": "kind", "valueCode": "e_signature"},
        {"url": "signer", "valueString": "2234567891"},
        {"url": "signedAt", "valueInstant": "2026-11-20T15:00:00Z"},
    ]
    return [
        {"url": f"{OURS}opioid-last-14-days", "valueCode": "no"},
        {"url": f"{OURS}no-known-allergies", "valueBoolean": True},
        {"url": f"{OURS}no-current-medicines", "valueBoolean": True},
        {"url": f"{OURS}authorization", "extension": authorization},
    ]


def typical_steps() -> list[dict[str, Any]]:
    return [dosage(number, quantity(dose), days) for number, (dose, days) in enumerate(TYPICAL, start=1)]


def a_request(changes: dict[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
    """A whole order in shape A; `changes` maps JSON pointers to other values, `fields` replace members."""
    body: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "contained": [a_patient(), a_prescriber()],
        "extension": answers(),
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {**NALTREXONE, "text": "naltrexone HCl capsule, compounded"},
        "subject": {"reference": "#patient"},
        "requester": {"reference": "#doctor"},
        "authoredOn": "2026-11-20",
        "dosageInstruction": typical_steps(),
        "dispenseRequest": {"numberOfRepeatsAllowed": 0},
    }
    return changed(deepcopy(body | fields), changes or {})


def a_transaction(*requests: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Patient, prescriber and these requests; those that contain people refer to the entries instead."""
    entries = [("urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341", a_patient())]
    entries.append(("urn:uuid:2c671a64-40d5-491e-99b0-da01ff1f3342", a_prescriber()))
    for number, request in enumerate(requests or (a_request(),)):
        own = {name: value for name, value in request.items() if name != "contained"}
        own |= {"subject": {"reference": entries[0][0]}, "requester": {"reference": entries[1][0]}}
        entries.append((f"urn:uuid:3d671a64-40d5-491e-99b0-da01ff1f334{number}", own))
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": url, "resource": each, "request": {"method": "POST", "url": each["resourceType"]}}
            for url, each in entries
        ],
        **fields,
    }
