"""The API does what its description says, whatever is sent to it.

Requests are made from the description itself, fitting ones and unfitting ones, always the same; a longer
search is `--hypothesis-profile=thorough`.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from sqlalchemy import Connection

from pharmacy.usecases.open_demo import DEMO_CLIENT_ID, DEMO_SECRET
from pharmacy.web.openapi import description
from tests.books import Api, row_counts
from tests.builders import a_supply, an_order
from tests.rows import STANDING_TOKEN
from tests.work import Work

CHECKED_IN = Path(__file__).parents[3] / "docs" / "openapi.json"
OPERATIONS = [
    ("POST", "/api/v1/oauth/token"),
    ("POST", "/api/v1/titrations/simulate"),
    ("POST", "/api/v1/quotes"),
    ("GET", "/api/v1/quotes/{quote_id}"),
    ("POST", "/api/v1/orders"),
    ("GET", "/api/v1/orders"),
    ("GET", "/api/v1/orders/{order_id}"),
    ("GET", "/api/v1/orders/{order_id}/timeline"),
    ("GET", "/api/v1/prescriptions/{prescription_id}/schedule"),
    ("GET", "/api/v1/labels/{label_id}"),
]
# A fitting request may still be refused: check digits, business rules, identifiers of nothing.
_EXCEPT = frozenset({"positive_data_acceptance"})


def examples(request: pytest.FixtureRequest, quick: int) -> settings:
    """How many requests are tried: a few always, many when a thorough search is asked for."""
    is_thorough = request.config.getoption("--hypothesis-profile") == "thorough"
    return settings(
        max_examples=settings().max_examples if is_thorough else quick,
        derandomize=not is_thorough,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture
def described(app: Flask) -> Any:
    """The description, as a stranger would fetch it."""
    return schemathesis.openapi.from_wsgi("/api/openapi.json", app)


def test_the_description_that_is_checked_in_is_the_one_that_is_served(app: Flask) -> None:
    served = json.dumps(description(app), indent=1, sort_keys=True) + "\n"

    assert CHECKED_IN.read_text() == served, (
        "make it anew: python -m pharmacy.cli openapi --out docs/openapi.json"
    )


def test_every_operation_is_tried_here(described: Any) -> None:
    described.validate()

    there = {(each.ok().method.upper(), each.ok().path) for each in described.get_all_operations()}

    assert there == set(OPERATIONS)


def test_every_operation_names_its_refusals_and_its_scope(app: Flask) -> None:
    for path, operations in description(app)["paths"].items():
        for method, operation in operations.items():
            if method not in {"get", "post"}:
                continue
            responses = set(operation["responses"])
            assert operation["summary"]
            assert {"400", "401", "503", "default"} <= responses, path
            assert ("403" in responses) == bool(operation["security"])
            if method == "post":
                assert {"413", "415", "422"} <= responses, path
            if "201" in responses:
                names = [parameter["name"] for parameter in operation["parameters"]]
                assert "Idempotency-Key" in names


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_whatever_is_sent_the_answer_is_as_described(
    described: Any,
    connection: Connection,
    request: pytest.FixtureRequest,
    method: str,
    path: str,
    mode: GenerationMode,
) -> None:
    operation = described[path][method]
    before = row_counts(connection)
    accepted = 0

    @examples(request, quick=25)
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        nonlocal accepted
        headers = {} if "token" in path else {"Authorization": f"Bearer {STANDING_TOKEN}"}
        answer = case.call(headers=headers)
        accepted += answer.status_code < 300
        case.validate_response(answer, headers=headers, excluded_checks=_checks(_EXCEPT))
        assert answer.status_code < 500
        assert str(answer.status_code) in operation.definition.raw["responses"] or answer.status_code == 405

    send()

    if not accepted:
        assert row_counts(connection) == before


def _checks(names: frozenset[str]) -> list[Any]:
    return schemathesis.checks.CHECKS.get_by_names(list(names))


def test_real_answers_are_as_described(described: Any, api: Api, work: Work) -> None:
    order = api.post("/orders", an_order())
    quote = api.post("/quotes", a_supply())
    work.carry_out()
    ids = order.get_json()
    address = f"/orders/{ids['id']}"
    read = api.get(address)
    label_id = read.get_json()["lines"][0]["vials"][0]["labels"][0]["id"]
    credentials = {
        "grant_type": "client_credentials", "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET,
    }  # fmt: skip
    schedule = f"/prescriptions/{ids['prescription']['id']}/schedule"

    answers = {
        ("POST", "/api/v1/oauth/token"): [api.client.post("/api/v1/oauth/token", data=credentials)],
        ("POST", "/api/v1/titrations/simulate"): [api.post("/titrations/simulate", a_supply())],
        ("POST", "/api/v1/quotes"): [quote],
        ("GET", "/api/v1/quotes/{quote_id}"): [api.get(f"/quotes/{quote.get_json()['id']}")],
        ("POST", "/api/v1/orders"): [order, api.post("/orders", an_order(opioid_last_14_days=None))],
        ("GET", "/api/v1/orders"): [api.get("/orders"), api.get("/orders?limit=1")],
        ("GET", "/api/v1/orders/{order_id}"): [
            read, api.get(address, headers={"If-None-Match": read.headers["ETag"]}),
        ],
        ("GET", "/api/v1/orders/{order_id}/timeline"): [api.get(f"{address}/timeline")],
        ("GET", "/api/v1/prescriptions/{prescription_id}/schedule"): [
            api.get(schedule), api.get(f"{schedule}?format=ics"),
        ],
        ("GET", "/api/v1/labels/{label_id}"): [api.get(f"/labels/{label_id}")],
    }  # fmt: skip

    assert set(answers) == set(OPERATIONS)
    for (method, path), given_answers in answers.items():
        for answer in given_answers:
            assert answer.status_code < 400, answer.text
            described[path][method].validate_response(answer)


# Values that have broken readers before, and every kind of JSON besides.
_NASTY = st.sampled_from(
    [
        "",
        " ",
        "0",
        "-0",
        "1e400",
        "\u202e",
        "\ufffe",
        "🏥" * 70,
        "x" * 10_000,
        "../../",
        "%00",
        "${jndi}",
        "'--",
    ]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30) | _NASTY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside."""
    below: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, each in below:
        yield (*path, name)
        yield from _places(each, (*path, name))


@st.composite
def spoilt_orders(draw: Callable[[Any], Any]) -> dict[str, Any]:
    """The typical order with one or two values that nobody meant."""
    order = an_order()
    for _ in range(draw(st.integers(1, 2))):
        *path, last = draw(st.sampled_from(sorted(_places(order), key=str)))
        place: Any = order
        for part in path:
            place = place[part]
        place[last] = draw(_VALUES)
    return order


@pytest.mark.slow
def test_an_order_with_a_spoilt_value_is_taken_whole_or_refused_whole(
    described: Any, api: Api, connection: Connection, request: pytest.FixtureRequest
) -> None:
    operation = described["/api/v1/orders"]["POST"]

    @examples(request, quick=150)
    @given(order=spoilt_orders())
    def send(order: dict[str, Any]) -> None:
        before = row_counts(connection)

        answer = api.post("/orders", json.dumps(order).encode())

        operation.validate_response(answer)
        assert answer.status_code in {201, 400, 404, 409, 422}
        if answer.status_code != 201:
            assert row_counts(connection) == before

    send()


@pytest.mark.slow
def test_bytes_that_resemble_json_never_break_the_reader(
    api: Api, connection: Connection, request: pytest.FixtureRequest
) -> None:
    whole = json.dumps(an_order()).encode()

    @examples(request, quick=150)
    @given(at=st.integers(0, len(whole) - 1), length=st.integers(0, 4), put=st.binary(max_size=4))
    def send(at: int, length: int, put: bytes) -> None:
        before = row_counts(connection)

        answer = api.post("/orders", whole[:at] + put + whole[at + length :])

        assert answer.status_code in {201, 400, 409, 422}, answer.text
        if answer.status_code != 201:
            assert row_counts(connection) == before

    send()
