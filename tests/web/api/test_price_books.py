"""Prices are drafted, previewed and approved, and never change once they were approved."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from pharmacy.domain.orders import Role
from pharmacy.store.reference import Setting
from tests.books import Clock, row_counts
from tests.builders import a_plan, a_supply, an_order
from tests.callers import Api, StaffApi
from tests.web.api.answers import kind, pointers, prices
from tests.work import Work

Staff = Callable[[Role], StaffApi]


@pytest.fixture
def iris(staff_api: Staff) -> StaffApi:
    """The pharmacist-in-charge."""
    return staff_api(Role.PHARMACIST_IN_CHARGE)


def in_force(staff: StaffApi) -> dict[str, Any]:
    return next(dict(each) for each in all_books(staff) if each["version"] == "house-1")


def all_books(staff: StaffApi) -> list[dict[str, Any]]:
    return list(staff.get("/price-books").get_json()["price_books"])


def drafted(staff: StaffApi, effective_on: str = "2026-12-01", **rules: Any) -> dict[str, Any]:
    """A draft of dearer script fees, or of those rules."""
    asked = {
        "version": f"house-{effective_on}-{len(str(rules))}",
        "effective_on": effective_on,
        "based_on": in_force(staff)["id"],
        "rules": rules or {"script_fee": "20.00"},
        "reason": "the rent has risen",
    }
    answer = staff.post("/price-books", asked)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def kept(connection: Connection) -> dict[str, int]:
    """How many rows every table has but the trail, which tells of readings and refusals, too."""
    trail = {"audit", "audit_unsealed"}
    return {name: count for name, count in row_counts(connection).items() if name not in trail}


def edit(staff: StaffApi, path: str, body: dict[str, Any]) -> TestResponse:
    return staff.send("PATCH", path, json=body)


def test_a_draft_is_like_its_base_but_for_what_it_names_and_charges_nothing(iris: StaffApi, api: Api) -> None:
    base = in_force(iris)

    draft = drafted(iris)

    assert draft["status"] == "draft"
    assert {**draft["rules"], "script_fee": "12.00"} == base["rules"]
    assert api.post("/quotes", a_supply()).get_json()["total_usd"] == "65.45"


def test_approved_prices_are_charged_from_their_day_on(iris: StaffApi, api: Api, clock: Clock) -> None:
    draft = drafted(iris)
    approved = iris.post(f"/price-books/{draft['id']}/approve", {}).get_json()
    assert (approved["status"], approved["approved_by"]) == ("approved", "Iris In-Charge")
    assert api.post("/quotes", a_supply()).get_json()["total_usd"] == "65.45"

    clock.now += timedelta(days=8)

    dearer = api.post("/quotes", a_supply()).get_json()
    assert Decimal(dearer["total_usd"]) == Decimal("65.45") + 8


def test_a_bound_quote_never_changes_though_the_price_book_does(
    iris: StaffApi, api: Api, clock: Clock
) -> None:
    quote = api.post("/quotes", a_supply()).get_json()
    draft = drafted(iris)
    iris.post(f"/price-books/{draft['id']}/approve", {})
    clock.now += timedelta(days=8)

    read = api.get(f"/quotes/{quote['id']}").get_json()
    order = api.order(an_order(quote_id=quote["id"]))
    renewed = api.post(f"/quotes/{quote['id']}/requote", {}).get_json()

    assert read == quote
    assert prices(order) == prices(quote["offer"])
    assert (renewed["requoted_from"], renewed["previous_total_usd"]) == (quote["id"], "65.45")
    assert (renewed["total_usd"], renewed["difference_usd"]) == ("73.45", "8.00")
    assert api.get(f"/quotes/{quote['id']}").get_json() == quote


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("quotes", "total_cents = 1"),
        ("quotes", "expires_at = expires_at + interval '1 day'"),
        ("price_books", "rules = '{}'"),
        ("price_books", "effective_on = effective_on - 1"),
    ],
)
def test_the_books_refuse_to_change_what_was_quoted_or_approved_whoever_writes(
    api: Api, connection: Connection, table: str, change: str
) -> None:
    api.post("/quotes", a_supply())

    with pytest.raises(IntegrityError), connection.begin_nested():
        connection.execute(text(f"UPDATE {table} SET {change}"))


def test_a_draft_is_edited_by_whoever_read_it_last(iris: StaffApi, connection: Connection) -> None:
    draft = drafted(iris)
    path = f"/price-books/{draft['id']}"

    edited = edit(iris, path, {"seen_edition": 1, "rules": {"shipping": "7.50"}}).get_json()

    assert (edited["rules"]["shipping"], edited["rules"]["script_fee"], edited["edition"]) == (
        "7.50",
        "20.00",
        2,
    )
    before = kept(connection)
    assert (
        kind(edit(iris, path, {"seen_edition": 1, "rules": {"shipping": "1.00"}}), 409) == "edited-meanwhile"
    )
    assert kept(connection) == before


@pytest.mark.parametrize(
    ("rules", "pointer", "status"),
    [
        ({"script_fee": 12}, "/rules/script_fee", 400),
        ({"script_fee": "-1"}, "/rules/script_fee", 400),
        ({"script_fee": "1e3"}, "/rules/script_fee", 400),
        ({"unknown": "1"}, "/rules/unknown", 400),
        ({"taxes": [{"state": "ZZ", "share": "0.1"}]}, "/rules/taxes/0/state", 400),
        ({"round_up_to": "0.00"}, "/rules", 422),
        ({"potency_fraction": "1.1"}, "/rules", 422),
        ({"taxes": [{"state": "NY", "share": "0.1"}, {"state": "NY", "share": "0.2"}]}, "/rules", 422),
    ],
)
def test_prices_that_cannot_be_meant_are_refused_where_they_stand(
    iris: StaffApi, connection: Connection, rules: dict[str, Any], pointer: str, status: int
) -> None:
    base = in_force(iris)["id"]
    before = kept(connection)

    answer = iris.post(
        "/price-books",
        {
            "version": "wrong", "effective_on": "2026-12-01", "based_on": base, "rules": rules,
            "reason": "a slip of the finger",
        },
    )  # fmt: skip

    assert pointers(answer, status) == [pointer]
    assert kept(connection) == before


def test_only_drafts_are_edited_and_approved_and_a_day_has_one_price_book(iris: StaffApi) -> None:
    first, second = drafted(iris), drafted(iris, shipping="8.00")
    iris.post(f"/price-books/{first['id']}/approve", {})

    again = iris.post(f"/price-books/{first['id']}/approve", {})
    edited = edit(iris, f"/price-books/{first['id']}", {"seen_edition": 1})
    same_day = iris.post(f"/price-books/{second['id']}/approve", {})

    assert (kind(again, 409), kind(edited, 409), kind(same_day, 409)) == (
        "only-drafts",
        "only-drafts",
        "day-taken",
    )


def test_prices_are_withdrawn_before_their_day_and_not_after(
    iris: StaffApi, api: Api, clock: Clock, staff_api: Staff
) -> None:
    draft = drafted(iris)
    iris.post(f"/price-books/{draft['id']}/approve", {})
    words = {"reason": "the rent has not risen"}

    withdrawn = iris.post(f"/price-books/{draft['id']}/withdraw", words)

    assert withdrawn.get_json()["status"] == "withdrawn"
    clock.now += timedelta(days=8)
    assert api.post("/quotes", a_supply()).get_json()["total_usd"] == "65.45"
    again = staff_api(Role.PHARMACIST_IN_CHARGE)
    book = in_force(again)
    assert kind(again.post(f"/price-books/{book['id']}/withdraw", words), 409) == "in-force-already"


def test_prices_do_not_take_effect_in_the_past(iris: StaffApi) -> None:
    draft = drafted(iris, "2026-11-22")

    answer = iris.post(f"/price-books/{draft['id']}/approve", {})

    assert (kind(answer, 422), pointers(answer)) == ("effective-in-the-past", ["/effective_on"])


def test_only_the_pharmacist_in_charge_makes_prices(staff_api: Staff) -> None:
    paul = staff_api(Role.PHARMACIST)
    book = in_force(paul)
    asked = {
        "version": "pauls", "effective_on": "2026-12-01", "based_on": book["id"], "reason": "because",
    }  # fmt: skip

    assert kind(paul.post("/price-books", asked), 403) == "not-for-this-role"
    assert kind(paul.post(f"/price-books/{book['id']}/approve", {}), 403) == "not-for-this-role"


def test_a_preview_says_what_last_months_orders_would_have_cost(
    iris: StaffApi, work: Work, api: Api, clock: Clock, connection: Connection, staff_api: Staff
) -> None:
    work.submit()
    api.order(an_order(supply_option="multiples_of_one_strength"))
    draft = drafted(iris)
    clock.now += timedelta(days=10)
    path = f"/price-books/{draft['id']}/preview"
    again = staff_api(Role.PHARMACIST_IN_CHARGE)
    before = kept(connection)

    found = again.post(path, {})

    answer = found.get_json()
    assert (answer["first_on"], answer["last_on"]) == ("2026-11-01", "2026-11-30")
    told = [(each["before_usd"], each["after_usd"], each["difference_usd"]) for each in answer["orders"]]
    assert told == [("65.45", "73.45", "8.00"), ("51.95", "59.95", "8.00")]
    assert (answer["before_usd"], answer["after_usd"], answer["difference_usd"]) == (
        "117.40",
        "133.40",
        "16.00",
    )
    assert (answer["dearer"], answer["cheaper"]) == (2, 0)
    assert kept(connection) == before
    assert again.post(path, {"first_on": "2026-12-01", "last_on": "2026-12-02"}).get_json()["orders"] == []


def test_an_order_that_has_no_price_by_the_book_says_why(iris: StaffApi, work: Work) -> None:
    work.submit(an_order(supply_option="multiples_of_one_strength"))
    draft = drafted(iris, small_vial_capsules=10, large_vial_capsules=20)
    november = {"first_on": "2026-11-01", "last_on": "2026-11-30"}

    (order,) = iris.post(f"/price-books/{draft['id']}/preview", november).get_json()["orders"]

    assert order["after_usd"] is None
    assert "holds 69 capsules" in order["refusal"]


def test_tax_and_surcharges_are_quoted_for_a_state_and_bind(iris: StaffApi, api: Api) -> None:
    draft = drafted(
        iris,
        "2026-11-23",
        taxes=[{"state": "NY", "share": "0.04"}],
        surcharges=[{"code": "rush", "wording": "Rush", "amount": "15.00"}],
        shipping_is_taxable=True,
    )
    assert iris.post(f"/price-books/{draft['id']}/approve", {}).status_code == 200

    quote = api.post("/quotes", a_supply(ship_to_state="NY", surcharges=["rush"])).get_json()
    nowhere = api.post("/quotes", a_supply()).get_json()

    assert [(each["kind"], each["amount_usd"]) for each in quote["offer"]["price_lines"][-3:]] == [
        ("surcharge", "15.00"), ("shipping", "6.95"), ("tax", "3.22"),
    ]  # fmt: skip
    assert api.order(an_order(quote_id=quote["id"]))["total_usd"] == quote["total_usd"] == "83.67"
    refused = api.post("/orders", an_order(quote_id=nowhere["id"]))
    assert kind(refused, 422) == "quote-is-for-another"
    assert pointers(api.post("/orders", an_order(surcharges=["slow"]))) == ["/surcharges/0"]


def test_a_month_over_the_mark_is_flagged_with_the_option_that_brings_it_under(api: Api, work: Work) -> None:
    with work.sessions.write() as session:
        session.add(
            Setting(
                name="monthly_mark_usd",
                value="60.00",
                source="a test",
                owner="Iris",
                reason="a test",
                set_at=work.pharmacy.clock() + timedelta(seconds=1),
            )
        )

    options = api.post("/titrations/simulate", a_supply()).get_json()["options"]

    dear = next(each for each in options if each["supply_option"] == "one_strength_per_step")
    cheap = next(each for each in options if each["supply_option"] == "multiples_of_one_strength")
    assert (dear["is_over_monthly_mark"], cheap["is_over_monthly_mark"]) == (True, False)
    (finding,) = [each for each in dear["findings"] if each["code"] == "F-OVER-MONTHLY-MARK"]
    assert finding["because"] == (
        "30 days cost 65.45 USD, over the mark of 60.00 USD; as multiples of one strength (1.5 mg) they cost 51.95 USD."
    )
    assert finding["severity"] == "info"


def test_ninety_capsules_of_a_stock_strength_cost_what_the_worked_case_says(api: Api) -> None:
    quote = api.post("/quotes", a_supply(plan=a_plan(("4.5", 90)), days=90)).get_json()

    assert (quote["total_usd"], quote["offer"]["per_30_days_usd"]) == ("46.45", "15.48")
