"""A refill that comes late, or goes elsewhere: its days wait for it, and what the law and the books say of it holds."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update

from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store.batches import Batch
from pharmacy.store.patients import Patient
from pharmacy.store.reference import Setting
from pharmacy.usecases.act_on_order import ActNotOpen
from tests.web.api.answers import problem
from tests.web.api.courses import Course, course_order

Begin = Callable[..., Course]


def begun_on_time(course: Begin) -> Course:
    """The patient has said on which day the first dose was taken."""
    made = course(course_order(refills=2), day=4)
    start = made.schedule()["start"]["on"]
    told = made.staff.post(f"/prescriptions/{made.id}/start", {"started_on": start})
    assert told.status_code == 200, told.text
    return made


def refilled(made: Course, **changes: Any) -> UUID:
    answer = made.refill(**changes)
    assert answer.status_code == 201, answer.text
    return UUID(answer.get_json()["id"])


def test_the_days_of_a_late_refill_wait_for_it_though_the_start_was_confirmed(course: Begin) -> None:
    made = begun_on_time(course)
    made.go_to_day(33)
    order_id = refilled(made)

    made.hand_over(order_id)

    order = made.work.order(order_id)
    assert order.shipped_on is not None
    there_on = order.shipped_on + timedelta(days=3)
    assert made.schedule()["start"] == {"on": (there_on - timedelta(days=30)).isoformat(), "basis": "assumed"}


def test_a_refill_in_time_goes_on_from_the_confirmed_start(course: Begin) -> None:
    made = begun_on_time(course)
    start = made.schedule()["start"]["on"]
    made.go_to_day(27)

    made.hand_over(refilled(made))

    assert made.schedule()["start"] == {"on": start, "basis": "confirmed"}


def test_the_capsules_of_a_late_refill_last_to_the_day_on_which_they_are_really_used_up(
    course: Begin,
) -> None:
    made = begun_on_time(course)
    made.go_to_day(33)
    order_id = refilled(made)
    made.work.carry_out()
    for act in (Act.START_REVIEW, Act.APPROVE, Act.RECORD_PAYMENT, Act.START_COMPOUNDING):
        made.work.act(order_id, act)
    made.work.carry_out()
    made.work.act(order_id, Act.FINISH_LABELLING)
    start = date.fromisoformat(made.schedule()["start"]["on"])
    with made.work.sessions.write() as session:
        session.execute(
            update(Batch)
            .where(Batch.strength_ug == 4500)
            .values(
                beyond_use_on=start + timedelta(days=59)
            )  # The last dose, had the refill been there on day 31.
        )

    with pytest.raises(ActNotOpen, match="before its last planned dose on"):
        made.work.act(order_id, Act.VERIFY)


def test_after_more_than_14_days_without_a_dose_a_refill_is_held_against_a_restart(course: Begin) -> None:
    made = begun_on_time(course)

    made.go_to_day(60)

    found = {finding.code: finding for finding in made.work.order(refilled(made)).findings}
    assert found["D-RETITRATE"].severity == "override"
    assert "restarts at step 1" in found["D-RETITRATE"].because


def test_a_refill_that_comes_within_14_days_says_nothing_of_a_restart(course: Begin) -> None:
    made = begun_on_time(course)

    made.go_to_day(31)

    assert "D-RETITRATE" not in {finding.code for finding in made.work.order(refilled(made)).findings}


def test_a_refill_is_not_mailed_to_a_state_without_a_licence_and_may_be_picked_up(course: Begin) -> None:
    made = course(course_order(refills=2), day=27)
    with made.work.sessions.write() as session:
        session.execute(update(Patient).values(state="OH"))

    refused = problem(made.refill(), 422)

    assert refused["detail"] == "The pharmacy has no licence to ship to OH."
    assert made.refill(delivery="pick_up").status_code == 201


def test_a_refill_is_taxed_as_the_first_fill_is(course: Begin) -> None:
    made = course(course_order(refills=2), day=27)
    taxes = '[{"state": "NY", "share": "0.10"}]'
    with made.work.sessions.write() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text(f"UPDATE price_books SET rules = rules || jsonb_build_object('taxes', '{taxes}'::jsonb)")
        )
        session.execute(text("UPDATE reference_version SET version = version + 1"))
        session.execute(text("SET LOCAL session_replication_role = origin"))

    lines = {line.kind: line.amount_cents for line in made.work.order(refilled(made)).price_lines}

    goods = sum(cents for kind, cents in lines.items() if kind not in {"tax", "shipping"})
    assert lines["tax"] == (goods + 5) // 10


@pytest.mark.parametrize(
    ("first", "then", "until"),
    [
        ("mail", "pick_up", None),
        ("mail", "mail", "2027-11-20"),
        ("pick_up", "mail", "2027-11-20"),
        ("pick_up", "pick_up", None),
    ],
)
def test_how_long_a_prescription_holds_goes_by_how_each_fill_is_delivered(
    course: Begin, first: str, then: str, until: str | None
) -> None:
    """Fifteen months where the pharmacy is, twelve where the patient lives: for what is mailed the earlier of the two."""
    made = course(course_order(refills=1) | {"delivery": first}, day=None, status=OrderStatus.VERIFIED)
    made.work.act(made.order_id, Act.SHIP if first == "mail" else Act.PICK_UP)
    table = {"months_without_limit": 12, "by_state": {"IL": 15, "NY": 12}}
    with made.work.sessions.write() as session:
        for name, value in (("pharmacy_state", "IL"), ("prescription_validity_by_state", table)):
            told = {"source": "a test", "owner": "Iris", "reason": "a test", "set_at": made.clock.now}
            session.add(Setting(name=name, value=value, **told))
    made.clock.now += timedelta(days=377)  # 5 December 2027, written on 20 November 2026.

    answer = made.refill(delivery=then)

    if until is None:
        assert answer.status_code == 201, answer.text
        assert made.work.order(made.order_id).prescription.last_fill_on == date(2028, 2, 20)
    else:
        assert f"could be filled until {until}" in problem(answer, 409)["detail"]
