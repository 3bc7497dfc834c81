"""Quotes, orders, prescriptions and labels."""

from tests.builders import a_supply, an_order
from tests.web.api.isolation import Reach, owns_nothing

REACHES = {
    ("POST", "/api/v1/titrations/simulate"): owns_nothing(a_supply()),
    ("POST", "/api/v1/quotes"): owns_nothing(a_supply()),
    ("GET", "/api/v1/quotes/{quote_id}"): Reach(),
    ("POST", "/api/v1/orders"): Reach(
        body=lambda owned: an_order(quote_id=owned.quote_id), names=("quote_id",)
    ),
    ("GET", "/api/v1/orders"): Reach(lists=True),
    ("GET", "/api/v1/orders/{order_id}"): Reach(),
    ("GET", "/api/v1/orders/{order_id}/timeline"): Reach(),
    ("GET", "/api/v1/prescriptions/{prescription_id}/schedule"): Reach(),
    ("GET", "/api/v1/labels/{label_id}"): Reach(),
}
