"""How a patient may be reached: where they live, by which channel, in whose words they agreed, and whether at all."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from pharmacy.domain.calendar import local_day
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.notice_rules import Channel, ConsentChannel
from pharmacy.domain.orders import Role
from pharmacy.store import consents, patients
from pharmacy.store.notices import NoticeState
from pharmacy.usecases.add_consent_text import (
    ConsentVersionTaken,
    ConsentWordingMissing,
    NewConsentText,
    add_consent_text,
)
from pharmacy.usecases.change_consent import ConsentChange, ConsentTextUnknown, change_consent
from pharmacy.usecases.change_reach import ServiceChange, ServiceUnchanged, change_service, prefer_channel
from pharmacy.usecases.revise_patient import Revision, revise_patient
from tests.fakes import MailThatRemembers, SmsThatRemembers
from tests.usecases.noticing import announcement, confirm, deliver, shipped, step_notice, utc
from tests.usecases.test_notice_channels import both_channels
from tests.work import Work


def _patient_of(work: Work, order_id: UUID) -> UUID:
    return work.order(order_id).patient_id


def test_evenings_move_with_the_patient_and_what_was_told_stays(work: Work) -> None:
    order_id = shipped(work)
    confirm(work, order_id, date(2026, 11, 24))
    deliver(work, announcement(work, order_id), MailThatRemembers())
    assert step_notice(work, order_id, 2).due_at == utc(11, 30, 23)
    patient_id = _patient_of(work, order_id)
    pharmacy = work.pharmacy
    now = pharmacy.clock()

    with work.sessions.write() as session:
        revision = Revision(
            seen_version=patients.get(session, patient_id).version,
            reason="She has moved to Honolulu.",
            reference=pharmacy.reference.current(session, local_day(now, pharmacy.zone)),
            fields={"time_zone": "Pacific/Honolulu"},
        )
        revise_patient(session, patient_id, revision, by=work.member(Role.PHARMACIST), now=now)

    assert step_notice(work, order_id, 2).due_at == utc(12, 1, 4)  # 18:00 in Honolulu on 30 November.
    told = [each for each in work.notices(order_id) if each.kind == "shipped"]
    assert [each.state for each in told] == [NoticeState.SENT]


def test_a_preferred_channel_is_asked_first(work: Work) -> None:
    order_id = both_channels(work)
    with work.sessions.write() as session:
        prefer_channel(
            session,
            _patient_of(work, order_id),
            Channel.SMS,
            by=work.member(Role.TECHNICIAN),
            now=work.pharmacy.clock(),
        )
    mail, sms = MailThatRemembers(), SmsThatRemembers()

    deliver(work, announcement(work, order_id), mail, sms)

    assert (len(mail.sent), len(sms.sent)) == (0, 1)


def test_whoever_is_no_longer_served_is_told_nothing_until_they_are_again(work: Work) -> None:
    order_id = shipped(work)
    _serve(work, order_id, is_served=False)
    with pytest.raises(ServiceUnchanged):
        _serve(work, order_id, is_served=False)
    mail = MailThatRemembers()

    suppressed = deliver(work, announcement(work, order_id), mail)

    assert "no longer served: moved away" in (suppressed.reason or "")
    assert mail.sent == []
    _serve(work, order_id, is_served=True)
    with work.sessions.read() as session:
        assert patients.get(session, _patient_of(work, order_id)).inactive_since is None


def test_every_state_of_a_consent_is_kept_with_the_text_that_was_read(work: Work) -> None:
    patient_id = _patient_of(work, shipped(work))
    _add_text(work, "2027-01")
    for is_given in (False, True):
        change = ConsentChange(
            patient_id=patient_id,
            channel=ConsentChannel.EMAIL,
            is_given=is_given,
            text_version="2027-01",
            source="by telephone",
        )
        with work.sessions.write() as session:
            change_consent(session, change, by=work.member(Role.TECHNICIAN), now=work.pharmacy.clock())

    with work.sessions.read() as session:
        history = [each for each in consents.history_of(session, patient_id) if each.channel == "email"]
        wording = {(each.version, each.language): each.wording for each in consents.texts(session)}
    assert [(each.text_version, each.withdrawn_at is None) for each in history] == [
        ("2026-01", True),
        ("2026-01", False),
        ("2027-01", True),
    ]
    assert "STOP" in wording["2026-01", "en"]
    assert "STOP" in wording["2026-01", "es"]
    assert wording["2027-01", "es"] == "Acepto recibir mensajes."


def test_nobody_consents_to_a_text_that_is_not_on_record(work: Work) -> None:
    change = ConsentChange(
        patient_id=_patient_of(work, shipped(work)),
        channel=ConsentChannel.SMS,
        is_given=True,
        text_version="1999",
        source="by telephone",
    )
    with pytest.raises(ConsentTextUnknown), work.sessions.write() as session:
        change_consent(session, change, by=work.member(Role.TECHNICIAN), now=work.pharmacy.clock())


def test_a_text_is_never_changed_and_has_both_languages(work: Work) -> None:
    with pytest.raises(ConsentVersionTaken):
        _add_text(work, "2026-01")
    with pytest.raises(ConsentWordingMissing):
        _add_text(work, "2028-01", spanish=" ")


@pytest.mark.parametrize("table", ["consent_texts", "patient_consent_history"])
def test_the_database_keeps_what_was_consented_to(work: Work, table: str) -> None:
    shipped(work)

    with pytest.raises(DatabaseError, match="never changed"), work.sessions.write() as session:
        session.execute(text(f"DELETE FROM {table}"))


def _serve(work: Work, order_id: UUID, *, is_served: bool) -> None:
    change = ServiceChange(patient_id=_patient_of(work, order_id), is_served=is_served, reason="moved away")
    with work.sessions.write() as session:
        change_service(session, change, by=work.member(Role.TECHNICIAN), now=work.pharmacy.clock())


def _add_text(work: Work, version: str, spanish: str = "Acepto recibir mensajes.") -> None:
    wordings = {Language.ENGLISH: "I agree to be told.", Language.SPANISH: spanish}
    with work.sessions.write() as session:
        add_consent_text(
            session,
            NewConsentText(version=version, wordings=wordings),
            by=work.member(Role.PHARMACIST_IN_CHARGE),
            now=work.pharmacy.clock(),
        )
