"""Recalls, which are for staff."""

from tests.web.api.isolation import to_staff

_NOBODY = "00000000-0000-4000-8000-000000000000"
REACHES = {
    ("POST", "/api/v1/recalls"): to_staff(
        {"subject": "batch", "subject_id": _NOBODY, "reason": "Foreign particles were found."}
    ),
    ("POST", "/api/v1/recalls/{recall_id}/responses"): to_staff(
        {"order_id": _NOBODY, "answer": "notified", "note": "Called."}
    ),
    ("POST", "/api/v1/recalls/{recall_id}/practices"): to_staff(
        {"practice_id": _NOBODY, "told_whom": "Somebody"}
    ),
    ("POST", "/api/v1/recalls/{recall_id}/close"): to_staff({"outcome": "All told."}),
}
