"""Patients: found, shown, corrected, merged and taken apart, with every reading on record."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from pharmacy.bootstrap import Pharmacy
from pharmacy.store import patients
from pharmacy.store.audit import AuditEntry
from pharmacy.store.patients import Patient
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.builders import an_order
from tests.web.console.pages import Console, words
from tests.work import Work

WHY = "told at the counter today"
_FIELD = re.compile(r'<input id="contact-(\w+)"[^>]*? value="([^"]*)"')


def _patient(work: Work, **body: object) -> UUID:
    return work.order(work.submit(an_order(**body))).patient_id


def _named(work: Work, name: str) -> UUID:
    return work.order(work.submit(an_order({"/patient/full_name": name}))).patient_id


def _record(pharmacy: Pharmacy, patient_id: UUID) -> Patient:
    with pharmacy.sessions.read() as session:
        return patients.get(session, patient_id)


def _actions(pharmacy: Pharmacy, patient_id: UUID) -> list[str]:
    with pharmacy.sessions.read() as session:
        query = select(AuditEntry.action).where(AuditEntry.subject_id == patient_id).order_by(AuditEntry.id)
        return list(session.scalars(query))


def _correct(console: Console, patient_id: UUID, part: str, **typed: str) -> object:
    page = console.get(f"/patients/{patient_id}")
    hidden = dict(re.findall(r'name="(csrf_token|version)" value="([^"]*)"', page.text))
    standing = dict(_FIELD.findall(page.text)) | {"language": "en", "purpose_on_label": "yes"}
    form = {**(standing if part == "contact" else {}), **hidden, "reason": WHY, **typed}
    return console.client.post(f"/console/patients/{patient_id}/{part}", data=form)


def test_a_patient_is_found_by_name_or_birth_date_in_a_form_and_each_listing_is_on_record(
    work: Work, tess: Console, pharmacy: Pharmacy
) -> None:
    anna, zoe = _patient(work), _named(work, "Zoe Zebra")

    assert "Zoe Zebra" in words(tess.get("/patients"))
    found = tess.post("/patients", name="zeb")
    assert "Zoe Zebra" in words(found)
    assert "Anna Sample" not in words(found)
    assert "Anna Sample" in words(tess.post("/patients", birth_on="1984-05-06"))
    assert "holds these letters" in words(tess.post("/patients", name="nobody of that name"))
    assert "Give a day." in words(tess.post("/patients", birth_on="yesterday"))
    assert _actions(pharmacy, zoe).count("patient.shown") >= 2
    assert "patient.shown" in _actions(pharmacy, anna)


def test_a_record_shows_what_is_known_and_that_it_was_read_is_on_record(
    work: Work, paul: Console, pharmacy: Pharmacy
) -> None:
    patient_id = _patient(work, allergies=["penicillin"], no_known_allergies=False)

    page = words(paul.get(f"/patients/{patient_id}"))

    assert "Anna Sample Sun 6 May 1984, 42 years" in page
    assert "Allergies penicillin" in page
    assert "Orders of this person" in page
    assert [each for each in _actions(pharmacy, patient_id) if "read" in each or "shown" in each] == [
        "patient.shown"
    ]


def test_whoever_looks_at_an_order_or_the_queue_is_on_record_and_a_refusal_shows_nobody(
    work: Work, tess: Console, stranger: Console, pharmacy: Pharmacy
) -> None:
    order_id = work.submit()
    patient_id = work.order(order_id).patient_id

    assert tess.order(order_id).status_code == 200
    assert tess.get("/orders?room=review").status_code == 200
    assert stranger.order(order_id).status_code == 303
    tess.get(f"/orders/{order_id}/labels")

    with pharmacy.sessions.read() as session:
        query = select(AuditEntry).where(AuditEntry.subject_id == patient_id).order_by(AuditEntry.id)
        shown = [each for each in session.scalars(query) if each.action == "patient.shown"]
    asked = [each.detail["asked"] for each in shown]
    assert asked == ["GET /console/orders/<uuid:order_id>", "GET /console/orders"]
    assert {each.actor_name for each in shown} == {"Tess Technician"}


def test_an_address_is_corrected_with_a_reason_by_whoever_saw_the_newest_reading(
    work: Work, tess: Console, pharmacy: Pharmacy
) -> None:
    patient_id = _patient(work)

    assert _correct(tess, patient_id, "contact", city="Newtown").status_code == 303  # type: ignore[attr-defined]

    assert _record(pharmacy, patient_id).city == "Newtown"
    stale = _correct(tess, patient_id, "contact", city="Oldtown", version="1")
    assert stale.status_code == 409  # type: ignore[attr-defined]
    assert "Somebody has changed this patient since you looked." in words(stale)  # type: ignore[arg-type]
    assert 'value="Oldtown"' in stale.text  # type: ignore[attr-defined]
    assert _record(pharmacy, patient_id).city == "Newtown"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("postal_code", "123", "contact-postal_code"),
        ("state", "ZZ", "contact-state"),
        ("phone", "none", "contact-phone"),
        ("email", "nowhere", "contact-email"),
        ("time_zone", "Mars/Olympus", "contact-time_zone"),
        ("full_name", "", "contact-full_name"),
        ("reason", "x", "contact-reason"),
    ],
)
def test_what_cannot_be_meant_is_told_at_its_field_and_kept(
    work: Work, tess: Console, pharmacy: Pharmacy, name: str, value: str, said: str
) -> None:
    patient_id = _patient(work)

    answer = _correct(tess, patient_id, "contact", **{"city": "Newtown", name: value})

    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert f'<a href="#{said}">' in answer.text  # type: ignore[attr-defined]
    assert 'value="Newtown"' in answer.text  # type: ignore[attr-defined]
    assert _record(pharmacy, patient_id).version == 1


def test_anybody_at_the_counter_adds_an_allergy_and_only_a_pharmacist_takes_one_off(
    work: Work, tess: Console, paul: Console, pharmacy: Pharmacy
) -> None:
    patient_id = _patient(work, allergies=["penicillin"], no_known_allergies=False)
    added = _correct(tess, patient_id, "health", allergies="penicillin\nlatex", medicines="", conditions="")
    assert added.status_code == 303  # type: ignore[attr-defined]

    refused = _correct(tess, patient_id, "health", allergies="latex", medicines="", conditions="")
    assert refused.status_code == 403  # type: ignore[attr-defined]
    assert "Only a pharmacist takes an allergy off the record." in words(refused)  # type: ignore[arg-type]
    known = [each["text"] for each in _record(pharmacy, patient_id).profile["allergies"]]
    assert known == ["penicillin", "latex"]
    taken = _correct(paul, patient_id, "health", allergies="latex", medicines="", conditions="")
    assert taken.status_code == 303  # type: ignore[attr-defined]
    assert [each["text"] for each in _record(pharmacy, patient_id).profile["allergies"]] == ["latex"]


def test_what_the_patient_wants_is_recorded_with_the_notices_and_nowhere_else(
    work: Work, tess: Console
) -> None:
    patient_id = _patient(work)

    assert f"/console/notices/patients/{patient_id}" in tess.get(f"/patients/{patient_id}").text
    asked = {"channel": "sms", "wish": "withdrawn", "source": "by telephone"}
    assert tess.post(f"/patients/{patient_id}/consents", **asked).status_code == 403


def _link(console: Console, patient_id: UUID, deed: str, other: UUID | str, **typed: str) -> object:
    form = {
        "other_id": str(other),
        "reason": "the same person, says the passport",
        "signature": DEMO_PASSWORD,
    }
    return console.post(f"/patients/{patient_id}/{deed}", **(form | typed))


def test_records_alike_are_merged_by_a_pharmacist_and_taken_apart_exactly(
    work: Work, paul: Console, at_work: Callable[[str], Console], pharmacy: Pharmacy
) -> None:
    one, other = _patient(work), _patient(work)
    assert "These look like the same person" in words(paul.get(f"/patients/{other}"))
    before = [(_record(pharmacy, each).person_id, _record(pharmacy, each).full_name) for each in (one, other)]

    assert at_work("tess").post(f"/patients/{other}/merge").status_code == 403
    assert _link(paul, other, "merge", one, signature="x").status_code == 422  # type: ignore[attr-defined]
    assert _link(paul, other, "merge", one, reason="x").status_code == 422  # type: ignore[attr-defined]
    assert _link(paul, other, "merge", one).status_code == 303  # type: ignore[attr-defined]
    merged = words(paul.get(f"/patients/{other}"))
    assert "Take apart" in merged
    assert merged.count("Anna Sample") >= 4  # Its own name, the other record, and the orders of both.

    assert _link(paul, other, "unmerge", one).status_code == 303  # type: ignore[attr-defined]
    after = [(_record(pharmacy, each).person_id, _record(pharmacy, each).full_name) for each in (one, other)]
    assert after == before
    assert {"patient.merged", "patient.unmerged"} <= set(_actions(pharmacy, one))


def test_what_is_no_record_is_merged_with_nothing(work: Work, paul: Console) -> None:
    patient_id = _patient(work)

    for other in ("somebody", UUID(int=5), patient_id):
        answer = _link(paul, patient_id, "merge", other, typed="yes")
        assert answer.status_code == 422, other  # type: ignore[attr-defined]
        assert '<a href="#merge--other_id">' in answer.text, other  # type: ignore[attr-defined]
