"""A faxed order entered by two people; clarification, answer and override; a plan adjusted after vivid dreams."""

import re
from pathlib import Path

import pytest
from celery import Celery
from playwright.sync_api import Page, expect

from pharmacy.domain.orders import OrderStatus
from tests.browser.conftest import Front
from tests.browser.journeys.walking import enter, open_order, press, sign, stands
from tests.browser.pictures import keep_pictures
from tests.builders import an_order
from tests.work import Work

pytestmark = pytest.mark.browser
S = OrderStatus


def _type_dose(page: Page, last: str) -> None:
    for row, (dose, days) in enumerate((("1.5", "7"), ("3", "7"), (last, "")), start=1):
        page.get_by_label(f"Step {row}, dose in mg").fill(dose)
        page.get_by_label(f"Step {row}, days").fill(days)
    page.get_by_label("Days of this fill").fill("30")


def _type_the_rest(page: Page) -> None:
    told = {
        "Written on": "2026-11-20",
        "Refills": "2",
        "Directions, word for word": "LDN 1.5 mg qhs x7d, 3 mg qhs x7d, 4.5 mg qhs thereafter",
        "Born": "1980-05-01",
        "Street and number": "12 Elm St",
        "City": "Albany",
        "ZIP code": "12207",
        "NPI": "2234567891",
        "Name of the prescriber": "Dr. Rosa Example",
        "Telephone of the prescriber": "(555) 010-0101",
        "Address of the prescriber": "1 Clinic Way, Albany, NY 12207",
        "Licence": "NY-000001",
        "Signed or said at": "2026-11-20T09:30",
    }
    for label, value in told.items():
        page.get_by_label(label, exact=True).fill(value)
    page.locator('[name="patient.full_name"]').fill("Fay Faxed")
    page.locator('[name="patient.phone"]').fill("(555) 010-0123")
    page.get_by_label("State", exact=True).select_option("NY")
    page.get_by_label("Licensed in").select_option("NY")
    page.get_by_label("Their clock").select_option("America/New_York")
    page.get_by_label("Authorised", exact=True).select_option("written")
    page.get_by_label("Opioid in the last 14 days").select_option("no")
    page.get_by_label("None are known").check()
    page.get_by_label("None are taken").check()


def test_a_faxed_order_is_entered_by_two_people(front: Front, working: Work, tmp_path: Path) -> None:
    tess, paul = front.sign_in("tess"), front.sign_in("paul")
    tess.goto("/console/sign-in")
    sheet = tmp_path / "fax.png"
    sheet.write_bytes(tess.locator("body").screenshot())

    # What came is kept as a picture, and stands beside the form.
    tess.goto("/console/entries/new")
    tess.get_by_label("Who sent it, or who called").fill("Rosa at the clinic, fax (555) 010-0102")
    press(tess, "Keep the sheet and go on")
    expect(tess.get_by_role("alert")).to_contain_text("add the scanned sheet")
    tess.get_by_label("The sheet").set_input_files(sheet)
    press(tess, "Keep the sheet and go on")
    expect(tess.get_by_role("img", name="The sheet as it came")).to_be_visible()
    _type_dose(tess, "4.5")
    press(tess, "Keep what I read")
    expect(tess.get_by_role("alert")).to_be_visible()
    keep_pictures(tess, "orders-entry-refused")
    _type_the_rest(tess)
    press(tess, "Keep what I read")
    expect(tess.locator(".headline .chip")).to_contain_text("a second time")

    # The second person sees the sheet and not the numbers; a slip is shown as a difference.
    paul.goto("/console/entries")
    paul.get_by_role("link", name="Fax").click()
    expect(paul.get_by_text("Fay Faxed")).to_be_visible()
    _type_dose(paul, "5.4")
    keep_pictures(paul, "orders-entry-second")
    press(paul, "Compare with the first entry")
    expect(paul.get_by_role("row", name=re.compile("Step 3, at bedtime 4.5 mg 5.4 mg"))).to_be_visible()
    keep_pictures(paul, "orders-entry-differs")
    _type_dose(paul, "4.5")
    press(paul, "Compare with the first entry")
    stands(paul, "Received")
    expect(paul.get_by_role("heading", level=1)).to_contain_text("Fay Faxed")
    press(paul, "Start review")
    stands(paul, "In review")


def test_a_question_is_asked_answered_and_what_blocks_is_overridden(
    front: Front, carrier: Celery, working: Work
) -> None:
    order_id = working.submit(
        an_order(
            {
                "/opioid_last_14_days": "unknown",
                "/patient/full_name": "Quentin Query",
                "/prescription/as_written": {"quantity": 51},
            }
        )
    )
    paul = front.sign_in("paul")

    # The name goes in a form, and never stands in an address.
    paul.locator("#search").fill("quentin")
    paul.locator("#search").press("Enter")
    paul.get_by_role("link", name=str(working.order(order_id).number)).click()
    assert "quentin" not in paul.url
    stands(paul, "Clarification")

    # What the prescriber said is written down with who said it; what was typed stays when that lacks.
    paul.get_by_label("Yes, one was taken").check()
    paul.get_by_label("Which, and when last").fill("codeine, on 1 November")
    paul.get_by_label("The answer").fill("30 capsules are meant.")
    press(paul, "Record the answers")
    expect(paul.get_by_role("alert")).to_contain_text("Say who said it")
    expect(paul.get_by_label("The answer")).to_have_value("30 capsules are meant.")
    expect(paul.get_by_label("Yes, one was taken")).to_be_checked()
    paul.get_by_label("Who said it").fill("Dr. Example")
    paul.get_by_label("When", exact=True).fill("23 Nov, 10:00")
    paul.get_by_label("How, in words").fill("by telephone, read back")
    press(paul, "Record the answers")
    expect(paul.locator("#questions")).to_contain_text("30 capsules are meant. (Dr. Example, 23 Nov, 10:00")
    press(paul, "Resume")
    press(paul, "Start review")
    stands(paul, "In review")

    # In review the prescriber is asked once more, in the pharmacist's words, and answers.
    enter(paul, "Approve")
    expect(paul.get_by_role("heading", name="Where they differ")).to_be_visible()
    paul.get_by_text("Ask the prescriber").click()
    paul.get_by_label("About").select_option("C-DOSE")
    paul.get_by_label("The question").fill("Is 4.5 mg meant for the third week already?")
    press(paul, "Ask")
    expect(paul.locator("#questions")).to_contain_text("Is 4.5 mg meant for the third week already?")
    keep_pictures(paul, "orders-question")
    paul.get_by_label("The answer").fill("Yes, as written.")
    paul.get_by_label("Who said it").fill("Dr. Example")
    paul.get_by_label("When", exact=True).fill("23 Nov, 14:00")
    paul.get_by_label("How, in words").fill("by telephone, read back")
    press(paul, "Record the answers")
    press(paul, "Resume")
    stands(paul, "In review")

    # What blocks is overridden with a reason, with whom the pharmacist spoke, and a signature.
    enter(paul, "Approve")
    expect(paul.get_by_role("button", name="Override and approve")).to_be_visible()
    paul.get_by_label(re.compile("Reason for overriding .*S-OPIOID-RECENT")).fill("Last dose was weeks ago")
    sign(paul)
    press(paul, "Override and approve")
    expect(paul.get_by_role("alert")).to_contain_text("say with whom you spoke and when")
    keep_pictures(paul, "orders-override")
    paul.get_by_label("Spoke with (name and time)").fill("Dr. Example, 23 Nov, 14:05")
    sign(paul)
    press(paul, "Override and approve")
    stands(paul, "Awaiting payment")


def test_after_vivid_dreams_the_dose_moves_to_the_morning(front: Front, working: Work) -> None:
    order_id = working.bring_to(S.SHIPPED)
    paul = front.sign_in("paul")
    open_order(paul, working, order_id)
    paul.get_by_role("link", name="Adjust the plan").click()

    paul.get_by_label("When the bedtime dose is taken").fill("23:30")
    paul.get_by_label("Why, as the patient told it").fill("Vivid dreams every night since the second step.")
    press(paul, "Show what would change")
    expect(paul.get_by_text("Nothing is recorded yet.")).to_be_visible()
    expect(paul.get_by_role("cell", name="4.5 mg in the morning")).to_be_visible()
    keep_pictures(paul, "orders-adjust-preview")
    press(paul, "Record this change")
    expect(paul.get_by_text("To be accepted")).to_be_visible()
    sign(paul)
    press(paul, "Sign and accept")
    expect(paul.locator("#before")).to_contain_text("In force")
    open_order(paul, working, order_id)
    keep_pictures(paul, "orders-adjusted")
    assert len(working.order(order_id).plan_version.intakes) == 3
