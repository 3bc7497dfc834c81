"""Prices are drafted, edited, previewed and signed in their room, and money that waits has a room of its own."""

import re
from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from sqlalchemy import select

from pharmacy.domain.orders import OrderStatus
from pharmacy.store.orders import Order
from pharmacy.store.payments import PaymentOperation
from pharmacy.store.reference import PriceBook, PriceBookStatus
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.usecases.paying import operations, paid, shipped
from tests.web.console.pages import Console
from tests.work import Work

Sign = Callable[[str], Console]
NEW = {"version": "winter", "effective_on": "2026-12-01", "reason": "The carrier is dearer from December on."}


@pytest.fixture
def iris(at_work: Sign) -> Console:
    """The pharmacist-in-charge."""
    return at_work("iris")


def _books(work: Work) -> dict[str, PriceBook]:
    with work.sessions.read() as session:
        return {book.version: book for book in session.scalars(select(PriceBook))}


def _post(console: Console, page: str, path: str, **fields: Any) -> Any:
    return console.client.post(f"/console{path}", data={**console.hidden(page), **fields})


def _drafted(console: Console, work: Work) -> str:
    (standing,) = _books(work).values()
    answer = _post(console, "/prices", "/prices", based_on=str(standing.id), **NEW)
    assert answer.status_code == 303, answer.text
    return f"/prices/{_books(work)['winter'].id}"


def test_new_prices_are_drafted_edited_previewed_and_signed(iris: Console, work: Work) -> None:
    work.submit()
    page = _drafted(iris, work)

    edited = _post(iris, page, f"{page}/numbers", shipping="9.95", effective_on="2026-12-02")
    assert edited.status_code == 303, edited.text
    shown = iris.get(page).text
    assert "9.95" in shown
    assert "Draft" in shown
    unsigned = _post(iris, page, f"{page}/approve")
    assert unsigned.status_code == 422
    assert _books(work)["winter"].status is PriceBookStatus.DRAFT
    signed = _post(iris, page, f"{page}/approve", signature=DEMO_PASSWORD)

    assert signed.status_code == 303, signed.text
    book = _books(work)["winter"]
    assert (book.status, book.effective_on.isoformat(), book.rules["shipping"]) == (
        PriceBookStatus.APPROVED, "2026-12-02", "9.95",
    )  # fmt: skip
    assert "Approved, to come" in iris.get("/prices").text


def test_a_draft_says_what_last_months_orders_would_have_cost(iris: Console, work: Work, clock: Any) -> None:
    work.submit()
    page = _drafted(iris, work)
    _post(iris, page, f"{page}/numbers", shipping="9.95")
    clock.now = clock.now.replace(month=12, day=2)

    shown = Console(iris.client).get(page)
    if shown.status_code == 303:  # Who was idle for so long signs in again.
        iris.sign_in("iris")
        shown = iris.get(page)

    assert "65.45" in shown.text
    assert "68.45" in shown.text
    assert "+3.00" in shown.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"shipping": "minus"}, "Write a number"),
        ({"round_up_to": "0"}, "above zero"),
        ({"effective_on": "tomorrow"}, "2026-12-31"),
    ],
    ids=["no number", "no step", "no day"],
)
def test_what_cannot_be_meant_is_refused_and_what_was_typed_stays(
    iris: Console, work: Work, fields: dict[str, str], words: str
) -> None:
    page = _drafted(iris, work)

    refused = _post(iris, page, f"{page}/numbers", **fields)

    assert refused.status_code == 422
    assert words in refused.text
    assert next(iter(fields.values())) in refused.text


_VERSION = re.compile(r'name="(version)" value="([0-9]+)"')


def _tables(console: Console, page: str) -> dict[str, str]:
    """What a browser would send of the tables as they stand."""
    fields = re.findall(r'<input id="tables-([^"]+)" name="[^"]+" value="([^"]*)"', console.get(page).text)
    return dict(fields)


def test_tiers_stock_prices_surcharges_and_taxes_are_edited_in_the_room(iris: Console, work: Work) -> None:
    page = _drafted(iris, work)
    typed = _tables(iris, page)
    assert (typed["stock_prices-0-strength_ug"], typed["stock_prices-0-batch_capsules"]) == ("4.5", "900")

    typed |= {
        "quantity_tiers-0-from_capsules": "180", "quantity_tiers-0-share": "0.1",
        "surcharges-0-code": "rush", "surcharges-0-wording": "Rush", "surcharges-0-amount": "15.00",
        "taxes-1-state": "il", "taxes-1-share": "0.01",
        "stock_prices-0-strength_ug": "", "stock_prices-0-capsules": "", "stock_prices-0-batch_capsules": "",
        "stock_prices-1-strength_ug": "3", "stock_prices-1-capsules": "30", "stock_prices-1-batch_capsules": "600",
    }  # fmt: skip
    kept = _post(iris, page, f"{page}/tables", **typed)

    assert kept.status_code == 303, kept.text
    rules = _books(work)["winter"].rules
    assert rules["quantity_tiers"] == [{"from_capsules": 180, "share": "0.1"}]
    assert rules["surcharges"] == [{"code": "rush", "wording": "Rush", "amount": "15.00"}]
    assert rules["taxes"] == [{"state": "IL", "share": "0.01"}]
    assert rules["stock_prices"] == [{"strength_ug": 3000, "capsules": 30, "batch_capsules": 600}]
    # The prices in force are those of before.
    assert _books(work)["house-1"].rules["quantity_tiers"] == []


@pytest.mark.parametrize(
    ("fields", "at", "words"),
    [
        ({"taxes-0-state": "ZZ", "taxes-0-share": "0.1"}, "taxes-0-state", "Two letters of a state"),
        ({"taxes-0-state": "IL", "taxes-0-share": "1.5"}, "taxes-0-state", "between nothing and the whole"),
        ({"taxes-0-state": "IL"}, "taxes-0-share", "a number is due"),
        ({"quantity_tiers-0-from_capsules": "1.5", "quantity_tiers-0-share": "0.1"},
         "quantity_tiers-0-from_capsules", "A whole number"),
        ({"stock_prices-1-strength_ug": "0.0001", "stock_prices-1-capsules": "9",
          "stock_prices-1-batch_capsules": "99"}, "stock_prices-1-strength_ug", "finer than 1 mcg"),
        ({"surcharges-0-code": "Rush!", "surcharges-0-wording": "Rush", "surcharges-0-amount": "5"},
         "surcharges-0-code", "small letters"),
        ({"surcharges-0-code": "rush", "surcharges-0-wording": "", "surcharges-0-amount": "5"},
         "surcharges-0-wording", "empty the whole row"),
    ],
)  # fmt: skip
def test_each_fault_of_a_table_stands_at_its_field_and_nothing_is_kept(
    iris: Console, work: Work, fields: dict[str, str], at: str, words: str
) -> None:
    page = _drafted(iris, work)
    before = _books(work)["winter"].rules

    refused = _post(iris, page, f"{page}/tables", **(_tables(iris, page) | fields))

    assert refused.status_code == 422
    (said,) = re.findall(rf'id="tables-{at}-fault">([^<]*)<', refused.text)
    assert words in said
    assert all(f'name="{name}" value="{escape(typed)}"' in refused.text for name, typed in fields.items())
    assert _books(work)["winter"].rules == before


def test_a_state_that_is_named_twice_is_refused_as_a_whole(iris: Console, work: Work) -> None:
    page = _drafted(iris, work)
    twice = {
        f"taxes-{row}-{name}": value for row in (0, 1) for name, value in (("state", "IL"), ("share", "0.1"))
    }

    refused = _post(iris, page, f"{page}/tables", **(_tables(iris, page) | twice))

    assert refused.status_code == 422
    assert "is named once" in refused.text


def test_a_table_that_did_not_come_stays_and_one_that_is_emptied_is_gone(iris: Console, work: Work) -> None:
    page = _drafted(iris, work)

    _post(iris, page, f"{page}/tables")
    assert len(_books(work)["winter"].rules["stock_prices"]) == 1
    _post(iris, page, f"{page}/tables", **dict.fromkeys(_tables(iris, page), ""))

    assert _books(work)["winter"].rules["stock_prices"] == []


def test_only_the_pharmacist_in_charge_edits_tables_and_only_of_a_draft(
    iris: Console, at_work: Sign, work: Work
) -> None:
    standing = _books(work)["house-1"]
    page = f"/prices/{standing.id}"

    assert 'name="taxes-0-state"' not in iris.get(page).text
    assert (
        _post(iris, page, f"{page}/tables", **{"taxes-0-state": "IL", "taxes-0-share": "0.1"}).status_code
        == 409
    )
    assert _post(at_work("tess"), "/prices", f"{page}/tables").status_code == 403


def test_what_a_book_may_lack_is_emptied_and_choices_are_kept(iris: Console, work: Work) -> None:
    page = _drafted(iris, work)

    kept = _post(
        iris, page, f"{page}/numbers",
        free_shipping_from="", bottle="", small_vial_capsules="60", shipping_is_taxable="yes", home_state="ny",
    )  # fmt: skip

    assert kept.status_code == 303, kept.text
    rules = _books(work)["winter"].rules
    assert (rules["bottle"], rules["free_shipping_from"], rules["home_state"]) == (None, None, "NY")
    assert (rules["shipping_is_taxable"], rules["small_vial_capsules"]) == (True, "60")
    for name, typed in (
        ("small_vial_capsules", "1.5"),
        ("script_fee", ""),
        ("script_fee", "-1"),
        ("home_state", "Q"),
    ):
        refused = _post(iris, page, f"{page}/numbers", **{name: typed})
        assert f'id="numbers-{name}-fault"' in refused.text


def test_a_draft_that_somebody_has_edited_meanwhile_is_not_overwritten(iris: Console, work: Work) -> None:
    page = _drafted(iris, work)
    stale = iris.hidden(page)
    _post(iris, page, f"{page}/numbers", shipping="9.95")

    refused = iris.client.post(f"/console{page}/numbers", data={**stale, "shipping": "1.00"})

    assert refused.status_code == 409
    assert "Somebody has edited this draft" in refused.text
    assert _books(work)["winter"].rules["shipping"] == "9.95"


def test_approved_prices_are_withdrawn_before_their_day_with_a_reason(iris: Console, work: Work) -> None:
    page = _drafted(iris, work)
    _post(iris, page, f"{page}/approve", signature=DEMO_PASSWORD)

    assert _post(iris, page, f"{page}/withdraw").status_code == 422
    gone = _post(iris, page, f"{page}/withdraw", reason="The carrier changed its mind.")

    assert gone.status_code == 303
    assert _books(work)["winter"].status is PriceBookStatus.WITHDRAWN


def test_whoever_is_not_in_charge_sees_why_they_may_not_change_prices(at_work: Sign, work: Work) -> None:
    (standing,) = _books(work).values()
    tess = at_work("tess")

    for path in ("/prices", f"/prices/{standing.id}"):
        assert "Only the pharmacist-in-charge answers for prices" in tess.get(path).text
    assert _post(tess, "/prices", "/prices", **NEW).status_code == 403


def test_money_that_waits_stands_in_one_room(at_work: Sign, work: Work) -> None:
    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT)
    number = work.order(order_id).number
    tess = at_work("tess")

    page = tess.get("/payments").text

    assert f"Rx {number}" in page
    assert "Waits for acceptance" in page
    assert "No payment is uncertain" in page
    assert "Nobody has accepted this price yet" in tess.get(f"/orders/{order_id}/money").text


def test_a_refund_and_a_remake_are_signed_by_the_pharmacist_in_charge(iris: Console, work: Work) -> None:
    order_id = paid(work)
    shipped(work, order_id)
    page, act = f"/orders/{order_id}/money", f"/orders/{order_id}/money/decision"
    said = {"cause": "lost", "reason": "The parcel never arrived."}

    assert _post(iris, page, act, way="refund", amount_usd="5.00", **said).status_code == 422
    refund = _post(iris, page, act, way="refund", amount_usd="5.00", signature=DEMO_PASSWORD, **said)
    assert refund.status_code == 303, refund.text
    too_much = _post(iris, page, act, way="refund", amount_usd="99.00", signature=DEMO_PASSWORD, **said)
    assert too_much.status_code == 409
    assert "99.00" in too_much.text
    remake = _post(iris, page, act, way="remake", signature=DEMO_PASSWORD, **said)
    assert remake.status_code == 303, remake.text

    work.ask_provider()
    assert operations(work, order_id)[-1] == ("refund", "done")
    with work.sessions.read() as session:
        assert session.scalars(select(Order).where(Order.remake_of_id == order_id)).one().total_cents == 0
    assert "Its replacement" in iris.get(page).text
    receipt = iris.get(f"{page}/receipt")
    assert receipt.content_type == "application/pdf"


def test_an_uncertain_payment_stands_first_and_is_looked_up(at_work: Sign, work: Work) -> None:
    order_id = paid(work)
    with work.sessions.write() as session:
        operation = session.scalars(select(PaymentOperation)).one()
        operation.state = "uncertain"
        operation_id = operation.id
    tess = at_work("tess")

    page = tess.get("/payments").text
    assert "These may have happened" in page
    looked = _post(tess, "/payments", f"/orders/{order_id}/money/{operation_id}/look-up")

    assert looked.status_code == 303, looked.text
    assert operations(work, order_id) == [("authorise", "done")]


def test_what_was_typed_over_an_old_state_never_overwrites_a_colleagues_change(
    iris: Console, work: Work
) -> None:
    page = _drafted(iris, work)
    stale = {**iris.hidden(page), **_tables(iris, page)}
    _post(
        iris,
        page,
        f"{page}/tables",
        **(_tables(iris, page) | {"taxes-1-state": "il", "taxes-1-share": "0.01"}),
    )
    changed = _books(work)["winter"].rules

    first = iris.post(f"{page}/tables", **stale)
    second = iris.post(f"{page}/tables", **(stale | dict(re.findall(_VERSION, first.text)[-1:])))

    assert (first.status_code, second.status_code) == (409, 409)
    assert _books(work)["winter"].rules == changed
