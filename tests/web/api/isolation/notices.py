"""Notices and consent: for staff."""

from tests.web.api.isolation import to_staff

REACHES = {
    ("PUT", "/api/v1/patients/{patient_id}/consent"): to_staff(
        {"channel": "sms", "is_given": True, "text_version": "2026-01", "source": "by telephone"}
    ),
}
