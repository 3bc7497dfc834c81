"""What a patient is told, in which words, and never twice."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from pharmacy.domain.calendar import local_day
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store import orders
from pharmacy.store.notices import LEASE, Notice, NoticeState, SentMessage
from pharmacy.store.patients import Consent
from pharmacy.usecases.ports import Mail, OutgoingMail
from tests.books import MORNING, NEW_YORK, Clock
from tests.fakes import MailThatRefuses, MailThatRemembers, MailThatTimesOutAfterAccepting, UnreachableMail
from tests.usecases.noticing import (
    OPEN_ENDED,
    announcement,
    confirm,
    deliver,
    ledger,
    shipped,
    step_notice,
    tasks_open,
    utc,
)
from tests.work import Work


def test_a_step_notice_put_off_to_the_morning_does_not_say_tomorrow(work: Work, clock: Clock) -> None:
    order_id = shipped(work)
    confirm(work, order_id, date(2026, 11, 24))
    step_2 = step_notice(work, order_id, 2)
    mail = MailThatRemembers()
    clock.now = utc(12, 1, 2)  # 21:00 on 30 November in New York: the worker was late.
    put_off = deliver(work, step_2.id, mail)
    clock.now = put_off.due_at

    deliver(work, step_2.id, mail)

    assert step_2.due_on == date(2026, 11, 30)
    (told,) = mail.sent
    assert told.body.startswith("Step 2, 1 capsule at bedtime, began on Tue 1 Dec. ")


def test_a_start_confirmed_days_later_tells_the_running_step_with_its_day(work: Work, clock: Clock) -> None:
    order_id = shipped(work)
    clock.now = utc(12, 5, 15)
    confirm(work, order_id, date(2026, 11, 23))
    mail = MailThatRemembers()

    notice = deliver(work, step_notice(work, order_id, 2).id, mail)

    assert notice.state is NoticeState.SENT
    assert mail.sent[0].body.startswith("Step 2, 1 capsule at bedtime, began on Mon 30 Nov. ")


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_step_that_is_over_is_told_to_nobody(work: Work, clock: Clock, confirmed: bool) -> None:
    order_id = shipped(work)
    if confirmed:
        confirm(work, order_id, date(2026, 11, 23))
    step_2 = step_notice(work, order_id, 2)
    clock.now = step_2.due_at + timedelta(days=7, hours=-2)
    mail = MailThatRemembers()
    last_day = deliver(work, step_2.id, UnreachableMail())
    clock.now += timedelta(days=1)

    notice = deliver(work, step_2.id, mail)

    assert last_day.state is NoticeState.WAITING
    assert (notice.state, notice.reason) == (NoticeState.SUPPRESSED, "came too late: step 2 is over")
    assert mail.sent == []
    assert ledger(work) == []


def test_a_step_without_end_is_told_however_late(work: Work, clock: Clock) -> None:
    order_id = shipped(work, OPEN_ENDED, days=30)
    step_3 = step_notice(work, order_id, 3)
    clock.now = step_3.due_at + timedelta(days=30)

    assert deliver(work, step_3.id, MailThatRemembers()).state is NoticeState.SENT


def test_a_refill_notice_that_comes_after_the_last_fill_is_not_sent(work: Work, clock: Clock) -> None:
    order_id = shipped(work, OPEN_ENDED | {"/prescription/written_on": "2025-12-17"}, days=30)
    refill = next(notice for notice in work.notices(order_id) if notice.kind is NoticeKind.REFILL)
    clock.now = refill.due_at + timedelta(days=1)
    mail = MailThatRemembers()

    notice = deliver(work, refill.id, mail)

    assert (notice.state, notice.reason) == (NoticeState.SUPPRESSED, "came too late: last fill 2026-12-17")
    assert mail.sent == []


def test_a_notice_is_sent_once_however_often_it_is_delivered(work: Work) -> None:
    mail = MailThatRemembers()
    notice_id = announcement(work, shipped(work))

    for _ in range(3):
        notice = deliver(work, notice_id, mail)

    assert (notice.state, notice.settled_at) == (NoticeState.SENT, MORNING)
    assert [message.to for message in mail.sent] == ["anna@patient.example"]
    assert [entry.accepted_at for entry in ledger(work)] == [MORNING]


def test_no_notice_names_drug_strength_condition_or_patient(work: Work, clock: Clock) -> None:
    mail = MailThatRemembers()
    order_id = shipped(work, OPEN_ENDED, days=30)
    for notice in work.notices(order_id):
        clock.now = notice.due_at
        deliver(work, notice.id, mail)

    told = [notice.kind for notice in work.notices(order_id) if notice.state is NoticeState.SENT]
    assert set(told) == {"shipped", "check_in", "step", "refill", "follow_up", "expiring"}
    assert len(mail.sent) == len(told)
    for message in mail.sent:
        text = f"{message.subject} {message.body} {message.html}".lower()
        for word in ("naltrexone", "ldn", " mg", "mcg", "fibromyalgia", "anna", "sample"):
            assert word not in text
        assert "(555) 010-0000" in text


def test_while_the_start_is_assumed_the_patient_is_asked_and_not_told(work: Work, clock: Clock) -> None:
    mail = MailThatRemembers()
    order_id = shipped(work)
    step_2, _ = (notice for notice in work.notices(order_id) if notice.kind == "step")
    clock.now = step_2.due_at
    deliver(work, step_2.id, mail)
    confirm(work, order_id, date(2026, 11, 27))
    clock.now = utc(12, 10, 23)
    step_3 = step_notice(work, order_id, 3)
    deliver(work, step_3.id, mail)

    asked, told = mail.sent
    assert "Have you started?" in asked.body
    assert "omorrow" not in asked.body
    assert "Tomorrow: Step 3, 1 capsule at bedtime" in told.body


def test_a_server_that_nobody_reaches_is_tried_again_with_growing_waits(work: Work, clock: Clock) -> None:
    mail = UnreachableMail()
    notice_id = announcement(work, shipped(work))

    waits = []
    for _ in range(5):
        notice = deliver(work, notice_id, mail)
        waits.append(notice.due_at - clock.now)
        clock.now = notice.due_at

    assert waits == [timedelta(minutes=minutes) for minutes in (5, 30, 120, 120, 120)]
    assert (notice.state, notice.leased_until) == (NoticeState.WAITING, None)
    assert notice.reason == "Unreachable while connecting: no reply"
    assert ledger(work) == []


def test_nothing_is_tried_before_its_next_try_is_due(work: Work, clock: Clock) -> None:
    mail = UnreachableMail()
    notice_id = announcement(work, shipped(work))

    for _ in range(3):
        deliver(work, notice_id, mail)

    assert mail.attempts == 1


@pytest.mark.parametrize(
    ("kind", "step", "last_on"),
    # The announcement is a week old; step 2 ends; step 3 has no end, so a week counts again.
    [("shipped", 0, date(2026, 11, 30)), ("step", 2, date(2026, 12, 9)), ("step", 3, date(2026, 12, 16))],
)
def test_a_notice_that_nobody_takes_is_given_up_when_it_is_of_no_more_use(
    work: Work, clock: Clock, kind: str, step: int, last_on: date
) -> None:
    mail = UnreachableMail()
    order_id = shipped(work, OPEN_ENDED, days=30)
    notice = next(each for each in work.notices(order_id) if (each.kind, each.step_position) == (kind, step))

    while notice.state is NoticeState.WAITING:
        clock.now = notice.due_at
        notice = deliver(work, notice.id, mail)

    assert notice.state is NoticeState.FAILED
    assert local_day(clock.now, NEW_YORK) == last_on
    assert notice.reason == f"Unreachable while connecting: no reply; given up at try {mail.attempts}"
    assert ledger(work) == []


def test_a_server_that_comes_back_gets_the_message_once(work: Work, clock: Clock) -> None:
    notice_id = announcement(work, shipped(work))
    clock.now = deliver(work, notice_id, UnreachableMail()).due_at
    mail = MailThatRemembers()

    notice = deliver(work, notice_id, mail)

    assert (notice.state, notice.reason) == (NoticeState.SENT, None)
    assert len(mail.sent) == len(ledger(work)) == 1


def test_a_notice_whose_acceptance_is_on_record_counts_as_sent(work: Work) -> None:
    notice_id = announcement(work, shipped(work))
    deliver(work, notice_id, MailThatRemembers())
    with work.sessions.write() as session:
        session.execute(update(Notice).values(state=NoticeState.WAITING, settled_at=None))
    mail = MailThatRemembers()

    assert deliver(work, notice_id, mail).state is NoticeState.SENT
    assert mail.sent == []


def test_what_may_have_been_sent_is_never_sent_again(work: Work) -> None:
    silent, later = MailThatTimesOutAfterAccepting(), MailThatRemembers()
    notice_id = announcement(work, shipped(work))

    uncertain = deliver(work, notice_id, silent)
    deliver(work, notice_id, later)

    assert uncertain.state is NoticeState.UNCERTAIN
    assert uncertain.reason
    assert (len(silent.sent), later.sent) == (1, [])
    assert [entry.accepted_at for entry in ledger(work)] == [None]


def test_a_worker_that_died_while_sending_leaves_an_uncertain_notice(work: Work, clock: Clock) -> None:
    class Death(BaseException):
        """The process ends here."""

    class DeadlyMail:
        def send(self, message: object) -> None:
            raise Death

    notice_id = announcement(work, shipped(work))
    with pytest.raises(Death):
        deliver(work, notice_id, DeadlyMail())
    mail = MailThatRemembers()

    # For as long as a lease the other worker may be at it still.
    assert deliver(work, notice_id, mail).state is NoticeState.WAITING
    clock.now += LEASE
    notice = deliver(work, notice_id, mail)

    assert (notice.state, notice.reason) == (NoticeState.UNCERTAIN, "a worker stopped while sending")
    assert mail.sent == []


def test_a_mailbox_that_does_not_exist_fails_at_once(work: Work) -> None:
    mail = MailThatRefuses()
    notice_id = announcement(work, shipped(work))

    notice = deliver(work, notice_id, mail)

    assert (notice.state, mail.attempts) == (NoticeState.FAILED, 1)
    assert "550" in (notice.reason or "")


@pytest.mark.parametrize(
    "without",
    [
        {"/patient/contact/consents": []},
        {"/patient/contact/consents/0/channel": "sms"},
        {"/patient/contact/consents": [], "/patient/email": None},
    ],
    ids=["no consent", "consent to another channel", "no address"],
)
def test_without_consent_to_mail_nothing_is_sent_and_staff_are_told(
    work: Work, without: dict[str, Any]
) -> None:
    mail = MailThatRemembers()

    notice = deliver(work, announcement(work, shipped(work, without)), mail)

    assert notice.state is NoticeState.SUPPRESSED
    assert "no consent" in (notice.reason or "")
    assert [task.kind for task in tasks_open(work)] == ["notice.phone"]
    assert mail.sent == []
    assert ledger(work) == []


def test_a_withdrawn_consent_counts_from_that_moment(work: Work) -> None:
    notice_id = announcement(work, shipped(work))
    with work.sessions.write() as session:
        session.execute(update(Consent).values(withdrawn_at=MORNING))
    mail = MailThatRemembers()

    assert deliver(work, notice_id, mail).state is NoticeState.SUPPRESSED
    assert mail.sent == []


def test_in_quiet_hours_a_notice_is_put_off_to_the_patients_morning(work: Work, clock: Clock) -> None:
    order_id = shipped(work)
    step_2 = next(notice for notice in work.notices(order_id) if notice.step_position == 2)
    clock.now = utc(12, 3, 2)  # 21:00 in New York: the worker was late.
    mail = MailThatRemembers()

    notice = deliver(work, step_2.id, mail)

    assert (notice.state, notice.due_at, notice.leased_until) == (NoticeState.WAITING, utc(12, 3, 14), None)
    assert mail.sent == []
    assert ledger(work) == []


def test_nothing_is_told_of_an_order_that_came_back(work: Work) -> None:
    order_id = shipped(work)
    notice_id = announcement(work, order_id)
    with work.sessions.write() as session:
        order = orders.get_for_update(session, order_id)
        order.advance_to(OrderStatus.RETURNED, by=work.pharmacy.clockwork, at=MORNING)
    mail = MailThatRemembers()

    notice = deliver(work, notice_id, mail)

    assert (notice.state, notice.reason) == (NoticeState.SUPPRESSED, "the order is returned")
    assert mail.sent == []


def test_a_completed_order_is_still_reminded(work: Work) -> None:
    order_id = shipped(work)
    work.act(order_id, Act.COMPLETE)
    mail = MailThatRemembers()

    assert deliver(work, announcement(work, order_id), mail).state is NoticeState.SENT


def test_the_message_bears_one_name_in_every_attempt(work: Work) -> None:
    notice_id = announcement(work, shipped(work))
    first, second = MailThatTimesOutAfterAccepting(), MailThatRemembers()
    deliver(work, notice_id, first)
    with work.sessions.write() as session:
        session.execute(update(Notice).values(state=NoticeState.WAITING, settled_at=None))
        session.execute(SentMessage.__table__.delete())
    deliver(work, notice_id, second)

    assert first.sent == second.sent


@pytest.mark.parametrize("mail", [MailThatRemembers(), UnreachableMail()])
def test_what_was_settled_as_uncertain_while_it_was_being_sent_stays_so(
    work: Work, clock: Clock, mail: Mail
) -> None:
    notice_id = announcement(work, shipped(work))

    class MailThatTakesLongerThanALease:
        def send(self, message: OutgoingMail) -> None:
            clock.now += LEASE
            deliver(work, notice_id, MailThatRemembers())
            mail.send(message)

    notice = deliver(work, notice_id, MailThatTakesLongerThanALease())

    assert (notice.state, notice.reason) == (NoticeState.UNCERTAIN, "a worker stopped while sending")
