"""The walk of the typical order through the console, by two people, in a real browser."""

import re

import pytest
from celery import Celery
from playwright.sync_api import Page, expect

from pharmacy.domain.orders import OrderStatus
from tests.browser.conftest import Front
from tests.browser.looking import Album
from tests.builders import GONE, a_plan, an_order
from tests.work import Work

pytestmark = pytest.mark.browser
S = OrderStatus
_NARROW = {"viewport": {"width": 400, "height": 800}}


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def _stands(page: Page, state: str) -> None:
    expect(page.locator(".headline .chip")).to_contain_text(state)


def _look_again_until(page: Page, name: str, path: str) -> None:
    """A person without JavaScript looks again until that can be done."""
    for _ in range(100):
        if page.get_by_role("button", name=name, exact=True).count():
            return
        page.get_by_role("link", name="Look again").or_(page.get_by_role("link", name="Labels")).first.click()
        page.goto(path)
        page.wait_for_timeout(100)


def test_two_people_bring_an_order_from_its_arrival_to_shipping(
    front: Front, album: Album, carrier: Celery, working: Work
) -> None:
    order_id = working.submit()
    number = str(working.order(order_id).number)
    door = front.open()
    door.goto("/")
    album.look(door, "01-sign-in", "Sign in")
    tess, paul = front.sign_in("tess"), front.sign_in("paul")

    # The technician finds the order with the keyboard alone.
    album.look(tess, "02-today", "Today")
    tess.keyboard.press("j")
    tess.keyboard.press("Enter")
    _stands(tess, "Received")
    album.look(tess, "03-received", number)
    _press(tess, "Start review")
    _stands(tess, "In review")
    expect(tess.get_by_text("Only a pharmacist may approve")).to_be_visible()

    # The pharmacist decides, once the proofs are there.
    paul.get_by_label(re.compile("Search")).fill(number)
    paul.keyboard.press("Enter")
    expect(paul.get_by_role("button", name="Approve")).to_be_visible()
    album.look(paul, "04-in-review", number)
    _press(paul, "Approve")
    _stands(paul, "Awaiting payment")

    # The technician takes the payment and compounds; the labels come by themselves, and the page notices.
    tess.reload()
    _press(tess, "Record payment")
    _stands(tess, "Queued")
    album.look(tess, "05-queued", number)
    _press(tess, "Start compounding")
    _stands(tess, "Compounding")
    working.work_off(order_id)  # The bench makes and releases the batches; their room is not built yet.
    tess.reload()
    expect(tess.get_by_role("button", name="Finish labelling")).to_be_visible()
    expect(tess.get_by_role("link", name=re.compile("Dispensing label"))).to_have_count(3)
    album.look(tess, "06-compounding", number)
    _press(tess, "Finish labelling")
    _stands(tess, "Labelled")
    expect(tess.get_by_text("Only a pharmacist may verify")).to_be_visible()
    album.look(tess, "07-labelled-technician", number)

    # The pharmacist verifies, after mistyping the number once.
    paul.reload()
    paul.get_by_label("Rx number of this order").fill("1")
    _press(paul, "Verify")
    expect(paul.get_by_role("alert")).to_contain_text(f"type the Rx number of this order: {number}")
    expect(paul.get_by_label("Rx number of this order")).to_have_value("1")
    album.look(paul, "08-mistyped", number)
    paul.get_by_label("Rx number of this order").fill(number)
    _press(paul, "Verify")
    _stands(paul, "Verified")

    # The technician ships; the calendar begins, the notices are due, and the start is confirmed.
    tess.reload()
    tess.get_by_label("Rx number of this order").fill(number)
    _press(tess, "Ship")
    _stands(tess, "Shipped")
    expect(tess.get_by_role("cell", name="The parcel is on its way")).to_be_visible()
    tess.get_by_label("First capsule of this fill was taken on").fill("2026-11-23")
    _press(tess, "Confirm the start")
    expect(tess.get_by_text("Day 1 is Mon 23 Nov 2026")).to_contain_text("confirmed")
    album.look(tess, "09-shipped", number)
    order = working.order(order_id)
    assert order.status is S.SHIPPED
    assert order.compounded_by != order.verified_by


def test_the_same_walk_without_javascript(front: Front, carrier: Celery, working: Work) -> None:
    order_id = working.submit()
    number = str(working.order(order_id).number)
    tess = front.sign_in("tess", java_script_enabled=False)
    paul = front.sign_in("paul", java_script_enabled=False)
    path = f"/console/orders/{order_id}"

    tess.get_by_role("link", name=number).click()
    _press(tess, "Start review")
    paul.goto(path)
    _look_again_until(paul, "Approve", path)
    _press(paul, "Approve")
    tess.reload()
    _press(tess, "Record payment")
    _press(tess, "Start compounding")
    _stands(tess, "Compounding")
    working.work_off(order_id)  # The bench makes and releases the batches; their room is not built yet.
    tess.reload()
    _look_again_until(tess, "Finish labelling", path)
    figure = tess.locator("details.figure").first
    figure.locator("summary").click()
    expect(figure.locator(".formula")).to_be_visible()
    _press(tess, "Finish labelling")
    paul.reload()
    paul.get_by_label("Rx number of this order").fill(number)
    _press(paul, "Verify")
    tess.reload()
    tess.get_by_label("Rx number of this order").fill(number)
    _press(tess, "Ship")

    _stands(tess, "Shipped")
    assert working.order(order_id).status is S.SHIPPED


@pytest.mark.parametrize("has_script", [True, False])
def test_a_pharmacist_answers_overrides_and_finds_a_patient_by_name(
    front: Front, album: Album, carrier: Celery, working: Work, has_script: bool
) -> None:
    body = an_order(
        {"/opioid_last_14_days": "unknown", "/medicines": GONE, "/patient/full_name": "Quentin Query"},
        authorization=GONE,
    )
    order_id = working.submit(body)
    paul = front.sign_in("paul", java_script_enabled=has_script)

    # The name goes in a form, and never stands in an address.
    paul.get_by_label(re.compile("Search")).fill("quentin")
    paul.get_by_label(re.compile("Search")).press("Enter")
    paul.get_by_role("link", name=str(working.order(order_id).number)).click()
    _stands(paul, "Clarification")
    expect(paul.get_by_text("Waits for answers to 3 questions")).to_be_visible()
    if has_script:
        album.look(paul, "17-questions", "Quentin Query")

    # A list beside "none": it is said at the field, and what was typed stays.
    paul.get_by_label("Yes, one was taken").check()
    paul.get_by_label("Which, and when last").fill("codeine, on 1 November")
    paul.get_by_label("Medicines", exact=True).fill("sertraline 50 mg")
    paul.get_by_label("None are taken").check()
    _press(paul, "Record the answers")
    expect(paul.get_by_role("alert")).to_contain_text("one of the two")
    expect(paul.get_by_label("Yes, one was taken")).to_be_checked()
    expect(paul.get_by_label("Medicines", exact=True)).to_have_value("sertraline 50 mg")
    if has_script:
        album.look(paul, "18-answers-refused", "Quentin Query")
    paul.get_by_label("None are taken").uncheck()
    paul.get_by_label("Who confirmed it").fill("Dr. Example")
    paul.get_by_label("When", exact=True).fill("23 Nov, 10:00")
    paul.get_by_label("How, in words").fill("by telephone, read back")
    _press(paul, "Record the answers")
    expect(paul.locator("#questions")).to_contain_text("Dr. Example, 23 Nov, 10:00, by telephone, read back")
    _press(paul, "Resume")
    _press(paul, "Start review")
    _stands(paul, "In review")

    # What blocks is overridden with a reason, and with whom the pharmacist spoke.
    _look_again_until(paul, "Approve", f"/console/orders/{order_id}")
    paul.get_by_label(re.compile("Reason for overriding S-OPIOID-RECENT")).fill("Last dose was weeks ago")
    _press(paul, "Approve")
    expect(paul.get_by_role("alert")).to_contain_text("say with whom you spoke and when")
    if has_script:
        album.look(paul, "19-contact-missing", "Quentin Query")
    paul.get_by_label("Spoke with (name and time)").fill("Dr. Example, 23 Nov, 14:05")
    _press(paul, "Approve")
    _stands(paul, "Awaiting payment")


def test_other_rooms_and_odd_orders_are_open_to_everybody(front: Front, album: Album, working: Work) -> None:
    grave = an_order(
        {
            "/opioid_last_14_days": "yes",
            "/medicines": ["tramadol 50 mg"],
            "/patient/full_name": "Greta Grave",
        },
        plan=a_plan(("0.5", 5), ("1", 5), ("0", 3), ("1", 7), ("2", 10), ("4.5", 20), ("7", 40)),
    )
    working.bring_to(S.IN_REVIEW, grave)
    working.bring_to(S.LABELLED, an_order(supply_option="multiples_of_one_strength"))
    working.bring_to(S.SHIPPED)
    paul = front.sign_in("paul")

    paul.keyboard.press("g")
    paul.keyboard.press("o")
    album.look(paul, "10-all-orders", "All orders")
    paul.keyboard.press("?")
    expect(paul.get_by_role("dialog")).to_be_visible()
    album.look(paul, "11-keys", "All orders")
    paul.keyboard.press("Escape")
    paul.keyboard.press("/")
    paul.keyboard.type("greta")
    paul.keyboard.press("Enter")
    album.look(paul, "12-found", "greta")
    paul.keyboard.press("j")
    paul.keyboard.press("Enter")
    _stands(paul, "In review")
    paul.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
    album.look(paul, "13-everything-opened", "Greta Grave")
    paul.get_by_role("link", name="Worksheet to print").click()
    album.look(paul, "14-worksheet", "Worksheet")
    paul.goto("/console/orders?room=ship")
    album.look(paul, "15-empty-room", "Ship")
    paul.goto("/console/nowhere")
    album.look(paul, "16-nothing-here", "There is nothing here")


def test_every_page_fits_a_narrow_window(front: Front, album: Album, working: Work) -> None:
    order_id = working.bring_to(S.SHIPPED)
    tess = front.sign_in("tess", **_NARROW)

    album.look(tess, "20-narrow-today", "Today")
    tess.goto("/console/orders?room=all")
    album.look(tess, "21-narrow-all", "All orders")
    tess.goto(f"/console/orders/{order_id}")
    album.look(tess, "22-narrow-order", "Anna Sample")
    tess.goto(f"/console/orders/{order_id}/worksheet")
    album.look(tess, "23-narrow-worksheet", "Worksheet")


def test_a_number_opens_with_the_keyboard(front: Front, working: Work) -> None:
    order_id = working.submit()
    tess = front.sign_in("tess")
    tess.goto(f"/console/orders/{order_id}")
    figure = tess.locator("details.figure").first

    figure.locator("summary").focus()
    tess.keyboard.press("Enter")

    expect(figure.locator(".formula")).to_be_visible()
    expect(figure.locator("summary")).to_have_attribute("title", re.compile("required"))


def test_a_page_breaks_no_rule_of_its_own_content_policy(front: Front, working: Work) -> None:
    order_id = working.bring_to(S.COMPOUNDING)
    complaints: list[str] = []
    tess = front.open()
    tess.on("console", lambda message: complaints.append(message.text))
    tess.on("pageerror", lambda error: complaints.append(str(error)))
    tess.goto("/console/sign-in")
    tess.get_by_label("Name").fill("tess")
    tess.get_by_label("Password").fill("titrate-slowly")
    _press(tess, "Sign in")

    with tess.expect_response(re.compile("/labels$")):
        tess.goto(f"/console/orders/{order_id}")

    assert complaints == []
