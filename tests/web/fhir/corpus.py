"""Requests in the variety in which other systems write them: a corpus of our own, after the published ones.

Some are orders, some must be refused; none may be answered with a fault of ours.
"""

from typing import Any

from tests.web.fhir.bodies import NALTREXONE, OURS, RXNORM, a_request, a_transaction, dosage, quantity

_ABSENT = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    ]
}
_SNOMED = "http://snomed.info/sct"


def _coded_dosage() -> dict[str, Any]:
    """As United States and United Kingdom core profiles write it."""
    step = dosage(1, quantity("4.50", unit="mg"), 28, text="4.5 mg at bedtime for 28 days")
    step["route"] = {
        "coding": [{"system": _SNOMED, "code": "26643006", "display": "Oral route"}],
        "text": "By mouth",
    }
    step["method"] = {"coding": [{"system": _SNOMED, "code": "421521009", "display": "Swallow"}]}
    step["additionalInstruction"] = [
        {"coding": [{"system": _SNOMED, "code": "311504000", "display": "With or after food"}]}
    ]
    step["doseAndRate"][0]["type"] = {"coding": [{"code": "ordered"}]}
    step["maxDosePerPeriod"] = {"numerator": quantity("4.5"), "denominator": quantity("1", "d")}
    return step


def _german() -> dict[str, Any]:
    """Names with their own parts as extensions of primitives, an address outside, a package number."""
    body = a_request(dosageInstruction=[{"text": "1-0-0-0", "patientInstruction": "morgens"}])
    body["contained"][0]["name"] = [
        {
            "family": "von Muster",
            "_family": {"extension": [{"url": "u", "valueString": "von"}]},
            "given": ["Ada"],
            "_given": [None],
        }
    ]
    body["contained"][0]["address"] = [
        {"line": ["Weg 1"], "city": "Berlin", "postalCode": "10115", "country": "DE"}
    ]
    body["identifier"] = [{"system": "https://gematik.example/erp", "value": "160.000.033.491.280.78"}]
    return body


def _by_identifier() -> dict[str, Any]:
    return a_request(
        subject={"identifier": {"system": "https://fhir.nhs.example/Id/nhs-number", "value": "9990548609"}},
        requester={"reference": "PractitionerRole/1"},
        authoredOn="2026-11",
    )


def _hospital_taper() -> dict[str, Any]:
    steps = [
        dosage(n, quantity(d), 3, text=f"{d} mg daily for 3 days") for n, d in ((1, "4"), (2, "2"), (3, "1"))
    ]
    for step in steps:
        del step["timing"]["repeat"]["when"]
    return a_request(dosageInstruction=steps, dispenseRequest={"quantity": quantity("51", "{tbl}")})


def _ratio() -> dict[str, Any]:
    strength = {"numerator": quantity("1", "mg"), "denominator": quantity("1", "mL")}
    medication = {
        "resourceType": "Medication",
        "id": "m",
        "form": {"text": "solution"},
        "ingredient": [
            {"itemCodeableConcept": {"coding": [{"system": RXNORM, "code": "7243"}]}, "strength": strength}
        ],
    }
    body = a_request(dosageInstruction=[dosage(1, quantity("4.5", "mL", unit="mL"), 30)])
    del body["medicationCodeableConcept"]
    body["contained"].append(medication)
    return body | {"medicationReference": {"reference": "#m"}}


def _extended() -> dict[str, Any]:
    body = a_request(_status=_ABSENT, meta={"profile": ["http://example.org/p"], "security": []})
    body["extension"].append({"url": f"{OURS}supply-option", "valueCode": "multiples_of_one_strength"})
    return body


def _pain() -> dict[str, Any]:
    step = dosage(1, quantity("4", "mg"), None)
    step["asNeededCodeableConcept"] = {"coding": [{"system": _SNOMED, "code": "22253000"}]}
    step["timing"]["repeat"] |= {"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}
    medication = {"coding": [{"system": RXNORM, "code": "7804", "display": "Oxycodone"}]}
    return a_request(dosageInstruction=[step], medicationCodeableConcept=medication)


def _infusion() -> dict[str, Any]:
    rate = {"numerator": quantity("250", "mL"), "denominator": quantity("1", "h")}
    step = {
        "sequence": 1,
        "route": {"coding": []},
        "timing": {"event": ["2026-12-01"]},
        "doseAndRate": [{"rateRatio": rate}],
    }
    return a_request(dosageInstruction=[step])


def _insulin() -> dict[str, Any]:
    steps = [
        {
            "sequence": n,
            "timing": {"repeat": {"when": [w], "offset": 15}},
            "doseAndRate": [{"doseRange": {"low": quantity("1")}}],
        }
        for n, w in ((1, "ACM"), (1, "ACD"), (2, "HS"))
    ]
    return a_request(dosageInstruction=steps, substitution={"allowedCodeableConcept": {"text": "no"}})


def _group() -> dict[str, Any]:
    named = {"groupIdentifier": {"system": "urn:example:g", "value": "1"}}
    return a_transaction(
        a_request(dosageInstruction=[dosage(1, quantity("1.5"), 7)], **named),
        a_request(dosageInstruction=[dosage(2, quantity("3"), None)], **named),
    )


CORPUS: dict[str, dict[str, Any]] = {
    "typical": a_request(),
    "transaction": a_transaction(),
    "group": _group(),
    "coded dosage": a_request(dosageInstruction=[_coded_dosage()], reasonCode=[{"text": "fibromyalgia"}]),
    "german": _german(),
    "by identifier": _by_identifier(),
    "hospital taper": _hospital_taper(),
    "ratio strength": _ratio(),
    "extended primitives": _extended(),
    "pain": _pain(),
    "infusion": _infusion(),
    "insulin": _insulin(),
    "capsules": a_request(
        dosageInstruction=[dosage(1, quantity("2", "{capsule}"), 30)],
        medicationCodeableConcept={**NALTREXONE, "text": "naltrexone HCl 1.5 mg capsule"},
    ),
    "words": a_request(dosageInstruction=[{"text": "LDN 1.5 mg qhs x7d, then 3 mg"}]),
    "nothing": {"resourceType": "MedicationRequest"},
}
