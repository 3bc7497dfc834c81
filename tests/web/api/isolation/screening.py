"""Patients, review, screening and questions."""

from tests.web.api.isolation import MISSING, Reach, to_staff

_LINK = {"other_id": MISSING, "reason": "the same insurance card"}

REACHES = {
    # The owned order has no open question, so its owner is told that nothing was asked.
    ("POST", "/api/v1/orders/{order_id}/answers"): Reach(body=lambda _: {"medicines": []}, works=(201, 409)),
    ("POST", "/api/v1/orders/{order_id}/answers/by-staff"): to_staff({"medicines": []}),
    ("POST", "/api/v1/orders/{order_id}/clarifications"): to_staff(
        {"version": 1, "code": "C-DOSE", "question": "Which dose is meant?"}
    ),
    ("POST", "/api/v1/orders/{order_id}/review"): to_staff({"version": 1, "act": "start_review"}),
    ("POST", "/api/v1/orders/{order_id}/screenings"): to_staff({"version": 1}),
    ("POST", "/api/v1/orders/{order_id}/overrides"): to_staff(
        {"version": 1, "codes": ["S-AGE-UNDER-18"], "reason": "letter of the consultant"}
    ),
    ("POST", "/api/v1/screening-rules/{code}/versions"): to_staff(
        {"version": 1, "severity": "block", "numbers": {}, "source": "house", "reason": "no minors here"}
    ),
    ("PATCH", "/api/v1/patients/{patient_id}"): to_staff(
        {"version": 1, "reason": "moved last month", "city": "Troy"}
    ),
    ("POST", "/api/v1/patients/{patient_id}/merge"): to_staff(_LINK),
    ("POST", "/api/v1/patients/{patient_id}/unmerge"): to_staff(_LINK),
    ("POST", "/api/v1/patients/{patient_id}/tell-apart"): to_staff(_LINK),
}
