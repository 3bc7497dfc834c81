"""Members of staff at the API: let in by a key, by their role, and only while both hold."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, update

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from pharmacy.store import audit
from pharmacy.store.base import new_id
from pharmacy.store.staff import StaffMember
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.open_demo import DEMO_PASSWORD, DEMO_STAFF
from tests.books import Clock, row_counts
from tests.callers import Api, StaffApi
from tests.web.api.answers import kind, problem

StaffByRole = Callable[[Role], StaffApi]


def a_task(pharmacy: Pharmacy, **fields: object) -> str:
    new = NewTask(
        **{  # type: ignore[arg-type]
            "kind": "refill.phone", "subject_id": new_id(), "wording": "Call.", "due_on": date(2026, 11, 25),
            **fields,
        }
    )  # fmt: skip
    with pharmacy.sessions.write() as session:
        return str(open_task(session, new, by=pharmacy.clockwork, now=pharmacy.clock()))


def test_a_key_lets_in_until_it_is_given_back(staff_api: StaffByRole) -> None:
    technician = staff_api(Role.TECHNICIAN)
    assert technician.get("/tasks").status_code == 200

    assert technician.send("DELETE", "/staff/sessions/current").status_code == 204

    assert kind(technician.get("/tasks"), 401) == "unauthenticated"


def test_a_key_that_was_idle_for_too_long_lets_in_nobody(staff_api: StaffByRole, clock: Clock) -> None:
    technician = staff_api(Role.TECHNICIAN)
    clock.now += timedelta(minutes=31)

    assert kind(technician.get("/tasks"), 401) == "unauthenticated"


def test_whoever_is_disabled_is_out_at_once(staff_api: StaffByRole, pharmacy: Pharmacy, clock: Clock) -> None:
    technician = staff_api(Role.TECHNICIAN)
    task_id = a_task(pharmacy)
    with pharmacy.sessions.write() as session:
        session.execute(
            update(StaffMember).where(StaffMember.role == Role.TECHNICIAN).values(disabled_at=clock.now)
        )

    refused = technician.post(f"/tasks/{task_id}/close", {"outcome": "done"})

    assert kind(refused, 401) == "unauthenticated"


def test_a_client_of_a_practice_is_no_member_of_staff_and_the_other_way_round(
    api: Api, staff_api: StaffByRole
) -> None:
    assert kind(api.get("/tasks"), 401) == "unauthenticated"
    assert kind(staff_api(Role.PHARMACIST).get("/orders"), 401) == "unauthenticated"


def test_a_wrong_password_is_refused_and_soon_asked_to_wait(client: object, staff_api: StaffByRole) -> None:
    door = staff_api(Role.SHIPPING).client
    who = {"username": DEMO_STAFF[0].username, "password": "wrong"}

    for _ in range(5):
        assert kind(door.post("/api/v1/staff/sessions", json=who), 403) == "sign-in-refused"

    answer = door.post("/api/v1/staff/sessions", json=who | {"password": DEMO_PASSWORD})
    assert kind(answer, 429) == "too-many-tries"
    assert int(answer.headers["Retry-After"]) == 15 * 60


def test_a_task_is_listed_until_somebody_closes_it_once(staff_api: StaffByRole, pharmacy: Pharmacy) -> None:
    later = a_task(pharmacy, due_on=date(2026, 12, 1))
    soon = a_task(pharmacy)
    technician = staff_api(Role.TECHNICIAN)
    assert [task["id"] for task in technician.get("/tasks").get_json()["tasks"]] == [soon, later]

    closed = technician.post(f"/tasks/{soon}/close", {"outcome": "Reached."})

    assert closed.get_json()["outcome"] == "Reached."
    again = technician.post(f"/tasks/{soon}/close", {"outcome": "Reached twice."})
    assert kind(again, 409) == "task-already-closed"
    assert [task["id"] for task in technician.get("/tasks").get_json()["tasks"]] == [later]


def test_a_task_is_open_once_for_its_kind_and_subject(pharmacy: Pharmacy) -> None:
    subject = new_id()

    assert a_task(pharmacy, subject_id=subject) == a_task(pharmacy, subject_id=subject)
    assert a_task(pharmacy, subject_id=subject) != a_task(pharmacy, subject_id=subject, kind="start.ask")


@pytest.mark.parametrize("body", [{}, {"outcome": ""}, {"outcome": 3}, {"outcome": "x", "by": "me"}])
def test_a_task_is_not_closed_by_words_out_of_shape(
    staff_api: StaffByRole, pharmacy: Pharmacy, connection: Connection, body: object
) -> None:
    task_id = a_task(pharmacy)
    technician = staff_api(Role.TECHNICIAN)
    before = row_counts(connection)

    problem(technician.post(f"/tasks/{task_id}/close", body), 400)

    assert row_counts(connection) == before


def test_what_staff_are_refused_is_on_record_with_the_reason_and_nothing_else_has_changed(
    staff_api: StaffByRole, pharmacy: Pharmacy, connection: Connection
) -> None:
    technician = staff_api(Role.TECHNICIAN)
    task_id = a_task(pharmacy)
    technician.post(f"/tasks/{task_id}/close", {"outcome": "done"})
    before = row_counts(connection)

    again = technician.post(f"/tasks/{task_id}/close", {"outcome": "done twice"})

    assert kind(again, 409) == "task-already-closed"
    changed = {name for name, count in row_counts(connection).items() if count != before[name]}
    assert changed == {"audit", "audit_unsealed"}
    with pharmacy.sessions.read() as session:
        entry = audit.of_subject(session, UUID(task_id))[-1]
    assert (entry.action, entry.actor_name) == ("staff.refused", "Tess Technician")
    assert entry.detail == {
        "asked": "POST /api/v1/tasks/<uuid:task_id>/close",
        "code": "TaskAlreadyClosed",
        "reason": "Somebody has closed this task already.",
    }
