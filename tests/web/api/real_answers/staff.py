"""A member of staff comes in, sees what waits, does it, and goes."""

from datetime import date

from pharmacy.domain.orders import Role
from pharmacy.store.base import new_id
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.open_demo import DEMO_PASSWORD, DEMO_STAFF
from tests.books import MORNING
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    clockwork = callers.work.pharmacy.clockwork
    new = NewTask(
        kind="refill.phone", subject_id=new_id(), wording="Call about the refill.", due_on=date(2026, 11, 25)
    )
    with callers.work.sessions.write() as session:
        task_id = open_task(session, new, by=clockwork, now=MORNING)
    who = {"username": DEMO_STAFF[0].username, "password": DEMO_PASSWORD}
    come_in = callers.api.client.post("/api/v1/staff/sessions", json=who)
    staff = callers.staff_api(Role.TECHNICIAN)
    listed = staff.get("/tasks")
    closed = staff.post(f"/tasks/{task_id}/close", {"outcome": "Reached; will call back."})
    return {
        ("POST", "/api/v1/staff/sessions"): [come_in],
        ("GET", "/api/v1/tasks"): [listed],
        ("POST", "/api/v1/tasks/{task_id}/close"): [closed],
        ("DELETE", "/api/v1/staff/sessions/current"): [staff.send("DELETE", "/staff/sessions/current")],
    }
