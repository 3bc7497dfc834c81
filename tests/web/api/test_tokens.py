"""Who is let in, for how long, and for what."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from pharmacy.bootstrap import Pharmacy
from pharmacy.store.practices import AccessToken
from pharmacy.usecases.open_demo import ALL_SCOPES, DEMO_CLIENT_ID, DEMO_SECRET
from tests.books import Clock
from tests.builders import a_supply, an_order
from tests.callers import Api
from tests.rows import another_practice, demo_client
from tests.web.api.answers import kind, problem

CREDENTIALS = {
    "grant_type": "client_credentials",
    "client_id": DEMO_CLIENT_ID,
    "client_secret": DEMO_SECRET,
}


def ask_for_token(client: FlaskClient, **form: str) -> TestResponse:
    return client.post("/api/v1/oauth/token", data=CREDENTIALS | form)


def test_a_client_that_knows_its_secret_gets_a_token_that_lets_it_in(client: FlaskClient) -> None:
    answer = ask_for_token(client)

    issued = answer.get_json()
    assert (issued["token_type"], issued["expires_in"]) == ("Bearer", 900)
    assert issued["scope"].split() == list(ALL_SCOPES)
    assert answer.headers["Cache-Control"] == "no-store"
    assert Api(client, issued["access_token"]).get("/orders").status_code == 200


def test_the_secret_may_come_by_basic_authorization(client: FlaskClient) -> None:
    secret = b64encode(f"{DEMO_CLIENT_ID}:{DEMO_SECRET}".encode()).decode()

    answer = client.post(
        "/api/v1/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {secret}"},
    )

    assert answer.status_code == 200


def test_the_books_keep_no_token_that_could_be_used(client: FlaskClient, pharmacy: Pharmacy) -> None:
    token = ask_for_token(client).get_json()["access_token"]

    with pharmacy.sessions.read() as session:
        kept = session.scalars(select(AccessToken.token_hash)).all()
    assert token.encode() not in kept


@pytest.mark.parametrize(
    "form",
    [{"client_secret": "wrong"}, {"client_id": "nobody"}],
)
def test_a_wrong_pair_is_told_the_same_whichever_is_wrong(client: FlaskClient, form: dict[str, str]) -> None:
    answer = ask_for_token(client, **form)

    assert problem(answer, 401)["detail"] == "The client could not be authenticated."


def test_a_client_that_says_nothing_of_itself_gets_no_token(client: FlaskClient) -> None:
    answer = client.post("/api/v1/oauth/token", data={"grant_type": "client_credentials"})

    assert kind(answer, 401) == "invalid-client"


@pytest.mark.parametrize("pair", ["a\0b:c", "a:b\0c", ":", "\ud800:x"])
def test_a_pair_that_no_database_keeps_is_refused(client: FlaskClient, pair: str) -> None:
    secret = b64encode(pair.encode("utf-8", "surrogatepass")).decode()

    answer = client.post(
        "/api/v1/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {secret}"},
    )

    assert kind(answer, 401) == "invalid-client"


@pytest.mark.parametrize("grant", ["password", "", "client_credentials\0"])
def test_only_client_credentials_are_granted(client: FlaskClient, grant: str) -> None:
    assert ask_for_token(client, grant_type=grant).status_code == 400


def test_a_disabled_client_gets_no_token(client: FlaskClient, pharmacy: Pharmacy) -> None:
    with pharmacy.sessions.write() as session:
        demo_client(session).disabled_at = datetime(2026, 11, 23, tzinfo=UTC)

    assert kind(ask_for_token(client), 401) == "invalid-client"


def test_a_token_holds_for_fifteen_minutes(client: FlaskClient, clock: Clock) -> None:
    api = Api(client, ask_for_token(client).get_json()["access_token"])

    clock.now += timedelta(minutes=15, seconds=-1)
    assert api.get("/orders").status_code == 200
    clock.now += timedelta(seconds=1)

    assert kind(api.get("/orders"), 401) == "unauthenticated"


def test_disabling_a_client_shuts_out_the_tokens_it_has(api: Api, pharmacy: Pharmacy) -> None:
    assert api.get("/orders").status_code == 200
    with pharmacy.sessions.write() as session:
        demo_client(session).disabled_at = datetime(2026, 11, 23, tzinfo=UTC)

    assert kind(api.get("/orders"), 401) == "unauthenticated"
    assert kind(api.post("/orders", an_order()), 401) == "unauthenticated"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", "bearer\twrong", "Bearer \xff"]
)
def test_without_a_token_that_holds_nobody_is_let_in(client: FlaskClient, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}

    answer = client.get("/api/v1/orders", headers=headers)

    assert kind(answer, 401) == "unauthenticated"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("scope", ALL_SCOPES)
def test_each_scope_opens_its_own_doors_and_no_other(
    client: FlaskClient, pharmacy: Pharmacy, scope: str
) -> None:
    with pharmacy.sessions.write() as session:
        another_practice(session, "one-scope", scopes=[scope])
    api = Api(client, "one-scope")
    nothing = "00000000-0000-0000-0000-000000000000"
    doors = {
        "titrations.simulate": [api.post("/titrations/simulate", a_supply())],
        "quotes.write": [api.post("/quotes", a_supply())],
        "quotes.read": [api.get(f"/quotes/{nothing}")],
        "orders.write": [api.post("/orders", an_order())],
        "orders.read": [
            api.get("/orders"), api.get(f"/orders/{nothing}"), api.get(f"/orders/{nothing}/timeline"),
        ],
        "prescriptions.read": [api.get(f"/prescriptions/{nothing}/schedule")],
        "labels.read": [api.get(f"/labels/{nothing}")],
    }  # fmt: skip

    for needed, answers in doors.items():
        for answer in answers:
            if needed == scope:
                assert answer.status_code in {200, 201, 404}
            else:
                assert kind(answer, 403) == "scope-missing"


def test_an_unauthenticated_submission_leaves_its_key_free(client: FlaskClient, api: Api) -> None:
    refused = Api(client, "wrong").post("/orders", an_order(), key="once")
    assert refused.status_code == 401

    assert api.post("/orders", an_order(), key="once").status_code == 201
