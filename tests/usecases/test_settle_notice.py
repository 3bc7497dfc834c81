"""What nobody knows about is decided by a person, on record; sent once more it passes every gate again."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import update

from pharmacy.domain.notice_rules import Channel
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import Role
from pharmacy.domain.screening import ReasonTooShort
from pharmacy.store import audit, notices
from pharmacy.store.notices import Notice, NoticeState
from pharmacy.store.patients import Consent
from pharmacy.usecases.notice_queue import queue_of, queue_shown
from pharmacy.usecases.notices_of_patient import WHY
from pharmacy.usecases.settle_notice import Finding, NothingToSettle, Settlement, settle_notice
from pharmacy.usecases.sweep_by_hand import sweep_by_hand
from tests.fakes import MailThatRefuses, MailThatRemembers, MailThatTimesOutAfterAccepting
from tests.usecases.noticing import announcement, deliver, shipped
from tests.work import Work


@pytest.fixture
def order_id(work: Work) -> UUID:
    return shipped(work)


@pytest.fixture
def uncertain(work: Work, order_id: UUID) -> Notice:
    notice = deliver(work, announcement(work, order_id), MailThatTimesOutAfterAccepting())
    assert notice.state is NoticeState.UNCERTAIN
    return notice


def settle(
    work: Work, notice_id: UUID, finding: Finding, reason: str = "She has it, I called her."
) -> Notice:
    settlement = Settlement(notice_id=notice_id, finding=finding, reason=reason)
    with work.sessions.write() as session:
        settled = settle_notice(
            session, settlement, by=work.member(Role.TECHNICIAN), now=work.pharmacy.clock()
        )
    with work.sessions.read() as session:
        return notices.get(session, settled.id)


def test_one_that_arrived_counts_as_sent_and_says_who_found_out(
    work: Work, uncertain: Notice, order_id: UUID
) -> None:
    notice = settle(work, uncertain.id, Finding.ARRIVED)

    assert (notice.state, notice.reason) == (NoticeState.SENT, None)
    with work.sessions.read() as session:
        ledger = notices.ledger_entry(session, notice.id)
        assert ledger is not None
        assert ledger.accepted_at == work.pharmacy.clock()
        last = notices.decisions_of(session, [notice.id])[-1]
        entry = audit.of_subject(session, order_id)[-1]
    assert (last.decision, last.because) == (
        "sent",
        f"{work.member(Role.TECHNICIAN).name}: She has it, I called her.",
    )
    assert (entry.action, entry.detail["before"]) == ("notice.arrived", "uncertain")


def test_one_that_is_sent_again_goes_out_once_under_another_name(work: Work, uncertain: Notice) -> None:
    settle(work, uncertain.id, Finding.SEND_AGAIN, "Nothing in her mailbox.")
    mail = MailThatRemembers()

    notice = deliver(work, uncertain.id, mail)

    assert (notice.state, notice.sent_again) == (NoticeState.SENT, 1)
    (message,) = mail.sent
    assert str(notice.id) not in message.message_id
    assert deliver(work, uncertain.id, mail).state is NoticeState.SENT
    assert len(mail.sent) == 1


def test_a_consent_withdrawn_meanwhile_stops_what_was_to_be_sent_again(work: Work, uncertain: Notice) -> None:
    settle(work, uncertain.id, Finding.SEND_AGAIN, "Nothing in her mailbox.")
    with work.sessions.write() as session:
        session.execute(update(Consent).values(withdrawn_at=work.pharmacy.clock(), withdrawn_by="telephone"))
    mail = MailThatRemembers()

    assert deliver(work, uncertain.id, mail).state is NoticeState.SUPPRESSED
    assert mail.sent == []


def test_a_failed_one_may_be_sent_again_and_has_not_arrived(work: Work, order_id: UUID) -> None:
    failed = deliver(work, announcement(work, order_id), MailThatRefuses())
    assert failed.state is NoticeState.FAILED

    with pytest.raises(NothingToSettle):
        settle(work, failed.id, Finding.ARRIVED)
    assert settle(work, failed.id, Finding.SEND_AGAIN, "The address is mended.").state is NoticeState.WAITING


@pytest.mark.parametrize("finding", Finding)
def test_what_is_settled_or_waits_is_no_persons_to_decide(
    work: Work, order_id: UUID, finding: Finding
) -> None:
    waiting = announcement(work, order_id)
    with pytest.raises(NothingToSettle):
        settle(work, waiting, finding)
    deliver(work, waiting, MailThatRemembers())

    with pytest.raises(NothingToSettle):
        settle(work, waiting, finding)


def test_a_decision_needs_words(work: Work, uncertain: Notice) -> None:
    with pytest.raises(ReasonTooShort):
        settle(work, uncertain.id, Finding.ARRIVED, " ok ")


def test_the_queue_shows_whose_it_is_and_by_which_channel(work: Work, uncertain: Notice) -> None:
    with work.sessions.write() as session:
        found = list(session.scalars(queue_of(NoticeState.UNCERTAIN)))
        (shown,) = queue_shown(session, found)

    assert (shown["id"], shown["patient_name"]) == (uncertain.id, "Anna Sample")
    assert (shown["state"], shown["channel"]) == ("uncertain", Channel.EMAIL)


def test_every_kind_of_notice_says_why_it_is_planned() -> None:
    assert set(WHY) == set(NoticeKind)


def test_a_sweep_by_hand_tells_what_is_due_without_broker_or_worker(work: Work, order_id: UUID) -> None:
    mail = MailThatRemembers()
    desk = replace(work.pharmacy.notice_desk, mail=mail)

    looked_at = sweep_by_hand(work.sessions, desk, by=work.pharmacy.clockwork, now=work.pharmacy.clock())

    assert (looked_at, len(mail.sent)) == (1, 1)
    assert sweep_by_hand(work.sessions, desk, by=work.pharmacy.clockwork, now=work.pharmacy.clock()) == 0
