"""What a patient is to be told, and when: derived, and derived again when the start moves."""

from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine

from local.waiting import until
from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import OrderStatus
from pharmacy.store import notices, orders
from pharmacy.store.notices import NoticeState, SentMessage
from pharmacy.usecases.confirm_start import NotHandedOver, StartOutsideSupply
from pharmacy.usecases.ports import Mail, OutgoingMail
from tests.books import MORNING, Clock
from tests.fakes import MailThatRemembers, UnreachableMail
from tests.rows import somebody_waits
from tests.usecases.noticing import (
    OPEN_ENDED,
    USUAL_KINDS,
    announcement,
    confirm,
    deliver,
    due,
    shipped,
    step_notice,
    utc,
)
from tests.work import Work


def test_step_changes_are_told_the_evening_before_and_the_refill_in_the_morning(work: Work) -> None:
    order_id = shipped(work, OPEN_ENDED, days=30)

    assert due(work, order_id) == [
        ("shipped", 0, MORNING),
        # Step 2 begins on 3 December, step 3 on 10 December: told at 18:00 in New York the day before.
        ("step", 2, utc(12, 2, 23)),
        ("step", 3, utc(12, 9, 23)),
        # 30 days from 26 November end on 25 December; 14 days before the 26th is the 12th, but 80 % of
        # the supply is used no earlier than 24 days after the filling on 23 November.
        ("refill", 0, utc(12, 17, 14)),
    ]


def test_no_refill_is_told_when_the_plan_ends_or_none_is_left(work: Work) -> None:
    closed = shipped(work)
    without = shipped(work, OPEN_ENDED | {"/prescription/refills": 0}, days=30)

    for order_id in (closed, without):
        assert "refill" not in [kind for kind, _, _ in due(work, order_id)]


def test_evenings_are_the_patients_and_stay_so_when_clocks_change(work: Work, clock: Clock) -> None:
    clock.now = datetime(2027, 3, 1, 15, tzinfo=UTC)
    in_2027 = {"/prescription/written_on": "2027-02-20", "/patient/contact/time_zone": "America/Los_Angeles"}

    order_id = shipped(work, in_2027)

    # Clocks in Los Angeles change on 14 March 2027, between the two step changes of 11 and 18 March.
    assert due(work, order_id)[1:] == [
        ("step", 2, datetime(2027, 3, 11, 2, tzinfo=UTC)),
        ("step", 3, datetime(2027, 3, 18, 1, tzinfo=UTC)),
    ]


def test_a_parcel_that_leaves_late_in_the_evening_is_told_the_next_morning(work: Work, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 24, 3, tzinfo=UTC)  # 22:00 in New York.

    order_id = shipped(work)

    assert due(work, order_id)[0] == ("shipped", 0, utc(11, 24, 14))


def test_a_confirmed_start_moves_what_waits_and_doubles_nothing(work: Work, clock: Clock) -> None:
    order_id = shipped(work)
    deliver(work, announcement(work, order_id), MailThatRemembers())
    clock.now += timedelta(days=5)

    confirm(work, order_id, date(2026, 11, 28))

    assert due(work, order_id) == [("step", 2, utc(12, 4, 23)), ("step", 3, utc(12, 11, 23))]
    told = [notice for notice in work.notices(order_id) if notice.kind in USUAL_KINDS]
    assert len(told) == 3


def test_a_start_confirmed_twice_has_one_notice_for_each_step(work: Work, clock: Clock) -> None:
    order_id = shipped(work)
    clock.now += timedelta(days=5)

    for day in (26, 27, 28):
        confirm(work, order_id, date(2026, 11, day))

    assert due(work, order_id)[1:] == [("step", 2, utc(12, 4, 23)), ("step", 3, utc(12, 11, 23))]


def test_a_start_confirmed_while_the_parcel_is_unannounced_keeps_one_announcement(work: Work) -> None:
    order_id = shipped(work)

    confirm(work, order_id, date(2026, 11, 23))

    assert [kind for kind, _, _ in due(work, order_id)] == ["shipped", "step", "step"]


def test_a_step_told_for_the_assumed_start_is_told_again_for_the_real_one(work: Work, clock: Clock) -> None:
    order_id = shipped(work)
    step_2 = step_notice(work, order_id, 2)
    clock.now = step_2.due_at
    mail = MailThatRemembers()
    deliver(work, step_2.id, mail)

    clock.now = utc(12, 4, 15)
    confirm(work, order_id, date(2026, 12, 1))
    told_again = step_notice(work, order_id, 2)
    clock.now = told_again.due_at
    deliver(work, told_again.id, mail)

    assert told_again.due_on == date(2026, 12, 7)
    asked, told = mail.sent
    assert "Have you started?" in asked.body
    assert told.body.startswith("Tomorrow: Step 2, ")


def test_a_step_that_was_told_for_that_very_day_is_not_told_again(work: Work, clock: Clock) -> None:
    order_id = shipped(work)
    step_2 = step_notice(work, order_id, 2)
    clock.now = step_2.due_at
    deliver(work, step_2.id, MailThatRemembers())

    confirm(work, order_id, date(2026, 11, 26))

    assert [(kind, step) for kind, step, _ in due(work, order_id)] == [("shipped", 0), ("step", 3)]


@pytest.mark.parametrize("failing", [MailThatRemembers, UnreachableMail])
def test_a_start_confirmed_while_a_notice_is_being_sent_leaves_that_one_alone(
    work: Work, clock: Clock, failing: type[Mail]
) -> None:
    order_id = shipped(work)
    step_2 = step_notice(work, order_id, 2)
    clock.now = step_2.due_at

    class MailDuringWhichTheStartIsConfirmed:
        def send(self, message: OutgoingMail) -> None:
            confirm(work, order_id, date(2026, 11, 28))
            failing().send(message)

    first = deliver(work, step_2.id, MailDuringWhichTheStartIsConfirmed())

    assert [(kind, step) for kind, step, at in due(work, order_id) if at != first.due_at] == [
        ("shipped", 0),
        ("step", 2),
        ("step", 3),
    ]
    if failing is MailThatRemembers:
        assert first.state is NoticeState.SENT
    else:
        mail = MailThatRemembers()
        clock.now = first.due_at
        again = deliver(work, step_2.id, mail)
        assert (again.state, again.reason) == (NoticeState.SUPPRESSED, "the start has moved")
        assert mail.sent == []


def test_a_start_confirmed_while_a_delivery_begins_waits_for_it_and_leaves_its_notice_alone(
    committed: Pharmacy, engine: Engine
) -> None:
    work = Work(committed)
    order_id = shipped(work)
    step_2 = step_notice(work, order_id, 2)
    failed: list[Exception] = []

    def confirm_it() -> None:
        try:
            confirm(work, order_id, date(2026, 11, 24))
        except Exception as failure:  # A thread's failure is lost otherwise; the test says it below.
            failed.append(failure)

    with work.sessions.write() as beginning:
        notices.get_waiting_for_update(beginning, step_2.id)
        order = orders.get(beginning, order_id)
        beginning.add(
            SentMessage(
                notice_id=step_2.id,
                patient_id=order.patient_id,
                prescription_id=order.prescription_id,
                kind=step_2.kind,
                step_position=2,
                due_on=step_2.due_on,
                channel="email",
                started_at=MORNING,
            )
        )
        confirmation = Thread(target=confirm_it)
        confirmation.start()
        until(lambda: failed or somebody_waits(engine), 5, "the confirmation")
    confirmation.join(10)

    assert failed == []
    steps = [notice.step_position for notice in work.notices(order_id) if notice.kind is NoticeKind.STEP]
    assert steps.count(2) == 2


def test_a_start_confirmed_on_another_day_announces_the_parcel_no_second_time(
    work: Work, clock: Clock
) -> None:
    order_id = shipped(work)
    for _ in range(2):
        clock.now += timedelta(days=1)
        confirm(work, order_id, date(2026, 11, 24))

    assert [notice.kind for notice in work.notices(order_id)].count(NoticeKind.SHIPPED) == 1


def test_no_refill_is_told_that_may_no_longer_be_filled(work: Work) -> None:
    # The refill would be told on 17 December; a prescription holds for a year.
    expired = shipped(work, OPEN_ENDED | {"/prescription/written_on": "2025-12-16"}, days=30)
    valid = shipped(work, OPEN_ENDED | {"/prescription/written_on": "2025-12-17"}, days=30)

    assert "refill" not in [kind for kind, _, _ in due(work, expired)]
    assert "refill" in [kind for kind, _, _ in due(work, valid)]


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 11, 25)])
def test_nobody_starts_before_the_hand_over_or_after_tomorrow(work: Work, day: date) -> None:
    order_id = shipped(work)

    with pytest.raises(StartOutsideSupply, match="between 2026-11-23 and 2026-11-24"):
        confirm(work, order_id, day)


def test_nobody_starts_what_was_not_handed_over(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.VERIFIED)

    with pytest.raises(NotHandedOver, match="not been handed over"):
        confirm(work, order_id, date(2026, 11, 23))
