"""Money follows the order: held when the price is accepted, taken at hand-over, released or given back otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from pharmacy.domain.calendar import local_day
from pharmacy.domain.money import Money
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.payments import AlreadyPaid, MoreThanCaptured, Payer, PaymentMethod, PaymentStatus
from pharmacy.store.audit import AuditEntry
from pharmacy.store.payments import AcceptedBy, RefundCause, RefundWay
from pharmacy.store.practices import Practice
from pharmacy.usecases.accept_price import PriceHasChanged, PriceNotDue
from pharmacy.usecases.act_on_order import ActNotOpen
from pharmacy.usecases.ask_provider import LEASE, ask_provider
from pharmacy.usecases.begin_payment import PAYMENT_TOPIC, PriceNotAccepted
from pharmacy.usecases.cancel_unaccepted import cancel_unaccepted
from pharmacy.usecases.decide_refund import (
    AmountDoesNotFit,
    Decision,
    NothingToDecide,
    NotThePharmacistInCharge,
)
from pharmacy.usecases.look_up_operation import LookUp, NothingToLookUp, look_up_operation
from pharmacy.usecases.ports import PaymentAnswer, PaymentAsked
from tests.builders import an_order
from tests.usecases.paying import (
    accept,
    all_payments,
    newest_operation,
    operations,
    paid,
    pay,
    refund,
    shipped,
    status,
    tasks_about,
)
from tests.work import Work

WHOLE = Money(6545)


def decided(work: Work, way: RefundWay, amount: Money | None = None, **other: object) -> Decision:
    today = local_day(work.pharmacy.clock(), work.pharmacy.zone)
    given = {"way": way, "amount": amount, "cause": RefundCause.LOST, "reason": "the parcel never arrived"}
    return Decision(**{**given, "today": today, **other})  # type: ignore[arg-type]  # Named as the fields are.


def test_an_accepted_price_is_authorised_and_the_order_goes_into_the_queue(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT)

    accept(work, order_id)
    assert tasks_about(work, order_id) == ["payment.collect"]
    pay(work, order_id, "slip 000123")

    order = work.order(order_id)
    assert (order.status, status(work, order_id)) == (OrderStatus.QUEUED, PaymentStatus.AUTHORISED)
    assert order.promised_on is not None
    assert tasks_about(work, order_id) == []


def test_the_money_is_taken_when_the_order_is_shipped_and_not_before(work: Work) -> None:
    order_id = paid(work)
    assert operations(work, order_id) == [("authorise", "done")]

    shipped(work, order_id)

    assert operations(work, order_id) == [("authorise", "done"), ("capture", "done")]
    assert all_payments(work, order_id)[0].account().captured == WHOLE


def test_an_order_to_be_picked_up_is_promised_when_accepted_and_taken_at_the_counter(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT, an_order(delivery="pick_up"))
    accept(work, order_id)
    work.ask_provider()
    (payment,) = all_payments(work, order_id)
    assert (payment.method, work.order(order_id).status) == (PaymentMethod.CASH, OrderStatus.QUEUED)

    work.act(order_id, Act.START_COMPOUNDING)
    work.carry_out()
    for act in (Act.FINISH_LABELLING, Act.VERIFY, Act.PICK_UP):
        work.act(order_id, act)
    work.ask_provider()

    assert status(work, order_id) is PaymentStatus.CAPTURED


def test_a_practice_that_is_set_to_pay_has_accepted_when_a_pharmacist_approves(work: Work) -> None:
    with work.sessions.write() as session:
        session.scalars(select(Practice)).one().payer = Payer.PRACTICE

    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT)
    work.ask_provider()

    (payment,) = all_payments(work, order_id)
    assert (payment.payer, payment.method) == (Payer.PRACTICE, PaymentMethod.PRACTICE_ACCOUNT)
    assert work.order(order_id).status is OrderStatus.QUEUED


def test_recording_a_payment_at_the_console_accepts_the_price_and_holds_the_money(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.QUEUED)
    work.ask_provider()

    assert status(work, order_id) is PaymentStatus.AUTHORISED
    with work.sessions.read() as session:
        accepted = session.scalars(
            select(AuditEntry).where(AuditEntry.subject_id == order_id, AuditEntry.action == "price.accepted")
        ).one()
    assert accepted.detail["accepted_by"] == AcceptedBy.STAFF
    assert accepted.actor_name == "Tess Technician"


def test_nobody_is_charged_what_nobody_accepted(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT)

    with pytest.raises(PriceNotAccepted):
        pay(work, order_id)
    with pytest.raises(PriceHasChanged):
        accept(work, order_id, Money(6544))
    assert all_payments(work, order_id) == []


def test_a_price_is_accepted_while_the_order_awaits_payment_and_once(work: Work) -> None:
    with pytest.raises(PriceNotDue):
        accept(work, work.submit())
    order_id = paid(work)

    accept(work, order_id)

    with pytest.raises(AlreadyPaid):
        pay(work, order_id)
    assert len(all_payments(work, order_id)) == 1


def test_a_declined_payment_leaves_the_order_waiting_and_may_be_begun_anew(work: Work) -> None:
    order_id = paid(work, "TEST-DECLINE-AUTHORISE")
    assert status(work, order_id) is PaymentStatus.DECLINED
    assert work.order(order_id).status is OrderStatus.AWAITING_PAYMENT
    assert tasks_about(work, order_id) == ["payment.collect", "payment.refused"]

    pay(work, order_id)

    assert work.order(order_id).status is OrderStatus.QUEUED


def test_a_silent_provider_makes_an_uncertain_payment_that_is_never_asked_for_again(work: Work) -> None:
    order_id = paid(work, "TEST-SILENT-AUTHORISE")

    assert operations(work, order_id) == [("authorise", "uncertain")]
    assert "payment.look_up" in tasks_about(work, order_id)
    with pytest.raises(AlreadyPaid):
        pay(work, order_id)
    work.ask_provider()
    assert operations(work, order_id) == [("authorise", "uncertain")]

    asked = LookUp(order_id=order_id, operation_id=newest_operation(work, order_id).id)
    who, now = work.member(Role.TECHNICIAN), work.pharmacy.clock()
    look_up_operation(work.sessions, asked, work.pharmacy.till, by=who, now=now)

    assert (status(work, order_id), work.order(order_id).status) == (
        PaymentStatus.AUTHORISED, OrderStatus.QUEUED,
    )  # fmt: skip
    assert tasks_about(work, order_id) == []
    with pytest.raises(NothingToLookUp):
        look_up_operation(work.sessions, asked, work.pharmacy.till, by=who, now=now)


def test_a_worker_that_dies_while_asking_leaves_an_uncertain_payment(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT)
    accept(work, order_id)
    pay(work, order_id, ask=False)
    (message,) = work.messages(PAYMENT_TOPIC)
    now, pharmacy = work.pharmacy.clock(), work.pharmacy

    class Dies:
        def ask(self, asked: object) -> object:
            raise KeyboardInterrupt

        look_up = ask

    dying = replace(pharmacy.till, provider=Dies())  # type: ignore[arg-type]  # It answers nothing.
    with pytest.raises(KeyboardInterrupt):
        ask_provider(work.sessions, message, dying, by=pharmacy.clockwork, now=now)
    assert operations(work, order_id) == [("authorise", "asked")]

    ask_provider(work.sessions, message, pharmacy.till, by=pharmacy.clockwork, now=now + LEASE)

    assert operations(work, order_id) == [("authorise", "uncertain")]
    asked = LookUp(order_id=order_id, operation_id=newest_operation(work, order_id).id)
    look_up_operation(work.sessions, asked, pharmacy.till, by=pharmacy.clockwork, now=now + LEASE)
    assert newest_operation(work, order_id).reason == "the provider never took it"


def test_what_the_provider_certainly_has_not_waits_and_is_asked_for_again(work: Work) -> None:
    order_id = paid(work, "TEST-UNREACHABLE-AUTHORISE")

    assert operations(work, order_id) == [("authorise", "waiting")]
    assert len(work.messages(PAYMENT_TOPIC)) == 1


def test_an_authorisation_that_has_lapsed_is_asked_for_again_before_the_money_is_taken(work: Work) -> None:
    order_id = paid(work, "TEST-LAPSE")

    shipped(work, order_id)

    assert operations(work, order_id) == [
        ("authorise", "done"), ("capture", "refused"), ("authorise", "done"), ("capture", "done"),
    ]  # fmt: skip
    assert all_payments(work, order_id)[0].account().captured == WHOLE


class Declines:
    """A payment provider that has nothing for anybody."""

    def ask(self, asked: PaymentAsked) -> PaymentAnswer:
        return PaymentAnswer(reference=str(asked.key), refusal="declined")


def test_an_authorisation_that_is_declined_when_it_is_renewed_is_not_asked_for_again(work: Work) -> None:
    order_id = paid(work, "TEST-LAPSE")
    work.act(order_id, Act.START_COMPOUNDING)
    work.carry_out()
    for act in (Act.FINISH_LABELLING, Act.VERIFY, Act.SHIP):
        work.act(order_id, act)
    declining, by = replace(work.pharmacy.till, provider=Declines()), work.pharmacy.clockwork

    for _ in range(9):
        for message in work.messages(PAYMENT_TOPIC):
            ask_provider(work.sessions, message, declining, by=by, now=work.pharmacy.clock())

    assert operations(work, order_id) == [
        ("authorise", "done"), ("capture", "refused"), ("authorise", "refused"), ("capture", "refused"),
    ]  # fmt: skip
    assert "payment.refused" in tasks_about(work, order_id)


def test_an_order_is_not_compounded_on_a_declined_payment(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.QUEUED)
    (payment,) = all_payments(work, order_id)
    with work.sessions.write() as session:
        held = session.get_one(type(payment.operations[0]), payment.operations[0].id)
        held.asked_at = work.pharmacy.clock()
        held.settle(held.state.REFUSED, at=work.pharmacy.clock(), reason="declined")

    with pytest.raises(ActNotOpen, match="The payment was declined"):
        work.act(order_id, Act.START_COMPOUNDING)


def test_cancelled_before_compounding_all_of_it_is_voided(work: Work) -> None:
    order_id = paid(work)

    work.act(order_id, Act.CANCEL, reason="the patient does not want it")
    work.ask_provider()

    assert operations(work, order_id) == [("authorise", "done"), ("void", "done")]
    assert tasks_about(work, order_id) == []


def test_cancelled_while_the_provider_is_being_asked_the_answer_is_voided(work: Work) -> None:
    order_id = paid(work, "TEST-SILENT-AUTHORISE")
    work.act(order_id, Act.CANCEL, reason="the patient does not want it")
    asked = LookUp(order_id=order_id, operation_id=newest_operation(work, order_id).id)

    now = work.pharmacy.clock()
    look_up_operation(work.sessions, asked, work.pharmacy.till, by=work.member(Role.TECHNICIAN), now=now)
    work.ask_provider()

    assert operations(work, order_id) == [("authorise", "done"), ("void", "done")]


def test_cancelled_before_anything_was_asked_nothing_is_asked(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT)
    accept(work, order_id)
    pay(work, order_id, ask=False)

    work.act(order_id, Act.CANCEL, reason="the patient does not want it")
    work.ask_provider()

    assert operations(work, order_id) == [("authorise", "refused")]


@pytest.mark.parametrize(
    ("amount", "asked", "kept"), [(WHOLE, "void", Money(0)), (Money(4545), "capture", Money(2000))]
)
def test_cancelled_after_compounding_began_the_pharmacist_in_charge_decides(
    work: Work, amount: Money, asked: str, kept: Money
) -> None:
    order_id = paid(work)
    work.act(order_id, Act.START_COMPOUNDING)
    work.act(order_id, Act.CANCEL, reason="the patient does not want it")
    assert tasks_about(work, order_id) == ["payment.decide"]
    assert operations(work, order_id) == [("authorise", "done")]

    refund(work, order_id, decided(work, RefundWay.REFUND, amount, cause=RefundCause.CANCELLED))

    assert operations(work, order_id) == [("authorise", "done"), (asked, "done")]
    assert all_payments(work, order_id)[0].account().captured == kept
    assert tasks_about(work, order_id) == []


def test_refunds_never_exceed_what_was_captured(work: Work) -> None:
    order_id = paid(work)
    shipped(work, order_id)

    refund(work, order_id, decided(work, RefundWay.REFUND, Money(5000)))
    with pytest.raises(MoreThanCaptured):
        refund(work, order_id, decided(work, RefundWay.REFUND, Money(1546)))
    refund(work, order_id, decided(work, RefundWay.REFUND, Money(1545)))
    with pytest.raises(MoreThanCaptured):
        refund(work, order_id, decided(work, RefundWay.REFUND, Money(1)))

    assert status(work, order_id) is PaymentStatus.REFUNDED


def test_refund_or_remake_is_for_the_pharmacist_in_charge_and_for_when_there_is_something_to_decide(
    work: Work,
) -> None:
    queued = paid(work)
    with pytest.raises(NotThePharmacistInCharge):
        refund(work, queued, decided(work, RefundWay.REMAKE), by=Role.PHARMACIST)
    with pytest.raises(NothingToDecide):
        refund(work, queued, decided(work, RefundWay.REFUND, WHOLE))
    for wrong in (decided(work, RefundWay.REMAKE, WHOLE), decided(work, RefundWay.REFUND)):
        with pytest.raises(AmountDoesNotFit):
            refund(work, queued, wrong)


def test_an_order_whose_price_nobody_accepts_in_fourteen_days_is_cancelled(work: Work) -> None:
    waiting, accepted = (work.bring_to(OrderStatus.AWAITING_PAYMENT) for _ in range(2))
    accept(work, accepted)
    pharmacy, now = work.pharmacy, work.pharmacy.clock()

    def sweep(at: timedelta) -> int:
        return cancel_unaccepted(work.sessions, pharmacy.zone, by=pharmacy.clockwork, now=now + at)

    assert sweep(timedelta(days=14, seconds=-1)) == 0
    assert sweep(timedelta(days=14)) == 1
    assert sweep(timedelta(days=15)) == 0

    assert work.order(waiting).status is OrderStatus.CANCELLED
    assert work.order(accepted).status is OrderStatus.AWAITING_PAYMENT
