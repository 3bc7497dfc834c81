"""The auditor looks at the figures, takes a picture and a table along, and then a packet that is signed for."""

import re
from datetime import timedelta
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from pharmacy.domain.orders import OrderStatus
from pharmacy.store.orders import Order
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.browser.conftest import Front
from tests.browser.pictures import keep_pictures
from tests.work import Work

pytestmark = pytest.mark.browser
# Orders of the days before, so that there is something to draw.
DAYS_AGO = (1, 1, 2, 4, 4, 4, 7, 9, 12, 12, 15, 21, 22, 26)


def test_an_auditor_reads_figures_and_takes_a_packet_along(front: Front, working: Work) -> None:
    number = working.order(working.bring_to(OrderStatus.SHIPPED)).number
    _received_before(working)
    otto = front.sign_in("otto")

    otto.keyboard.press("g")
    otto.keyboard.press("f")
    expect(otto.get_by_role("heading", name="Figures", level=1)).to_be_visible()
    expect(otto.get_by_text("15 orders and USD")).to_be_visible()
    # With scripts a live drawing has taken the place of the other, and is named like it.
    expect(otto.get_by_role("img", name="Orders received each day")).to_have_class(re.compile("uplot"))
    keep_pictures(otto, "house-01-figures")
    otto.get_by_text("All numbers").first.click()
    with otto.expect_download() as table:
        otto.get_by_role("link", name=re.compile("^CSV ?: How many orders came")).click()
    assert Path(table.value.path()).read_text().startswith("Day,Orders")
    with otto.expect_download() as picture:
        otto.get_by_role("link", name=re.compile("^picture ?: Orders received each day")).click()
    assert Path(picture.value.path()).read_text().startswith("<svg")

    otto.keyboard.press("g")
    otto.keyboard.press("u")
    expect(otto.get_by_role("heading", name="Inspector's packet")).to_be_visible()
    otto.get_by_label("Its number").fill(f"Rx {number}")
    otto.get_by_label("Why is it read?").fill("Yearly inspection of the board.")
    _make(otto, "not my password")
    expect(otto.get_by_role("alert")).to_contain_text("nothing was signed")
    expect(otto.get_by_label("Why is it read?")).to_have_value("Yearly inspection of the board.")
    keep_pictures(otto, "house-02-packet")
    with otto.expect_download() as packet:
        _make(otto, DEMO_PASSWORD)
    pages = [page.get_textpage().get_text_range() for page in pdfium.PdfDocument(packet.value.path())]
    assert "End of the packet." in pages[-1]
    assert any(str(number) in page for page in pages)


def test_figures_are_whole_without_scripts(front: Front, working: Work) -> None:
    _received_before(working)
    context = front.new_context(base_url=front.address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Name").fill("otto")
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.goto("/console/figures")

    expect(page.locator("svg[aria-label='Orders received each day']")).to_be_visible()
    page.get_by_text("All numbers").first.click()
    expect(page.get_by_role("cell", name="2026-11-22")).to_be_visible()


def _make(page: Page, password: str) -> None:
    page.get_by_label("Your password, once more").fill(password)
    page.get_by_role("button", name="Make the packet").click()


def _received_before(working: Work) -> None:
    for _ in DAYS_AGO:
        working.submit()
    with working.sessions.write() as session:
        newest = session.scalars(select(Order).order_by(Order.id.desc()).limit(len(DAYS_AGO)))
        for order, days in zip(newest, DAYS_AGO, strict=True):
            order.created_at -= timedelta(days=days)
