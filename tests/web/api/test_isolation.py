"""Nobody reads or moves another practice's order: every operation, every actor, every foreign object.

The matrix is made from the description that is checked in. Another practice's is answered as if it were not
there, word for word, in a path, in a body, by an idempotency key and by an ETag.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, text
from werkzeug.test import TestResponse

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from tests.books import MORNING, row_counts
from tests.callers import Api, Caller, StaffApi
from tests.rows import another_practice
from tests.web.api.answers import kind
from tests.web.api.isolation import MISSING, Operation, Owned, Reach, missing, owned_by, reaches
from tests.work import Work

DESCRIBED = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())["paths"]
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS: list[Operation] = [
    (method.upper(), path) for path, found in DESCRIBED.items() for method in METHODS if method in found
]
REACHES = reaches()
LISTING: Operation = ("GET", "/api/v1/orders")
STRANGER = "a-token-of-a-strange-practice"


def described(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = DESCRIBED[operation[1]][operation[0].lower()]
    return found


def lets_in(operation: Operation, kind_of_caller: str) -> bool:
    return any(kind_of_caller in way for way in described(operation)["security"])


def parameters(operation: Operation) -> list[str]:
    return re.findall(r"{(\w+)}", operation[1])


FOR_CLIENTS = [each for each in OPERATIONS if lets_in(each, "bearer")]
FOR_STAFF = [each for each in OPERATIONS if lets_in(each, "staff")]
CLOSED = [each for each in OPERATIONS if described(each)["security"]]
REACHING = [each for each in FOR_CLIENTS if parameters(each) or (each in REACHES and REACHES[each].names)]


@dataclass(frozen=True)
class Sending:
    """One operation, sent by whomever at whatever."""

    operation: Operation

    @property
    def reach(self) -> Reach:
        return REACHES.get(self.operation, Reach())

    def __call__(self, caller: Caller, owned: Owned, **options: Any) -> TestResponse:
        method, path = self.operation
        for name in parameters(self.operation):
            path = path.replace("{" + name + "}", owned[name])
        if self.reach.body is not None:
            body = self.reach.body(owned)
            options |= {"data": body} if self.reach.form else {"json": body}
        elif method != "GET" and method != "DELETE":
            options |= {"json": {}}
        headers = {"Idempotency-Key": f"of {method} {path}", **options.pop("headers", {})}
        return caller.send(method, path.removeprefix("/api/v1"), headers=headers, **options)


@pytest.fixture
def stranger(client: FlaskClient, pharmacy: Pharmacy) -> Api:
    """A system of another practice, with every scope."""
    with pharmacy.sessions.write() as session:
        another_practice(session, STRANGER)
    return Api(client, STRANGER)


@pytest.fixture
def owned(api: Api, work: Work) -> Owned:
    """What the demonstration's practice owns."""
    return owned_by(api, work)


def named(operation: Operation) -> str:
    return " ".join(operation)


def test_every_operation_has_its_line_in_the_matrix() -> None:
    bodiless_for_staff = {
        each for each in FOR_STAFF if not lets_in(each, "bearer") and "requestBody" not in described(each)
    }

    missing_lines = set(OPERATIONS) - set(REACHES) - bodiless_for_staff

    assert not missing_lines, f"give each a line in tests/web/api/isolation/<noun>.py: {missing_lines}"
    assert set(REACHES) <= set(OPERATIONS)


@pytest.mark.parametrize("operation", FOR_CLIENTS, ids=named)
def test_the_owner_is_answered(operation: Operation, api: Api, owned: Owned) -> None:
    """Otherwise the refusals below would show nothing."""
    answer = Sending(operation)(api, owned)

    assert answer.status_code in REACHES[operation].works, answer.text


@pytest.mark.parametrize("operation", REACHING, ids=named)
def test_what_is_another_practice_s_is_answered_as_what_is_not_there(
    operation: Operation, stranger: Api, owned: Owned, connection: Connection
) -> None:
    send = Sending(operation)
    for name in parameters(operation):
        assert owned[name]  # Made now, not between the two counts.
    before = row_counts(connection)

    foreign, nothing = send(stranger, owned), send(stranger, missing())

    assert foreign.status_code == nothing.status_code == 404, foreign.text
    assert _without_ids(foreign.text, owned) == _without_ids(nothing.text, owned)
    assert _without_what_is_left(foreign) == _without_what_is_left(nothing)
    assert row_counts(connection) == before


@pytest.mark.parametrize("operation", REACHING, ids=named)
def test_neither_etag_nor_key_of_the_owner_helps_a_stranger(
    operation: Operation, api: Api, stranger: Api, owned: Owned
) -> None:
    send = Sending(operation)
    given = send(api, owned)
    etag = given.headers.get("ETag", '"of-the-owner"')

    borrowed = send(stranger, owned, headers={"If-None-Match": etag, "If-Match": etag})

    # The idempotency key is the same in both, and so is the body.
    assert borrowed.status_code == 404, borrowed.text
    assert "Idempotent-Replayed" not in borrowed.headers


@pytest.mark.parametrize("operation", [each for each in FOR_CLIENTS if each in REACHES], ids=named)
def test_nothing_of_another_practice_is_in_any_answer(
    operation: Operation, stranger: Api, owned: Owned
) -> None:
    answer = Sending(operation)(stranger, owned if REACHES[operation].lists else missing())

    for own in (owned.order_id, owned.prescription_id, owned.label_id, owned.quote_id):
        assert own not in answer.text


@pytest.mark.parametrize("operation", FOR_CLIENTS, ids=named)
def test_a_client_without_the_scope_is_kept_out(
    operation: Operation, client: FlaskClient, pharmacy: Pharmacy, connection: Connection
) -> None:
    with pharmacy.sessions.write() as session:
        another_practice(session, "no-scope", scopes=[])
    before = row_counts(connection)

    answer = Sending(operation)(Api(client, "no-scope"), missing())

    assert kind(answer, 403) == "scope-missing"
    assert row_counts(connection) == before


@pytest.mark.parametrize("operation", CLOSED, ids=named)
def test_a_token_that_does_not_hold_lets_nobody_in(
    operation: Operation, client: FlaskClient, pharmacy: Pharmacy, connection: Connection
) -> None:
    with pharmacy.sessions.write() as session:
        another_practice(session, "disabled", disabled_at=MORNING)
        another_practice(session, "ended")
        session.execute(
            text("UPDATE access_tokens SET expires_at = :now WHERE token_hash = sha256('ended')"),
            {"now": MORNING},
        )
    before = row_counts(connection)

    for token in ("", "unknown", "disabled", "ended"):
        assert kind(Sending(operation)(Api(client, token), missing()), 401) == "unauthenticated"
    assert row_counts(connection) == _with_on_record(before, 3)


@pytest.mark.parametrize("operation", [each for each in CLOSED if not lets_in(each, "bearer")], ids=named)
def test_a_client_is_nobody_where_staff_work(operation: Operation, api: Api, connection: Connection) -> None:
    before = row_counts(connection)

    assert kind(Sending(operation)(api, missing()), 401) == "unauthenticated"
    assert row_counts(connection) == _with_on_record(before, 1)


@pytest.mark.parametrize("operation", [each for each in CLOSED if not lets_in(each, "staff")], ids=named)
def test_a_member_of_staff_is_nobody_where_clients_call(
    operation: Operation, staff_api: Callable[[Role], StaffApi]
) -> None:
    answer = Sending(operation)(staff_api(Role.PHARMACIST_IN_CHARGE), missing())

    assert kind(answer, 401) == "unauthenticated"


@pytest.mark.parametrize("operation", FOR_STAFF, ids=named)
def test_a_member_of_staff_without_the_role_is_kept_out(
    operation: Operation, staff_api: Callable[[Role], StaffApi], connection: Connection
) -> None:
    (roles,) = [way["staff"] for way in described(operation)["security"] if "staff" in way]
    others = {Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE, Role.SHIPPING} - set(roles)
    callers = [staff_api(role) for role in sorted(others)]
    before = row_counts(connection)

    for caller in callers:
        assert kind(Sending(operation)(caller, missing()), 403) == "not-for-this-role"
    # What staff are refused is on record, and that is all that has changed.
    changed = {name for name, count in row_counts(connection).items() if count != before[name]}
    assert changed <= {"audit", "audit_unsealed"}


SHOWING = [
    each
    for each in FOR_CLIENTS
    if (each[0] == "GET" and {"order_id", "prescription_id", "label_id"} & set(parameters(each))) or each == LISTING
]  # fmt: skip


@pytest.mark.parametrize("operation", SHOWING, ids=named)
def test_whose_facts_a_client_was_shown_is_on_record(
    operation: Operation, api: Api, work: Work, connection: Connection
) -> None:
    owned = owned_by(api, work)
    (patient_id,) = connection.scalars(text("SELECT patient_id FROM orders")).all()
    asked = text("SELECT count(*) FROM audit WHERE action = 'patient.shown' AND subject_id = :patient_id")
    before = connection.scalar(asked, {"patient_id": patient_id})

    answer = Sending(operation)(api, owned)

    assert answer.status_code in (200, 409), answer.text
    assert answer.status_code == 409 or connection.scalar(asked, {"patient_id": patient_id}) == before + 1


def _without_what_is_left(answer: TestResponse) -> dict[str, str]:
    """The headers; every request takes one from what its sender has left, whatever it finds."""
    return {name: value for name, value in answer.headers.items() if not name.startswith("RateLimit")}


def _with_on_record(counts: dict[str, int], refusals: int) -> dict[str, int]:
    """So many refused tokens are on record, and nothing else was written."""
    return {**counts, **{name: counts[name] + refusals for name in ("audit", "audit_unsealed")}}


def _without_ids(words: str, owned: Owned) -> str:
    for own in (owned.order_id, owned.prescription_id, owned.label_id, owned.quote_id, MISSING):
        words = words.replace(own, "ID")
    return words
