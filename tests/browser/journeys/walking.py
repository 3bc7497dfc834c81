"""What every journey through the rooms of orders does: press, look where it stands, scan what there is to scan."""

from uuid import UUID

from playwright.sync_api import Page, expect

from pharmacy.store.labels import LabelKind
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.work import Work


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def enter(page: Page, name: str) -> None:
    """Through the link of an act into its room."""
    page.locator("#acts").get_by_role("link", name=name, exact=True).click()


def stands(page: Page, state: str) -> None:
    expect(page.locator(".headline .chip")).to_contain_text(state)


def sign(page: Page) -> None:
    """The password, once more, in the field that is open."""
    page.locator("input[name=signature]:visible").fill(DEMO_PASSWORD)


def scan_all(page: Page, work: Work, order_id: UUID) -> None:
    """Every vial is scanned: the scanner types the code and sends Enter."""
    codes = [each.barcode or "" for each in work.labels(order_id) if each.kind is LabelKind.DISPENSING]
    for done, code in enumerate(codes, start=1):
        page.get_by_label("Scan a vial").fill(code)
        page.get_by_label("Scan a vial").press("Enter")
        expect(page.locator("#vials-title")).to_contain_text(f"{done} of {len(codes)} scanned")


def open_order(page: Page, work: Work, order_id: UUID) -> None:
    """By its number, from anywhere."""
    page.keyboard.press("/")
    page.locator("#search").fill(str(work.order(order_id).number))
    page.locator("#search").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(work.order(order_id).number))
