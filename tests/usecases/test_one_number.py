"""One telephone number in several records: caps and a wish to stop are those of whoever carries the telephone."""

from datetime import timedelta

from pharmacy.store.notices import NoticeState
from tests.books import Clock
from tests.fakes import MailThatRemembers, SmsThatRemembers
from tests.usecases.noticing import announcement, deliver, shipped
from tests.usecases.test_notice_channels import SMS_ONLY, text
from tests.work import Work


def test_two_records_of_one_number_get_one_text_message_a_day(work: Work) -> None:
    first, second = shipped(work, SMS_ONLY), shipped(work, SMS_ONLY)
    mail, sms = MailThatRemembers(), SmsThatRemembers()

    states = [deliver(work, announcement(work, each), mail, sms).state for each in (first, second)]

    assert states == [NoticeState.SENT, NoticeState.WAITING]
    assert len(sms.sent) == 1


def test_a_consent_given_before_stop_opens_nothing_in_a_record_that_came_after(
    work: Work, clock: Clock
) -> None:
    shipped(work, SMS_ONLY)
    text(work, "STOP")
    clock.now += timedelta(days=2)
    later = shipped(work, SMS_ONLY)
    mail, sms = MailThatRemembers(), SmsThatRemembers()

    notice = deliver(work, announcement(work, later), mail, sms)

    assert notice.state is NoticeState.SUPPRESSED
    assert "opted out" in (notice.reason or "")
    assert sms.sent == []
