"""The calendar on paper, read again from its PDF."""

from datetime import date

import pypdfium2 as pdfium
import pytest

from pharmacy.domain.patient_days import patient_days
from pharmacy.domain.set_supply import from_strengths
from pharmacy.domain.supply import Window, multiples, own_strength
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan
from pharmacy.gateways.calendar_pdf import CalendarSheet, calendar_pdf
from tests.domain.plans import bedtime_plan, mg, usual_plan

MONTH = Window(1, 30)
BOTH = Step((Intake(TimeOfDay.MORNING, mg("1.5")), Intake(TimeOfDay.BEDTIME, mg("3"))), None)


def a_sheet(plan=None, supply=None, start_on=date(2026, 12, 3)):
    plan = plan or usual_plan()
    supply = supply or own_strength(plan, MONTH)
    return CalendarSheet(
        rx_number="100234",
        days=patient_days(plan, supply),
        of_steps=len(plan.steps),
        start_on=start_on,
        pharmacy="Example Pharmacy",
        phone="(555) 010-0000",
    )


def _pages(sheet):
    """The text of each page, line by line."""
    document = pdfium.PdfDocument(calendar_pdf(sheet))
    return [
        document[place].get_textpage().get_text_bounded().replace("\r", "").split("\n")
        for place in range(len(document))
    ]


def test_every_day_has_its_row_with_date_step_and_capsules():
    (lines,) = _pages(a_sheet())
    text = " ".join(lines)

    assert "Thursday December 3, 2026" in text
    assert "Friday January 1, 2027" in text
    assert text.count("1 capsule at bedtime") == 30
    assert "(555) 010-0000" in text
    assert "What to do" in text


@pytest.mark.parametrize(("days", "pages"), [(1, 1), (31, 1), (32, 2), (62, 2), (63, 3), (90, 3)])
def test_a_page_holds_thirty_one_days(days, pages):
    sheet = a_sheet(supply=own_strength(usual_plan(), Window(1, days)))

    texts = [" ".join(lines) for lines in _pages(sheet)]

    assert len(texts) == pages
    assert sum(text.count("at bedtime") for text in texts) == days
    assert all("Call 911" in text for text in texts)


def test_a_leap_day_and_the_end_of_a_month_are_where_they_are():
    plan = bedtime_plan(("1.5", 7), ("0", 4), ("3", None))
    (lines,) = _pages(a_sheet(plan, own_strength(plan, MONTH), date(2028, 2, 22)))
    text = " ".join(lines)

    assert "Tuesday February 29, 2028" in text
    assert "Wednesday March 1, 2028" in text
    assert text.count("no capsules today") == 4


def test_days_are_counted_and_no_date_is_named_while_the_start_is_unknown():
    (lines,) = _pages(a_sheet(start_on=None))
    text = " ".join(lines)

    assert "write it in" in text
    assert "Day 1 is the day of your first capsule" in text
    assert "2026" not in text
    assert not any(day in text for day in ("Monday", "Thursday", "December"))


def test_the_sheet_names_neither_drug_nor_strength_nor_condition():
    for supply in (
        own_strength(usual_plan(), MONTH),
        from_strengths(usual_plan(), MONTH, [mg("1.5"), mg("3")]),
    ):
        text = " ".join(" ".join(lines) for lines in _pages(a_sheet(supply=supply))).lower()
        assert not any(word in text for word in ("naltrexone", "ldn", " mg", "mcg", "1.5", "4.5", "opioid"))


def test_capsules_of_one_dose_from_several_vials_are_counted_together():
    plan = TitrationPlan((BOTH,))
    (lines,) = _pages(a_sheet(plan, multiples(plan, MONTH, mg("1.5"))))

    assert " ".join(lines).count("1 capsule in the morning and 2 capsules at bedtime") == 30
    set_of_two = from_strengths(bedtime_plan(("4.5", None)), MONTH, [mg("1.5"), mg("3")])
    (lines,) = _pages(a_sheet(bedtime_plan(("4.5", None)), set_of_two))
    assert " ".join(lines).count("2 capsules at bedtime") == 30


def test_nothing_is_printed_off_the_paper():
    plan = TitrationPlan((BOTH,))
    pages = pdfium.PdfDocument(calendar_pdf(a_sheet(plan, multiples(plan, MONTH, mg("0.5")))))

    for page in pages:
        for text in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_TEXT]):
            left, bottom, right, top = text.get_bounds()
            assert left >= 30
            assert right <= 582
            assert bottom >= 30
            assert top <= 770


def test_the_same_sheet_is_the_same_to_the_byte():
    assert calendar_pdf(a_sheet()) == calendar_pdf(a_sheet())
