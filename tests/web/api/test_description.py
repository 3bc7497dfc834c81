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

from pharmacy.domain.orders import Role
from pharmacy.web.openapi import description
from tests.books import row_counts
from tests.builders import an_order
from tests.callers import Api, StaffApi
from tests.rows import STANDING_TOKEN
from tests.web.api.real_answers import Callers, real_answers
from tests.work import Work

CHECKED_IN = Path(__file__).parents[3] / "docs" / "openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    (method.upper(), path)
    for path, operations in json.loads(CHECKED_IN.read_text())["paths"].items()
    for method in METHODS
    if method in operations
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
def pharmacy_in_use(api: Api, staff_api: Callable[[Role], StaffApi], work: Work) -> Callers:
    """Everybody who may call, and the pharmacy at work behind them."""
    return Callers(api=api, staff_api=staff_api, work=work)


@pytest.fixture
def described(app: Flask) -> Any:
    """The description, as a stranger would fetch it; once, because reading it takes longer than a test."""
    if "described" not in app.extensions:
        app.extensions["described"] = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    return app.extensions["described"]


def test_the_description_that_is_checked_in_is_the_one_that_is_served(app: Flask) -> None:
    served = json.dumps(description(app), indent=1, sort_keys=True) + "\n"

    assert CHECKED_IN.read_text() == served, (
        "make it anew: python -m pharmacy.cli openapi --out docs/openapi.json"
    )


def test_the_description_is_a_valid_one(described: Any) -> None:
    described.validate()


def test_every_operation_names_its_refusals_and_its_scope(app: Flask) -> None:
    for path, operations in description(app)["paths"].items():
        for method, operation in operations.items():
            if method not in METHODS:
                continue
            responses = set(operation["responses"])
            assert operation["summary"]
            assert {"400", "401", "503", "default"} <= responses, path
            assert "403" in responses or not operation["security"]
            if "requestBody" in operation:
                assert {"413", "415", "422"} <= responses, path
            if "201" in responses:
                names = [parameter["name"] for parameter in operation["parameters"]]
                assert "Idempotency-Key" in names


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_whatever_is_sent_the_answer_is_as_described(
    described: Any,
    pharmacy_in_use: Callers,
    connection: Connection,
    request: pytest.FixtureRequest,
    method: str,
    path: str,
    mode: GenerationMode,
) -> None:
    operation = described[path][method]
    key = pharmacy_in_use.staff_api(Role.PHARMACIST_IN_CHARGE).key
    before = row_counts(connection)
    accepted = 0

    @examples(request, quick=3)
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        nonlocal accepted
        headers = let_in(operation, key)
        answer = case.call(headers=headers)
        accepted += answer.status_code < 300
        case.validate_response(answer, headers=headers, excluded_checks=_checks(_EXCEPT))
        assert answer.status_code < 500
        assert str(answer.status_code) in operation.definition.raw["responses"] or answer.status_code == 405

    send()

    if not accepted:
        # Refusals of some doors are on record; nothing else may have been written.
        on_record = {"audit": 0, "audit_unsealed": 0}
        assert row_counts(connection) | on_record == before | on_record


def let_in(operation: Any, staff_key: str) -> dict[str, str]:
    """What opens the operation: a client's token, a key of staff, or nothing."""
    schemes = {name for each in operation.definition.raw.get("security", []) for name in each}
    if not schemes:
        return {}
    return {"Authorization": f"Bearer {STANDING_TOKEN if 'bearer' in schemes else staff_key}"}


def _checks(names: frozenset[str]) -> list[Any]:
    return schemathesis.checks.CHECKS.get_by_names(list(names))


def test_real_answers_are_as_described(described: Any, pharmacy_in_use: Callers) -> None:
    given_answers = real_answers(pharmacy_in_use)

    assert set(given_answers) == set(OPERATIONS)
    for (method, path), answers in given_answers.items():
        assert answers, f"{method} {path} was never really answered"
        for answer in answers:
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

    @examples(request, quick=40)
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

    @examples(request, quick=40)
    @given(at=st.integers(0, len(whole) - 1), length=st.integers(0, 4), put=st.binary(max_size=4))
    def send(at: int, length: int, put: bytes) -> None:
        before = row_counts(connection)

        answer = api.post("/orders", whole[:at] + put + whole[at + length :])

        assert answer.status_code in {201, 400, 409, 422}, answer.text
        if answer.status_code != 201:
            assert row_counts(connection) == before

    send()
