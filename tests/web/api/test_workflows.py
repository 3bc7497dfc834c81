"""The stateful phase: what one answer names is asked for in the next request, over the whole API.

The links are found by schemathesis in the description (an answer of an order links to everything that takes an
`order_id`), and walked in chains, always the same ones; a longer walk is `--hypothesis-profile=thorough`. Each
answer is as described, none is a fault of ours, and whatever is refused changes no row but those of the audit trail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, GenerationMode, Response
from sqlalchemy import Connection

from pharmacy.domain.orders import OrderStatus, Role
from tests.books import row_counts
from tests.builders import a_supply, an_order
from tests.callers import Api, StaffApi
from tests.web.api.test_description import let_in
from tests.work import Work

# A fitting request may be refused by a rule; what was ended may be read on; what does not hold is tried elsewhere.
_EXCEPT = ["positive_data_acceptance", "use_after_free", "ensure_resource_availability", "ignored_auth"]
_ON_RECORD = ("audit", "audit_unsealed")
_CHANGES = {"POST", "PUT", "PATCH", "DELETE"}
# What no generator hits upon: whole orders and quotes, from which a walk goes on.
WHOLE = {("POST", "/api/v1/orders"): an_order, ("POST", "/api/v1/quotes"): a_supply}


@pytest.fixture
def in_use(api: Api, work: Work) -> None:
    """Orders in several states, so that lists have something to link from."""
    for status in (OrderStatus.SHIPPED, OrderStatus.AWAITING_PAYMENT, OrderStatus.IN_REVIEW):
        work.bring_to(status)
    api.order(an_order(opioid_last_14_days=None))
    api.post("/webhook-endpoints", {"url": "https://hooks.example/ldn", "types": []})


def length(request: pytest.FixtureRequest) -> settings:
    is_thorough = request.config.getoption("--hypothesis-profile") == "thorough"
    return settings(
        max_examples=400 if is_thorough else 24,
        stateful_step_count=25 if is_thorough else 14,
        derandomize=not is_thorough,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


class Walking:
    """What a walk does besides drawing requests; mixed into the machine that schemathesis makes."""

    connection: Connection
    staff_key: str
    excluded: list[Any]
    walked: Counter[tuple[bool, int]]

    def setup(self) -> None:
        """Each walk sets out from the same books."""
        super().setup()  # type: ignore[misc]  # Of schemathesis' machine.
        self.books = self.connection.begin_nested()
        self.calls = 0

    def teardown(self) -> None:
        self.books.rollback()
        super().teardown()  # type: ignore[misc]  # As above.

    def before_call(self, case: Case) -> None:
        self.calls += 1
        case.headers.pop("Authorization", None)
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = f"call {self.calls}"
        if (case.method, case.path) in WHOLE:
            case.body = WHOLE[case.method, case.path]()

    def get_call_kwargs(self, case: Case) -> dict[str, Any]:
        self.before = row_counts(self.connection) if case.method in _CHANGES else {}
        return {"headers": let_in(case.operation, self.staff_key)}

    def step(self, input: Any) -> Any:  # Its name at schemathesis.
        self.is_linked = input.transition is not None and input.is_applied
        return super().step(input)  # type: ignore[misc]  # As above.

    def validate_response(self, response: Response, case: Case, **sent: Any) -> None:
        case.validate_response(response, excluded_checks=self.excluded, **sent)
        assert response.status_code < 500, response.content
        self.walked[self.is_linked, response.status_code // 100] += 1
        if 400 <= response.status_code < 500 and self.before:
            unchanged = dict.fromkeys(_ON_RECORD, 0)
            assert row_counts(self.connection) | unchanged == self.before | unchanged, case.as_curl_command()


@pytest.mark.slow
@pytest.mark.usefixtures("in_use")
def test_chains_of_requests_are_answered_as_described_and_refusals_change_nothing(
    app: Flask,
    connection: Connection,
    staff_api: Callable[[Role], StaffApi],
    request: pytest.FixtureRequest,
) -> None:
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    # Unfitting requests have their own test; a walk of fitting ones gets further.
    described.config.generation.update(modes=[GenerationMode.POSITIVE])
    machine = described.as_state_machine()
    for name in dir(machine):
        # Walks begin where something is listed or made, not at an identifier of nothing.
        if name.startswith("RANDOM__") and "_id_" in name:
            setattr(machine, name, None)
    given = {
        "connection": connection,
        "staff_key": staff_api(Role.PHARMACIST_IN_CHARGE).key,
        "excluded": schemathesis.checks.CHECKS.get_by_names(_EXCEPT),
        "walked": Counter(),
    }

    walk = type("Walk", (Walking, machine), given)
    walk.run(settings=length(request))

    walked = walk.walked
    assert walked[True, 2] >= 20, f"the walk must get beyond its first requests: {walked}"
