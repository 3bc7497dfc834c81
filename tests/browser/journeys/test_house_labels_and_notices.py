"""Reprint: a label is printed at its printer, torn, and printed again; and a notice is settled by a person."""

import re

import pytest
from celery import Celery
from playwright.sync_api import Page, expect

from pharmacy.domain.orders import OrderStatus
from pharmacy.store.labels import LabelKind
from pharmacy.store.notices import NoticeState
from tests.browser.conftest import Front
from tests.browser.journeys.walking import press
from tests.browser.pictures import keep_pictures
from tests.fakes import MailThatTimesOutAfterAccepting
from tests.gateways.printed import read
from tests.usecases.noticing import announcement, deliver
from tests.work import Work

pytestmark = pytest.mark.browser
TORN = "The first one was torn at the roll"


def _is_printed(page: Page, copies: int) -> None:
    """The worker has handed so many copies to the printer."""

    def looked_again() -> bool:
        page.reload()
        return page.locator("#history-title + table .chip.done").count() == copies

    for _ in range(60):
        if looked_again():
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{copies} copies were never printed")


def test_a_torn_label_is_printed_again_with_its_number(front: Front, carrier: Celery, working: Work) -> None:
    order_id = working.bring_to(OrderStatus.COMPOUNDING)
    working.carry_out()
    label = next(each for each in working.labels(order_id) if each.kind is LabelKind.DISPENSING)
    tess = front.sign_in("tess")
    folder = working.pharmacy.printers["folder"].printer.folder  # type: ignore[attr-defined]  # It is a folder.
    # Other tests have printed into it, of orders of the same number.
    before = set(folder.glob("*.pdf"))

    # By the keyboard from anywhere: g l, then the first one.
    tess.keyboard.press("g")
    tess.keyboard.press("l")
    expect(tess.get_by_role("heading", name="Labels", level=1)).to_be_visible()
    expect(tess.get_by_role("link", name=re.compile("To be printed"))).to_contain_text("3")
    keep_pictures(tess, "house-labels")
    tess.get_by_role("link", name=label.content["rx_number"]).first.click()

    expect(tess.get_by_role("img", name=re.compile("as it is printed"))).to_be_visible()
    keep_pictures(tess, "house-label-to-print")
    tess.get_by_label("Printer").select_option("folder")
    press(tess, "Print")
    _is_printed(tess, 1)

    tess.get_by_label("Why another copy is needed").fill(TORN)
    tess.get_by_label("Printer").select_option("folder")
    press(tess, "Reprint")
    _is_printed(tess, 2)

    expect(tess.get_by_text("Reprint 1", exact=True)).to_be_visible()
    expect(tess.get_by_text(TORN)).to_be_visible()
    keep_pictures(tess, "house-label-reprinted")
    texts = [read(each.read_bytes())[0].flat_text for each in set(folder.glob("*.pdf")) - before]
    mine = [each for each in texts if label.content["rx_number"] in each]
    assert sorted("REPRINT 1" in each for each in mine) == [False, True]


def test_an_uncertain_notice_is_settled_by_whoever_asked_the_patient(front: Front, working: Work) -> None:
    order_id = working.bring_to(OrderStatus.SHIPPED)
    notice = deliver(working, announcement(working, order_id), MailThatTimesOutAfterAccepting())
    assert notice.state is NoticeState.UNCERTAIN
    tess = front.sign_in("tess")

    tess.keyboard.press("g")
    tess.keyboard.press("n")
    expect(tess.get_by_role("heading", name="Notices", level=1)).to_be_visible()
    keep_pictures(tess, "house-notices")
    tess.keyboard.press("j")
    tess.keyboard.press("Enter")
    press(tess, "Put on record")
    expect(tess.get_by_role("alert")).to_contain_text("Choose what you found.")
    tess.get_by_label("It arrived").check()
    tess.get_by_label("How you know").fill("Called her at noon, she has it.")
    keep_pictures(tess, "house-notice")
    press(tess, "Put on record")
    expect(tess.locator(".headline .chip")).to_contain_text("Sent")

    tess.get_by_role("link", name="All that this patient is told").click()
    expect(tess.get_by_role("heading", name="What Anna Sample is told")).to_be_visible()
    keep_pictures(tess, "house-patient-notices")
    tess.get_by_text("Every state of the consents").click()
    tess.get_by_role("link", name="The texts, word for word").click()
    expect(tess.get_by_role("heading", name="What patients agree to")).to_be_visible()
    keep_pictures(tess, "house-consent-texts")
