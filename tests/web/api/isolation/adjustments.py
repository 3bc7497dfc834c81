"""Adjustments of a plan."""

from tests.web.api.isolation import Reach, to_staff

_PAUSE = {"kind": "pause", "days": 3, "reason": "A fever."}
_REASON = {"reason": "Better by itself."}
_SIGNED = {
    "authorization": {
        "kind": "e_signature", "signer_npi": "2234567891", "signed_at": "2026-11-22T14:00:00Z", "agent": None,
    }
}  # fmt: skip

REACHES = {
    # An order that was not handed over is not adjusted: the owner is told so, a stranger nothing.
    ("POST", "/api/v1/prescriptions/{prescription_id}/adjustments"): Reach(
        body=lambda _: _PAUSE, works=(201, 409, 422)
    ),
    ("GET", "/api/v1/prescriptions/{prescription_id}/adjustments"): Reach(),
    ("POST", "/api/v1/adjustments/{adjustment_id}/authorize"): Reach(body=lambda _: _SIGNED),
    ("POST", "/api/v1/adjustments/{adjustment_id}/decline"): Reach(body=lambda _: _REASON),
    ("POST", "/api/v1/adjustments/{adjustment_id}/withdraw"): Reach(body=lambda _: _REASON),
    ("POST", "/api/v1/adjustments/{adjustment_id}/accept"): to_staff({}),
    ("POST", "/api/v1/staff/prescriptions/{prescription_id}/adjustments"): to_staff(_PAUSE),
    ("POST", "/api/v1/staff/adjustments/{adjustment_id}/decline"): to_staff(_REASON),
}
