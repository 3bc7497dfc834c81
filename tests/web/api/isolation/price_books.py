"""Prices, kept by the pharmacist-in-charge, and a quote made anew by them."""

from tests.web.api.isolation import MISSING, Reach, to_staff

_BOOK = "/api/v1/price-books"

REACHES = {
    ("POST", _BOOK): to_staff(
        {
            "version": "house-2",
            "effective_on": "2026-12-24",
            "reason": "the rent has risen",
            "based_on": MISSING,
        }
    ),
    ("PATCH", _BOOK + "/{price_book_id}"): to_staff({"seen_edition": 1, "rules": {"shipping": "7.95"}}),
    ("POST", _BOOK + "/{price_book_id}/preview"): to_staff({}),
    ("POST", _BOOK + "/{price_book_id}/approve"): to_staff({}),
    ("POST", _BOOK + "/{price_book_id}/withdraw"): to_staff({"reason": "the rent has not risen"}),
    ("POST", "/api/v1/quotes/{quote_id}/requote"): Reach(body=lambda _: {}),
}
