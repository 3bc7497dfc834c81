"""What a prescriber reads before signing."""

from typing import Any

from sqlalchemy import Connection

from tests.books import row_counts
from tests.web.fhir.bodies import RXNORM, a_request, dosage, quantity
from tests.web.fhir.conftest import Fhir


def signing(*drafts: dict[str, Any], known: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {
        "hook": "order-sign",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {
            "userId": "Practitioner/1",
            "patientId": "1",
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": each} for each in drafts]},
        },
        "prefetch": {
            "medications": {"resourceType": "Bundle", "entry": [{"resource": each} for each in known]}
        },
    }


def cards(fhir: Fhir, body: dict[str, Any]) -> list[tuple[str, str]]:
    answer = fhir.post("/cds-services/ldn-order-sign", body)
    assert answer.status_code == 200, answer.text
    return [(each["indicator"], each["summary"]) for each in answer.get_json()["cards"]]


def test_the_service_is_found_by_whoever_asks(fhir: Fhir) -> None:
    told = fhir.client.get("/cds-services").get_json()

    assert [(each["hook"], each["id"]) for each in told["services"]] == [("order-sign", "ldn-order-sign")]


def test_a_sound_titration_costs_this_and_keeps_nothing(fhir: Fhir, connection: Connection) -> None:
    before = row_counts(connection)

    (card,) = cards(fhir, signing(a_request(status="draft")))

    assert card[0] == "info"
    assert card[1].startswith("USD ")
    assert row_counts(connection) == before


def test_an_opioid_beside_it_is_critical(fhir: Fhir) -> None:
    concept = {"coding": [{"system": RXNORM, "code": "7804", "display": "oxycodone"}]}
    oxycodone = {"resourceType": "MedicationRequest", "medicationCodeableConcept": concept}

    fetched = cards(fhir, signing(a_request(status="draft"), known=(oxycodone,)))
    drafted = cards(fhir, signing(a_request(status="draft"), oxycodone))

    assert [each[0] for each in fetched] == ["critical", "info"]
    assert drafted == fetched


def test_a_text_that_contradicts_its_dose_is_critical(fhir: Fhir) -> None:
    steps = [dosage(1, quantity("1.5"), 7, text="3 mg at bedtime for 7 days")]

    told = cards(fhir, signing(a_request(dosageInstruction=steps)))

    assert [each[0] for each in told] == ["critical", "info"]


def test_what_would_be_refused_is_said_before_signing(fhir: Fhir) -> None:
    told = cards(fhir, signing(a_request({"/dosageInstruction/0/asNeededBoolean": True})))

    assert told == [("warning", "A dose as needed is not a plan.")]


def test_strangers_and_other_hooks_are_refused(fhir: Fhir) -> None:
    assert Fhir(fhir.client, "unknown").post("/cds-services/ldn-order-sign", signing()).status_code == 401
    assert fhir.post("/cds-services/ldn-order-sign", {"hook": "patient-view"}).status_code == 400
