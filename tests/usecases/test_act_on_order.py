"""What staff do to an order, who may, and what it waits for."""

from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from pharmacy.domain.errors import Conflict
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.screening import ContactMissing, ReasonTooShort
from pharmacy.store import audit
from pharmacy.store.labels import LabelKind
from pharmacy.store.notices import NoticeState
from pharmacy.store.orders import Order
from pharmacy.usecases.act_on_order import ActNotOpen, NotYourAct, ReasonMissing, SomebodyElseWasFaster
from pharmacy.usecases.answer_questions import Confirmation
from tests.books import AUDIT_KEY, MORNING
from tests.builders import GONE, an_order
from tests.work import Work

S = OrderStatus


def test_an_order_walks_from_its_arrival_to_its_completion(work: Work) -> None:
    order_id = work.submit()
    work.carry_out()
    walked = [work.order(order_id).status]
    for act in (Act.START_REVIEW, Act.APPROVE, Act.RECORD_PAYMENT, Act.START_COMPOUNDING):
        walked.append(work.act(order_id, act).status)
    work.carry_out()
    for act in (Act.FINISH_LABELLING, Act.VERIFY, Act.SHIP, Act.COMPLETE):
        walked.append(work.act(order_id, act).status)

    assert walked == [
        S.RECEIVED, S.IN_REVIEW, S.AWAITING_PAYMENT, S.QUEUED, S.COMPOUNDING, S.LABELLED, S.VERIFIED,
        S.SHIPPED, S.COMPLETED,
    ]  # fmt: skip
    order = work.order(order_id)
    # Three business days after Monday, Thanksgiving left out.
    assert order.promised_on == date(2026, 11, 27)
    assert order.shipped_on == date(2026, 11, 23)
    assert order.compounded_by == work.member(Role.TECHNICIAN).id
    assert order.verified_by == work.member(Role.PHARMACIST).id


def test_an_order_that_is_picked_up_has_no_parcel_to_announce(work: Work) -> None:
    order_id = work.bring_to(S.VERIFIED, an_order(delivery="pick_up"))

    order = work.act(order_id, Act.PICK_UP)

    assert order.status is S.PICKED_UP
    assert "shipped" not in {notice.kind for notice in work.notices(order_id)}


@pytest.mark.parametrize(
    ("act", "role", "reason"),
    [
        (Act.START_REVIEW, Role.SHIPPING, "Only a pharmacist or technician may start review."),
        (Act.APPROVE, Role.TECHNICIAN, "Only a pharmacist may approve."),
        (Act.REJECT, Role.TECHNICIAN, "Only a pharmacist may reject."),
        (Act.RECORD_PAYMENT, Role.SHIPPING, "Only a pharmacist or technician may record a payment."),
        (Act.START_COMPOUNDING, Role.SHIPPING, "Only a pharmacist or technician may start compounding."),
        (Act.FINISH_LABELLING, Role.SHIPPING, "Only a pharmacist or technician may finish labelling."),
        (Act.VERIFY, Role.TECHNICIAN, "Only a pharmacist may verify."),
        (Act.HOLD, Role.SHIPPING, "Only a pharmacist or technician may hold."),
        (Act.CANCEL, Role.TECHNICIAN, "Only a pharmacist may cancel."),
    ],
)
def test_whoever_may_not_do_a_thing_is_told_who_may(work: Work, act: Act, role: Role, reason: str) -> None:
    order_id = work.submit()

    with pytest.raises(NotYourAct) as refusal:
        work.act(order_id, act, role)

    assert str(refusal.value) == reason
    assert work.order(order_id).status is S.RECEIVED


def test_only_staff_act_on_orders(work: Work) -> None:
    order_id = work.submit()

    with pytest.raises(NotYourAct, match="Only staff may do this"):
        work.act(order_id, Act.START_REVIEW, work.pharmacy.clockwork)


@pytest.mark.parametrize(
    ("status", "act", "reason"),
    [
        (S.RECEIVED, Act.APPROVE, "Waits for review to start."),
        (S.IN_REVIEW, Act.RECORD_PAYMENT, "Waits for a pharmacist's review."),
        (S.AWAITING_PAYMENT, Act.START_COMPOUNDING, "Waits for payment."),
        (S.QUEUED, Act.FINISH_LABELLING, "Waits for compounding to start."),
        (S.COMPOUNDING, Act.VERIFY, "Waits for labels."),
        (S.LABELLED, Act.SHIP, "Waits for final verification."),
        (S.VERIFIED, Act.COMPLETE, "Waits for hand-over."),
        (S.SHIPPED, Act.CANCEL, "The order is shipped."),
        (S.VERIFIED, Act.PICK_UP, "This order is to be mailed."),
    ],
)
def test_an_act_that_is_not_open_says_what_it_waits_for(
    work: Work, status: OrderStatus, act: Act, reason: str
) -> None:
    order_id = work.bring_to(status)

    with pytest.raises(ActNotOpen) as refusal:
        work.act(order_id, act)

    assert str(refusal.value) == reason
    assert isinstance(refusal.value, Conflict)
    assert work.order(order_id).status is status


def test_whoever_acts_on_a_stale_page_is_told(work: Work) -> None:
    order_id = work.submit()
    seen = work.order(order_id).version
    work.act(order_id, Act.START_REVIEW)

    with pytest.raises(SomebodyElseWasFaster):
        work.act(order_id, Act.CANCEL, seen_version=seen)

    assert work.order(order_id).status is S.IN_REVIEW


def test_labelling_is_not_finished_before_every_label_is_made(work: Work) -> None:
    order_id = work.bring_to(S.COMPOUNDING)
    waits = "Waits for {} of 3 labels."
    with pytest.raises(ActNotOpen, match=waits.format(3)):
        work.act(order_id, Act.FINISH_LABELLING)
    dispensing = [label.id for label in work.labels(order_id) if label.kind is LabelKind.DISPENSING]
    assert len(dispensing) == 3

    for waiting in (2, 1):
        work.draw(work.messages("label.requested")[0])
        with pytest.raises(ActNotOpen, match=waits.format(waiting)):
            work.act(order_id, Act.FINISH_LABELLING)
    work.carry_out()

    assert work.act(order_id, Act.FINISH_LABELLING).status is S.LABELLED


def test_whoever_compounded_an_order_may_not_verify_it(work: Work) -> None:
    order_id = work.bring_to(S.QUEUED)
    work.act(order_id, Act.START_COMPOUNDING, Role.PHARMACIST)
    work.carry_out()
    work.act(order_id, Act.FINISH_LABELLING, Role.PHARMACIST)

    with pytest.raises(ActNotOpen, match="Whoever compounded an order may not verify it"):
        work.act(order_id, Act.VERIFY, Role.PHARMACIST)

    assert work.act(order_id, Act.VERIFY, Role.PHARMACIST_IN_CHARGE).status is S.VERIFIED


def test_the_books_refuse_a_verifier_who_compounded_whoever_writes(work: Work) -> None:
    order_id = work.bring_to(S.LABELLED)
    compounder = work.order(order_id).compounded_by

    with (
        pytest.raises(IntegrityError, match="ck_orders_two_people"),
        work.sessions.write() as session,
    ):
        session.execute(update(Order).where(Order.id == order_id).values(verified_by=compounder))


@pytest.mark.parametrize("status", [S.RECEIVED, S.IN_REVIEW, S.QUEUED, S.COMPOUNDING, S.VERIFIED])
def test_a_held_order_resumes_where_it_was(work: Work, status: OrderStatus) -> None:
    order_id = work.bring_to(status)

    held = work.act(order_id, Act.HOLD, reason="waits for the patient")
    assert (held.status, held.resumes_to) == (S.ON_HOLD, status)
    resumed = work.act(order_id, Act.RESUME)

    assert (resumed.status, resumed.resumes_to) == (status, None)


def test_an_order_in_clarification_waits_and_then_begins(work: Work) -> None:
    order_id = work.submit(an_order(authorization=GONE))
    with pytest.raises(ActNotOpen, match="Waits for an answer"):
        work.act(order_id, Act.START_REVIEW)

    with pytest.raises(NotYourAct, match="Only a pharmacist may resume"):
        work.act(order_id, Act.RESUME, Role.TECHNICIAN, reason="Dr. Example signed today")
    with pytest.raises(ActNotOpen, match="Waits for answers to 1 question"):
        work.act(order_id, Act.RESUME, Role.PHARMACIST, reason="Dr. Example signed today")
    said = Confirmation(who="Dr. Example", when="23 Nov, 10:00", how="by telephone, signed today")
    work.answer(order_id, authorisation=said)

    resumed = work.act(order_id, Act.RESUME, Role.PHARMACIST)

    assert (resumed.status, resumed.resumes_to) == (S.RECEIVED, None)


def test_a_finding_that_blocks_is_overridden_with_a_reason_on_record_or_not_at_all(work: Work) -> None:
    order_id = work.bring_to(S.IN_REVIEW, an_order(opioid_last_14_days="yes"))
    work.carry_out()
    reason = "Dr. Example confirmed: last dose 20 days ago"
    with pytest.raises(ReasonMissing, match="S-OPIOID-RECENT"):
        work.act(order_id, Act.APPROVE)
    for contact in ("", "Dr. Example", "14:05"):
        with pytest.raises(ContactMissing, match="say with whom you spoke and when"):
            work.act(order_id, Act.APPROVE, reason=reason, contact=contact)
    assert work.order(order_id).status is S.IN_REVIEW

    work.act(order_id, Act.APPROVE, reason=reason, contact="Dr. Example, 23 Nov, 14:05")

    with work.pharmacy.sessions.read() as session:
        entries = audit.of_subject(session, order_id)
    approved = [entry.detail for entry in entries if entry.action == "order.awaiting_payment"]
    assert approved[0]["overrides"] == ["S-OPIOID-RECENT"]
    assert "confirmed" in approved[0]["reason"]
    assert approved[0]["contact"] == "Dr. Example, 23 Nov, 14:05"


@pytest.mark.parametrize("act", [Act.REJECT, Act.CANCEL, Act.HOLD])
def test_an_order_is_not_stopped_without_a_reason(work: Work, act: Act) -> None:
    order_id = work.bring_to(S.IN_REVIEW)

    with pytest.raises(ReasonMissing):
        work.act(order_id, act, reason=" ")
    for reason in (".", "a    reason"):
        with pytest.raises(ReasonTooShort, match="at least 10 characters"):
            work.act(order_id, act, reason=reason)
    assert work.order(order_id).status is S.IN_REVIEW


def test_a_rejected_order_stays_rejected(work: Work) -> None:
    order_id = work.bring_to(S.IN_REVIEW)
    work.act(order_id, Act.REJECT, reason="a duplicate order")

    with pytest.raises(ActNotOpen, match="The order is rejected"):
        work.act(order_id, Act.APPROVE)
    with pytest.raises(ActNotOpen):
        work.act(order_id, Act.HOLD)


def test_every_move_is_on_record_with_who_when_and_why(work: Work) -> None:
    order_id = work.bring_to(S.IN_REVIEW)
    work.act(order_id, Act.REJECT, reason="a duplicate order")

    with work.sessions.read() as session:
        entries = audit.of_subject(session, order_id)
    assert [entry.action for entry in entries] == ["order.received", "order.in_review", "order.rejected"]
    assert entries[-1].detail == {
        "act": "reject", "reason": "a duplicate order", "rejection": "R-OTHER",
    }  # fmt: skip
    assert entries[-1].actor_id == work.member(Role.PHARMACIST).id
    assert entries[-1].at == MORNING
    assert all(audit.is_genuine(AUDIT_KEY, entry) for entry in entries)


def test_shipping_makes_the_notices_due(work: Work) -> None:
    order_id = work.bring_to(S.SHIPPED)

    notices = work.notices(order_id)

    assert [notice.kind for notice in notices] == [
        "shipped", "check_in", "step", "check_in", "step", "check_in",
    ]  # fmt: skip
    assert {notice.state for notice in notices} == {NoticeState.WAITING}
