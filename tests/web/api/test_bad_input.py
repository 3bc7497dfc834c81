"""Whatever comes in: a problem document that points at the fault, never a 5xx, and no row."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection

from tests.books import row_counts
from tests.builders import GONE, a_plan, a_supply, an_order
from tests.callers import Api
from tests.web.api.answers import kind, pointers, problem


@pytest.fixture(autouse=True)
def _no_row_is_written(connection: Connection) -> Iterator[None]:
    before = row_counts(connection)
    yield
    assert row_counts(connection) == before


# What is sent in place of a good value, and where the answer must point.
WRONG: dict[str, tuple[str, Any]] = {
    "a number where a string is due": ("/plan/steps/0/dose_mg", 1.5),
    "a whole number where a string is due": ("/plan/steps/0/dose_mg", 2),
    "a decimal comma": ("/plan/steps/0/dose_mg", "1,5"),
    "an exponent": ("/plan/steps/0/dose_mg", "1e9999"),
    "a large exponent": ("/plan/steps/0/dose_mg", "1e30"),
    "a tiny exponent": ("/plan/steps/0/dose_mg", "1e-30"),
    "not a number": ("/plan/steps/0/dose_mg", "NaN"),
    "infinity": ("/plan/steps/0/dose_mg", "Infinity"),
    "a negative dose": ("/plan/steps/0/dose_mg", "-1.5"),
    "digits of another script": ("/plan/steps/0/dose_mg", "١.٥"),
    "an empty dose": ("/plan/steps/0/dose_mg", ""),
    "a dose with a unit": ("/plan/steps/0/dose_mg", "1.5 mg"),
    "no dose": ("/plan/steps/0/dose_mg", None),
    "finer than a microgram": ("/plan/steps/0/dose_mg", "1.50001"),
    "a dose over the catalogue's maximum": ("/plan/steps/0/dose_mg", "11"),
    "a very large dose": ("/plan/steps/0/dose_mg", "999999999"),
    "truth for a number of days": ("/plan/steps/0/duration_days", True),
    "half a day": ("/plan/steps/0/duration_days", 7.5),
    "days as text": ("/plan/steps/0/duration_days", "7"),
    "no day": ("/plan/steps/0/duration_days", 0),
    "fewer days than none": ("/plan/steps/0/duration_days", -1),
    "too many days": ("/plan/steps/0/duration_days", 10**20),
    "a step in the middle without an end": ("/plan/steps/1/duration_days", None),
    "a time of day that nobody knows": ("/plan/steps/0/time_of_day", "noon"),
    "no steps": ("/plan/steps", []),
    "steps as an object": ("/plan/steps", {}),
    "two thousand steps": ("/plan/steps", a_plan(*[("1.5", 1)] * 2000)["steps"]),
    "twenty-five steps": ("/plan/steps", a_plan(*[("1.5", 1)] * 25)["steps"]),
    "a plan as text": ("/plan", "1.5 mg for a week"),
    "an NPI with a wrong digit": ("/prescriber/npi", "2234567892"),
    "an NPI of nine digits": ("/prescriber/npi", "223456789"),
    "an NPI as a number": ("/prescriber/npi", 2234567891),
    "a signature of next year": ("/authorization/signed_at", "2027-11-23T15:00:00Z"),
    "a signature that no driver reads back": ("/authorization/signed_at", "9999-12-31T23:59:59-12:00"),
    "a signature before there were any": ("/authorization/signed_at", "0001-01-01T00:00:00+14:00"),
    "a consent of next year": ("/patient/contact/consents/0/consented_at", "2027-11-23T15:00:00Z"),
    "a consent that no driver reads back": (
        "/patient/contact/consents/0/consented_at",
        "0001-01-01T00:00:00+14:00",
    ),
    "a birth before anybody's": ("/patient/birth_on", "0001-01-01"),
    "a prescription of tomorrow": ("/prescription/written_on", "2026-11-24"),
    "an expired prescription": ("/prescription/written_on", "2025-11-22"),
    "a day without dashes": ("/prescription/written_on", "20261120"),
    "the thirtieth of February": ("/prescription/written_on", "2026-02-30"),
    "a year of five digits": ("/prescription/written_on", "12026-01-01"),
    "more refills than a year holds": ("/prescription/refills", 12),
    "a birthday of tomorrow": ("/patient/birth_on", "2026-11-24"),
    "a name of one letter": ("/patient/full_name", "A"),
    "a name of nothing but blanks": ("/patient/full_name", "      "),
    "a name that is too long": ("/patient/full_name", "A" * 121),
    "a control character": ("/patient/full_name", "Anna\nSample"),
    "a name that is a list": ("/patient/full_name", ["Anna"]),
    "a mail address without a host": ("/patient/email", "anna"),
    "consent to e-mail without an address": ("/patient/email", None),
    "a telephone number that cannot be": ("/patient/phone", "12"),
    "a zone that does not exist": ("/patient/contact/time_zone", "America/Albany"),
    "a zone that is a path": ("/patient/contact/time_zone", "../../etc/passwd"),
    "a consent without an offset": ("/patient/contact/consents/0/consented_at", "2026-11-20T15:00:00"),
    "two consents to one channel": (
        "/patient/contact/consents",
        [an_order()["patient"]["contact"]["consents"][0]] * 2,
    ),
    "a state that does not exist": ("/patient/address/state", "ZZ"),
    "a state without a licence to ship to": ("/patient/address/state", "OR"),
    "a ZIP code with letters": ("/patient/address/postal_code", "1220A"),
    "an allergy that is a number": ("/allergies", [7]),
    "fifty-one allergies": ("/allergies", ["dust"] * 51),
    "a yes that is text": ("/no_known_allergies", "true"),
    "a yes that is a number": ("/no_known_allergies", 1),
    "an answer that is not one": ("/opioid_last_14_days", "maybe"),
    "ninety-one days": ("/days", 91),
    "an identifier that is none": ("/quote_id", "quote-1"),
    "an authorization without a signature": ("/authorization", {"kind": "e_signature"}),
    "an authorization that is a list": ("/authorization", []),
    "an option that is not offered": ("/supply_option", "by_the_spoon"),
}
# Faults whose place lies deeper than what was changed.
DEEPER = {
    "an allergy that is a number": "/allergies/0",
    "an authorization without a signature": "/authorization/signer_npi",
}


@pytest.mark.parametrize(("at", "value"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_value_is_refused_where_it_stands(
    api: Api, at: str, value: Any, request: pytest.FixtureRequest
) -> None:
    answer = api.post("/orders", an_order({at: value}))

    assert DEEPER.get(request.node.callspec.id, at) in pointers(answer)


PLAN_WRONG = {name: case for name, case in WRONG.items() if case[0].startswith("/plan")}


@pytest.mark.parametrize("path", ["/titrations/simulate", "/quotes"])
@pytest.mark.parametrize(("at", "value"), PLAN_WRONG.values(), ids=PLAN_WRONG.keys())
def test_a_wrong_plan_is_refused_wherever_a_plan_is_asked_for(
    api: Api, path: str, at: str, value: Any
) -> None:
    assert at in pointers(api.post(path, a_supply({at: value})))


@pytest.mark.parametrize(
    "at",
    [
        "/colour",
        "/patient/colour",
        "/patient/address/colour",
        "/patient/contact/consents/0/colour",
        "/plan/steps/1/colour",
        "/prescription/a~b",
    ],
)
def test_an_unknown_field_is_refused_at_any_depth(api: Api, at: str) -> None:
    assert pointers(api.post("/orders", an_order({at: "blue"}))) == [at.replace("~", "~0")]


@pytest.mark.parametrize(
    "at",
    [
        "/patient",
        "/patient/full_name",
        "/patient/contact/time_zone",
        "/prescriber/npi",
        "/prescription/written_on",
        "/plan",
        "/plan/steps",
        "/plan/steps/0/dose_mg",
        "/plan/steps/2/duration_days",
    ],
)
def test_a_missing_field_is_named(api: Api, at: str) -> None:
    assert pointers(api.post("/orders", an_order({at: GONE}))) == [at]


def test_every_fault_is_told_at_once(api: Api) -> None:
    answer = api.post(
        "/orders", an_order({"/plan/steps/0/dose_mg": "1,5", "/patient/birth_on": "x", "/colour": 1})
    )

    assert sorted(pointers(answer)) == ["/colour", "/patient/birth_on", "/plan/steps/0/dose_mg"]


def test_an_order_of_nothing_but_pauses_is_refused(api: Api) -> None:
    answer = api.post("/orders", an_order(plan=a_plan(("0", 7))))

    assert problem(answer, 422)["detail"] == "A line holds 1 to 300 capsules, not 0."


def test_a_plan_that_ends_later_than_a_fill_may_last_is_refused_and_told_why(api: Api) -> None:
    answer = api.post("/orders", an_order(plan=a_plan(("1.5", 366), ("3", 366))))

    assert "90 days" in problem(answer, 422)["detail"]


def test_an_open_ended_plan_without_days_points_at_the_days(api: Api) -> None:
    assert pointers(api.post("/orders", an_order({"/plan/steps/2/duration_days": None}))) == ["/days"]


def _with(text: str) -> bytes:
    """The typical order with this JSON text in place of a name."""
    return json.dumps(an_order({"/patient/full_name": "@@"})).replace('"@@"', text).encode()


UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "not JSON": b"{",
    "two documents": b"{} {}",
    "a number that is none": _with("NaN"),
    "infinity": _with("-Infinity"),
    "a number of many digits": _with("9" * 41),
    "an exponent out of all bounds": _with("1e9999"),
    "an exponent padded with noughts": _with("1e0000000009999999999999999999999"),
    "a tiny exponent padded with noughts": _with("1e-00000000099999999"),
    "broken UTF-8": _with('"Anna"').replace(b"Anna", b"Ann\xff"),
    "UTF-16": json.dumps(an_order()).encode("utf-16"),
    "a lone surrogate": _with(r'"Anna \ud800"'),
    "a lone surrogate in a key": b'{"\\udc00": 1}',
    "U+0000": _with(r'"Anna \u0000"'),
    "a raw NUL": _with('"Anna"').replace(b"Anna", b"An\x00a"),
    "a key that stands twice": b'{"plan": {}, "plan": {}}',
    "sixty-five levels": b"[" * 65 + b"]" * 65,
    "a hundred thousand levels": b"[" * 100_000,
}


@pytest.mark.parametrize("path", ["/orders", "/quotes", "/titrations/simulate"])
@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_not_strict_json_is_refused_before_any_shape_is_looked_at(
    api: Api, path: str, body: bytes
) -> None:
    assert kind(api.post(path, body), 400) == "not-readable"


@pytest.mark.parametrize("body", [b"[]", b'"order"', b"7", b"null", b"true"])
def test_json_that_is_not_an_object_has_not_the_shape(api: Api, body: bytes) -> None:
    assert pointers(api.post("/orders", body)) == [""]


def test_brackets_in_texts_are_not_depth(api: Api) -> None:
    answer = api.post("/titrations/simulate", a_supply({"/colour": "[" * 70}))

    assert pointers(answer) == ["/colour"]


@pytest.mark.parametrize("path", ["/orders", "/quotes", "/titrations/simulate"])
def test_a_body_of_two_megabytes_is_too_large(api: Api, path: str) -> None:
    assert kind(api.post(path, b'"' + b"x" * 2_000_000 + b'"'), 413) == "request-entity-too-large"


def test_a_body_of_unknown_length_is_read_no_further_than_the_limit(api: Api) -> None:
    endless = BytesIO(b'"' + b"x" * 2_000_000 + b'"')
    environ = {"wsgi.input": endless, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}

    answer = api.post("/quotes", b"", environ_overrides=environ)

    assert kind(answer, 413) == "request-entity-too-large"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""]
)
def test_a_body_of_another_kind_is_not_looked_at(api: Api, content_type: str) -> None:
    answer = api.post("/orders", an_order(), content_type=content_type)

    assert kind(answer, 415) == "unsupported-media-type"


@pytest.mark.parametrize(
    "query", ["page=%00", "status=%00received", "%00=1", "page=%ED%A0%80%00", "limit=1%00"]
)
def test_an_address_that_no_database_keeps_is_refused(api: Api, query: str) -> None:
    problem(api.get(f"/orders?{query}"), 400)


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=ten", "/limit"),
        ("limit=1.0", "/limit"),
        ("limit=", "/limit"),
        ("limit=99999999999999999999", "/limit"),
        ("status=lost", "/status"),
        ("stauts=received", "/stauts"),
        ("page=" + "x" * 401, "/page"),
        ("page=abc", "/page"),
    ],
)
def test_a_query_that_has_not_its_shape_is_refused(api: Api, query: str, at: str) -> None:
    assert pointers(api.get(f"/orders?{query}"), 400) == [at]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/orders", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("PUT", "/api/v1/quotes", {"OPTIONS", "POST"}),
        ("GET", "/api/v1/titrations/simulate", {"OPTIONS", "POST"}),
        ("PATCH", "/api/openapi.json", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_method_that_is_not_offered_is_told_which_are(
    client: FlaskClient, method: str, path: str, allowed: set[str]
) -> None:
    answer = client.open(path, method=method, json={})

    problem(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing",
        "/api/v1/orders/7",
        "/api/v1/orders/'--",
        "/api/v2/orders",
        "/nothing",
        "/api/v1/orders/",
    ],
)
def test_an_address_that_leads_nowhere_is_a_problem_too(client: FlaskClient, path: str) -> None:
    problem(client.get(path), 404)
