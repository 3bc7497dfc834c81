"""People, settings and the audit trail, page by page."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from sqlalchemy import select, text

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import OrderStatus
from pharmacy.store import reference, staff
from pharmacy.store.audit import AuditEntry
from pharmacy.store.staff import StaffMember
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.web.console.pages import Console, words
from tests.work import Work

WHY = "agreed with the owner today"
_VERSION = re.compile(r'name="version" value="(\d+)"')


@pytest.fixture
def ada(at_work: Callable[[str], Console]) -> Console:
    """The administrator."""
    return at_work("ada")


@pytest.fixture
def iris(at_work: Callable[[str], Console]) -> Console:
    """The pharmacist-in-charge."""
    return at_work("iris")


def _named(pharmacy: Pharmacy, username: str) -> StaffMember:
    with pharmacy.sessions.read() as session:
        return session.scalars(select(StaffMember).where(StaffMember.username == username)).one()


def _deed(console: Console, pharmacy: Pharmacy, username: str, deed: str, **typed: str) -> object:
    member = _named(pharmacy, username)
    found = _VERSION.search(console.get(f"/people/{member.id}").text)
    form = {"version": found[1] if found else "", "reason": WHY, "signature": DEMO_PASSWORD, **typed}
    return console.post(f"/people/{member.id}/{deed}", **form)


def test_people_are_listed_with_role_training_and_second_factor(ada: Console) -> None:
    page = words(ada.get("/people"))

    assert "Tess Technician tess technician" in page
    assert "no authenticator" in page
    assert "Invite somebody" in page


def test_somebody_is_invited_by_a_link_that_is_shown_once(
    ada: Console, stranger: Console, pharmacy: Pharmacy
) -> None:
    who = {"full_name": "Nora Newcomer", "initials": "NN", "username": "Nora", "role": "technician"}

    unsigned = ada.post("/people", **who)
    assert unsigned.status_code == 422
    assert "Sign with your password." in words(unsigned)
    assert 'value="Nora Newcomer"' in unsigned.text
    invited = ada.post("/people", **who, signature=DEMO_PASSWORD)
    link = re.search(r"/console(/set-password/[\w-]+)", invited.text)

    assert link
    assert stranger.get(link[1]).status_code == 200
    assert link[1] not in ada.get(f"/people/{_named(pharmacy, 'nora').id}").text
    again = ada.post("/people", **who, signature=DEMO_PASSWORD)
    assert again.status_code == 409
    assert "under that name" in words(again)


@pytest.mark.parametrize(("name", "value"), [("username", "N N"), ("full_name", ""), ("role", "owner")])
def test_an_invitation_that_cannot_be_meant_is_refused_at_its_field(
    ada: Console, name: str, value: str
) -> None:
    who = {"full_name": "Nora Newcomer", "initials": "NN", "username": "nora", "role": "technician"}

    answer = ada.post("/people", **{**who, name: value}, signature=DEMO_PASSWORD)

    assert answer.status_code == 422
    assert f'<a href="#{name}">' in answer.text


def test_a_disabled_person_is_thrown_out_at_the_next_click(
    ada: Console, tess: Console, stranger: Console, pharmacy: Pharmacy
) -> None:
    assert tess.get("/orders").status_code == 200

    assert _deed(ada, pharmacy, "tess", "disable").status_code == 303  # type: ignore[attr-defined]

    assert tess.get("/orders").location.startswith("/console/sign-in")
    assert stranger.sign_in("tess").status_code == 403
    enabled = _deed(ada, pharmacy, "tess", "enable")
    assert "/console/set-password/" in enabled.text  # type: ignore[attr-defined]
    assert stranger.sign_in("tess").status_code == 403
    with pharmacy.sessions.read() as session:
        done = session.scalars(select(AuditEntry).where(AuditEntry.action == "staff.disabled")).one()
    assert (done.actor_name, done.detail["reason"]) == ("Ada Administrator", WHY)


def test_nobody_does_it_to_themselves_without_reason_signature_or_the_newest_reading(
    ada: Console, pharmacy: Pharmacy
) -> None:
    own = _named(pharmacy, "ada")
    form = {"version": str(own.version), "reason": WHY, "signature": DEMO_PASSWORD}
    assert ada.post(f"/people/{own.id}/disable", **form).status_code == 403

    stale = _deed(ada, pharmacy, "tess", "end-sign-ins", version="99")
    assert stale.status_code == 409  # type: ignore[attr-defined]
    assert "Somebody has changed this since you looked." in words(stale)  # type: ignore[arg-type]
    assert WHY in words(stale)  # type: ignore[arg-type]
    assert _deed(ada, pharmacy, "tess", "reset-factor", reason="x").status_code == 422  # type: ignore[attr-defined]
    assert _deed(ada, pharmacy, "tess", "reset-factor", signature="x").status_code == 422  # type: ignore[attr-defined]
    assert _named(pharmacy, "tess").version == 1


def test_the_last_who_may_let_people_in_stays(ada: Console, pharmacy: Pharmacy) -> None:
    assert _deed(ada, pharmacy, "iris", "role", role="pharmacist").status_code == 303  # type: ignore[attr-defined]
    with pharmacy.sessions.write() as session:
        keepers = staff.keepers(session, ["administrator", "pharmacist_in_charge"])  # type: ignore[list-item]

    assert [each.username for each in keepers] == ["ada"]
    assert _named(pharmacy, "iris").role == "pharmacist"


def test_a_pharmacist_records_a_training_and_nobody_their_own(paul: Console, pharmacy: Pharmacy) -> None:
    sam, own = _named(pharmacy, "sam"), _named(pharmacy, "paul")
    form = {
        "competency": "hygiene", "trained_on": "2026-11-20", "method": "observed", "signature": DEMO_PASSWORD,
    }  # fmt: skip

    assert paul.post(f"/people/{sam.id}/training", **{**form, "trained_on": "soon"}).status_code == 422
    assert paul.post(f"/people/{sam.id}/training", **form).status_code == 303
    assert "Hand hygiene ✓ in force until Sat 20 Nov 2027" in words(paul.get(f"/people/{sam.id}"))
    assert paul.post(f"/people/{own.id}/training", **form).status_code == 403


def _set(console: Console, name: str, **typed: str) -> object:
    page = console.get(f"/settings/{name}").text
    fields = dict(re.findall(r'<input id="(value[^"]*)"[^>]* value="([^"]*)"', page))
    areas = dict(re.findall(r'<textarea id="(value[^"]*)"[^>]*>([^<]*)</textarea>', page))
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    form = {
        **{name: unescape(value) for name, value in {**fields, **areas}.items()},
        "seen": seen[1] if seen else "", "reason": WHY, "signature": DEMO_PASSWORD, **typed,
    }  # fmt: skip
    return console.post(f"/settings/{name}", **form)


def test_every_setting_is_listed_and_opens_with_source_owner_reason_and_history(iris: Console) -> None:
    page = iris.get("/settings")
    names = re.findall(r'href="/console/settings/(\w+)"', page.text)

    assert len(names) >= 30
    for name in names:
        assert iris.get(f"/settings/{name}").status_code == 200, name
    assert "licensed_states" in names


def test_a_setting_is_changed_with_a_reason_and_what_it_was_stays(iris: Console, pharmacy: Pharmacy) -> None:
    answer = _set(iris, "quote_valid_days", value="10", source="the owner")

    assert answer.status_code == 303  # type: ignore[attr-defined]
    with pharmacy.sessions.read() as session:
        rows = reference.history_of_setting(session, "quote_valid_days")
        known = pharmacy.reference.current(session, pharmacy.clock().date())
    assert [row.value for row in rows] == [10, 14]
    assert known.quote_lasts.days == 10
    page = words(iris.get("/settings/quote_valid_days"))
    assert WHY in page
    assert "Before 14 from" in page


@pytest.mark.parametrize(
    ("name", "typed", "status", "said"),
    [
        ("quote_valid_days", {"value": "ten"}, 422, "This is a whole number."),
        ("quote_valid_days", {"value": "14"}, 422, "This is its value already."),
        ("quote_valid_days", {"value": "10", "reason": "x"}, 422, "reason"),
        ("quote_valid_days", {"value": "10", "signature": ""}, 422, "Sign with your password."),
        ("quote_valid_days", {"value": "10", "seen": ""}, 409, "Somebody has changed this setting"),
        ("training_months", {"value": "13"}, 422, "USP"),
        ("notices", {"value.closes": "22:00"}, 422, "47 CFR 64.1200(c)(1)"),
        ("beyond_use_category", {"value": "eternal"}, 422, "The pharmacy cannot work by this value"),
        ("refills", {"value.used_share": "much"}, 422, "This is a number"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_the_one_before_stays(
    iris: Console, pharmacy: Pharmacy, name: str, typed: dict[str, str], status: int, said: str
) -> None:
    answer = _set(iris, name, **typed)

    assert answer.status_code == status  # type: ignore[attr-defined]
    assert said in words(answer)  # type: ignore[arg-type]
    with pharmacy.sessions.read() as session:
        assert len(reference.history_of_setting(session, name)) == 1


def test_an_administrator_keeps_how_staff_sign_in_and_no_other_setting(ada: Console, paul: Console) -> None:
    assert _set(ada, "sign_in", **{"value.idle_minutes": "20"}).status_code == 303  # type: ignore[attr-defined]
    assert "Only pharmacist-in-charge changes this setting." in words(ada.get("/settings/dose_limits"))
    assert (
        ada.post("/settings/quote_valid_days", value="10", reason=WHY, signature=DEMO_PASSWORD).status_code
        == 403
    )
    assert paul.post("/settings/quote_valid_days", value="10").status_code == 403


def test_the_trail_is_searched_by_person_order_and_day(
    work: Work, at_work: Callable[[str], Console], pharmacy: Pharmacy
) -> None:
    order_id = work.bring_to(OrderStatus.IN_REVIEW)
    number, otto = work.order(order_id).number, at_work("otto")

    about = words(otto.get(f"/audit?order={number}"))
    assert "Order: " in about
    assert f"order {number}" in about
    paul = _named(pharmacy, "paul")
    by_him = words(otto.get(f"/audit?person={paul.id}"))
    assert "Paul Pharmacist" in by_him.partition("Entries of the audit trail")[2]
    assert "Nothing on record answers this." in words(otto.get("/audit?until=2020-01-01"))
    odd = words(otto.get("/audit?order=999999999&from=never&person=x"))
    assert "No order has this number." in odd
    assert "Give a day." in odd


def test_a_whole_trail_is_said_to_be_whole_and_an_edited_one_is_not(
    work: Work, at_work: Callable[[str], Console]
) -> None:
    work.bring_to(OrderStatus.RECEIVED)
    otto = at_work("otto")
    assert "The trail is whole" in words(otto.post("/audit/verify"))

    with work.sessions.write() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE audit SET actor_name = 'Nobody' WHERE action LIKE 'order.%'"))
    told = words(otto.post("/audit/verify"))
    assert "The trail is not whole." in told
    assert "an entry does not say what was written" in told
