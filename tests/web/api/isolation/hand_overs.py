"""Scans, counselling, closures, verification, shipping, pick-up and returns."""

from tests.web.api.isolation import to_staff

_HERE = "/api/v1/orders/{order_id}"
_TAKER = {"version": 1, "taken_by": "Ada Sample", "relation": "patient", "identity": "passport"}

REACHES = {
    ("POST", f"{_HERE}/scans"): to_staff({"code": "0" * 24, "purpose": "bag"}),
    ("POST", f"{_HERE}/counselling"): to_staff(
        {"way": "in_person", "outcome": "refused", "offered_to": "Ada Sample"}
    ),
    ("POST", f"{_HERE}/closure-requests"): to_staff(
        {"asked_by": "patient", "asked_by_name": "Ada Sample", "reason": "arthritis in both hands"}
    ),
    ("POST", f"{_HERE}/verify"): to_staff({"version": 1}),
    ("POST", f"{_HERE}/ship"): to_staff({"version": 1, "carrier": "usps", "tracking_number": "9400 1"}),
    ("POST", f"{_HERE}/pickup"): to_staff({**_TAKER, "signed_as": "Ada Sample"}),
    ("POST", f"{_HERE}/return"): to_staff(
        {"version": 1, "kind": "undelivered", "reason": "unknown at this address"}
    ),
}
