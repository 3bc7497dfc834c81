"""A system that holds a private key: let in by a signed assertion, once, and by nothing that resembles one."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from pharmacy.store.audit import AuditEntry
from pharmacy.store.practices import ClientKey
from pharmacy.usecases.open_demo import ALL_SCOPES, DEMO_CLIENT_ID
from tests.assertions import AUDIENCE, Key, an_assertion, an_ec_key, an_rsa_key, form_of, public_half
from tests.books import MORNING, Clock
from tests.callers import Api, StaffApi
from tests.rows import another_practice, demo_client
from tests.web.api.answers import kind, pointers, problem

EC, RSA = an_ec_key(), an_rsa_key()


@pytest.fixture
def staff(staff_api: Callable[[Role], StaffApi]) -> StaffApi:
    return staff_api(Role.PHARMACIST_IN_CHARGE)


@pytest.fixture
def client_uuid(pharmacy: Pharmacy) -> UUID:
    with pharmacy.sessions.read() as session:
        return demo_client(session).id


@pytest.fixture
def registered(staff: StaffApi, client_uuid: UUID) -> UUID:
    """The demonstration's client, with an elliptic key."""
    assert staff.post(f"/clients/{client_uuid}/keys", public_half(EC)).status_code == 201
    return client_uuid


def ask(client: FlaskClient, assertion: str, **form: str) -> TestResponse:
    return client.post("/api/v1/oauth/token", data=form_of(assertion, **form))


def refusals(pharmacy: Pharmacy) -> list[Any]:
    with pharmacy.sessions.read() as session:
        found = select(AuditEntry.detail).where(AuditEntry.action == "client.refused")
        return [detail["reason"] for detail in session.scalars(found)]


@pytest.mark.parametrize("key", [EC, RSA], ids=["ES384", "RS384"])
def test_a_signed_assertion_opens_the_door(
    client: FlaskClient, staff: StaffApi, client_uuid: UUID, key: Key
) -> None:
    staff.post(f"/clients/{client_uuid}/keys", public_half(key))

    issued = ask(client, an_assertion(key, DEMO_CLIENT_ID, MORNING)).get_json()

    assert issued["scope"].split() == list(ALL_SCOPES)
    assert Api(client, issued["access_token"]).get("/orders").status_code == 200


def test_an_assertion_is_taken_once(client: FlaskClient, registered: UUID, pharmacy: Pharmacy) -> None:
    assertion = an_assertion(EC, DEMO_CLIENT_ID, MORNING)
    assert ask(client, assertion).status_code == 200

    told = problem(ask(client, assertion), 401)

    assert told["error"] == "invalid_client"
    assert refusals(pharmacy) == ["used before"]


def minutes(number: float) -> int:
    return int((MORNING + timedelta(minutes=number)).timestamp())


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": minutes(-1)}, "expired"),
        ({"exp": minutes(6)}, "lasts too long"),
        ({"exp": None}, "expired"),
        ({"exp": "soon"}, "expired"),
        ({"exp": 10**30}, "expired"),
        ({"aud": "https://another.example/token"}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"aud": ["https://another.example"]}, "another audience"),
        ({"sub": "somebody-else"}, "another issuer or subject"),
        ({"iss": None}, "another issuer or subject"),
        ({"jti": None}, "no usable jti"),
        ({"jti": 7}, "no usable jti"),
        ({"jti": ""}, "no usable jti"),
        ({"jti": "x" * 201}, "no usable jti"),
        ({"jti": "a\u0000b"}, "no usable jti"),
        ({"nbf": minutes(2)}, "nbf is still to come"),
        ({"iat": minutes(2)}, "iat is still to come"),
    ],
)
def test_an_assertion_that_claims_otherwise_is_refused_and_on_record(
    client: FlaskClient, registered: UUID, pharmacy: Pharmacy, claims: dict[str, Any], reason: str
) -> None:
    answer = ask(client, an_assertion(EC, DEMO_CLIENT_ID, MORNING, **claims))

    assert kind(answer, 401) == "invalid-client"
    assert refusals(pharmacy) == [reason]


def test_an_audience_may_stand_in_a_list(client: FlaskClient, registered: UUID) -> None:
    assertion = an_assertion(EC, DEMO_CLIENT_ID, MORNING, aud=["https://another.example", AUDIENCE])

    assert ask(client, assertion).status_code == 200


def plain(part: object) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_an_assertion_without_a_signature_is_refused(
    client: FlaskClient, registered: UUID, pharmacy: Pharmacy
) -> None:
    signed = an_assertion(EC, DEMO_CLIENT_ID, MORNING)
    claims = signed.split(".")[1]
    for name in ("none", "None", "NONE", "nOnE"):
        assert kind(ask(client, f"{plain({'alg': name, 'kid': 'first'})}.{claims}."), 401) == "invalid-client"

    assert refusals(pharmacy) == ["another algorithm"] * 4


def test_a_signature_with_the_public_key_as_a_shared_secret_is_refused(
    client: FlaskClient, registered: UUID, pharmacy: Pharmacy
) -> None:
    claims = {"iss": DEMO_CLIENT_ID, "sub": DEMO_CLIENT_ID, "aud": AUDIENCE, "jti": "1", "exp": minutes(4)}
    unsigned = f"{plain({'alg': 'HS384', 'kid': 'first'})}.{plain(claims)}"
    digest = hmac.digest(EC.as_pem(private=False), unsigned.encode(), "sha384")
    forged = f"{unsigned}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    assert kind(ask(client, forged), 401) == "invalid-client"
    assert refusals(pharmacy) == ["another algorithm"]


@pytest.mark.parametrize(
    ("forged", "reason"),
    [
        (an_assertion(an_ec_key(), DEMO_CLIENT_ID, MORNING), "another signature"),
        (an_assertion(RSA, DEMO_CLIENT_ID, MORNING), "another signature"),
        (an_assertion(EC, DEMO_CLIENT_ID, MORNING, header={"kid": "second"}), "unknown key"),
        (f"{plain({'alg': 'ES384', 'kid': 7})}.{plain({})}.AAAA", "unreadable"),
        (an_assertion(EC, "nobody", MORNING), "unknown client"),
        ("a.b", "unreadable"),
        ("é.é.é", "unreadable"),
        (f"{plain([])}.{plain({})}.", "unreadable"),
        (f"{plain({'alg': 'ES384', 'kid': 'first'})}.{plain([])}.AAAA", "unreadable"),
    ],
    ids=[
        "another key",
        "another kind of key",
        "another kid",
        "no kid",
        "unknown client",
        "two parts",
        "not ASCII",
        "a list for a header",
        "a list for claims",
    ],
)
def test_what_somebody_else_signed_is_refused(
    client: FlaskClient, registered: UUID, pharmacy: Pharmacy, forged: str, reason: str
) -> None:
    assert kind(ask(client, forged), 401) == "invalid-client"
    assert refusals(pharmacy) == [reason]


def test_a_client_does_not_come_in_by_another_client_s_key(
    client: FlaskClient, registered: UUID, pharmacy: Pharmacy
) -> None:
    with pharmacy.sessions.write() as session:
        other = another_practice(session, "another")
        name = other.client_id
        session.add(
            ClientKey(api_client_id=other.id, kid="first", jwk=public_half(an_ec_key()), added_at=MORNING)
        )

    assert kind(ask(client, an_assertion(EC, name, MORNING)), 401) == "invalid-client"
    assert (
        kind(ask(client, an_assertion(EC, DEMO_CLIENT_ID, MORNING), client_id=name), 401) == "invalid-client"
    )


def test_a_changed_assertion_does_not_hold(client: FlaskClient, registered: UUID) -> None:
    head, _, signature = an_assertion(EC, DEMO_CLIENT_ID, MORNING).split(".")
    claims = {"iss": DEMO_CLIENT_ID, "sub": DEMO_CLIENT_ID, "aud": AUDIENCE, "jti": "2", "exp": minutes(4)}

    assert kind(ask(client, f"{head}.{plain(claims)}.{signature}"), 401) == "invalid-client"


def test_keys_change_over_with_an_overlap_and_end_at_once_when_they_must(
    client: FlaskClient, staff: StaffApi, registered: UUID, clock: Clock
) -> None:
    fresh = an_ec_key()
    staff.post(f"/clients/{registered}/keys", public_half(fresh, "second"))
    staff.post(f"/clients/{registered}/keys/first/end", {"overlap_hours": 1})

    def comes_in(key: Key, kid: str, jti: str) -> TestResponse:
        return ask(client, an_assertion(key, DEMO_CLIENT_ID, clock.now, header={"kid": kid}, jti=jti))

    assert comes_in(EC, "first", "1").status_code == 200
    issued = comes_in(fresh, "second", "2").get_json()
    clock.now += timedelta(hours=1)
    assert kind(comes_in(EC, "first", "3"), 401) == "invalid-client"
    issued = comes_in(fresh, "second", "4").get_json()
    assert Api(client, issued["access_token"]).get("/orders").status_code == 200
    clock.now -= timedelta(minutes=45)  # Within the staff session's half hour.
    staff.post(f"/clients/{registered}/keys/second/end", {"overlap_hours": 0})
    clock.now += timedelta(minutes=45)
    assert kind(comes_in(fresh, "second", "5"), 401) == "invalid-client"
    assert kind(Api(client, issued["access_token"]).get("/orders"), 401) == "unauthenticated"


@pytest.mark.parametrize(
    "jwk",
    [
        EC.as_dict(private=True),
        RSA.as_dict(private=True) | {"p": None},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "EC", "crv": "P-384", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
        {"kty": "RSA", "n": "AAAA", "e": "AQAB"},
        {"kty": "EC"},
    ],
    ids=["private EC", "private RSA", "shared", "off the curve", "another curve", "weak", "empty"],
)
def test_a_key_that_is_private_or_weak_is_not_taken(
    staff: StaffApi, client_uuid: UUID, jwk: dict[str, Any], pharmacy: Pharmacy
) -> None:
    body = {name: value for name, value in jwk.items() if value is not None} | {"kid": "first"}

    answer = staff.post(f"/clients/{client_uuid}/keys", body)

    assert answer.status_code in {400, 422}
    with pharmacy.sessions.read() as session:
        assert session.scalars(select(ClientKey)).all() == []


def test_a_second_key_of_the_same_name_is_not_taken(staff: StaffApi, registered: UUID) -> None:
    answer = staff.post(f"/clients/{registered}/keys", public_half(an_ec_key()))

    assert pointers(answer, 409) == ["/kid"]
