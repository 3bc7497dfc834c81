"""Nobody reads or moves another practice's orders by FHIR: every address, every actor, every foreign object."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, text

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import OrderStatus
from pharmacy.web.fhir import PREFIX
from pharmacy.web.fhir.exact import read
from tests.books import row_counts
from tests.rows import another_practice
from tests.web.fhir.bodies import OURS, a_request, a_transaction
from tests.web.fhir.conftest import Fhir
from tests.work import Work

STRANGER = "a-token-of-a-strange-practice"
UNKNOWN = "00000000-0000-0000-0000-000000000007"
# Every address of this face: its method, and what is sent there.
OPERATIONS = {
    ("GET", "/metadata"): None,
    ("POST", ""): a_transaction,
    ("POST", "/MedicationRequest"): a_request,
    ("POST", "/MedicationRequest/$validate"): a_request,
    ("POST", "/MedicationRequest/$quote"): a_request,
    ("GET", "/MedicationRequest"): None,
    ("GET", "/MedicationRequest/<uuid:prescription_id>"): None,
    ("GET", "/MedicationDispense"): None,
    ("GET", "/MedicationDispense/<uuid:allocation_id>"): None,
    ("GET", "/Patient/<uuid:patient_id>"): None,
    ("GET", "/Task"): None,
    ("GET", "/Task/<uuid:order_id>"): None,
}
CLOSED = [each for each in OPERATIONS if each[1] != "/metadata"]
BY_ID = [each for each in OPERATIONS if "<" in each[1]]
IDS = ("order_id", "prescription_id", "allocation_id", "patient_id")
SEARCHES = ["/MedicationRequest", "/MedicationDispense", "/Task"]


@pytest.fixture
def owned(fhir: Fhir, work: Work) -> dict[str, str]:
    """What the demonstration's practice owns, by the name in the address: a whole order, shipped."""
    work.bring_to(OrderStatus.SHIPPED)
    task = read(fhir.get("/Task").text)["entry"][0]["resource"]
    dispense = read(fhir.get("/MedicationDispense").text)["entry"][0]["resource"]
    return {
        "order_id": task["id"],
        "prescription_id": task["focus"]["reference"].split("/")[1],
        "allocation_id": dispense["id"],
        "patient_id": task["for"]["reference"].split("/")[1],
    }


@pytest.fixture
def stranger(fhir: Fhir, pharmacy: Pharmacy) -> Fhir:
    with pharmacy.sessions.write() as session:
        another_practice(session, STRANGER)
    return Fhir(fhir.client, STRANGER)


def at(path: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        path = path.replace(f"<uuid:{name}>", value)
    return path


def sent(fhir: Fhir, operation: tuple[str, str], ids: dict[str, str]) -> Any:
    method, path = operation
    body = OPERATIONS[operation]
    return fhir.get(at(path, ids)) if method == "GET" else fhir.post(path, body() if body else {})


def test_every_address_of_this_face_is_in_the_matrix(app: Flask) -> None:
    served = {
        (method, rule.rule.removeprefix(PREFIX))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert served == set(OPERATIONS)


@pytest.mark.parametrize("operation", CLOSED, ids=str)
@pytest.mark.parametrize("token", ["", "unknown"])
def test_without_a_token_that_holds_nobody_comes_in(
    fhir: Fhir, connection: Connection, operation: tuple[str, str], token: str
) -> None:
    before = row_counts(connection)
    anybody = Fhir(fhir.client, token)

    answer = sent(anybody, operation, dict.fromkeys(IDS, UNKNOWN))

    assert answer.status_code == 401
    # A token that does not hold is on record; nothing else was written.
    refused = 1 if token else 0
    on_record = {name: before[name] + refused for name in ("audit", "audit_unsealed")}
    assert row_counts(connection) == before | on_record


@pytest.mark.parametrize("operation", BY_ID, ids=str)
def test_what_is_another_practices_is_as_if_it_were_not_there(
    fhir: Fhir, stranger: Fhir, owned: dict[str, str], operation: tuple[str, str]
) -> None:
    missing = sent(stranger, operation, dict.fromkeys(owned, UNKNOWN))
    foreign = sent(stranger, operation, owned)
    own = sent(fhir, operation, owned)

    assert (own.status_code, foreign.status_code) == (200, 404)
    assert foreign.data == missing.data


@pytest.mark.parametrize("path", SEARCHES)
def test_a_search_finds_nothing_of_another_practice(
    stranger: Fhir, fhir: Fhir, owned: dict[str, str], path: str
) -> None:
    assert read(fhir.get(path).text)["entry"]
    assert read(stranger.get(path).text)["entry"] == []


def test_a_bookmark_of_another_practice_shows_nothing_of_it(
    fhir: Fhir, stranger: Fhir, owned: dict[str, str], work: Work
) -> None:
    work.submit()
    page = read(fhir.get("/MedicationRequest?_count=1").text)
    following = next(each["url"] for each in page["link"] if each["relation"] == "next")
    address = following.removeprefix("http://127.0.0.1:8000")

    assert len(read(fhir.get(address).text)["entry"]) == 1
    assert read(stranger.get(address).text)["entry"] == []


def test_neither_identifier_nor_quote_of_another_practice_is_known(fhir: Fhir, stranger: Fhir) -> None:
    named = {"identifier": [{"system": "urn:example:rx", "value": "1"}]}
    condition = {"If-None-Exist": "identifier=urn:example:rx|1"}
    first = fhir.post("/MedicationRequest", a_request(**named))
    quote = read(fhir.post("/MedicationRequest/$quote", a_request()).text)["parameter"][0]["valueUuid"]
    citing = a_request()
    citing["extension"].append({"url": f"{OURS}quote", "valueUuid": quote})

    own = stranger.post("/MedicationRequest", a_request(**named), condition)
    foreign = stranger.post("/MedicationRequest", citing)

    assert (first.status_code, own.status_code) == (201, 201)
    assert own.headers["Location"] != first.headers["Location"]
    assert foreign.status_code == 404


READING = [each for each in CLOSED if each[0] == "GET"]


@pytest.mark.parametrize("operation", READING, ids=str)
def test_whose_facts_were_shown_is_on_record(
    fhir: Fhir, owned: dict[str, str], connection: Connection, operation: tuple[str, str]
) -> None:
    asked = text("SELECT count(*) FROM audit WHERE action = 'patient.shown' AND subject_id = :patient_id")
    before = connection.scalar(asked, owned)

    assert sent(fhir, operation, owned).status_code == 200

    assert connection.scalar(asked, owned) == before + 1


@pytest.mark.parametrize("operation", CLOSED, ids=str)
def test_a_client_without_the_scope_is_kept_out(
    fhir: Fhir, pharmacy: Pharmacy, connection: Connection, operation: tuple[str, str]
) -> None:
    with pharmacy.sessions.write() as session:
        another_practice(session, STRANGER, scopes=["events.read"])
    before = row_counts(connection)

    answer = sent(Fhir(fhir.client, STRANGER), operation, dict.fromkeys(IDS, UNKNOWN))

    assert (answer.status_code, answer.content_type) == (403, "application/fhir+json")
    assert read(answer.text)["issue"][0]["code"] == "forbidden"
    assert row_counts(connection) == before


@pytest.mark.parametrize("token", ["", "unknown", STRANGER])
def test_the_service_before_signing_lets_in_who_may_simulate(
    fhir: Fhir, pharmacy: Pharmacy, token: str
) -> None:
    with pharmacy.sessions.write() as session:
        another_practice(session, STRANGER, scopes=["orders.read"])
    asked = {
        "hook": "order-sign",
        "context": {"draftOrders": {"entry": [{"resource": a_request(status="draft")}]}},
    }

    refused = Fhir(fhir.client, token).post("/cds-services/ldn-order-sign", asked)
    let_in = fhir.post("/cds-services/ldn-order-sign", asked)

    assert (refused.status_code, let_in.status_code) == (403 if token == STRANGER else 401, 200)
    assert fhir.client.get("/cds-services").status_code == 200
