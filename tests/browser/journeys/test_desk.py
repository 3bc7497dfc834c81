"""The desk in a real browser: somebody new comes in, is thrown out, and patients are kept."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from pharmacy.store.base import new_id
from pharmacy.store.second_factors import Passkey, PasswordLink, RecoveryCode
from pharmacy.store.staff import StaffMember, StaffSession
from pharmacy.usecases.keep_staff import NewMember, invite_member
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from pharmacy.web.current import EXTENSION
from tests.authenticators import code_at
from tests.books import Clock
from tests.browser.conftest import Front
from tests.browser.pictures import keep_pictures
from tests.builders import an_order
from tests.work import Work

pytestmark = pytest.mark.browser
GOOD = "eleven otters juggle quietly"
WHY = "agreed with the owner today"


class Newcomer:
    """Somebody invited for this test alone, and gone after it: people outlast other tests."""

    def __init__(self, pharmacy: Pharmacy) -> None:
        self.pharmacy = pharmacy
        self.username = f"nora-{new_id().hex[-8:]}"
        new = NewMember(
            username=self.username, full_name="Nora Newcomer", initials="NN", role=Role.TECHNICIAN
        )
        with pharmacy.sessions.write() as session:
            member, self.token = invite_member(session, new, by=pharmacy.clockwork, now=pharmacy.clock())
        self.id = member.id

    def leave(self) -> None:
        with self.pharmacy.sessions.write() as session:
            for record in (RecoveryCode, Passkey, PasswordLink, StaffSession):
                session.execute(delete(record).where(record.staff_member_id == self.id))
            session.execute(delete(StaffMember).where(StaffMember.id == self.id))


@pytest.fixture
def nora(committed: Pharmacy) -> Iterator[Newcomer]:
    newcomer = Newcomer(committed)
    yield newcomer
    newcomer.leave()


@pytest.fixture
def named_front(front: Front, app: Flask, committed: Pharmacy) -> Front:
    """The console under a name, as passkeys need it."""
    named = front.address.replace("127.0.0.1", "localhost")
    app.extensions[EXTENSION] = replace(committed, public_url=named)
    return replace(front, address=named)


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def _give_password(page: Page, username: str) -> None:
    page.goto("/console/sign-in")
    page.get_by_label("Name").fill(username)
    page.get_by_label("Password").fill(GOOD)
    _press(page, "Sign in")


def _sign(page: Page, within: str = "body") -> None:
    page.locator(within).get_by_label("Your password, once more").locator("visible=true").fill(DEMO_PASSWORD)


def test_somebody_new_chooses_a_password_and_comes_in_by_a_code_and_by_a_passkey(
    named_front: Front, nora: Newcomer, clock: Clock
) -> None:
    page = named_front.open()
    page.goto(f"/console/set-password/{nora.token}")
    page.get_by_label("New password").press_sequentially("nora1234")
    expect(page.locator("#strength")).to_contain_text("It is not enough yet.")
    page.get_by_label("New password").fill(GOOD)
    expect(page.locator("#strength")).to_contain_text("very hard to guess")
    keep_pictures(page, "desk-01-password")
    page.get_by_label("The same once more").fill(GOOD)
    _press(page, "Choose this password")

    _give_password(page, nora.username)
    page.goto("/console/account")
    _press(page, "Set up an authenticator")
    secret = page.locator(".secret code").inner_text()
    page.get_by_label("Code").fill(code_at(secret, clock.now))
    _press(page, "Set it up")
    expect(page.locator(".codes li")).to_have_count(10)
    keep_pictures(page, "desk-02-recovery-codes")
    page.get_by_role("link", name="I have written them down").click()

    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    page.goto("/console/account")
    page.get_by_label("Name of the device").fill("Bench tablet")
    page.locator("form[data-passkey]").get_by_label("Your password, once more").fill(GOOD)
    _press(page, "Add a passkey")
    expect(page.locator("#passkeys")).to_contain_text("Bench tablet")
    keep_pictures(page, "desk-03-account")

    page.locator(".person summary").click()
    _press(page, "Sign out")
    _give_password(page, nora.username)
    expect(page.get_by_role("heading", level=1)).to_contain_text("One thing more")
    keep_pictures(page, "desk-04-second-factor")
    page.goto("/console/orders")
    expect(page.get_by_role("heading", level=1)).to_contain_text("One thing more")
    _press(page, "Use a passkey instead")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()

    page.locator(".person summary").click()
    _press(page, "Sign out")
    _give_password(page, nora.username)
    page.get_by_label("Code").fill("000000")
    _press(page, "Go on")
    expect(page.get_by_role("alert").filter(has_text="That code does not hold.")).to_be_visible()
    clock.now += timedelta(minutes=1)
    page.get_by_label("Code").fill(code_at(secret, clock.now))
    _press(page, "Go on")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()


def test_a_disabled_user_is_thrown_out_at_the_next_click(front: Front, nora: Newcomer, working: Work) -> None:
    working.submit()
    hers = front.open(java_script_enabled=False)
    hers.goto(f"/console/set-password/{nora.token}")
    hers.get_by_label("New password").fill(GOOD)
    hers.get_by_label("The same once more").fill(GOOD)
    _press(hers, "Choose this password")
    _give_password(hers, nora.username)
    expect(hers.get_by_role("heading", name="Today")).to_be_visible()

    ada = front.sign_in("ada")
    ada.keyboard.press("g")
    ada.keyboard.press("e")
    expect(ada.get_by_role("heading", name="People")).to_be_visible()
    keep_pictures(ada, "desk-05-people")
    ada.goto(f"/console/people/{nora.id}")
    ada.get_by_text("Disable", exact=True).first.click()
    keep_pictures(ada, "desk-06-person")
    ada.locator("#disable-reason").fill(WHY)
    ada.locator("#disable-signature").fill(DEMO_PASSWORD)
    _press(ada, "Disable")
    expect(ada.locator(".headline .chip")).to_contain_text("Disabled")

    hers.get_by_role("link", name="All orders").click()
    expect(hers.get_by_role("heading", name="Sign in")).to_be_visible()
    _give_password(hers, nora.username)
    expect(hers.get_by_role("alert")).to_contain_text("do not belong together")


def test_a_patient_is_corrected_and_merged_with_another_record_and_taken_apart(
    front: Front, working: Work
) -> None:
    for _ in range(2):
        working.submit(an_order(allergies=["penicillin"], no_known_allergies=False))
    working.submit(an_order({"/patient/full_name": "Zoe Zebra"}))
    paul = front.sign_in("paul")

    paul.keyboard.press("g")
    paul.keyboard.press("i")
    expect(paul.get_by_role("heading", name="Patients")).to_be_visible()
    paul.get_by_label("Part of the name").fill("sampl")
    paul.locator("main").get_by_role("button", name="Search").click()
    expect(paul.locator("tbody tr")).to_have_count(2)
    keep_pictures(paul, "desk-07-patients")
    assert "sampl" not in paul.url
    paul.get_by_role("link", name="Anna Sample").first.click()

    contact = paul.locator("#contact")
    contact.get_by_text("Correct these").click()
    contact.get_by_label("ZIP code").fill("1234x")
    contact.get_by_label("City").fill("Newtown")
    contact.get_by_label("Reason").fill("told at the counter today")
    _press(paul, "Correct them")
    expect(paul.get_by_role("alert")).to_contain_text("ZIP")
    keep_pictures(paul, "desk-08-patient-refused")
    contact.get_by_label("ZIP code").fill("12345")
    _press(paul, "Correct them")
    expect(contact).to_contain_text("Newtown")

    person = paul.locator("#person")
    person.get_by_text("Merge", exact=True).first.click()
    person.get_by_label("Reason").first.fill("the same person, says the passport")
    person.get_by_label("Your password, once more").first.fill(DEMO_PASSWORD)
    person.get_by_role("button", name="Merge", exact=True).first.click()
    expect(person.get_by_text("Take apart", exact=True).first).to_be_visible()
    expect(paul.locator("#orders tbody tr")).to_have_count(2)
    keep_pictures(paul, "desk-09-patient-merged")
    person.get_by_text("Take apart", exact=True).first.click()
    person.get_by_label("Reason").first.fill("two people after all, says the passport")
    person.get_by_label("Your password, once more").first.fill(DEMO_PASSWORD)
    person.get_by_role("button", name="Take apart", exact=True).click()
    expect(paul.locator("#orders tbody tr")).to_have_count(1)


def test_the_house_keeps_its_settings_and_its_trail(front: Front, working: Work) -> None:
    working.submit()
    iris = front.sign_in("iris")

    iris.goto("/console/settings")
    keep_pictures(iris, "desk-10-settings")
    iris.get_by_role("link", name="When patients are told").click()
    iris.get_by_label("closes").fill("22:00")
    iris.get_by_label("Reason").fill(WHY)
    _sign(iris)
    _press(iris, "Put it in force")
    expect(iris.get_by_role("alert")).to_contain_text("47 CFR 64.1200(c)(1)")
    keep_pictures(iris, "desk-11-setting-refused")
    iris.goto("/console/audit")
    keep_pictures(iris, "desk-12-audit")
    _press(iris, "Verify the whole trail")
    expect(iris.get_by_role("status")).to_contain_text(re.compile("The trail is"))
    keep_pictures(iris, "desk-13-verified")
    iris.goto("/console/emergency")
    keep_pictures(iris, "desk-14-emergency")
