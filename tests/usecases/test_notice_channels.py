"""By which channel a patient is told, why not, and what stops a message at the last moment."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from pharmacy.domain.actors import CLOCKWORK
from pharmacy.domain.notice_rules import ConsentChannel
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store import notices, orders
from pharmacy.store.base import new_id
from pharmacy.store.notices import NoticeDecision, NoticeState
from pharmacy.store.patients import Patient
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.change_consent import ConsentChange, change_consent
from pharmacy.usecases.schedule_notices import announce
from pharmacy.usecases.take_sms import ReceivedSms, take_sms
from pharmacy.usecases.tell_recall import tell_recall
from tests.books import MORNING, Clock
from tests.builders import an_order
from tests.fakes import MailThatRefuses, MailThatRemembers, SmsThatRemembers
from tests.usecases.noticing import (
    OPEN_ENDED,
    announcement,
    confirm,
    deliver,
    shipped,
    step_notice,
    tasks_open,
    utc,
)
from tests.work import Work

CONSENT = "/patient/contact/consents"
BY_SMS = {
    "channel": "sms",
    "text_version": "2026-01",
    "consented_at": "2026-11-20T15:00:00Z",
    "source": "order form",
}
SMS_ONLY: dict[str, Any] = {CONSENT: [BY_SMS]}


def both_channels(work: Work, changes: dict[str, Any] | None = None, **fields: Any) -> Any:
    email = BY_SMS | {"channel": "email"}
    return shipped(work, {CONSENT: [email, BY_SMS]} | (changes or {}), **fields)


def text(work: Work, wording: str, number: str = "+15550100123", provider_id: str = "") -> str | None:
    """The patient writes; what is answered."""
    received = ReceivedSms(
        provider_id=provider_id or str(new_id()),
        sender_phone=number,
        wording=wording,
        on=MORNING.date(),
        house=work.pharmacy.sender,
    )
    with work.sessions.write() as session:
        return take_sms(session, received, by=CLOCKWORK, now=work.pharmacy.clock())


def decisions(work: Work, notice_id: Any) -> list[NoticeDecision]:
    with work.sessions.read() as session:
        return notices.decisions_of(session, [notice_id])


def test_whoever_agreed_to_text_messages_alone_is_told_by_one(work: Work) -> None:
    mail, sms = MailThatRemembers(), SmsThatRemembers()
    notice = deliver(work, announcement(work, shipped(work, SMS_ONLY)), mail, sms)

    assert notice.state is NoticeState.SENT
    (told,) = sms.sent
    assert told.body == (
        "Your prescription from Example Pharmacy has been shipped. Questions? Call (555) 010-0000. STOP to opt out."
    )
    assert told.key == notice.id
    assert mail.sent == []


@pytest.mark.parametrize("wording", ["STOP", "please don't text me any more"])
def test_stop_between_planning_and_sending_stops_the_message(work: Work, wording: str) -> None:
    notice_id = announcement(work, shipped(work, SMS_ONLY))
    reply = text(work, wording)
    sms = SmsThatRemembers()

    notice = deliver(work, notice_id, MailThatRemembers(), sms)

    assert notice.state is NoticeState.SUPPRESSED
    assert "opted out" in (notice.reason or "")
    assert sms.sent == []
    assert "no more text messages" in (reply or "")


def test_stop_shuts_one_channel_and_start_opens_it_again(work: Work) -> None:
    order_id = both_channels(work)
    text(work, "STOP")
    mail, sms = MailThatRemembers(), SmsThatRemembers()
    deliver(work, announcement(work, order_id), mail, sms)
    assert (len(mail.sent), len(sms.sent)) == (1, 0)

    assert "again" in (text(work, "START") or "")
    with work.sessions.read() as session:
        consents = orders.get(session, order_id).patient.consents
    assert [consent.withdrawn_at for consent in consents] == [None, None]


def test_nobody_consents_for_the_first_time_by_a_word(work: Work) -> None:
    shipped(work)

    assert text(work, "START") is None
    assert [task.kind for task in tasks_open(work)] == ["message.received"]


def test_one_asks_for_the_refill_once(work: Work) -> None:
    shipped(work, SMS_ONLY | OPEN_ENDED, days=30)

    assert "have your request" in (text(work, "1", provider_id="a") or "")
    assert text(work, "1", provider_id="a") is None, "handed over twice"
    text(work, "1", provider_id="b")

    assert [task.kind for task in tasks_open(work)] == ["refill.requested"]


def test_other_words_are_a_task_with_the_words(work: Work) -> None:
    shipped(work, SMS_ONLY)

    assert text(work, "Is it safe with my cold medicine?") is None
    (task,) = tasks_open(work)
    assert task.wording == "A patient wrote: Is it safe with my cold medicine?"


def test_a_number_that_nobody_gave_is_a_task_and_reveals_nothing(work: Work) -> None:
    assert text(work, "1", number="+15559999999") is None
    (task,) = tasks_open(work)
    assert task.patient_id is None
    assert "nobody gave" in task.wording


def test_a_question_that_holds_a_wish_to_stop_is_read_by_a_person_too(work: Work) -> None:
    shipped(work, SMS_ONLY)

    text(work, "Should I stop taking it before my surgery?")

    assert [task.kind for task in tasks_open(work)] == ["message.received"]


def test_a_wrong_number_is_called_by_nobody(work: Work) -> None:
    order_id = shipped(work, SMS_ONLY)
    text(work, "wrong number")
    with work.sessions.read() as session:
        (consent,) = orders.get(session, order_id).patient.consents
    assert consent.disabled_because == "wrong number"


def test_an_address_that_does_not_exist_is_shut_and_the_next_channel_tried(work: Work) -> None:
    order_id = both_channels(work)
    sms = SmsThatRemembers()

    first = deliver(work, announcement(work, order_id), MailThatRefuses(), sms)
    second = deliver(work, first.id, MailThatRefuses(), sms)

    assert (first.state, second.state) == (NoticeState.WAITING, NoticeState.SENT)
    assert len(sms.sent) == 1
    assert [each.decision for each in decisions(work, first.id)] == ["claimed", "deferred", "claimed", "sent"]


def test_the_second_message_of_a_day_goes_by_the_other_channel_and_the_third_waits(work: Work) -> None:
    order_id = both_channels(work)
    mail, sms = MailThatRemembers(), SmsThatRemembers()
    deliver(work, announcement(work, order_id), mail, sms)
    for kind in (NoticeKind.READY, NoticeKind.EXPIRING):
        with work.sessions.write() as session:
            announce(session, orders.get(session, order_id), kind, now=MORNING)
            # A second parcel notice, so to say: only its channel is looked at here.
            session.execute(
                update(notices.Notice)
                .where(notices.Notice.kind == NoticeKind.READY)
                .values(kind="home_expired")
            )
    second, third = [each for each in work.notices(order_id) if each.kind in {"home_expired", "expiring"}]

    states = [deliver(work, each.id, mail, sms) for each in (second, third)]

    assert [each.state for each in states] == [NoticeState.SENT, NoticeState.WAITING]
    assert (len(mail.sent), len(sms.sent)) == (1, 1)
    assert states[1].due_at == utc(11, 24, 14)
    (put_off,) = decisions(work, third.id)
    assert (put_off.decision, put_off.until) == ("deferred", utc(11, 24, 14))
    assert "message today" in put_off.because


def test_a_recall_goes_at_once_though_the_cap_is_reached_and_calls_where_all_is_stopped(work: Work) -> None:
    told, stopped = shipped(work), shipped(work, SMS_ONLY)
    text(work, "STOP")
    mail, sms = MailThatRemembers(), SmsThatRemembers()
    deliver(work, announcement(work, told), mail, sms)
    with work.sessions.write() as session:
        tell_recall(session, [told, stopped], by=CLOCKWORK, now=MORNING)
    recalls = {
        order_id: next(each.id for each in work.notices(order_id) if each.kind == "recall")
        for order_id in (told, stopped)
    }

    states = [deliver(work, recalls[each], mail, sms).state for each in (told, stopped)]

    assert states == [NoticeState.SENT, NoticeState.SUPPRESSED]
    assert "do not use" in mail.sent[-1].body
    assert [task.kind for task in tasks_open(work) if task.kind.endswith(".phone")] == ["recall.phone"]
    assert sms.sent == []


def test_while_an_answer_waits_for_a_pharmacist_the_next_step_is_not_told(work: Work, clock: Clock) -> None:
    order_id = shipped(work)
    confirm(work, order_id, date(2026, 11, 24))
    step_2 = step_notice(work, order_id, 2)
    clock.now = step_2.due_at
    with work.sessions.write() as session:
        prescription_id = orders.get(session, order_id).prescription_id
        task = NewTask(
            kind="plan.check_in", subject_id=prescription_id, wording="Call.", due_on=MORNING.date()
        )
        open_task(session, task, by=CLOCKWORK, now=MORNING)
    mail = MailThatRemembers()

    notice = deliver(work, step_2.id, mail)

    assert (notice.state, notice.due_at) == (NoticeState.WAITING, utc(12, 1, 14))
    assert mail.sent == []


@pytest.mark.parametrize(
    ("because", "change"),
    [
        ("no longer served", {"inactive_since": MORNING, "inactive_because": "deceased"}),
    ],
)
def test_a_patient_who_is_gone_is_told_nothing(work: Work, because: str, change: dict[str, Any]) -> None:
    notice_id = announcement(work, shipped(work))
    with work.sessions.write() as session:
        session.execute(update(Patient).values(**change))
    mail = MailThatRemembers()

    notice = deliver(work, notice_id, mail)

    assert notice.state is NoticeState.SUPPRESSED
    assert because in (notice.reason or "")
    assert mail.sent == []


def test_whoever_moves_is_told_by_the_new_clock(work: Work, clock: Clock) -> None:
    order_id = shipped(work)
    confirm(work, order_id, date(2026, 11, 24))
    step_2 = step_notice(work, order_id, 2)
    with work.sessions.write() as session:
        session.execute(update(Patient).values(time_zone="Pacific/Honolulu"))
    clock.now = step_2.due_at - timedelta(hours=9)  # 9:00 in New York, where the patient no longer is.
    with work.sessions.write() as session:
        session.execute(update(notices.Notice).values(due_at=clock.now))
    mail = MailThatRemembers()

    notice = deliver(work, step_2.id, mail)

    assert (notice.state, notice.due_at) == (NoticeState.WAITING, utc(11, 30, 19))
    assert mail.sent == []


def test_an_order_that_is_ready_is_told_to_whoever_picks_it_up(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.VERIFIED, _pick_up())
    (ready,) = [each for each in work.notices(order_id) if each.kind == "ready"]
    mail = MailThatRemembers()

    assert deliver(work, ready.id, mail).state is NoticeState.SENT
    assert "ready to be picked up" in mail.sent[0].body


def test_an_order_that_was_picked_up_is_not_said_to_be_ready(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.VERIFIED, _pick_up())
    (ready,) = [each for each in work.notices(order_id) if each.kind == "ready"]
    work.act(order_id, Act.PICK_UP)

    notice = deliver(work, ready.id, MailThatRemembers())

    assert (notice.state, notice.reason) == (NoticeState.SUPPRESSED, "the order is picked_up")


def test_a_consent_given_by_telephone_is_on_record_and_counts(work: Work) -> None:
    order_id = shipped(work, {CONSENT: []})
    with work.sessions.write() as session:
        change = ConsentChange(
            patient_id=orders.get(session, order_id).patient_id,
            channel=ConsentChannel.EMAIL,
            is_given=True,
            text_version="2026-01",
            source="by telephone",
        )
        change_consent(session, change, by=CLOCKWORK, now=MORNING)
    mail = MailThatRemembers()

    assert deliver(work, announcement(work, order_id), mail).state is NoticeState.SENT


def _pick_up() -> dict[str, Any]:
    return an_order({"/delivery": "pick_up"})
