"""What is carried arrives, once; what the tasks cause is tested where it is decided."""

from collections.abc import Callable
from typing import Any

from celery import Celery
from sqlalchemy import func, select

from local.waiting import until
from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import OrderStatus
from pharmacy.store.base import new_id
from pharmacy.store.labels import Label
from pharmacy.store.notices import Notice, NoticeState, SentMessage
from pharmacy.store.orders import Order
from pharmacy.store.outbox import Message
from tests.books import Clock
from tests.builders import an_order
from tests.callers import Api
from tests.fakes import MailThatRemembers

PATIENCE = 20


def number(pharmacy: Pharmacy, query: Any) -> int:
    with pharmacy.sessions.read() as session:
        return session.scalar(query) or 0


def made_labels(pharmacy: Pharmacy) -> int:
    return number(pharmacy, select(func.count()).select_from(Label).where(Label.made_at.is_not(None)))


def undelivered(pharmacy: Pharmacy) -> int:
    return number(pharmacy, select(func.count()).select_from(Message).where(Message.delivered_at.is_(None)))


def relay_until(carrier: Celery, condition: Callable[[], bool], what: str) -> None:
    """The relay is asked again and again, as beat asks it."""

    def asked() -> bool:
        carrier.send_task("outbox.relay")
        return condition()

    until(asked, PATIENCE, what)


def test_a_new_order_has_one_proof_for_each_vial_made_by_the_worker(
    committed: Pharmacy, carrier: Celery, committed_api: Api
) -> None:
    committed_api.order(an_order())

    relay_until(carrier, lambda: made_labels(committed) == 3, "three proofs")

    until(lambda: undelivered(committed) == 0, PATIENCE, "an empty outbox")
    assert number(committed, select(func.count()).select_from(Label)) == 3


def test_messages_that_are_handed_out_again_change_nothing(
    committed: Pharmacy, carrier: Celery, committed_api: Api
) -> None:
    committed_api.order(an_order())
    relay_until(carrier, lambda: made_labels(committed) == 3, "three proofs")
    until(lambda: undelivered(committed) == 0, PATIENCE, "an empty outbox")
    with committed.sessions.read() as session:
        before = session.execute(select(Label.id, Label.sha256, Label.made_at).order_by(Label.id)).all()
        ids = [str(each) for each in session.scalars(select(Message.id))]

    carrier.send_task("labels.request_proofs", args=[ids])
    carrier.send_task("labels.make", args=[ids])
    committed_api.order(an_order())
    relay_until(carrier, lambda: made_labels(committed) == 6, "the labels of the next order")

    with committed.sessions.read() as session:
        after = session.execute(select(Label.id, Label.sha256, Label.made_at).order_by(Label.id)).all()
    assert after[:3] == before
    assert len(after) == 6


def test_a_notice_that_two_sweeps_find_is_mailed_once(
    committed: Pharmacy, carrier: Celery, committed_api: Api, mail: MailThatRemembers, clock: Clock
) -> None:
    committed_api.order(an_order())
    _announce(committed, clock)

    for _ in range(4):
        carrier.send_task("notices.sweep")

    until(
        lambda: number(
            committed,
            select(func.count()).select_from(SentMessage).where(SentMessage.accepted_at.is_not(None)),
        ),
        PATIENCE,
        "the ledger",
    )
    assert len(mail.sent) == 1
    assert "naltrexone" not in (mail.sent[0].subject + mail.sent[0].body).lower()


def test_what_cannot_be_drawn_is_given_up_with_its_reason_and_spoils_nothing_else(
    committed: Pharmacy, carrier: Celery, committed_api: Api
) -> None:
    unprintable = an_order()
    unprintable["patient"]["full_name"] = "山田 太郎"
    committed_api.order(unprintable)
    committed_api.order(an_order())

    relay_until(carrier, lambda: made_labels(committed) == 3, "the labels of the other order")

    given_up = select(Message.failure).where(Message.failed_at.is_not(None))
    until(
        lambda: number(committed, select(func.count()).select_from(given_up.subquery())) == 3, PATIENCE, "why"
    )
    with committed.sessions.read() as session:
        assert all("U+" in (reason or "") for reason in session.scalars(given_up))


def _announce(pharmacy: Pharmacy, clock: Clock) -> None:
    """The order is on its way, and its announcement is due."""
    with pharmacy.sessions.write() as session:
        order = session.scalars(select(Order)).one()
        order.status, order.shipped_on = OrderStatus.SHIPPED, clock.now.date()
        session.add(
            Notice(
                id=new_id(),
                order_id=order.id,
                patient_id=order.patient_id,
                kind=NoticeKind.SHIPPED,
                step_position=0,
                due_on=clock.now.date(),
                due_at=clock.now,
                state=NoticeState.WAITING,
            )
        )
