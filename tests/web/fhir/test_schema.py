"""Whatever this face sends is a resource of FHIR R4, held against HL7's own JSON schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from werkzeug.test import TestResponse

from pharmacy.domain.orders import OrderStatus
from pharmacy.web.fhir.exact import read
from tests.web.fhir.bodies import a_request, a_transaction
from tests.web.fhir.conftest import Fhir
from tests.web.fhir.countries import COUNTRIES, ORDER
from tests.work import Work

SCHEMA = json.loads(
    Path(__file__).with_name("published").joinpath("fhir_r4_schema.json").read_text(encoding="utf-8")
)


def faults_in(resource: dict[str, Any]) -> list[str]:
    """What HL7's schema has against it, as a resource of the kind that it says it is."""
    due = {**SCHEMA, "$ref": f"#/definitions/{resource['resourceType']}"}
    return [
        f"{each.instance_path}: {each.message[:300]}"
        for each in jsonschema_rs.validator_for(due).iter_errors(resource)
    ]


def sent(answer: TestResponse) -> dict[str, Any]:
    resource: dict[str, Any] = json.loads(answer.text)
    return resource


def test_the_schema_finds_faults() -> None:
    assert faults_in({"resourceType": "Task", "status": "asleep", "intent": "order"})
    assert faults_in(
        {"resourceType": "OperationOutcome", "issue": [{"severity": "grave", "code": "invalid"}]}
    )
    assert faults_in(
        {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": {"resourceType": "Task"}, "x": 1}],
        }
    )


def test_an_order_is_sent_as_resources_of_r4_from_its_submission_to_its_shipping(
    fhir: Fhir, work: Work
) -> None:
    work.bring_to(OrderStatus.SHIPPED)
    created = fhir.post("/MedicationRequest", a_request(extension=[]))
    task = sent(fhir.get("/Task"))["entry"][0]["resource"]
    lot = sent(fhir.get("/MedicationDispense"))["entry"][0]["resource"]
    answers = [
        created,
        fhir.post("", a_transaction()),
        fhir.post("/MedicationRequest", a_request(dosageInstruction=[{"text": "LDN 1.5 mg qhs"}])),
        fhir.post("/MedicationRequest/$validate", a_request(extension=[])),
        fhir.post("/MedicationRequest/$quote", a_request()),
        fhir.post("/MedicationRequest", a_request({"/status": "draft"})),
        *(fhir.get(path) for path in ("/metadata", "/MedicationRequest?_count=1", "/Task?_count=1", "/MedicationDispense")),
        fhir.get(f"/MedicationRequest/{sent(created)['id']}"),
        fhir.get(f"/Task/{task['id']}"),
        fhir.get(f"/{task['for']['reference']}"),
        fhir.get(f"/MedicationDispense/{lot['id']}"),
        fhir.get("/Nothing"),
    ]  # fmt: skip

    assert [faults for each in answers if (faults := faults_in(sent(each)))] == []
    assert {read(each.text)["resourceType"] for each in answers} == {
        "MedicationRequest", "Bundle", "OperationOutcome", "Parameters", "CapabilityStatement", "Task", "MedicationDispense", "Patient",
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name, (_, becomes) in COUNTRIES.items() if becomes == ORDER])
def test_the_requests_of_other_countries_that_are_kept_are_resources_of_r4(name: str) -> None:
    body, _ = COUNTRIES[name]

    assert faults_in(json.loads(json.dumps(body, default=float))) == []
