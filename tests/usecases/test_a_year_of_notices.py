"""A year of due dates, with the clock passed by hand: what a patient hears, in which words, and what staff must do.

Every message is written into test-output/messages, as text and as the page that it is, to be read by a person.
"""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from pharmacy.domain.calendar import local_day
from pharmacy.domain.notices import NoticeKind
from pharmacy.store.notices import Notice, NoticeState
from pharmacy.usecases.ports import OutgoingMail, OutgoingSms
from pharmacy.usecases.schedule_notices import announce
from tests.books import MORNING, NEW_YORK, Clock
from tests.fakes import MailThatRemembers, SmsThatRemembers
from tests.usecases.noticing import OPEN_ENDED, confirm, deliver, shipped, tasks_open
from tests.usecases.test_notice_channels import BY_SMS, CONSENT
from tests.work import Work

KEPT = Path(__file__).parents[2] / "test-output" / "messages"
PRIVATE_ADDRESS = re.compile(r"/p/\S+")
FORBIDDEN = ("naltrexone", "ldn", " mg", "mcg", "fibromyalgia", "anna", "sample", "opioid")


def through_the_year(
    work: Work, clock: Clock, order_id: UUID, mail: MailThatRemembers, sms: SmsThatRemembers
) -> list[Notice]:
    """Each waiting notice is delivered when it is due, soonest first, until a year has passed or nothing waits."""
    ends = clock.now + timedelta(days=366)
    while waiting := [each for each in work.notices(order_id) if each.state is NoticeState.WAITING]:
        soonest = min(waiting, key=lambda each: each.due_at)
        clock.now = max(clock.now, soonest.due_at)
        if clock.now > ends:
            break
        deliver(work, soonest.id, mail, sms)
    return work.notices(order_id)


def test_a_year_of_one_patient_by_text_message(work: Work, clock: Clock) -> None:
    order_id = shipped(work, OPEN_ENDED | {CONSENT: [BY_SMS]}, days=30)
    confirm(work, order_id, local_day(MORNING, NEW_YORK))
    mail, sms = MailThatRemembers(), SmsThatRemembers()

    told = through_the_year(work, clock, order_id, mail, sms)

    assert mail.sent == []
    assert all(each.state is not NoticeState.WAITING for each in told)
    # Three announcements of the refill went unanswered; then a person calls.
    sent = [each.kind for each in told if each.state is NoticeState.SENT]
    assert sent.count(NoticeKind.REFILL) + sent.count(NoticeKind.FOLLOW_UP) == 3
    assert "notice.phone" in [task.kind for task in tasks_open(work)]
    days = [
        each.settled_at and local_day(each.settled_at, NEW_YORK)
        for each in told
        if each.state is NoticeState.SENT
    ]
    assert len(set(days)) == len(days), "one a day"


@pytest.mark.parametrize("start", ["confirmed", "assumed"])
def test_every_message_is_kept_to_be_read(work: Work, clock: Clock, start: str) -> None:
    for channel in ("email", "sms"):
        clock.now = MORNING
        consents = [BY_SMS | {"channel": channel}]
        order_id = shipped(work, OPEN_ENDED | {CONSENT: consents}, days=30)
        if start == "confirmed":
            confirm(work, order_id, local_day(MORNING, NEW_YORK))
        for kind in (NoticeKind.RECALL, NoticeKind.READY, NoticeKind.HOME_EXPIRED):
            with work.sessions.write() as session:
                announce(session, work.order(order_id), kind, now=MORNING)
        mail, sms = MailThatRemembers(), SmsThatRemembers()
        for notice in through_the_year(work, clock, order_id, mail, sms):
            assert notice.state is not NoticeState.UNCERTAIN
        assert bool(mail.sent) == (channel == "email")
        for number, message in enumerate([*mail.sent, *sms.sent], 1):
            _keep(f"{start}-{channel}-{number:02}", message)


def _keep(name: str, message: OutgoingMail | OutgoingSms) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    if isinstance(message, OutgoingSms):
        said, page = message.body, None
        assert len(said) <= 160
    else:
        said, page = f"Subject: {message.subject}\n\n{message.body}", message.html
    # Private addresses are drawn by lot: letters in them say nothing.
    words = PRIVATE_ADDRESS.sub("", f"{said} {page or ''}").lower()
    for word in FORBIDDEN:
        assert word not in words
    (KEPT / f"{name}.txt").write_text(said, encoding="utf-8")
    if page is not None:
        (KEPT / f"{name}.html").write_text(page, encoding="utf-8")
