"""Asking before ordering: nothing is kept by $validate, and a $quote binds."""

from decimal import Decimal

from sqlalchemy import Connection

from pharmacy.web.fhir.exact import read
from tests.books import row_counts
from tests.web.fhir.bodies import OURS, a_request
from tests.web.fhir.conftest import Fhir


def test_validation_tells_everything_and_keeps_nothing(fhir: Fhir, connection: Connection) -> None:
    before = row_counts(connection)

    fine = fhir.post("/MedicationRequest/$validate", a_request())
    lacking = fhir.post("/MedicationRequest/$validate", a_request(extension=[]))
    refused = fhir.post("/MedicationRequest/$validate", a_request(doNotPerform=True))
    wrapped = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": a_request()}]}
    in_parameters = fhir.post("/MedicationRequest/$validate", wrapped)

    assert [each.status_code for each in (fine, lacking, refused, in_parameters)] == [200] * 4
    assert all(each["severity"] != "error" for each in read(fine.text)["issue"]), fine.text
    assert in_parameters.data == fine.data
    codes = [each["details"].get("coding", [{}])[0].get("code") for each in read(lacking.text)["issue"]]
    assert {"C-OPIOID-ANSWER", "C-ALLERGIES", "C-MEDICINES", "C-AUTHORISATION"} <= set(codes)
    assert read(refused.text)["issue"][0]["expression"] == ["MedicationRequest.doNotPerform"]
    assert row_counts(connection) == before


def test_an_order_that_cites_a_quote_costs_that(fhir: Fhir) -> None:
    quoted = read(fhir.post("/MedicationRequest/$quote", a_request()).text)
    told = {each["name"]: each for each in quoted["parameter"] if each["name"] != "line"}
    lines = [each["part"][1]["valueMoney"]["value"] for each in quoted["parameter"] if each["name"] == "line"]

    cited = {"url": f"{OURS}quote", "valueUuid": told["quote"]["valueUuid"]}
    body = a_request()
    ordered = fhir.post("/MedicationRequest", {**body, "extension": [*body["extension"], cited]})
    again = fhir.post("/MedicationRequest", {**body, "extension": [*body["extension"], cited], "id": "x"})

    assert sum(map(Decimal, lines)) == told["total"]["valueMoney"]["value"]
    assert ordered.status_code == 201, ordered.text
    assert again.status_code == 409
