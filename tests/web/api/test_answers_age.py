"""What a patient was asked is taken over from one order by another while it holds, and is asked again when it is old.

The order of every course here came on 23 November; its answers hold for 14 days, through 7 December. The patient began
on 26 November, so that 7 December is day 12 of the plan.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.screening import answer_holds
from pharmacy.store.orders import Order
from pharmacy.store.reference import Setting
from tests.usecases.paying import paid, refund, shipped
from tests.usecases.test_remakes import REMADE
from tests.web.api.courses import Course, course_order
from tests.work import Work

Begin = Callable[..., Course]
ASKED = ["C-OPIOID-ANSWER", "C-ALLERGIES", "C-MEDICINES"]
LAST_DAY, DAY_AFTER = 12, 13


@pytest.mark.parametrize(("days_later", "holds"), [(0, True), (14, True), (15, False)])
def test_an_answer_holds_through_its_last_day_and_not_on_the_day_after(days_later: int, holds: bool) -> None:
    given = date(2026, 3, 2)

    assert answer_holds(given, given + timedelta(days=days_later), 14) is holds


def asked_of(order: Order) -> list[str]:
    return [finding.code for finding in order.questions]


def stepped_back(made: Course, from_day: int) -> Order:
    asked = {"kind": "step_back", "from_day": from_day, "reason": "Insomnia at 3 mg."}
    return made.work.order(UUID(made.adjust(asked)["order_id"]))


def test_a_change_of_plan_takes_over_what_was_answered_through_the_last_day(course: Begin) -> None:
    made = course(day=LAST_DAY)

    order = stepped_back(made, LAST_DAY + 1)

    assert (order.status, asked_of(order)) == (OrderStatus.RECEIVED, [])
    assert order.answers["given_on"]["opioid_last_14_days"] == "2026-11-23"


def test_on_the_day_after_the_order_that_a_change_makes_waits_for_new_answers(course: Begin) -> None:
    made = course(day=DAY_AFTER)

    order = stepped_back(made, DAY_AFTER + 1)

    assert (order.status, order.resumes_to) == (OrderStatus.CLARIFICATION, OrderStatus.RECEIVED)
    assert asked_of(order) == ASKED
    # The plan is changed all the same, and what is known of the patient stays known.
    assert made.schedule()["plan_version"] == 2
    assert order.patient.profile["allergies"] == made.work.order(made.order_id).patient.profile["allergies"]
    answered = made.staff.post(
        f"/orders/{order.id}/answers/by-staff",
        {"opioid_last_14_days": "no", "no_known_allergies": True, "medicines": []},
    )
    assert answered.status_code == 201, answered.text
    settled = made.work.order(order.id)
    assert asked_of(settled) == []
    assert set(settled.answers["given_on"].values()) == {"2026-12-08"}


def test_answers_from_before_they_had_days_grow_old_all_the_same(course: Begin) -> None:
    """The order that takes them over is younger than they are; of an order's evening in UTC the day before counts."""
    made = course(day=LAST_DAY - 1)
    with made.work.sessions.write() as session:
        legacy = session.get_one(Order, made.order_id)
        legacy.answers = {name: told for name, told in legacy.answers.items() if name != "given_on"}

    first = stepped_back(made, LAST_DAY)
    made.go_to_day(DAY_AFTER)
    again = {"kind": "skip", "from_day": DAY_AFTER + 1, "reason": "She sleeps well again."}
    second = made.work.order(UUID(made.adjust(again)["order_id"]))

    assert (first.status, asked_of(first)) == (OrderStatus.RECEIVED, [])
    assert set(first.answers["given_on"].values()) == {"2026-11-22"}
    assert asked_of(second) == ASKED


def test_a_dose_is_left_out_without_anything_being_asked(course: Begin) -> None:
    made = course(day=DAY_AFTER)

    paused = made.ask_as_pharmacist({"kind": "pause", "from_day": DAY_AFTER + 1, "reason": "Surgery."})

    assert made.accept(paused.get_json()).get_json()["state"] == "in_force"


def test_a_remake_asks_again_what_is_old(work: Work, clock: Any) -> None:
    order_id = paid(work)
    shipped(work, order_id)
    clock.now += timedelta(days=15)

    refund(work, order_id, replace(REMADE, today=clock.now.date()))

    with work.sessions.read() as session:
        remade = session.scalars(select(Order.id).where(Order.remake_of_id == order_id)).one()
    assert asked_of(work.order(remade)) == ASKED
    assert work.order(remade).status is OrderStatus.CLARIFICATION


@pytest.mark.parametrize(("day", "asked"), [(41, []), (42, ASKED)], ids=["last day", "day after"])
def test_what_was_ordered_for_days_that_moved_asks_again_what_is_old(
    course: Begin, day: int, asked: list[str]
) -> None:
    # The refill is asked for, and everything answered, on 22 December: through 5 January, day 41 of the plan.
    made = course(course_order(refills=1), day=27)
    refilled = UUID(made.refill().get_json()["id"])
    made.go_to_day(day)

    late = made.staff.post(f"/prescriptions/{made.id}/missed-days", {"first_on": "2026-12-15", "days": 2})

    assert late.status_code == 200, late.text
    assert made.work.order(refilled).status is OrderStatus.CANCELLED
    with made.work.sessions.read() as session:
        anew = session.scalars(select(Order.id).order_by(Order.number.desc())).first()
    assert asked_of(made.work.order(anew)) == asked


def test_for_how_long_answers_hold_is_the_houses_to_say(course: Begin, work: Work) -> None:
    made = course(day=LAST_DAY)
    with work.sessions.write() as session:
        session.add(
            Setting(
                name="answers_hold_days",
                value=7,
                source="a test",
                owner="Iris",
                reason="a test",
                set_at=made.clock.now,
            )
        )

    assert asked_of(stepped_back(made, LAST_DAY + 1)) == ASKED
