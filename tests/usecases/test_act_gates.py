"""Nobody pays for what cannot be made, and nothing leaves that would not last to its last dose."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import update

from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store import outbox
from pharmacy.store.batches import Allocation, Batch, BatchStatus
from pharmacy.store.reference import BalanceRow, ComponentKind, ComponentLot
from pharmacy.usecases.act_on_order import ActNotOpen
from tests.books import Clock
from tests.builders import an_order
from tests.work import Work

S = OrderStatus


def _coarse_balance(work: Work) -> None:
    with work.sessions.write() as session:
        session.execute(update(BalanceRow).values(sensitivity_requirement_mg=Decimal(60)))


def _change_batches(work: Work, order_id: UUID, **values: object) -> None:
    line_ids = [line.id for line in work.order(order_id).lines]
    of_order = Batch.id.in_(Allocation.__table__.select().with_only_columns(Allocation.batch_id).where(
        Allocation.order_line_id.in_(line_ids)
    ))  # fmt: skip
    with work.sessions.write() as session:
        session.execute(update(Batch).where(of_order).values(**values))


def test_an_order_is_not_approved_before_every_proof_is_made(work: Work) -> None:
    order_id = work.bring_to(S.IN_REVIEW)
    with pytest.raises(ActNotOpen, match="Waits for 3 of 3 proofs"):
        work.act(order_id, Act.APPROVE)
    work.carry_out()
    (first, *_) = work.labels(order_id)
    with work.sessions.write() as session:
        kept = session.merge(first)
        kept.made_at = kept.pdf = kept.sha256 = kept.template_version = None

    with pytest.raises(ActNotOpen, match="Waits for 1 of 3 proofs"):
        work.act(order_id, Act.APPROVE)

    assert work.order(order_id).status is S.IN_REVIEW


def test_an_order_whose_label_cannot_be_drawn_is_not_approved_and_says_why(work: Work) -> None:
    order_id = work.submit(an_order({"/patient/full_name": "\u5c71\u7530 Hanako"}))
    work.act(order_id, Act.START_REVIEW)
    work.carry_out()

    with pytest.raises(ActNotOpen) as refusal:
        work.act(order_id, Act.APPROVE)

    expected = "A proof cannot be drawn: The label cannot show the character U+5C71 in patient."
    assert str(refusal.value) == expected


def test_an_order_whose_proofs_were_given_up_is_not_approved(work: Work) -> None:
    order_id = work.bring_to(S.IN_REVIEW)
    (message,) = work.messages("order.received")
    with work.sessions.write() as session:
        outbox.mark_failed(session, message, "It was tried too often.", now=work.pharmacy.clock())

    with pytest.raises(ActNotOpen, match="A proof cannot be drawn: It was tried too often"):
        work.act(order_id, Act.APPROVE)


@pytest.mark.parametrize(
    ("status", "act"), [(S.IN_REVIEW, Act.APPROVE), (S.AWAITING_PAYMENT, Act.RECORD_PAYMENT)]
)
def test_nobody_approves_or_pays_for_what_cannot_be_weighed(
    work: Work, status: OrderStatus, act: Act
) -> None:
    order_id = work.bring_to(status)
    work.carry_out()
    _coarse_balance(work)

    with pytest.raises(ActNotOpen, match=r"^Line 1 cannot be made today: .*too small to weigh"):
        work.act(order_id, act)

    assert work.order(order_id).status is status


@pytest.mark.parametrize(
    ("status", "act"), [(S.IN_REVIEW, Act.APPROVE), (S.AWAITING_PAYMENT, Act.RECORD_PAYMENT)]
)
def test_nobody_approves_or_pays_for_what_would_not_last(work: Work, status: OrderStatus, act: Act) -> None:
    order_id = work.bring_to(status)
    work.carry_out()
    fillers = update(ComponentLot).where(ComponentLot.kind == ComponentKind.FILLER)
    with work.sessions.write() as session:
        session.execute(fillers.values(expires_on=date(2026, 12, 1)))

    with pytest.raises(ActNotOpen, match=r"^Line 1 would not last: .* 2026-12-01 is before the last planned"):
        work.act(order_id, act)


@pytest.mark.parametrize(
    ("status", "act", "delivery"),
    [
        (S.LABELLED, Act.VERIFY, "mail"),
        (S.VERIFIED, Act.SHIP, "mail"),
        (S.VERIFIED, Act.PICK_UP, "pick_up"),
    ],
)
def test_capsules_past_the_day_they_may_be_used_go_nowhere(
    work: Work, clock: Clock, status: OrderStatus, act: Act, delivery: str
) -> None:
    order_id = work.bring_to(status, an_order(delivery=delivery))
    clock.now += timedelta(days=200)

    with pytest.raises(
        ActNotOpen, match=r"^Line 1 may be used until 20..-..-.., before its last planned dose on 2027"
    ):
        work.act(order_id, act)

    assert work.order(order_id).status is status


def test_the_last_day_of_use_may_be_the_last_dose_and_not_the_day_before(work: Work) -> None:
    order_id = work.bring_to(S.LABELLED)
    # Promised on Friday 27 November, three days on the way: 30 days of doses end on 29 December.
    last_dose_on = date(2026, 12, 29)
    _change_batches(work, order_id, beyond_use_on=last_dose_on - timedelta(days=1))
    with pytest.raises(ActNotOpen, match="until 2026-12-28, before its last planned dose on 2026-12-29"):
        work.act(order_id, Act.VERIFY)

    _change_batches(work, order_id, beyond_use_on=last_dose_on)

    assert work.act(order_id, Act.VERIFY).status is S.VERIFIED


def test_a_recalled_batch_is_not_shipped(work: Work) -> None:
    order_id = work.bring_to(S.VERIFIED)
    _change_batches(work, order_id, status=BatchStatus.RECALLED)

    with pytest.raises(ActNotOpen, match=r"Batch B261123-\d+ is recalled"):
        work.act(order_id, Act.SHIP)


def test_an_order_without_batches_is_not_verified(work: Work) -> None:
    order_id = work.bring_to(S.LABELLED)
    with work.sessions.write() as session:
        session.execute(Allocation.__table__.delete())

    with pytest.raises(ActNotOpen, match="Line 1 has no batch"):
        work.act(order_id, Act.VERIFY)
