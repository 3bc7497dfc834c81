"""What is done to an order is in the practice's event log, in the same transaction or not at all."""

import pytest
from sqlalchemy import func, select

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.screening import OpioidAnswer
from pharmacy.store import events
from pharmacy.store.events import Event
from pharmacy.store.orders import Order
from pharmacy.usecases.act_on_order import NotYourAct
from tests.builders import GONE, an_order
from tests.work import Work


def told(work: Work, order: Order) -> list[tuple[int | None, str]]:
    with work.sessions.read() as session:
        return [(event.sequence, event.kind) for event in events.of_order(session, order.id)]


def test_every_state_on_the_way_is_told_once_and_in_sequence(work: Work) -> None:
    order = work.order(work.bring_to(OrderStatus.SHIPPED))

    way = [
        "received",
        "in_review",
        "awaiting_payment",
        "queued",
        "compounding",
        "labelled",
        "verified",
        "shipped",
    ]
    assert told(work, order) == [(number, f"order.{status}") for number, status in enumerate(way, start=1)]


def test_an_order_with_a_question_begins_in_clarification_and_tells_that_it_was_answered(work: Work) -> None:
    order_id = work.submit(an_order(opioid_last_14_days=GONE))
    work.answer(order_id, opioid_last_14_days=OpioidAnswer.NO)

    assert told(work, work.order(order_id)) == [(1, "order.clarification"), (2, "order.answered")]


def test_what_is_refused_is_not_told(work: Work) -> None:
    order = work.order(work.submit())

    with pytest.raises(NotYourAct):
        work.act(order.id, Act.CANCEL, by=Role.TECHNICIAN, reason="a wish of the technician")

    assert told(work, order) == [(1, "order.received")]


def test_an_event_names_its_practice_and_waits_for_its_place_in_the_log(work: Work) -> None:
    order = work.order(work.submit())

    with work.sessions.read() as session:
        event = session.scalars(select(Event)).one()
        assert session.scalar(select(func.count()).select_from(Event)) == 1
    assert (event.practice_id, event.order_id, event.prescription_id, event.position) == (
        order.practice_id, order.id, order.prescription_id, None,
    )  # fmt: skip
