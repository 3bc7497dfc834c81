"""A pooled batch made with scanner and keyboard by two people, and a recall drill that is proven in seconds."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.store import batches
from pharmacy.store.batches import BatchStatus
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.browser.conftest import Front
from tests.browser.pictures import keep_pictures
from tests.work import Work

pytestmark = pytest.mark.browser


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def stands(page: Page, state: str) -> None:
    expect(page.locator(".headline .chip").first).to_contain_text(state)


def scan(page: Page, text: str) -> None:
    """A scanner types what is printed, and ends with Enter; it is heard anywhere."""
    page.locator("h1").click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_two_orders_are_pooled_and_made_with_scanner_and_keyboard(front: Front, working: Work) -> None:
    orders = [working.bring_to(OrderStatus.QUEUED) for _ in range(2)]
    tess, paul = front.sign_in("tess"), front.sign_in("paul")

    # What to make: three batches for both orders, and fewer are proven impossible.
    tess.keyboard.press("g")
    tess.keyboard.press("m")
    expect(tess.get_by_role("heading", name="Batches", level=1)).to_be_visible()
    keep_pictures(tess, "bench-01-batches")
    tess.get_by_role("link", name="Planner").click()
    press(tess, "Plan today")
    expect(tess.locator(".verdict").first).to_contain_text("3 batches, and fewer are impossible")
    tess.get_by_text("Why these").first.click()
    keep_pictures(tess, "bench-02-planner")
    press(tess, "Accept the plan")
    expect(tess.get_by_role("row")).to_have_count(4)
    assert {working.order(each).status for each in orders} == {OrderStatus.COMPOUNDING}
    number = tess.locator("td.number a").last.inner_text()

    # The batch is found by its label; a wrong lot is refused by name, the right ones are assigned.
    scan(tess, number)
    stands(tess, "Planned")
    tess.get_by_label("Scans, one a line").fill("NTX-9999")
    press(tess, "Assign these lots")
    expect(tess.get_by_role("alert")).to_contain_text("There is no lot, triturate or balance NTX-9999")
    keep_pictures(tess, "bench-03-lots")
    tess.get_by_label("Scans, one a line").fill("TRIT-2601\nMCC-2601\nClass III, balance 1")
    press(tess, "Assign these lots")
    stands(tess, "Lots assigned")

    # Weighing: the reading is told in words as it is typed, refused while it can be mended, then seen by another.
    tess.get_by_label("The balance shows").fill("150")
    expect(tess.locator("#band .reading")).to_contain_text("under: add powder")
    tess.get_by_label("The balance shows").press("Enter")
    expect(tess.get_by_role("alert")).to_contain_text("from the target")
    keep_pictures(tess, "bench-04-weighing")
    for _ in range(2):
        target = tess.locator(".target b").inner_text()
        tess.get_by_label("The balance shows").fill(target)
        tess.get_by_label("The balance shows").press("Enter")
        expect(tess.get_by_text("Waits for somebody else to sign the weighing")).to_be_visible()
        paul.goto(tess.url)
        keep_pictures(paul, "bench-05-second-person")
        press(paul, "Sign the weighing")
        tess.reload()
    tess.get_by_label("How the blend looks").fill("white, even powder")
    tess.get_by_label("How the blend looks").press("Enter")
    tess.get_by_label("Capsules filled").fill("14")
    keep_pictures(tess, "bench-06-fill")
    tess.get_by_label("Capsules filled").press("Enter")

    # Ten capsules, one by one; the chart stands beside them before anything is recorded.
    paul.goto(tess.url)
    fill = paul.locator("summary", has_text="Theoretical fill").first.inner_text()
    mass = re.search(r"([\d.]+)", fill.rpartition("fill")[2])
    assert mass is not None
    paul.get_by_label("Mean empty shell").fill("48")
    for at in range(10):
        paul.get_by_label(f"Capsule {at + 1}", exact=True).fill(f"{48 + Decimal(mass[1]) + at % 3:.1f}")
    paul.keyboard.press("Tab")
    expect(paul.locator("#chart")).to_contain_text("10 weighed, all within the limits")
    keep_pictures(paul, "bench-07-weights")
    press(paul, "Record the check")
    stands(paul, "QC passed")
    for name, count in (("For release", "14"), ("Capsules rejected", "0"), ("Capsules retained", "0")):
        paul.get_by_label(name, exact=True).fill(count)
    # Of 15 prepared, 14 are for release: the powder of one is left.
    paul.get_by_label("Powder thrown away").fill(f"{Decimal(mass[1]):.0f}")
    press(paul, "Reconcile")
    paul.get_by_label("Your password, once more").first.fill(DEMO_PASSWORD)
    keep_pictures(paul, "bench-08-release")
    press(paul, "Release")
    stands(paul, "Released")
    keep_pictures(paul, "bench-09-released")
    with working.sessions.read() as session:
        made = batches.numbered(session, number)
        assert (made.status, made.capsules_allocated) == (BatchStatus.RELEASED, 14)
        assert made.compounded_by != made.released_by


def test_a_lot_is_received_by_scan_reviewed_and_drilled(front: Front, working: Work) -> None:
    shipped = working.bring_to(OrderStatus.SHIPPED)
    tess, paul = front.sign_in("tess"), front.sign_in("paul")

    # A container that is new here leads to its receipt, with what the symbol says filled in.
    scan(tess, "01095060001343521728020010NTX-7")
    expect(tess.get_by_label("Lot number")).to_have_value("NTX-7")
    expect(tess.get_by_label("Expiry as printed")).to_have_value("2028-02")
    tess.get_by_label("What it is").select_option(label="naltrexone hydrochloride (api)")
    for label, text in (
        ("Maker", "Example Works"), ("Vendor", "Example Chemicals"), ("Mass received", "25000"),
        ("Storage", "tight container"), ("Number of the certificate", "COA-7"), ("Grade", "USP"),
    ):  # fmt: skip
        tess.get_by_label(label, exact=True).fill(text)
    press(tess, "Receive")
    expect(tess.get_by_role("alert")).to_contain_text("The assay: a number is due")
    keep_pictures(tess, "bench-10-receipt")
    tess.get_by_label("Assay", exact=True).fill("99.2")
    tess.get_by_label("Water, or loss on drying").fill("3.1")
    tess.get_by_label("Identity confirmed").check()
    tess.get_by_label("Maker is registered with the FDA").check()
    press(tess, "Receive")
    stands(tess, "Quarantined")

    scan(paul, "NTX-7")
    stands(paul, "Quarantined")
    keep_pictures(paul, "bench-11-lot")
    paul.get_by_label("What you reviewed").fill("certificate in order")
    paul.get_by_label("Your password, once more").first.fill(DEMO_PASSWORD)
    press(paul, "Release")
    stands(paul, "Released")
    paul.locator("summary", has_text="Count").click()
    paul.get_by_label("Counted").fill("24000")
    paul.get_by_role("button", name="Count", exact=True).click()
    expect(paul.get_by_role("cell", name="counted")).to_be_visible()
    paul.goto("/console/stock")
    keep_pictures(paul, "bench-12-stock")

    # A drill of the filler that every capsule holds: the same report, and nothing is changed.
    paul.get_by_role("link", name="Recalls").click()
    paul.get_by_label("Scan the lot or batch").fill("MCC-2601")
    paul.get_by_label("Reason").fill("The drill of the quarter, asked for by the board.")
    paul.get_by_label("Your password, once more").fill(DEMO_PASSWORD)
    keep_pictures(paul, "bench-13-recalls")
    press(paul, "Trace and open")
    expect(paul.get_by_text("from the request to the full list")).to_be_visible()
    expect(paul.get_by_text("A drill changes nothing")).to_be_visible()
    keep_pictures(paul, "bench-14-drill")
    assert "recall" not in [notice.kind for notice in working.notices(shipped)]

    # In earnest: the patient is on the list, is called, and the recall is closed once everybody was told.
    with working.sessions.read() as session:
        number = batches.of_lines(session, [working.order(shipped).lines[0].id]).popitem()[1].number
    paul.get_by_role("link", name="Recalls").click()
    paul.get_by_label("Scan the lot or batch").fill(number)
    paul.get_by_label("A recall: stock is blocked, patients are told").check()
    paul.get_by_label("Reason").fill("Foreign particles were found in this batch.")
    paul.get_by_label("Your password, once more").fill(DEMO_PASSWORD)
    press(paul, "Trace and open")
    stands(paul, "Open")
    paul.locator("summary", has_text="Record").first.click()
    paul.get_by_label("Note").first.fill("Called; brings the vials back.")
    paul.get_by_role("row").nth(1).get_by_role("button", name="Record").click()
    expect(paul.get_by_role("row").nth(1)).to_contain_text("Notified")
    paul.get_by_label("Who there was told").fill("Dr. Example")
    paul.get_by_role("button", name="Record", exact=True).last.click()
    expect(paul.get_by_text("told Dr. Example")).to_be_visible()
    keep_pictures(paul, "bench-15-recall")
    paul.get_by_label("How it ended").fill("Every vial came back.")
    paul.get_by_label("Your password, once more").fill(DEMO_PASSWORD)
    press(paul, "Close the recall")
    stands(paul, "Closed")
    assert [notice.kind for notice in working.notices(shipped)].count("recall") == 1


def test_equipment_and_logs_are_kept(front: Front, working: Work) -> None:
    paul = front.sign_in("paul")
    paul.goto("/console/stock/equipment")
    keep_pictures(paul, "bench-16-equipment")
    paul.goto("/console/stock/logs?log=rooms")
    paul.get_by_label("Room", exact=True).fill("bench")
    paul.get_by_label("Temperature", exact=True).fill("26.5")
    paul.get_by_label("Humidity", exact=True).fill("41")
    press(paul, "Write it down")
    expect(paul.get_by_text("beyond the limits")).to_be_visible()
    keep_pictures(paul, "bench-17-rooms")
    order_id = working.bring_to(OrderStatus.SHIPPED)
    paul.get_by_role("link", name="Complaints and adverse events").click()
    paul.get_by_label("complaint").check()
    paul.get_by_label("Told by").fill("the patient")
    paul.get_by_label("About which order, batch or lot").fill(str(working.order(order_id).number))
    paul.get_by_label("What happened").fill("One capsule was empty.")
    press(paul, "Write it down")
    paul.locator("td a[data-row]").first.click()
    paul.get_by_label("In words").fill("Asked for the vial.")
    press(paul, "Write it down")
    expect(paul.get_by_text("Asked for the vial.")).to_be_visible()
    keep_pictures(paul, "bench-18-incident")
    paul.goto("/console/stock/logs?log=training")
    keep_pictures(paul, "bench-19-training")
    working.act(order_id, Act.COMPLETE, Role.TECHNICIAN)
