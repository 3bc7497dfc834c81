"""Receive to ship for the typical titration, by two people; pick-up with counselling at the counter."""

import pytest
from celery import Celery
from playwright.sync_api import expect

from pharmacy.domain.orders import OrderStatus
from tests.browser.conftest import Front
from tests.browser.journeys.walking import enter, open_order, press, scan_all, sign, stands
from tests.browser.pictures import keep_pictures
from tests.builders import an_order
from tests.work import Work

pytestmark = pytest.mark.browser
S = OrderStatus


def test_two_people_bring_an_order_from_its_arrival_to_shipping(
    front: Front, carrier: Celery, working: Work
) -> None:
    written = {"text": "LDN 1.5mg qhs x7d, then 3mg qhs x7d, then 4.5mg qhs x16d", "quantity": 30}
    order_id = working.submit(an_order({"/prescription/as_written": written}))
    tess, paul = front.sign_in("tess"), front.sign_in("paul")

    # The technician finds the order with the keyboard alone.
    keep_pictures(tess, "orders-today")
    tess.keyboard.press("j")
    tess.keyboard.press("Enter")
    stands(tess, "Received")
    press(tess, "Start review")
    stands(tess, "In review")
    expect(tess.get_by_text("Only a pharmacist may approve")).to_be_visible()

    # The pharmacist sees what was written beside what will be made.
    open_order(paul, working, order_id)
    enter(paul, "Approve")
    expect(paul.get_by_role("heading", name="As written")).to_be_visible()
    keep_pictures(paul, "orders-review")
    press(paul, "Approve")
    stands(paul, "Awaiting payment")

    # The technician takes the payment and compounds; the labels come by themselves, and the page notices.
    tess.reload()
    press(tess, "Record payment")
    stands(tess, "Queued")
    press(tess, "Start compounding")
    stands(tess, "Compounding")
    working.work_off(order_id)  # The bench has journeys of its own.
    tess.reload()
    expect(tess.get_by_role("button", name="Finish labelling")).to_be_visible()
    press(tess, "Finish labelling")
    stands(tess, "Labelled")

    # The pharmacist scans every vial against the order, and signs.
    paul.reload()
    enter(paul, "Verify")
    expect(paul.get_by_text("Scan 3 of 3 vials against the order")).to_be_visible()
    paul.get_by_label("Scan a vial").fill("012345678901234567890123")
    paul.get_by_label("Scan a vial").press("Enter")
    expect(paul.get_by_role("alert")).to_contain_text("no label of this pharmacy")
    scan_all(paul, working, order_id)
    keep_pictures(paul, "orders-verification")
    sign(paul)
    press(paul, "Sign and verify")
    stands(paul, "Verified")

    # Into the bag, with the offer in writing; then it leaves, and the start is confirmed.
    tess.reload()
    enter(tess, "Ship")
    scan_all(tess, working, order_id)
    press(tess, "Record the offer")
    tess.get_by_label("USPS").check()
    tess.get_by_label("Tracking number").fill("9400 1000 0000 0000 0000 00")
    keep_pictures(tess, "orders-parcel")
    press(tess, "Ship")
    stands(tess, "Shipped")
    expect(tess.get_by_role("cell", name="The parcel is on its way")).to_be_visible()
    tess.get_by_label("First capsule of this fill was taken on").fill("2026-11-23")
    press(tess, "Confirm the start")
    expect(tess.get_by_text("Day 1 is Mon 23 Nov 2026")).to_contain_text("confirmed")
    keep_pictures(tess, "orders-shipped")
    order = working.order(order_id)
    assert order.status is S.SHIPPED
    assert order.compounded_by != order.verified_by


@pytest.mark.parametrize("has_script", [True, False])
def test_somebody_picks_an_order_up_and_refuses_counselling(
    front: Front, working: Work, has_script: bool
) -> None:
    order_id = working.bring_to(S.VERIFIED, an_order(delivery="pick_up"))
    sam = front.sign_in("sam", java_script_enabled=has_script)

    sam.get_by_role("link", name=str(working.order(order_id).number)).click()
    enter(sam, "Hand over")
    scan_all(sam, working, order_id)
    sam.get_by_label("Refused").check()
    press(sam, "Record the offer")
    expect(sam.locator("#counselling")).to_contain_text("Refused")
    sam.locator("#closure summary").click()
    sam.get_by_label("The patient", exact=True).check()
    sam.get_by_label("Their name", exact=True).fill("Anna Sample")
    sam.get_by_label("Their reason").fill("Arthritis in both hands")
    press(sam, "Record the request")
    expect(sam.locator("#closure")).to_contain_text("Not child-resistant, as requested.")
    sam.get_by_label("Name of who takes it").fill("Bea Sample")
    sam.get_by_label("To the patient they are").select_option("family")
    sam.get_by_label("They showed").select_option("driving_licence")
    press(sam, "Hand over")
    expect(sam.get_by_role("alert")).to_contain_text("signature")
    expect(sam.get_by_label("Name of who takes it")).to_have_value("Bea Sample")
    if has_script:
        keep_pictures(sam, "orders-pick-up")
        canvas = sam.locator("canvas.drawing")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        sam.mouse.move(box["x"] + 20, box["y"] + 30)
        sam.mouse.down()
        sam.mouse.move(box["x"] + 120, box["y"] + 50, steps=5)
        sam.mouse.up()
    else:
        sam.get_by_label("Signature: their name, as they type it").fill("Bea Sample")
    press(sam, "Hand over")

    stands(sam, "Picked up")
    assert working.order(order_id).status is S.PICKED_UP
