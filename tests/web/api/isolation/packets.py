"""Inspectors' packets, which are for staff."""

from tests.web.api.isolation import to_staff

REACHES = {
    ("POST", "/api/v1/packets"): to_staff(
        {"subject": "days", "reason": "Yearly inspection.", "signature": "a guess"}
    ),
}
