"""What a patient is told, when, and never twice."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store import orders
from pharmacy.store.notices import LEASE, Notice, NoticeState, SentMessage
from pharmacy.store.patients import Consent
from pharmacy.usecases.confirm_start import NotHandedOver, StartOutsideSupply, confirm_start
from pharmacy.usecases.deliver_notice import MOST_ATTEMPTS, deliver_notice
from pharmacy.usecases.ports import Mail
from tests.books import MORNING, Clock
from tests.builders import an_order
from tests.fakes import MailThatRefuses, MailThatRemembers, MailThatTimesOutAfterAccepting, UnreachableMail
from tests.work import Work

# The typical titration shipped on Monday, 23 November: three days on the way, day 1 on Thursday.
OPEN_ENDED: dict[str, Any] = {"/plan/steps/2/duration_days": None}


def shipped(work: Work, changes: dict[str, Any] | None = None, **fields: Any) -> UUID:
    return work.bring_to(OrderStatus.SHIPPED, an_order(changes, **fields))


def due(work: Work, order_id: UUID) -> list[tuple[str, int, datetime]]:
    """Kind, step and time of every waiting notice."""
    return [
        (notice.kind.value, notice.step_position, notice.due_at)
        for notice in work.notices(order_id)
        if notice.state is NoticeState.WAITING
    ]


def utc(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def confirm(work: Work, order_id: UUID, started_on: date) -> None:
    with work.sessions.write() as session:
        confirm_start(
            session,
            order_id,
            started_on,
            work.reference(session),
            by=work.pharmacy.clockwork,
            now=work.pharmacy.clock(),
        )


def deliver(work: Work, notice_id: UUID, mail: Mail) -> Notice:
    """One try to deliver the notice; how it stands afterwards."""
    pharmacy = work.pharmacy
    deliver_notice(
        work.sessions, notice_id, mail, pharmacy.sender, by=pharmacy.clockwork, now=pharmacy.clock()
    )
    with work.sessions.read() as session:
        return session.scalars(select(Notice).where(Notice.id == notice_id)).one()


def announcement(work: Work, order_id: UUID) -> UUID:
    """The notice that the parcel is on its way."""
    return next(notice.id for notice in work.notices(order_id) if notice.kind == "shipped")


def ledger(work: Work) -> list[SentMessage]:
    with work.sessions.read() as session:
        return list(session.scalars(select(SentMessage)))


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
    assert len(work.notices(order_id)) == 3


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


def test_a_step_that_was_told_is_not_told_again_when_the_start_moves(work: Work, clock: Clock) -> None:
    order_id = shipped(work)
    clock.now = utc(12, 2, 23)
    (step_2,) = [notice for notice in work.notices(order_id) if notice.step_position == 2]
    mail = MailThatRemembers()
    deliver(work, step_2.id, mail)

    clock.now = utc(12, 4, 15)
    confirm(work, order_id, date(2026, 12, 1))

    assert [(kind, step) for kind, step, _ in due(work, order_id)] == [("shipped", 0), ("step", 3)]
    assert len(mail.sent) == 1


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 11, 25)])
def test_nobody_starts_before_the_hand_over_or_after_tomorrow(work: Work, day: date) -> None:
    order_id = shipped(work)

    with pytest.raises(StartOutsideSupply, match="between 2026-11-23 and 2026-11-24"):
        confirm(work, order_id, day)


def test_nobody_starts_what_was_not_handed_over(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.VERIFIED)

    with pytest.raises(NotHandedOver):
        confirm(work, order_id, date(2026, 11, 23))


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
        assert deliver(work, notice.id, mail).state is NoticeState.SENT

    assert len(mail.sent) == 4
    for message in mail.sent:
        text = f"{message.subject} {message.body}".lower()
        for word in ("naltrexone", "ldn", " mg", "mcg", "fibromyalgia", "anna", "sample"):
            assert word not in text
        assert "(555) 010-0000" in text


def test_while_the_start_is_assumed_the_patient_is_asked_and_not_told(work: Work, clock: Clock) -> None:
    mail = MailThatRemembers()
    order_id = shipped(work)
    step_2, step_3 = (notice for notice in work.notices(order_id) if notice.kind == "step")
    clock.now = step_2.due_at
    deliver(work, step_2.id, mail)
    confirm(work, order_id, date(2026, 11, 27))
    clock.now = utc(12, 10, 23)
    (step_3,) = [notice for notice in work.notices(order_id) if notice.step_position == 3]
    deliver(work, step_3.id, mail)

    asked, told = mail.sent
    assert "Have you started?" in asked.body
    assert "omorrow" not in asked.body
    assert "Tomorrow: Step 3, 1 capsule at bedtime" in told.body


def test_a_server_that_nobody_reaches_is_tried_again_and_then_given_up(work: Work) -> None:
    mail = UnreachableMail()
    notice_id = announcement(work, shipped(work))

    states = [deliver(work, notice_id, mail).state for _ in range(MOST_ATTEMPTS + 1)]

    assert states == [NoticeState.WAITING] * (MOST_ATTEMPTS - 1) + [NoticeState.FAILED] * 2
    assert mail.attempts == MOST_ATTEMPTS
    assert ledger(work) == []


def test_a_server_that_comes_back_gets_the_message_once(work: Work) -> None:
    notice_id = announcement(work, shipped(work))
    deliver(work, notice_id, UnreachableMail())
    mail = MailThatRemembers()

    assert deliver(work, notice_id, mail).state is NoticeState.SENT

    assert len(mail.sent) == len(ledger(work)) == 1


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

    assert (notice.state, notice.reason) == (
        NoticeState.SUPPRESSED,
        "no consent to e-mail: call the patient",
    )
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
