"""A course that changes while an order is under way, is renewed, or waits for its price: who hears of it, and what is made."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from pharmacy.domain.notice_rules import Channel, Never
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.store.events import Event
from pharmacy.store.notices import Notice
from pharmacy.store.orders import Order
from pharmacy.usecases.act_on_order import ActNotOpen
from pharmacy.usecases.notice_case import case_of
from pharmacy.usecases.notice_gates import decision_of
from pharmacy.usecases.notice_words import outgoing
from pharmacy.usecases.ports import OutgoingMail
from tests.books import MORNING
from tests.builders import a_plan
from tests.usecases.paying import accept
from tests.web.api.answers import problem
from tests.web.api.courses import Course, course_order
from tests.work import Work

Begin = Callable[..., Course]


def _lines(made: Course, order_id: str) -> list[list[Any]]:
    order = made.work.order(UUID(order_id))
    return [[f"{line.strength_ug / 1000:g}", line.capsules] for line in order.lines]


def _miss(made: Course, day: int, days: int) -> Any:
    start = date.fromisoformat(made.schedule()["start"]["on"])
    body = {"first_on": (start + timedelta(days=day - 1)).isoformat(), "days": days}
    return made.come_in(Role.TECHNICIAN).post(f"/prescriptions/{made.id}/missed-days", body)


def test_a_fill_that_is_not_being_made_yet_is_derived_anew_when_days_were_missed(course: Begin) -> None:
    made = course(course_order(refills=1), day=27)
    old = made.work.order(UUID(made.refill().get_json()["id"]))

    told = _miss(made, 20, 2)

    assert told.status_code == 200, told.text
    # Thirty-two days at home; the fill begins two days later and holds as many capsules.
    assert made.work.order(old.id).status is OrderStatus.CANCELLED
    with made.work.sessions.read() as session:
        (new_id,) = session.scalars(
            select(Order.id).where(Order.prescription_id == made.id, Order.status == OrderStatus.RECEIVED)
        )
    new = made.work.order(new_id)
    assert (new.refill_number, new.first_day, new.days) == (1, 33, 30)
    assert _lines(made, str(new.id)) == [["4.5", 30]]
    assert new.plan_version_id != old.plan_version_id


def test_a_fill_that_is_being_made_is_held_for_a_decision_when_days_were_missed(course: Begin) -> None:
    made = course(course_order(refills=1), day=27)
    order_id = UUID(made.refill().get_json()["id"])
    made.work.carry_out()
    made.work.act(order_id, Act.START_REVIEW)
    made.work.act(order_id, Act.APPROVE, reason="Checked by hand, in full.", contact="Dr Gray, 14:00")
    made.work.act(order_id, Act.RECORD_PAYMENT)
    made.work.act(order_id, Act.START_COMPOUNDING)

    _miss(made, 20, 2)

    assert made.work.order(order_id).status is OrderStatus.ON_HOLD
    with pytest.raises(ActNotOpen, match="The plan has changed from day 20"):
        made.work.act(order_id, Act.RESUME, by=Role.PHARMACIST)
    assert "order.plan_changed" in {task["kind"] for task in made.staff.get("/tasks").get_json()["tasks"]}


def test_nobody_pays_for_or_makes_what_an_old_plan_asked_for(course: Begin, connection: Connection) -> None:
    made = course(course_order(refills=1), day=27)
    order_id = UUID(made.refill().get_json()["id"])
    made.work.carry_out()
    made.work.act(order_id, Act.START_REVIEW)
    made.work.act(order_id, Act.APPROVE, reason="Checked by hand, in full.", contact="Dr Gray, 14:00")
    # As the books stood before a change replaced the orders of the plan before.
    newer = "INSERT INTO plan_versions (id, prescription_id, version, first_day, created_at, created_by)"
    connection.exec_driver_sql(
        f"{newer} SELECT gen_random_uuid(), prescription_id, 2, 20, created_at, created_by FROM plan_versions"
    )

    for act in (Act.RECORD_PAYMENT, Act.START_COMPOUNDING):
        with pytest.raises(ActNotOpen, match="The plan has changed from day 20"):
            made.work.act(order_id, act)
        connection.exec_driver_sql(f"UPDATE orders SET status = 'queued' WHERE id = '{order_id}'")


def _approved(made: Course, **changes: Any) -> UUID:
    """The renewed prescription."""
    body = {"answer": "approve", "written_on": "2026-12-10", "refills": 3, "authorization": made.signed()}
    answer = made.api.post(f"/prescriptions/{made.id}/renewals", {**body, **changes})
    assert answer.status_code == 201, answer.text
    return UUID(answer.get_json()["renewed_prescription_id"])


def test_a_renewal_counts_what_the_prescription_before_left_at_home(course: Begin) -> None:
    made = course(day=20)
    start = date.fromisoformat(made.schedule()["start"]["on"])
    made.id = _approved(made)

    # Shipped on 23 November for thirty days: as with a refill, twenty-four days later and not before.
    assert problem(made.refill(days=30), 409)["detail"] == "A refill is possible from 2026-12-17."
    made.clock.now += timedelta(days=2)
    first = made.refill(days=30)

    assert first.status_code == 201, first.text
    # Made and sent at once it is there before the last capsule at home is taken: it begins the day after that.
    assert made.schedule()["start"]["on"] == (start + timedelta(days=30)).isoformat()
    assert made.work.order(UUID(first.get_json()["id"])).home_until == start + timedelta(days=29)


def test_a_changed_renewal_does_not_wait_for_the_old_dose(course: Begin) -> None:
    made = course(day=20)

    made.id = _approved(made, answer="change", plan=a_plan(("3", None)))

    assert made.refill(days=30).status_code == 201


def test_a_practice_hears_of_adjustments_renewals_and_transfers(course: Begin) -> None:
    made = course(course_order(refills=1))
    made.adjust({"kind": "pause", "days": 2, "from_day": 12, "reason": "Vivid dreams."})
    body = {"answer": "deny", "reason": "The patient is to be seen first."}
    made.api.post(f"/prescriptions/{made.id}/renewals", body)
    to = {"pharmacy": "Other", "pharmacist": "Ada Byron", "phone": "(555) 010-0100", "reason": "Moved away."}
    made.staff.post(f"/prescriptions/{made.id}/transfer", to)

    with made.work.sessions.read() as session:
        heard = session.scalars(select(Event.kind).where(Event.prescription_id == made.id)).all()

    told = [
        "adjustment.asked", "plan.changed", "renewal.answered", "prescription.transferred",
    ]  # fmt: skip
    assert [kind for kind in heard if not kind.startswith("order.")] == told


def test_the_patient_is_sent_a_link_to_the_price_and_no_sum_with_it(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT)

    (notice,) = [each for each in work.notices(order_id) if each.kind is NoticeKind.PRICE]

    with work.sessions.write() as session:
        case = case_of(session, session.get_one(Notice, notice.id), now=MORNING)
        pharmacy = work.pharmacy
        mail = outgoing(
            session, case, Channel.EMAIL, pharmacy.notice_desk, by=pharmacy.clockwork, now=MORNING
        )
    assert isinstance(mail, OutgoingMail)
    assert "/p/" in mail.body
    for word in ("65.45", "naltrexone", "4.5", "Ada"):
        assert word.casefold() not in f"{mail.subject} {mail.body}".casefold()


def test_nobody_is_sent_a_price_that_is_accepted(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT)
    (notice,) = [each for each in work.notices(order_id) if each.kind is NoticeKind.PRICE]

    accept(work, order_id)

    assert NoticeKind.PRICE not in {each.kind for each in work.notices(order_id)}
    # One that is being sent this minute is stopped at the last gate.
    with work.sessions.write() as session:
        session.add(Notice(**{each.key: getattr(notice, each.key) for each in Notice.__table__.columns}))
        session.flush()
        case = case_of(session, session.get_one(Notice, notice.id), now=MORNING)
        assert decision_of(session, case, has_sms=False) == Never("the price was accepted")
