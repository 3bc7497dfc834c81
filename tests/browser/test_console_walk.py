"""Rooms and odd orders in a real browser: keys, narrow windows, numbers that open, the content policy."""

import re

import pytest
from playwright.sync_api import Page, expect

from pharmacy.domain.orders import OrderStatus
from tests.browser.conftest import Front
from tests.browser.looking import Album
from tests.builders import a_plan, an_order
from tests.work import Work

pytestmark = pytest.mark.browser
S = OrderStatus
_NARROW = {"viewport": {"width": 400, "height": 800}}


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def _stands(page: Page, state: str) -> None:
    expect(page.locator(".headline .chip")).to_contain_text(state)


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
