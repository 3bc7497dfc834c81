"""Prices, and the quotes made by them."""

from pharmacy.domain.orders import Role
from tests.builders import a_supply
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    iris = callers.staff_api(Role.PHARMACIST_IN_CHARGE)
    here = "/api/v1/price-books"
    listing = iris.get("/price-books")
    asked = {
        "version": "house-2", "effective_on": "2026-12-24", "reason": "the rent has risen",
        "based_on": listing.get_json()["price_books"][0]["id"], "rules": {"script_fee": "13.00"},
    }  # fmt: skip
    drafted = iris.post("/price-books", asked, key="prices")
    address = f"/price-books/{drafted.get_json()['id']}"
    changed = iris.send("PATCH", address, json={"seen_edition": 1, "rules": {"shipping": "7.95"}})
    preview = iris.post(f"{address}/preview", {"first_on": "2026-11-01", "last_on": "2026-12-31"})
    approved = iris.post(f"{address}/approve", {})
    withdrawn = iris.post(f"{address}/withdraw", {"reason": "the rent has not risen"})
    quote = callers.api.post("/quotes", a_supply()).get_json()
    return {
        ("GET", here): [listing],
        ("POST", here): [drafted],
        ("GET", here + "/{price_book_id}"): [iris.get(address)],
        ("PATCH", here + "/{price_book_id}"): [changed],
        ("POST", here + "/{price_book_id}/preview"): [preview],
        ("POST", here + "/{price_book_id}/approve"): [approved],
        ("POST", here + "/{price_book_id}/withdraw"): [withdrawn],
        ("POST", "/api/v1/quotes/{quote_id}/requote"): [
            callers.api.post(f"/quotes/{quote['id']}/requote", {})
        ],
    }
