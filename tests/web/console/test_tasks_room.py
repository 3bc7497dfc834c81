"""Tasks in the console: what waits for a person, and that it is closed with what came of it."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from pharmacy.domain.orders import Role
from pharmacy.store import tasks
from pharmacy.store.tasks import NewTask, Task
from pharmacy.usecases.emergency_access import EMERGENCY_TASK
from tests.web.console.pages import Console, words
from tests.work import Work


def opened(work: Work, kind: str = "order.phone", due_on: date = date(2026, 11, 23)) -> UUID:
    order_id = work.submit()
    with work.sessions.write() as session:
        new = NewTask(
            kind=kind,
            subject_id=order_id,
            wording=f"Telephone about {kind}.",
            due_on=due_on,
            order_id=order_id,
            patient_id=work.order(order_id).patient_id,
        )
        return tasks.open_task(
            session, new, by=work.member_in(session, Role.TECHNICIAN), now=work.pharmacy.clock()
        )


def task(work: Work, task_id: UUID) -> Task:
    with work.sessions.read() as session:
        return tasks.get_task(session, task_id)


def test_what_waits_is_listed_soonest_due_first_and_by_what_it_is_about(work: Work, tess: Console) -> None:
    opened(work, "stock.count", date(2026, 11, 25))
    late = opened(work, "order.phone", date(2026, 11, 20))

    page = words(tess.get("/tasks"))
    about_stock = words(tess.get("/tasks?about=stock"))

    assert " Orders 1 " in page
    assert " Stock 1 " in page
    assert page.index("about order.phone.") < page.index("about stock.count.")
    assert "Late" in page
    assert "in 2 days" in about_stock
    assert "order.phone" not in about_stock
    assert "3 days ago" in words(tess.get(f"/tasks/{late}"))
    assert "Telephone about order.phone" in words(tess.get("/tasks?about=nonsense"))


def test_a_task_is_closed_with_what_came_of_it_and_only_once(
    work: Work, tess: Console, paul: Console
) -> None:
    task_id = opened(work)

    assert tess.post(f"/tasks/{task_id}", outcome="She has it; all is well.").status_code == 303

    assert task(work, task_id).outcome == "She has it; all is well."
    assert "Nothing waits for a person." in words(tess.get("/tasks"))
    done = words(paul.get(f"/tasks/{task_id}"))
    assert "What was done She has it; all is well." in done
    again = paul.post(f"/tasks/{task_id}", outcome="I have called her too.")
    assert again.status_code == 409
    assert "Somebody has closed this task already." in words(again)


def test_a_task_without_words_stays_open_and_keeps_what_was_typed(work: Work, tess: Console) -> None:
    task_id = opened(work)

    refused = tess.post(f"/tasks/{task_id}", outcome="   ")

    assert refused.status_code == 422
    assert "Say what was done." in words(refused)
    assert task(work, task_id).closed_at is None


def test_emergency_access_is_for_the_pharmacist_in_charge_to_close_and_an_auditor_closes_nothing(
    work: Work, paul: Console, iris: Console, at_work: Callable[[str], Console]
) -> None:
    task_id = opened(work, EMERGENCY_TASK)
    otto = at_work("otto")

    assert "Only the pharmacist-in-charge closes" in words(paul.get(f"/tasks/{task_id}"))
    assert paul.post(f"/tasks/{task_id}", outcome="It was all right.").status_code == 403
    assert "An auditor reads tasks" in words(otto.get(f"/tasks/{task_id}"))
    assert otto.post(f"/tasks/{task_id}", outcome="It was all right.").status_code == 403
    assert iris.post(f"/tasks/{task_id}", outcome="Two pages, with reason.").status_code == 303
    assert task(work, task_id).outcome == "Two pages, with reason."
