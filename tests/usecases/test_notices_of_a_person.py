"""Records that staff have merged are one person: the caps and a STOP count for the person, whichever record is told."""

from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from local.waiting import until
from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.notice_rules import ConsentChannel
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import Role
from pharmacy.store import notices, orders, patients
from pharmacy.store.notices import NoticeState
from pharmacy.store.patient_links import LinkKind
from pharmacy.store.patients import Patient
from pharmacy.usecases.change_consent import ConsentChange, change_consent
from pharmacy.usecases.link_patients import Linking, link_patients
from pharmacy.usecases.schedule_notices import announce
from tests.books import MORNING, Clock
from tests.fakes import MailThatRemembers, SmsThatRemembers
from tests.rows import member, somebody_waits
from tests.usecases.noticing import announcement, deliver, shipped
from tests.usecases.test_notice_channels import SMS_ONLY, text
from tests.work import Work

OTHER_NUMBER = "+15550100999"
OTHER_PHONE: dict[str, Any] = SMS_ONLY | {"/patient/phone": OTHER_NUMBER}


def decide(work: Work, kind: LinkKind, one: UUID, other: UUID) -> None:
    """A pharmacist decides about the records of these two orders."""
    with work.sessions.write() as session:
        deciding(session, work, kind, one, other)


def deciding(session: Session, work: Work, kind: LinkKind, one: UUID, other: UUID) -> None:
    linking = Linking(
        patient_id=orders.get(session, one).patient_id,
        other_id=orders.get(session, other).patient_id,
        kind=kind,
        reason="the same person, says the passport",
        reference=work.reference(session),
    )
    link_patients(session, linking, by=member(session, Role.PHARMACIST), now=MORNING)


def stop_mail(work: Work, order_id: UUID) -> None:
    with work.sessions.write() as session:
        change = ConsentChange(
            patient_id=orders.get(session, order_id).patient_id,
            channel=ConsentChannel.EMAIL,
            is_given=False,
            text_version="",
            source="link in an e-mail",
        )
        change_consent(session, change, by=member(session, Role.PHARMACIST), now=MORNING)


def test_one_person_hears_once_a_day_however_many_records_there_are(work: Work) -> None:
    one, other = shipped(work), shipped(work)
    decide(work, LinkKind.MERGED, one, other)
    mail = MailThatRemembers()

    first, second = (deliver(work, announcement(work, each), mail) for each in (one, other))

    assert (first.state, second.state) == (NoticeState.SENT, NoticeState.WAITING)
    assert "message today" in (second.reason or "")
    assert len(mail.sent) == 1


def test_two_people_are_each_told_on_the_same_day_and_so_are_records_taken_apart(work: Work) -> None:
    one, other, third = (shipped(work) for _ in range(3))
    decide(work, LinkKind.MERGED, one, other)
    decide(work, LinkKind.UNMERGED, one, other)
    mail = MailThatRemembers()

    states = [deliver(work, announcement(work, each), mail).state for each in (one, other, third)]

    assert states == [NoticeState.SENT] * 3


@pytest.mark.parametrize(("is_merged", "state"), [(True, NoticeState.WAITING), (False, NoticeState.SENT)])
def test_what_waits_for_one_record_goes_before_what_matters_less_to_the_other(
    work: Work, is_merged: bool, state: NoticeState
) -> None:
    one, other = shipped(work), shipped(work)
    if is_merged:
        decide(work, LinkKind.MERGED, one, other)
    with work.sessions.write() as session:
        notices.forget_waiting(session, other, [NoticeKind.SHIPPED])
        announce(session, orders.get(session, other), NoticeKind.EXPIRING, now=MORNING)
    expiring = next(each for each in work.notices(other) if each.kind is NoticeKind.EXPIRING)

    assert deliver(work, expiring.id, MailThatRemembers()).state is state


def test_a_stop_from_one_number_holds_for_the_persons_other_number_until_it_says_start(
    work: Work, clock: Clock
) -> None:
    one, other = shipped(work, SMS_ONLY), shipped(work, OTHER_PHONE)
    decide(work, LinkKind.MERGED, one, other)
    text(work, "STOP")
    sms = SmsThatRemembers()
    stopped = deliver(work, announcement(work, other), MailThatRemembers(), sms)
    assert (stopped.state, sms.sent) == (NoticeState.SUPPRESSED, [])
    assert "opted out" in (stopped.reason or "")

    clock.now += timedelta(minutes=1)
    assert "again" in (text(work, "START", number=OTHER_NUMBER) or "")

    with work.sessions.write() as session:
        # What waits for the other record would go first.
        notices.forget_waiting(session, one, [NoticeKind.SHIPPED])
        announce(session, orders.get(session, other), NoticeKind.EXPIRING, now=MORNING)
    expiring = next(each for each in work.notices(other) if each.kind is NoticeKind.EXPIRING)
    assert deliver(work, expiring.id, MailThatRemembers(), sms).state is NoticeState.SENT


def test_a_stop_of_somebody_else_with_another_number_stops_nothing(work: Work) -> None:
    shipped(work, SMS_ONLY)
    other = shipped(work, OTHER_PHONE)
    text(work, "STOP")

    assert deliver(work, announcement(work, other), MailThatRemembers(), SmsThatRemembers()).state is (
        NoticeState.SENT
    )


@pytest.mark.parametrize(("is_merged", "state"), [(True, NoticeState.SUPPRESSED), (False, NoticeState.SENT)])
def test_mails_that_one_record_ended_are_ended_for_the_person(
    work: Work, is_merged: bool, state: NoticeState
) -> None:
    one, other = shipped(work), shipped(work)
    if is_merged:
        decide(work, LinkKind.MERGED, one, other)
    stop_mail(work, one)

    assert deliver(work, announcement(work, other), MailThatRemembers()).state is state


def test_whoever_waits_for_a_merger_holds_both_records_then(committed: Pharmacy, engine: Engine) -> None:
    work = Work(committed)
    # The later record is told: it is held first, and the earlier one after the merger.
    other, one = shipped(work), shipped(work)
    free: list[UUID] | None = None

    def tell() -> None:
        nonlocal free
        with work.sessions.write() as telling, work.sessions.write() as looking:
            patients.hold_person(telling, orders.get(telling, one).patient_id)
            query = select(Patient.id).with_for_update(key_share=True, skip_locked=True)
            free = list(looking.scalars(query))

    with work.sessions.write() as merging:
        deciding(merging, work, LinkKind.MERGED, one, other)
        telling = Thread(target=tell)
        telling.start()
        until(lambda: somebody_waits(engine), 5, "the delivery")
    telling.join(10)

    assert free == []
