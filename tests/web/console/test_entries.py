"""Order entry in the console: the sheet beside the form, two people, and what is wrong said at its field."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from pharmacy.domain.orders import OrderStatus
from pharmacy.store import order_entries
from pharmacy.store.order_entries import OrderEntry
from tests.rows import demo_client
from tests.web.console.pages import Console, words
from tests.work import Work

PNG = b"\x89PNG\r\n\x1a\nthe sheet"
DOSE = {
    "plan.steps.0.dose_mg": "1.5", "plan.steps.0.time_of_day": "bedtime", "plan.steps.0.duration_days": "7",
    "plan.steps.1.dose_mg": "3.0", "plan.steps.1.time_of_day": "bedtime", "plan.steps.1.duration_days": "7",
    "plan.steps.3.dose_mg": "4.5", "plan.steps.3.time_of_day": "bedtime", "plan.steps.3.duration_days": "",
    "days": "30",
}  # fmt: skip
WHOLE = {
    **DOSE,
    "prescription.written_on": "2026-11-20", "prescription.refills": "2",
    "prescription.as_written.text": "LDN 1.5 mg at bedtime x 7 days, 3 mg x 7 days, then 4.5 mg at bedtime",
    "delivery": "mail",
    "patient.full_name": "Fay Faxed", "patient.birth_on": "1980-05-01", "patient.phone": "(555) 010-0123",
    "patient.address.line": "12 Elm St", "patient.address.city": "Albany", "patient.address.state": "NY",
    "patient.address.postal_code": "12207", "patient.contact.time_zone": "America/New_York",
    "patient.contact.language": "en",
    "opioid_last_14_days": "no", "no_known_allergies": "yes", "medicines": "sertraline 50 mg\nvitamin D",
    "prescriber.full_name": "Dr. Rosa Example", "prescriber.npi": "2234567891",
    "prescriber.phone": "(555) 010-0101", "prescriber.address": "1 Clinic Way, Albany, NY 12207",
    "prescriber.licence_number": "NY-000001", "prescriber.licence_state": "NY",
    "authorization.kind": "written", "authorization.signed_at": "2026-11-20T09:30",
}  # fmt: skip


def begin(console: Console, work: Work, **typed: Any) -> TestResponse:
    with work.sessions.read() as session:
        practice = str(demo_client(session).practice_id)
    form = {"channel": "fax", "practice_id": practice, "caller": "Rosa, (555) 010-0101", **typed}
    hidden = console.hidden("/entries/new")
    return console.client.post(
        "/console/entries",
        data={**hidden, "picture": (BytesIO(PNG), "fax.png"), **form},
        content_type="multipart/form-data",
    )


def send(console: Console, path: str, part: str, typed: dict[str, str]) -> TestResponse:
    return console.client.post(f"/console{path}/{part}", data={**console.hidden(path), **typed})


def entry_at(work: Work, path: str) -> OrderEntry:
    with work.sessions.read() as session:
        return order_entries.get(session, UUID(path.rpartition("/")[2]))


def test_a_faxed_order_is_entered_by_two_people_and_goes_the_usual_way(
    work: Work, tess: Console, paul: Console
) -> None:
    begun = begin(tess, work)
    assert begun.status_code == 303
    path = begun.location.removeprefix("/console")
    picture = tess.get(f"{path}/picture")
    assert (picture.data, picture.content_type) == (PNG, "image/png")

    assert send(tess, path, "form", WHOLE).status_code == 303
    assert "The dose is to be entered a second time" in words(tess.get("/entries"))
    second = paul.get(path)
    assert "Fay Faxed" in words(second)
    assert "4.5" not in second.text
    slipped = {**DOSE, "plan.steps.3.dose_mg": "45", "days": "60"}
    assert send(paul, path, "dose", slipped).status_code == 303
    differing = words(paul.get(path))
    assert "Two people read different doses." in differing
    assert "days 30 days 60 days Step 3, at bedtime 4.5 mg 45 mg" in differing
    assert send(paul, path, "dose", DOSE).status_code == 303

    order_id = entry_at(work, path).order_id
    assert order_id is not None
    assert paul.get(path).location == f"/console/orders/{order_id}"
    order = work.order(order_id)
    assert order.status is OrderStatus.RECEIVED
    assert order.patient.full_name == "Fay Faxed"
    assert order.answers["medicines"] == ["sertraline 50 mg", "vitamin D"]


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(work: Work, tess: Console) -> None:
    path = begin(tess, work).location.removeprefix("/console")
    wrong = {
        **WHOLE,
        "prescriber.npi": "1234567890",
        "plan.steps.3.dose_mg": "4,5",
        "patient.birth_on": "",
        "prescription.refills": "two",
    }

    answer = send(tess, path, "form", wrong)

    assert answer.status_code == 422
    for name in ("prescriber.npi", "plan.steps.3.dose_mg", "patient.birth_on", "prescription.refills"):
        assert f'id="{name}-fault"' in answer.text, name
    assert 'value="4,5"' in answer.text
    assert "sertraline 50 mg\nvitamin D" in answer.text.replace("\r", "")
    assert entry_at(work, path).form is None


def test_a_rule_of_the_pharmacy_points_at_its_field(work: Work, tess: Console, paul: Console) -> None:
    path = begin(tess, work).location.removeprefix("/console")
    send(tess, path, "form", {**WHOLE, "patient.address.state": "AK"})

    answer = send(paul, path, "dose", DOSE)

    assert answer.status_code == 422
    assert "The pharmacy has no licence to ship to AK." in words(answer)


def test_what_is_no_picture_is_refused_and_a_call_is_read_back(work: Work, tess: Console) -> None:
    refused = begin(tess, work, picture=(BytesIO(b"<svg onload=alert(1)>"), "fax.png"))
    assert refused.status_code == 422
    assert "neither PDF, PNG nor JPEG" in words(refused)
    assert "Rosa, (555) 010-0101" in refused.text

    call = begin(tess, work, channel="phone", picture=(BytesIO(b""), ""))

    assert call.status_code == 422
    assert "What was said by telephone is read back" in words(call)


def test_a_dose_twice_a_day_is_one_row(work: Work, tess: Console, paul: Console) -> None:
    path = begin(tess, work).location.removeprefix("/console")
    twice = {**DOSE, "plan.steps.3.time_of_day": "both", "plan.steps.3.dose_mg": "2"}
    assert send(tess, path, "form", {**WHOLE, **twice}).status_code == 303
    assert 'value="both" selected' in tess.get(path).text

    wrong = send(paul, path, "dose", {**twice, "plan.steps.3.dose_mg": "two"})
    assert 'id="plan.steps.3.dose_mg-fault"' in wrong.text
    assert send(paul, path, "dose", twice).status_code == 303

    order = work.order(entry_at(work, path).order_id or UUID(int=0))
    last = order.plan_version.plan().steps[-1]
    assert [(intake.time_of_day.value, intake.dose.value) for intake in last.intakes] == [
        ("morning", 2000), ("bedtime", 2000),
    ]  # fmt: skip


def test_shipping_has_no_business_with_entries(at_work: Callable[[str], Console]) -> None:
    assert at_work("sam").get("/entries").status_code == 403
