"""Reading and searching: prescriptions, where their fills stand, and the lots they were made from."""

from typing import Any

import pytest

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.web.fhir.exact import read
from tests.web.fhir.bodies import a_request
from tests.web.fhir.conftest import Fhir
from tests.work import Work


def found(fhir: Fhir, query: str) -> list[dict[str, Any]]:
    answer = fhir.get(query)
    assert answer.status_code == 200, answer.text
    return [each["resource"] for each in read(answer.text)["entry"]]


def test_what_came_by_another_door_reads_in_the_same_shape(fhir: Fhir, work: Work) -> None:
    work.submit()

    resource = found(fhir, "/MedicationRequest")[0]

    assert [each["sequence"] for each in resource["dosageInstruction"]] == [1, 2, 3]
    doses = [each["doseAndRate"][0]["doseQuantity"]["value"] for each in resource["dosageInstruction"]]
    assert [str(each) for each in doses] == ["1.5", "3", "4.5"]
    assert found(fhir, f"/MedicationRequest?_id={resource['id']}") == [resource]


def test_a_shipped_fill_is_a_task_and_one_dispense_for_each_lot(fhir: Fhir, work: Work) -> None:
    work.bring_to(OrderStatus.SHIPPED)
    prescription = found(fhir, "/MedicationRequest")[0]

    task = found(fhir, f"/Task?focus=MedicationRequest/{prescription['id']}")[0]
    lots = found(fhir, f"/MedicationDispense?prescription=MedicationRequest/{prescription['id']}")

    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == ("in-progress", "shipped")
    assert sorted(each["quantity"]["value"] for each in lots) == [7, 7, 16]
    assert {each["status"] for each in lots} == {"completed"}
    assert all(each["contained"][0]["batch"]["lotNumber"].startswith("B") for each in lots)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("identifier=urn:example:rx|5", True),
        ("identifier=5", True),
        ("identifier=urn:example:other|5", False),
        ("status=active", True),
        ("status=completed,cancelled", False),
        ("date=2026-11-20", True),
        ("date=ge2026-11-20&date=lt2026-11-21", True),
        ("date=gt2026-11-20", False),
        ("_lastUpdated=ge2026-11-23", True),
        ("_lastUpdated=lt2026-11-23T00:00:00-05:00", False),
        ("patient={patient}", True),
        ("patient=Patient/00000000-0000-0000-0000-000000000007", False),
        ("_count=5&_format=json", True),
    ],
)
def test_a_search_finds_what_it_asks_for(fhir: Fhir, query: str, is_found: bool) -> None:
    sent = fhir.post("/MedicationRequest", a_request(identifier=[{"system": "urn:example:rx", "value": "5"}]))
    patient = read(sent.text)["subject"]["reference"]

    assert bool(found(fhir, f"/MedicationRequest?{query.format(patient=patient)}")) is is_found


def test_pages_follow_each_other_by_signed_links(fhir: Fhir, work: Work) -> None:
    for _ in range(3):
        work.submit()
    address, ids = "/MedicationRequest?_count=2&status=active", []

    while address:
        page = read(fhir.get(address).text)
        ids += [each["resource"]["id"] for each in page["entry"]]
        links = {each["relation"]: each["url"] for each in page["link"]}
        address = links.get("next", "").removeprefix("http://127.0.0.1:8000")

    assert len(ids) == len(set(ids)) == 3


def test_a_cancelled_order_is_a_cancelled_request(fhir: Fhir, work: Work) -> None:
    work.act(work.submit(), Act.CANCEL, Role.PHARMACIST, reason="The patient asked for it.")

    assert [each["status"] for each in found(fhir, "/MedicationRequest?status=cancelled")] == ["cancelled"]


def test_a_patient_reads_as_their_own_practice_told_of_them(fhir: Fhir) -> None:
    kept = read(fhir.post("/MedicationRequest", a_request()).text)

    patient = read(fhir.get(f"/{kept['subject']['reference']}").text)

    assert patient["name"] == [{"use": "official", "text": "Ada M. Sample"}]
    assert (patient["birthDate"], patient["address"][0]["state"]) == ("1980-04-02", "NY")
    assert patient["telecom"] == [{"system": "phone", "value": "+15550100101"}]
    assert patient["extension"][0]["valueCode"] == "America/New_York"
    assert fhir.get("/Patient/00000000-0000-0000-0000-000000000007").status_code == 404
