"""Staff keep the practices: systems, secrets, scopes, rosters; what is taken away is gone in the next request."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from pharmacy.usecases.open_demo import DEMO_CLIENT_ID, DEMO_SECRET
from tests.books import Clock
from tests.builders import an_order
from tests.callers import Api, StaffApi
from tests.rows import demo_client
from tests.web.api.answers import kind, pointers

REASON = {"reason": "the practice has changed its system"}
PRESCRIBER = {
    "npi": "2234567891", "full_name": "Dr. Rosa Example", "licence_number": "NY-000001",
    "licence_state": "NY", "expires_on": "2027-11-23",
}  # fmt: skip


@pytest.fixture
def staff(staff_api: Callable[[Role], StaffApi]) -> StaffApi:
    return staff_api(Role.PHARMACIST_IN_CHARGE)


@pytest.fixture
def demo(pharmacy: Pharmacy) -> dict[str, str]:
    """Ids of the demonstration's practice and client."""
    with pharmacy.sessions.read() as session:
        client = demo_client(session)
        return {"client": str(client.id), "practice": str(client.practice_id)}


def made(answer: TestResponse, status: int = 201) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    document: dict[str, Any] = answer.get_json()
    return document


def ask(client: FlaskClient, client_id: str, secret: str, **form: str) -> TestResponse:
    pair = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return client.post("/api/v1/oauth/token", data=pair | form)


def test_a_new_practice_orders_for_a_prescriber_whom_staff_verified(
    client: FlaskClient, staff: StaffApi
) -> None:
    practice = made(staff.post("/practices", {"name": "Elm Street Clinic"}))
    system = made(
        staff.post(
            f"/practices/{practice['id']}/clients",
            {"name": "Elm Street EHR", "scopes": ["orders.write", "orders.read"]},
        )
    )
    secret = made(staff.post(f"/clients/{system['id']}/secret", {"overlap_hours": 0}), 200)["client_secret"]
    token = ask(client, system["client_id"], secret).get_json()["access_token"]
    api = Api(client, token)
    codes = [finding["code"] for finding in api.order(an_order())["findings"]]
    assert "C-ROSTER" in codes
    made(staff.post(f"/practices/{practice['id']}/prescribers", PRESCRIBER))

    order = api.order(an_order())

    assert order["status"] == "received"
    assert kind(api.post("/quotes", {}), 400)  # Its shape is looked at first;
    listed = staff.get(f"/practices/{practice['id']}/clients").get_json()["clients"]
    assert [each["id"] for each in listed] == [system["id"]]
    assert "Elm Street Clinic" in [each["name"] for each in staff.get("/practices").get_json()["practices"]]


def test_whom_staff_withdraw_or_whose_verification_ends_is_asked_about_again(
    api: Api, staff: StaffApi, demo: dict[str, str], clock: Clock
) -> None:
    entry = made(staff.post(f"/practices/{demo['practice']}/prescribers", PRESCRIBER))
    assert api.order(an_order())["status"] == "received"

    made(staff.post(f"/prescribers/{entry['id']}/withdraw", REASON), 200)
    assert api.order(an_order())["status"] == "clarification"

    again = made(staff.post(f"/practices/{demo['practice']}/prescribers", PRESCRIBER))
    assert (again["id"], again["withdrawn_at"]) == (entry["id"], None)
    assert api.order(an_order())["status"] == "received"
    made(staff.post(f"/practices/{demo['practice']}/prescribers", PRESCRIBER | {"scopes": ["renewals"]}))
    assert api.order(an_order())["status"] == "clarification"


def test_a_verification_that_has_ended_already_is_refused(staff: StaffApi, demo: dict[str, str]) -> None:
    past = PRESCRIBER | {"expires_on": "2026-11-23"}

    assert pointers(staff.post(f"/practices/{demo['practice']}/prescribers", past)) == ["/expires_on"]


def test_a_secret_changes_over_with_an_overlap(
    client: FlaskClient, staff: StaffApi, demo: dict[str, str], clock: Clock
) -> None:
    fresh = made(staff.post(f"/clients/{demo['client']}/secret", {"overlap_hours": 1}), 200)
    assert (
        staff.post(f"/clients/{demo['client']}/secret", {"overlap_hours": 1}).headers["Cache-Control"]
        == "no-store"
    )
    # Two changes within the overlap: the first secret is gone, the second holds on, the third is in force.
    assert ask(client, DEMO_CLIENT_ID, DEMO_SECRET).status_code == 401
    assert ask(client, DEMO_CLIENT_ID, fresh["client_secret"]).status_code == 200

    clock.now += timedelta(hours=1)

    assert ask(client, DEMO_CLIENT_ID, fresh["client_secret"]).status_code == 401


def test_a_client_that_is_shut_out_is_out_at_once_and_its_tokens_stay_so(
    client: FlaskClient, staff: StaffApi, demo: dict[str, str]
) -> None:
    api = Api(client, ask(client, DEMO_CLIENT_ID, DEMO_SECRET).get_json()["access_token"])
    assert api.get("/orders").status_code == 200

    made(staff.post(f"/clients/{demo['client']}/shut-out", REASON), 200)

    assert kind(api.get("/orders"), 401) == "unauthenticated"
    assert kind(ask(client, DEMO_CLIENT_ID, DEMO_SECRET), 401) == "invalid-client"
    made(staff.post(f"/clients/{demo['client']}/let-in-again", REASON), 200)
    assert kind(api.get("/orders"), 401) == "unauthenticated"
    assert ask(client, DEMO_CLIENT_ID, DEMO_SECRET).status_code == 200


def test_a_token_that_is_revoked_lets_nobody_in_and_others_hold_on(client: FlaskClient) -> None:
    first, second = (
        Api(client, ask(client, DEMO_CLIENT_ID, DEMO_SECRET).get_json()["access_token"]) for _ in range(2)
    )
    pair = {"client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET}

    assert client.post("/api/v1/oauth/revoke", data=pair | {"token": first.key}).status_code == 200

    assert kind(first.get("/orders"), 401) == "unauthenticated"
    assert second.get("/orders").status_code == 200
    assert client.post("/api/v1/oauth/revoke", data=pair | {"token": "of nobody"}).status_code == 200
    wrong = {"client_id": DEMO_CLIENT_ID, "client_secret": "wrong", "token": second.key}
    assert kind(client.post("/api/v1/oauth/revoke", data=wrong), 401) == "invalid-client"
    assert second.get("/orders").status_code == 200


def test_a_token_opens_no_more_than_was_asked_for(
    client: FlaskClient, staff: StaffApi, demo: dict[str, str]
) -> None:
    issued = ask(client, DEMO_CLIENT_ID, DEMO_SECRET, scope="orders.read quotes.read").get_json()
    api = Api(client, issued["access_token"])
    assert api.get("/orders").status_code == 200
    assert kind(api.post("/orders", an_order()), 403) == "scope-missing"
    refused = ask(client, DEMO_CLIENT_ID, DEMO_SECRET, scope="orders.read everything")
    assert refused.get_json()["error"] == "invalid_scope"

    made(staff.post(f"/clients/{demo['client']}/scopes", {"scopes": ["quotes.read"]}), 200)

    assert kind(api.get("/orders"), 403) == "scope-missing"


@pytest.mark.parametrize("path", ["smart-configuration", "oauth-authorization-server"])
def test_a_system_finds_where_to_ask_for_tokens(client: FlaskClient, path: str) -> None:
    told = client.get(f"/.well-known/{path}").get_json()

    assert told["token_endpoint"] == "http://127.0.0.1:8000/api/v1/oauth/token"
    assert told["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]
    assert "private_key_jwt" in told["token_endpoint_auth_methods_supported"]
