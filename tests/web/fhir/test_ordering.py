"""Ordering by FHIR: what is understood is ordered and reads back as it was written."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection

from pharmacy.web.fhir.exact import read
from tests.books import row_counts
from tests.callers import Api
from tests.web.fhir.bodies import (
    NALTREXONE,
    RXNORM,
    a_request,
    a_transaction,
    dosage,
    quantity,
)
from tests.web.fhir.conftest import Fhir


def ordered(fhir: Fhir, body: dict[str, Any]) -> dict[str, Any]:
    answer = fhir.post("/MedicationRequest", body)
    assert answer.status_code == 201, answer.text
    assert answer.content_type == "application/fhir+json"
    return read(answer.text)


def plan_of(api: Api, prescription_id: str) -> list[tuple[int | None, dict[str, str]]]:
    """The steps as the REST door tells them: days, and milligrams by time of day."""
    orders = api.get("/orders").get_json()["orders"]
    order = next(
        found
        for each in orders
        if (found := api.get(f"/orders/{each['id']}").get_json())["prescription"]["id"] == prescription_id
    )
    return [
        (step["duration_days"], {each["time_of_day"]: each["dose_mg"] for each in step["intakes"]})
        for step in order["plan"]["steps"]
    ]


def test_a_titration_in_several_instructions_is_ordered_and_reads_back_equal(fhir: Fhir, api: Api) -> None:
    sent = a_request({"/dosageInstruction/0/doseAndRate/0/doseQuantity/value": Decimal("1.50")})

    answer = fhir.post("/MedicationRequest", sent)

    assert answer.status_code == 201, answer.text
    kept = read(fhir.get(answer.headers["Location"].removeprefix("http://127.0.0.1:8000")).text)
    assert kept["dosageInstruction"] == sent["dosageInstruction"]
    assert str(kept["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"]) == "1.50"
    assert (kept["status"], kept["intent"], kept["authoredOn"]) == ("active", "order", "2026-11-20")
    assert plan_of(api, kept["id"]) == [
        (7, {"bedtime": "1.5"}), (7, {"bedtime": "3"}), (16, {"bedtime": "4.5"}),
    ]  # fmt: skip


def test_equal_sequences_are_taken_at_the_same_time(fhir: Fhir, api: Api) -> None:
    steps = [
        dosage(2, quantity("3"), 14, "MORN"),
        dosage(1, quantity("1.5"), 7, "MORN"),
        dosage(1, quantity("4500", "ug", unit="mcg"), 7, "HS"),
    ]

    kept = ordered(fhir, a_request(dosageInstruction=steps))

    assert plan_of(api, kept["id"]) == [
        (7, {"morning": "1.5", "bedtime": "4.5"}), (14, {"morning": "3"}),
    ]  # fmt: skip


def test_sequences_with_gaps_are_renumbered_and_the_answer_says_so(fhir: Fhir) -> None:
    steps = [dosage(10, quantity("1.5"), 7), dosage(20, quantity("3"), 7)]

    kept = ordered(fhir, a_request(dosageInstruction=steps))

    assert [each["sequence"] for each in kept["dosageInstruction"]] == [1, 2]
    assert any("renumbered" in each.get("valueString", "") for each in kept["extension"])


def test_a_group_of_requests_is_one_plan_all_or_nothing(fhir: Fhir, api: Api) -> None:
    group = {"groupIdentifier": {"system": "urn:example:groups", "value": "g-1"}}
    parts = [
        a_request(dosageInstruction=[dosage(number, quantity(dose), days)], **group)
        for number, dose, days in ((2, "3", 7), (1, "1.5", 7), (3, "4.5", 16))
    ]

    answer = fhir.post("", a_transaction(*parts))

    assert answer.status_code == 200, answer.text
    told = read(answer.text)
    assert told["type"] == "transaction-response"
    assert [each["response"]["status"] for each in told["entry"]] == ["201 Created"] * 5
    resource = told["entry"][2]["resource"]
    assert plan_of(api, resource["id"]) == [
        (7, {"bedtime": "1.5"}), (7, {"bedtime": "3"}), (16, {"bedtime": "4.5"}),
    ]  # fmt: skip
    assert [each["sequence"] for each in resource["dosageInstruction"]] == [1, 2, 3]
    assert resource["subject"]["reference"].startswith("Patient/")
    assert "urn:uuid" not in answer.text


def test_a_group_that_is_told_apart_by_its_periods_is_one_plan(fhir: Fhir, api: Api) -> None:
    group = {"groupIdentifier": {"value": "g-2"}}
    parts = []
    for dose, start, end in (("3", "2026-12-08", "2026-12-14"), ("1.5", "2026-12-01", "2026-12-07")):
        step = dosage(1, quantity(dose), None)
        step["timing"]["repeat"]["boundsPeriod"] = {"start": start, "end": end}
        parts.append(a_request(dosageInstruction=[step], **group))

    answer = fhir.post("", a_transaction(*parts))

    assert answer.status_code == 200, answer.text
    resource = read(answer.text)["entry"][2]["resource"]
    assert plan_of(api, resource["id"]) == [(7, {"bedtime": "1.5"}), (7, {"bedtime": "3"})]


def test_words_alone_go_to_a_pharmacist_and_order_nothing(fhir: Fhir, connection: Connection) -> None:
    before = row_counts(connection)

    answer = fhir.post(
        "/MedicationRequest",
        a_request(dosageInstruction=[{"text": "1.5 mg at bedtime for 7 days, then 3 mg at bedtime"}]),
    )

    assert answer.status_code == 202, answer.text
    assert read(answer.text)["resourceType"] == "OperationOutcome"
    changed = {name for name, count in row_counts(connection).items() if count != before[name]}
    assert changed == {"plan_proposals", "audit", "audit_unsealed", "idempotency_keys"}


@pytest.mark.parametrize(
    ("dose", "medication"),
    [
        (quantity("2", "{capsule}"), {**NALTREXONE, "text": "naltrexone HCl 1.5 mg capsule, compounded"}),
        (quantity("2", "1"), {**NALTREXONE, "text": "naltrexone HCl 1.5 mg capsule, compounded"}),
        (quantity("3", "mL"), {**NALTREXONE, "text": "naltrexone 1 mg/mL oral"}),
    ],
)
def test_capsules_and_millilitres_of_one_stated_strength_are_understood(
    fhir: Fhir, api: Api, dose: dict[str, Any], medication: dict[str, Any]
) -> None:
    kept = ordered(
        fhir, a_request(dosageInstruction=[dosage(1, dose, 30)], medicationCodeableConcept=medication)
    )

    assert plan_of(api, kept["id"]) == [(30, {"bedtime": "3"})]


def test_a_contained_medication_states_its_strength_as_a_ratio(fhir: Fhir, api: Api) -> None:
    strength = {"numerator": quantity("500", "ug"), "denominator": quantity("1", "{capsule}")}
    item = {"coding": [{"system": RXNORM, "code": "7243"}]}
    medication = {
        "resourceType": "Medication",
        "id": "ldn",
        "ingredient": [{"itemCodeableConcept": item, "strength": strength}],
    }
    body = a_request(dosageInstruction=[dosage(None, quantity("3", "{capsule}"), 30)])
    del body["medicationCodeableConcept"]
    body["medicationReference"] = {"reference": "#ldn"}
    body["contained"].append(medication)

    kept = ordered(fhir, body)

    assert plan_of(api, kept["id"]) == [(30, {"bedtime": "1.5"})]
    assert kept["contained"][1]["ingredient"][0]["strength"]["numerator"]["value"] == 500


def test_what_is_sent_twice_is_ordered_once(fhir: Fhir, connection: Connection) -> None:
    named = {"identifier": [{"system": "urn:example:rx", "value": "77"}]}
    first = fhir.post("/MedicationRequest", a_request(**named))
    filed = row_counts(connection)

    again = fhir.post("/MedicationRequest", a_request(**named))
    condition = {"If-None-Exist": "identifier=urn:example:rx|77"}
    existing = fhir.post("/MedicationRequest", a_request(**named, note=[{"text": "Another."}]), condition)
    another = fhir.post("/MedicationRequest", a_request(**named), {"Idempotency-Key": "another"})

    assert (first.status_code, again.status_code, existing.status_code) == (201, 201, 200)
    assert again.data == first.data
    assert existing.headers["Location"] == first.headers["Location"]
    assert another.status_code == 409
    # Whom the condition found was shown, which is on record; nothing else was written.
    on_record = {name: filed[name] + 1 for name in ("audit", "audit_unsealed")}
    assert row_counts(connection) == filed | on_record


def test_a_conditional_create_of_what_is_new_creates_it(fhir: Fhir) -> None:
    named = {"identifier": [{"system": "urn:example:rx", "value": "78"}]}

    created = fhir.post(
        "/MedicationRequest", a_request(**named), {"If-None-Exist": "identifier=urn:example:rx|78"}
    )

    assert created.status_code == 201, created.text


def test_what_is_missing_makes_an_order_that_waits_and_says_so(fhir: Fhir) -> None:
    kept = ordered(fhir, a_request(extension=[]))

    said = " ".join(each.get("valueString", "") for each in kept["extension"])
    assert "opioid" in said
    task = read(fhir.get(f"/Task?focus=MedicationRequest/{kept['id']}").text)["entry"][0]["resource"]
    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == ("on-hold", "clarification")


def test_the_narrative_is_kept_as_it_was_sent(fhir: Fhir) -> None:
    told = {
        "status": "additional",
        "div": "<div xmlns='http://www.w3.org/1999/xhtml'><script>x</script></div>",
    }

    kept = ordered(fhir, a_request(text=told))

    assert read(fhir.get(f"/MedicationRequest/{kept['id']}").text)["text"] == told


def test_a_first_fill_is_as_long_as_it_says(fhir: Fhir, api: Api) -> None:
    dispense = {
        "initialFill": {"duration": quantity("30", "d"), "quantity": quantity("30", "{capsule}")},
        "expectedSupplyDuration": quantity("90", "d"),
        "numberOfRepeatsAllowed": 3,
    }
    steps = [*a_request()["dosageInstruction"][:2], dosage(3, quantity("4.5"), None)]

    ordered(fhir, a_request(dosageInstruction=steps, dispenseRequest=dispense))

    newest = api.get("/orders").get_json()["orders"][0]
    order = api.get(f"/orders/{newest['id']}").get_json()
    assert (order["days"], order["prescription"]["refills"]) == (30, 3)


def test_the_capability_statement_is_open_to_all(fhir: Fhir) -> None:
    told = read(fhir.client.get("/fhir/r4/metadata").text)

    assert (told["resourceType"], told["fhirVersion"]) == ("CapabilityStatement", "4.0.1")


def test_words_that_contradict_the_structure_are_a_question_to_the_prescriber(fhir: Fhir, api: Api) -> None:
    steps = [dosage(1, quantity("1.5"), 7, text="3 mg at bedtime for 7 days")]

    kept = ordered(fhir, a_request(dosageInstruction=steps))

    task = read(fhir.get(f"/Task?focus=MedicationRequest/{kept['id']}").text)["entry"][0]["resource"]
    assert task["businessStatus"]["coding"][0]["code"] == "clarification"
    assert "1.5 mg expected from the steps, 3 mg written" in task["note"][0]["text"]
    said = {"answers": [{"code": "C-DIRECTIONS", "answer": "The steps are right: 1.5 mg."}]}
    assert api.post(f"/orders/{task['id']}/answers", said).status_code == 201
    assert "note" not in read(fhir.get(f"/Task/{task['id']}").text)


def test_fifty_one_capsules_where_forty_nine_are_needed_are_a_question(fhir: Fhir) -> None:
    steps = [dosage(number, quantity(dose), 7) for number, dose in ((1, "4"), (2, "2"), (3, "1"))]
    dispense = {"quantity": quantity("51", "{capsule}"), "numberOfRepeatsAllowed": 0}
    medication = {**NALTREXONE, "text": "naltrexone 1 mg capsule"}

    kept = ordered(
        fhir,
        a_request(dosageInstruction=steps, dispenseRequest=dispense, medicationCodeableConcept=medication),
    )

    said = " ".join(each.get("valueString", "") for each in kept["extension"])
    assert "49 expected from the steps, 51 written" in said


def test_allergies_and_medicines_come_as_resources(fhir: Fhir, api: Api) -> None:
    oxycodone = {"coding": [{"system": RXNORM, "code": "7804", "display": "oxycodone"}]}
    body = a_request()
    body["extension"] = [
        each for each in body["extension"] if not each["url"].split("/")[-1].startswith("no-")
    ]
    body["contained"] += [
        {"resourceType": "AllergyIntolerance", "id": "a", "code": {"text": "penicillin"}},
        {
            "resourceType": "MedicationStatement",
            "id": "m",
            "status": "active",
            "medicationCodeableConcept": oxycodone,
        },
    ]

    ordered(fhir, body)

    newest = api.get("/orders").get_json()["orders"][0]
    findings = api.get(f"/orders/{newest['id']}").get_json()["findings"]
    assert any(each["severity"] == "block" and "oxycodone" in each["because"].lower() for each in findings)
