"""The room of notices: what is uncertain first, what a patient will get and why, and what a person decides."""

from uuid import UUID

import pytest

from pharmacy.store import notices, patients
from pharmacy.store.notices import Notice, NoticeState
from tests.fakes import MailThatTimesOutAfterAccepting
from tests.usecases.noticing import announcement, deliver, shipped
from tests.web.console.pages import Console, words
from tests.work import Work

CALLED = "Called her, she has it."


@pytest.fixture
def order_id(work: Work) -> UUID:
    return shipped(work)


@pytest.fixture
def uncertain(work: Work, order_id: UUID) -> Notice:
    return deliver(work, announcement(work, order_id), MailThatTimesOutAfterAccepting())


def _settle(console: Console, notice: Notice, **typed: str) -> tuple[int, str]:
    form = {**console.hidden(f"/notices/{notice.id}"), **typed}
    answer = console.client.post(f"/console/notices/{notice.id}/settle", data=form)
    return answer.status_code, words(answer)


def test_uncertain_ones_come_first_and_wait_in_the_rail(tess: Console, uncertain: Notice) -> None:
    page = words(tess.get("/notices"))

    assert "Notices , waiting for me: 1" in page
    assert "Uncertain 1" in page
    assert "The parcel is on its way" in page
    assert "Anna Sample" in page


def test_one_notice_shows_its_words_and_what_was_decided(tess: Console, uncertain: Notice) -> None:
    page = words(tess.get(f"/notices/{uncertain.id}"))

    assert "Your prescription from Example Pharmacy has been shipped." in page
    assert "Begun : email: the patient's channel" in page
    assert "naltrexone" not in page


def test_it_arrived_says_a_person_and_it_counts_as_sent(work: Work, tess: Console, uncertain: Notice) -> None:
    status, page = _settle(tess, uncertain, finding="arrived")
    assert (status, "Say how you know, in words." in page) == (422, True)

    assert _settle(tess, uncertain, finding="arrived", reason=CALLED)[0] == 303

    with work.sessions.read() as session:
        assert notices.get(session, uncertain.id).state is NoticeState.SENT
    assert "Nothing is uncertain" in words(tess.get("/notices"))
    assert CALLED in words(tess.get(f"/notices/{uncertain.id}"))
    assert _settle(tess, uncertain, finding="arrived", reason=CALLED)[0] == 409


def test_sent_again_it_waits_once_more(work: Work, tess: Console, uncertain: Notice) -> None:
    assert _settle(tess, uncertain, finding="send_again", reason="Nothing in her mailbox.")[0] == 303

    page = words(tess.get("/notices?state=waiting"))
    assert "Nothing in her mailbox." in page


def test_shipping_looks_and_does_not_decide(sam: Console, uncertain: Notice) -> None:
    assert "Only people at the bench may decide." in words(sam.get(f"/notices/{uncertain.id}"))
    assert _settle(sam, uncertain, finding="arrived", reason=CALLED)[0] == 403


def test_all_that_a_patient_will_get_stands_on_one_page_with_its_reasons(
    work: Work, tess: Console, uncertain: Notice
) -> None:
    page = words(tess.get(f"/notices/patients/{uncertain.patient_id}"))

    assert "What Anna Sample is told" in page
    assert "a step of the plan begins on the next day" in page
    assert "The next step begins (step 2)" in page
    assert "E-mail ✓ Open" in page
    assert "text 2026-01" in page


def test_a_consent_a_preference_and_an_end_are_recorded(work: Work, tess: Console, uncertain: Notice) -> None:
    path = f"/notices/patients/{uncertain.patient_id}"

    def send(what: str, **typed: str) -> int:
        form = {**tess.hidden(path), **typed}
        return tess.client.post(f"/console{path}/{what}", data=form).status_code

    assert send("consent", channel="sms", answer="yes", text_version="1999", source="by telephone") == 422
    assert send("consent", channel="sms", answer="yes", text_version="2026-01", source="") == 422
    assert send("consent", channel="sms", answer="maybe", source="by telephone") == 422
    assert send("consent", channel="fax", answer="no", source="by telephone") == 422
    assert send("consent", channel="phone", answer="no", source="by telephone") == 422
    assert send("consent", channel="sms", answer="yes", text_version="2026-01", source="by telephone") == 303
    assert send("preference", preferred="sms") == 303
    assert send("service", served="no", reason="has moved away") == 303
    assert send("service", served="no", reason="has moved away") == 409

    with work.sessions.read() as session:
        patient = patients.get(session, uncertain.patient_id)
    assert patient.preferred_channel == "sms"
    assert patient.inactive_because == "has moved away"
    page = words(tess.get(path))
    assert "Not served any more : has moved away" in page
    assert "Text message agreed to on" in page


def test_no_name_stands_in_an_address(tess: Console, uncertain: Notice) -> None:
    for path in ("/notices", f"/notices/{uncertain.id}", f"/notices/patients/{uncertain.patient_id}"):
        addresses = [part.split('"')[0] for part in tess.get(path).text.split('href="')[1:]]
        assert not [each for each in addresses if "anna" in each.casefold()]


def test_the_texts_of_consent_can_be_read_and_added_by_the_pharmacist_in_charge(
    tess: Console, iris: Console
) -> None:
    assert "reply STOP to a text message" in words(tess.get("/consent-texts"))
    assert "Only the pharmacist in charge may." in words(tess.get("/consent-texts"))

    typed = {
        "version": "2027-01",
        "wording_en": "I agree to be told.",
        "wording_es": "Acepto que me informen.",
    }
    form = {**iris.hidden("/consent-texts"), **typed}
    assert iris.client.post("/console/consent-texts", data=form).status_code == 303
    assert iris.client.post("/console/consent-texts", data=form).status_code == 409
    assert "Acepto que me informen." in words(tess.get("/consent-texts"))
