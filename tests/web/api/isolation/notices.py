"""Notices and consent: for staff."""

from tests.web.api.isolation import to_staff

REACHES = {
    ("PUT", "/api/v1/patients/{patient_id}/consent"): to_staff(
        {"channel": "sms", "is_given": True, "text_version": "2026-01", "source": "by telephone"}
    ),
    ("PUT", "/api/v1/patients/{patient_id}/preferred-channel"): to_staff({"channel": "sms"}),
    ("PUT", "/api/v1/patients/{patient_id}/service"): to_staff({"is_served": False, "reason": "moved away"}),
    ("POST", "/api/v1/notices/{notice_id}/settle"): to_staff(
        {"finding": "arrived", "reason": "She has it, I called her."}
    ),
    ("POST", "/api/v1/consent-texts"): to_staff(
        {
            "version": "2027-01",
            "wording_en": "I agree to be told about my prescription.",
            "wording_es": "Acepto que me informen sobre mi receta.",
        }
    ),
}
