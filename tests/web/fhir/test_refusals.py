"""What is not understood is refused with its place, and leaves no row; nothing is passed over."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection

from pharmacy.web.fhir.exact import read
from tests.books import row_counts
from tests.builders import GONE
from tests.web.fhir.bodies import a_patient, a_request, a_transaction, dosage, quantity
from tests.web.fhir.conftest import Fhir

STEP = "/dosageInstruction/0"
REPEAT = f"{STEP}/timing/repeat"
DOSE = f"{STEP}/doseAndRate/0"
IN_STEP = "MedicationRequest.dosageInstruction[0]"
IN_REPEAT = f"{IN_STEP}.timing.repeat"


def refused(fhir: Fhir, body: Any, connection: Connection) -> list[dict[str, Any]]:
    """The issues of a refusal that left everything as it was."""
    before = row_counts(connection)
    answer = fhir.post("/MedicationRequest", body)
    assert answer.status_code in (400, 422), answer.text
    assert answer.content_type == "application/fhir+json"
    assert row_counts(connection) == before
    told = read(answer.text)
    assert told["resourceType"] == "OperationOutcome"
    issues: list[dict[str, Any]] = told["issue"]
    return issues


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"/doNotPerform": True}, "MedicationRequest.doNotPerform"),
        ({"/status": "draft"}, "MedicationRequest.status"),
        ({"/status": "entered-in-error"}, "MedicationRequest.status"),
        ({"/status": "on-hold"}, "MedicationRequest.status"),
        ({"/intent": "plan"}, "MedicationRequest.intent"),
        ({"/intent": "proposal"}, "MedicationRequest.intent"),
        ({"/intent": GONE}, "MedicationRequest.intent"),
        ({"/_doNotPerform": {"extension": []}}, "MedicationRequest.doNotPerform"),
        ({"/reportedBoolean": True}, "MedicationRequest.reported"),
        ({"/implicitRules": "http://example.org/rules"}, "MedicationRequest.implicitRules"),
        ({"/modifierExtension": [{"url": "http://example.org/not"}]}, "MedicationRequest.modifierExtension"),
        ({f"{STEP}/modifierExtension": [{"url": "u"}]}, f"{IN_STEP}.modifierExtension"),
        ({f"{STEP}/timing/modifierExtension": []}, f"{IN_STEP}.timing.modifierExtension"),
        ({"/contained/0/modifierExtension": [{}]}, "MedicationRequest.contained[0].modifierExtension"),
        ({"/contained/1/implicitRules": "u"}, "MedicationRequest.contained[1].implicitRules"),
        ({"/priorPrescription": {"reference": "x"}}, "MedicationRequest.priorPrescription"),
    ],
)
def test_what_turns_a_request_into_its_opposite_is_never_passed_over(
    fhir: Fhir, connection: Connection, changes: dict[str, Any], place: str
) -> None:
    issues = refused(fhir, a_request(changes), connection)

    assert place in [each.get("expression", [None])[0] for each in issues]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({f"{STEP}/asNeededBoolean": True}, f"{IN_STEP}.asNeededBoolean"),
        ({f"{STEP}/asNeededCodeableConcept": {"text": "pain"}}, f"{IN_STEP}.asNeededCodeableConcept"),
        ({f"{STEP}/doseAndRate": [{"doseRange": {}}]}, f"{IN_STEP}.doseAndRate[0].doseRange"),
        ({f"{DOSE}/rateQuantity": quantity("1", "mg")}, f"{IN_STEP}.doseAndRate[0].rateQuantity"),
        ({f"{DOSE}/rateRatio": {}}, f"{IN_STEP}.doseAndRate[0].rateRatio"),
        ({f"{DOSE}/doseQuantity/comparator": "<"}, f"{IN_STEP}.doseAndRate[0].doseQuantity.comparator"),
        ({f"{DOSE}/doseQuantity/unit": "mcg"}, f"{IN_STEP}.doseAndRate[0].doseQuantity.unit"),
        ({f"{DOSE}/doseQuantity/code": "g"}, f"{IN_STEP}.doseAndRate[0].doseQuantity.code"),
        ({f"{DOSE}/doseQuantity": quantity("1", "{capsule}")}, f"{IN_STEP}.doseAndRate[0].doseQuantity"),
        ({f"{DOSE}/doseQuantity": quantity("1", "mL")}, f"{IN_STEP}.doseAndRate[0].doseQuantity"),
        (
            {f"{DOSE}/doseQuantity/value": Decimal("0.0005")},
            f"{IN_STEP}.doseAndRate[0].doseQuantity.value",
        ),
        ({f"{DOSE}/doseQuantity/value": "1.5"}, f"{IN_STEP}.doseAndRate[0].doseQuantity.value"),
        ({f"{REPEAT}/boundsRange": {}}, f"{IN_REPEAT}.boundsRange"),
        ({f"{REPEAT}/frequencyMax": 2}, f"{IN_REPEAT}.frequencyMax"),
        ({f"{REPEAT}/periodMax": 2}, f"{IN_REPEAT}.periodMax"),
        ({f"{REPEAT}/count": 7}, f"{IN_REPEAT}.count"),
        ({f"{REPEAT}/countMax": 7}, f"{IN_REPEAT}.countMax"),
        ({f"{REPEAT}/dayOfWeek": ["mon"]}, f"{IN_REPEAT}.dayOfWeek"),
        ({f"{REPEAT}/timeOfDay": ["07:00:00"]}, f"{IN_REPEAT}.timeOfDay"),
        ({f"{REPEAT}/offset": 30}, f"{IN_REPEAT}.offset"),
        ({f"{REPEAT}/duration": 2}, f"{IN_REPEAT}.duration"),
        ({f"{REPEAT}/when": ["PCM"]}, f"{IN_REPEAT}.when"),
        ({f"{REPEAT}/when": []}, f"{IN_REPEAT}.when"),
        ({f"{REPEAT}/frequency": 2}, f"{IN_REPEAT}.when"),
        ({f"{REPEAT}/period": 2}, f"{IN_REPEAT}.frequency"),
        ({f"{REPEAT}/periodUnit": "wk"}, f"{IN_REPEAT}.periodUnit"),
        ({f"{REPEAT}/boundsDuration/code": "mo"}, f"{IN_REPEAT}.boundsDuration.code"),
        ({f"{REPEAT}/extension": [{"url": "u"}]}, f"{IN_REPEAT}.extension"),
        ({f"{STEP}/timing": {"event": ["2026-12-01"]}}, f"{IN_STEP}.timing.event"),
        ({f"{STEP}/timing": {"code": {"text": "QHS"}}}, f"{IN_STEP}.timing.repeat"),
        ({f"{STEP}/site": {"text": "arm"}}, f"{IN_STEP}.site"),
        ({f"{STEP}/route": {"text": "topical"}}, f"{IN_STEP}.route"),
        ({f"{STEP}/maxDosePerLifetime": quantity("9")}, f"{IN_STEP}.maxDosePerLifetime"),
        (
            {f"{STEP}/maxDosePerPeriod": {"numerator": quantity("1"), "denominator": quantity("1", "d")}},
            f"{IN_STEP}.maxDosePerPeriod",
        ),
        ({f"{STEP}/maxDosePerAdministration": quantity("1")}, f"{IN_STEP}.maxDosePerAdministration"),
        ({"/dispenseRequest/validityPeriod": {"end": "2026-12-31"}}, "MedicationRequest.dispenseRequest.validityPeriod.end"),
        ({"/medicationCodeableConcept": {"text": "methylnaltrexone"}}, "MedicationRequest.medicationCodeableConcept"),
        ({"/medicationCodeableConcept": {"text": "naltrexone / bupropion"}}, "MedicationRequest.medicationCodeableConcept"),
        ({"/subject": {"reference": "Patient/1"}}, "MedicationRequest.subject"),
        ({"/subject": {"identifier": {"value": "1"}}}, "MedicationRequest.subject"),
        ({"/authoredOn": "2026-11"}, "MedicationRequest.authoredOn"),
        ({"/authoredOn": "2027-11-20"}, "MedicationRequest.authoredOn"),
        ({"/contained/0/birthDate": "1980"}, "MedicationRequest.contained[0].birthDate"),
    ],
)  # fmt: skip
def test_an_element_that_is_not_understood_is_refused_with_its_place(
    fhir: Fhir, connection: Connection, changes: dict[str, Any], place: str
) -> None:
    issues = refused(fhir, a_request(changes), connection)

    assert place in [each.get("expression", [None])[0] for each in issues]


def test_several_instructions_without_sequence_are_refused(fhir: Fhir, connection: Connection) -> None:
    steps = [dosage(None, quantity("1.5"), 7), dosage(None, quantity("3"), 7)]

    issues = refused(fhir, a_request(dosageInstruction=steps), connection)

    assert issues[0]["expression"] == [f"{IN_STEP}.sequence"]


def test_an_open_instruction_before_the_last_is_refused(fhir: Fhir, connection: Connection) -> None:
    steps = [dosage(1, quantity("1.5"), None), dosage(2, quantity("3"), 7)]

    issues = refused(fhir, a_request(dosageInstruction=steps), connection)

    assert issues[0]["expression"] == [IN_REPEAT]


@pytest.mark.parametrize(
    "words",
    [
        "naltrexone 1,5 mg capsule", "naltrexone .5 mg capsule", "naltrexone 1-3 mg", "naltrexone 1 to 3 mg",
        "naltrexone 10 x 1.5 mg", "naltrexone 1.5 mg per 2 mL", "naltrexone 1,000 mg", "naltrexone 1.5 mg or 3 mg",
    ],
)  # fmt: skip
def test_a_strength_that_can_be_read_in_two_ways_turns_no_capsule_into_a_dose(
    fhir: Fhir, connection: Connection, words: str
) -> None:
    body = a_request({f"{DOSE}/doseQuantity": quantity("1", "{capsule}")})

    issues = refused(fhir, body | {"medicationCodeableConcept": {"text": words}}, connection)

    assert f"{IN_STEP}.doseAndRate[0].doseQuantity" in [each["expression"][0] for each in issues]


def test_a_refusal_names_every_fault_at_once(fhir: Fhir, connection: Connection) -> None:
    changes = {
        f"{STEP}/asNeededBoolean": True,
        f"{REPEAT}/dayOfWeek": ["mon"],
        f"{REPEAT}/count": 3,
        "/dosageInstruction/1/site": {"text": "arm"},
        "/detectedIssue": [],
        "/contained/0/birthDate": "1980",
        "/authoredOn": "2026-11",
    }

    issues = refused(fhir, a_request(changes), connection)

    assert {each["expression"][0] for each in issues} == {
        f"{IN_STEP}.asNeededBoolean",
        f"{IN_REPEAT}.dayOfWeek",
        f"{IN_REPEAT}.count",
        "MedicationRequest.dosageInstruction[1].site",
        "MedicationRequest.detectedIssue",
        "MedicationRequest.contained[0].birthDate",
        "MedicationRequest.authoredOn",
    }


def test_words_alone_about_another_medicine_are_put_before_nobody(fhir: Fhir, connection: Connection) -> None:
    body = a_request(dosageInstruction=[{"text": "one tablet daily"}])

    issues = refused(fhir, body | {"medicationCodeableConcept": {"text": "oxycodone 5 mg"}}, connection)

    assert [each["expression"] for each in issues] == [["MedicationRequest.medicationCodeableConcept"]]


def test_two_patients_in_one_transaction_are_refused(fhir: Fhir, connection: Connection) -> None:
    bundle = a_transaction()
    bundle["entry"].append(
        {"resource": a_patient(), "request": {"method": "POST", "url": "Patient"}, "fullUrl": "urn:uuid:1"}
    )
    before = row_counts(connection)

    answer = fhir.post("", bundle)

    assert answer.status_code == 422
    assert row_counts(connection) == before


def test_one_forbidding_entry_refuses_the_whole_transaction(fhir: Fhir, connection: Connection) -> None:
    group = {"groupIdentifier": {"value": "g"}}
    parts = [
        a_request(dosageInstruction=[dosage(1, quantity("1.5"), 7)], **group),
        a_request(dosageInstruction=[dosage(2, quantity("3"), 7)], **group, doNotPerform=True),
    ]
    before = row_counts(connection)

    answer = fhir.post("", a_transaction(*parts))

    assert answer.status_code == 422
    assert read(answer.text)["issue"][0]["expression"] == ["Bundle.entry[3].resource.doNotPerform"]
    assert row_counts(connection) == before


@pytest.mark.parametrize(
    ("send", "status"),
    [
        (lambda fhir: fhir.send("POST", "/MedicationRequest", data=b"<x/>", content_type="application/fhir+xml"), 415),
        (lambda fhir: fhir.post("/MedicationRequest", b"{"), 400),
        (lambda fhir: fhir.post("/MedicationRequest", b"[]"), 400),
        (lambda fhir: fhir.post("/MedicationRequest", b'{"resourceType":"Patient"}'), 400),
        (lambda fhir: fhir.get("/Nothing"), 404),
        (lambda fhir: fhir.send("DELETE", "/MedicationRequest"), 405),
        (lambda fhir: fhir.get("/MedicationRequest?colour=blue"), 422),
        (lambda fhir: fhir.get("/MedicationRequest?_page=x"), 400),
        (lambda fhir: fhir.get("/MedicationRequest?_count=0"), 422),
        (lambda fhir: fhir.get("/MedicationRequest?date=2026-13-01"), 422),
        (lambda fhir: Fhir(fhir.client, "unknown").get("/MedicationRequest"), 401),
        (lambda fhir: fhir.client.get("/fhir/r4/MedicationRequest"), 401),
    ],
)  # fmt: skip
def test_every_refusal_is_an_operation_outcome(fhir: Fhir, send: Callable[[Fhir], Any], status: int) -> None:
    answer = send(fhir)

    assert (answer.status_code, answer.content_type) == (status, "application/fhir+json")
    assert read(answer.text)["resourceType"] == "OperationOutcome"
