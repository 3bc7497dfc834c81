"""The oral liquid in a simulation, and the calendar as a sheet of paper."""

from datetime import date

import pypdfium2 as pdfium
from icalendar import Calendar

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.usecases.confirm_start import confirm_start
from tests.books import MORNING
from tests.builders import a_plan, an_order
from tests.callers import Api
from tests.web.api.answers import kind
from tests.work import Work

EXAMPLE = {
    "plan": a_plan(("0.5", 14), ("1.5", 14), ("4.5", 30)),
    "dosage_form": "oral_liquid",
}


def test_a_liquid_is_laid_out_in_milligrams_and_millilitres(api: Api) -> None:
    answer = api.post("/titrations/simulate", EXAMPLE).get_json()

    liquid = answer["liquid"]
    assert (liquid["concentration_mg_per_ml"], liquid["total_ml"]) == ("1", "163")
    assert [(each["dose_mg"], each["dose_ml"]) for each in liquid["doses"]] == [
        ("0.5", "0.5"),
        ("1.5", "1.5"),
        ("4.5", "4.5"),
    ]
    assert [(each["first_day"], each["last_day"]) for each in liquid["bottles"]] == [(1, 58)]
    assert answer["total_mg"] == "163"
    (option,) = answer["options"]
    assert (option["supply_option"], option["volume_ml"], option["capsules"]) == ("oral_liquid", "163", None)


def test_a_dose_that_no_syringe_measures_is_refused_with_its_place(api: Api) -> None:
    refused = api.post("/titrations/simulate", EXAMPLE | {"plan": a_plan(("0.501", 14))})

    assert kind(refused, 422) == "dose-not-measurable"
    assert refused.get_json()["errors"][0]["pointer"] == "/plan/steps/0/dose_mg"


def _sheet(api: Api, prescription: str) -> str:
    answer = api.get(f"/prescriptions/{prescription}/schedule?format=pdf")
    assert answer.content_type == "application/pdf"
    (page,) = pdfium.PdfDocument(answer.data)
    return str(page.get_textpage().get_text_bounded())


def test_the_sheet_counts_days_until_the_start_is_known(api: Api) -> None:
    order = api.order(an_order())

    sheet = _sheet(api, order["prescription"]["id"])

    assert "write it in" in sheet
    assert "2026" not in sheet
    assert str(order["rx_number"]) in sheet


def test_dates_are_the_patient_s_in_every_form_once_the_start_is_confirmed(api: Api, work: Work) -> None:
    # A patient at the other end of the country: the clock in the calendar is theirs, not the pharmacy's.
    body = an_order({"/patient/contact/time_zone": "America/Los_Angeles"})
    order = work.order(work.bring_to(OrderStatus.SHIPPED, body))
    with work.sessions.write() as session:
        confirm_start(
            session,
            order.id,
            date(2026, 11, 24),
            work.reference(session),
            by=work.member(Role.PHARMACIST),
            now=MORNING,
        )
    prescription = str(order.prescription_id)

    schedule = api.get(f"/prescriptions/{prescription}/schedule").get_json()
    file = Calendar.from_ical(api.get(f"/prescriptions/{prescription}/schedule?format=ics").data)
    sheet = _sheet(api, prescription)

    assert schedule["start"] == {"on": "2026-11-24", "basis": "confirmed"}
    begins = [event["DTSTART"] for event in file.walk("VEVENT")]
    assert [each.dt.date() for each in begins] == [date(2026, 11, 24), date(2026, 12, 1), date(2026, 12, 8)]
    assert {each.params["TZID"] for each in begins} == {"America/Los_Angeles"}
    assert {each.dt.hour for each in begins} == {21}
    assert "November 24, 2026" in sheet
    assert "December 23, 2026" in sheet
