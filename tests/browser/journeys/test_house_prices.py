"""A price change: drafted, edited, seen against last month, signed; and money in its own room."""

import pytest
from playwright.sync_api import expect

from pharmacy.domain.orders import OrderStatus
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.browser.conftest import Front
from tests.browser.pictures import keep_pictures
from tests.work import Work

pytestmark = pytest.mark.browser


def test_the_pharmacist_in_charge_changes_a_price(front: Front, working: Work) -> None:
    order_id = working.bring_to(OrderStatus.AWAITING_PAYMENT)
    iris = front.sign_in("iris")

    # With the keyboard: go to the prices.
    iris.keyboard.press("g")
    iris.keyboard.press("c")
    expect(iris.get_by_role("heading", name="Prices", exact=True)).to_be_visible()
    keep_pictures(iris, "house-prices")
    iris.get_by_label("Name of the new prices").fill("winter")
    iris.get_by_label("Charged from").fill("2027-01-01")
    iris.get_by_label("Why prices change").fill("The carrier is dearer from January on.")
    iris.get_by_role("button", name="Draft").click()

    expect(iris.get_by_role("heading", name="Prices winter")).to_be_visible()
    iris.get_by_label("Shipping", exact=True).fill("9.95")
    iris.get_by_role("button", name="Keep these numbers").click()
    expect(iris.get_by_label("Shipping", exact=True)).to_have_value("9.95")
    keep_pictures(iris, "house-price-draft")

    # Unsigned nothing happens, and the page says what is missing.
    iris.get_by_role("button", name="Sign and approve").click()
    expect(iris.get_by_role("alert")).to_contain_text("Sign with your password")
    iris.get_by_label("Your password, once more").fill(DEMO_PASSWORD)
    iris.get_by_role("button", name="Sign and approve").click()
    expect(iris.get_by_text("Approved, to come")).to_be_visible()
    keep_pictures(iris, "house-price-approved")

    iris.keyboard.press("g")
    iris.keyboard.press("y")
    expect(iris.get_by_role("heading", name="Payments", exact=True)).to_be_visible()
    keep_pictures(iris, "house-payments")
    iris.get_by_role("link", name=f"Rx {working.order(order_id).number}").click()
    expect(iris.get_by_role("heading", name="Refund or remake")).to_be_visible()
    keep_pictures(iris, "house-money")
