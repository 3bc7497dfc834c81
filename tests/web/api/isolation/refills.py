"""Refills, renewals, and the course of a prescription."""

from tests.web.api.isolation import Reach, to_staff

_AT = "/api/v1/prescriptions/{prescription_id}"
_STAFF = "/api/v1/staff/prescriptions/{prescription_id}"
_TO = {
    "pharmacy": "Other Pharmacy", "pharmacist": "Ada Byron", "phone": "(555) 010-0100", "reason": "Moved away.",
}  # fmt: skip
_DENY = {"answer": "deny", "reason": "To be seen first."}

REACHES = {
    # The first fill was not handed over yet: the owner is told so, a stranger nothing.
    ("POST", _AT + "/refills"): Reach(body=lambda _: {"days": 30}, works=(201, 409, 422)),
    ("POST", _AT + "/renewals"): Reach(body=lambda _: _DENY, works=(201, 409, 422)),
    ("POST", _AT + "/transfer"): to_staff(_TO),
    ("POST", _AT + "/start"): to_staff({"started_on": "2026-11-23"}),
    ("POST", _AT + "/missed-days"): to_staff({"first_on": "2026-11-23", "days": 1}),
    ("POST", _STAFF + "/refills"): to_staff({"days": 30}),
    ("POST", _STAFF + "/renewals"): to_staff({}),
}
