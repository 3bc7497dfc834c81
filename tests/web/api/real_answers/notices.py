"""Staff look at what a patient is told, and record a consent."""

from pharmacy.domain.orders import OrderStatus, Role
from tests.fakes import MailThatRemembers, MailThatTimesOutAfterAccepting
from tests.usecases.noticing import announcement, deliver
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    order_id = callers.work.bring_to(OrderStatus.SHIPPED)
    deliver(callers.work, announcement(callers.work, order_id), MailThatRemembers())
    other_id = callers.work.bring_to(OrderStatus.SHIPPED)
    uncertain = announcement(callers.work, other_id)
    deliver(callers.work, uncertain, MailThatTimesOutAfterAccepting())
    patient_id = callers.work.order(order_id).patient_id
    staff = callers.staff_api(Role.TECHNICIAN)
    given = {"channel": "sms", "is_given": True, "text_version": "2026-01", "source": "by telephone"}
    chief = callers.staff_api(Role.PHARMACIST_IN_CHARGE)
    text = {
        "version": "2027-01",
        "wording_en": "I agree to be told about my prescription.",
        "wording_es": "Acepto que me informen sobre mi receta.",
    }
    found = {"finding": "arrived", "reason": "She has it, I called her."}
    of_patient, there = f"/patients/{patient_id}", "/api/v1/patients/{patient_id}"
    return {
        ("GET", "/api/v1/notices"): [
            staff.get("/notices"),
            staff.get("/notices?state=sent&limit=1"),
        ],
        ("POST", "/api/v1/notices/{notice_id}/settle"): [staff.post(f"/notices/{uncertain}/settle", found)],
        ("GET", "/api/v1/consent-texts"): [staff.get("/consent-texts")],
        ("POST", "/api/v1/consent-texts"): [chief.post("/consent-texts", text, key="first-consent-text")],
        ("GET", f"{there}/consent-history"): [staff.get(f"{of_patient}/consent-history")],
        ("PUT", f"{there}/preferred-channel"): [
            staff.send("PUT", f"{of_patient}/preferred-channel", json={"channel": "sms"}),
            staff.send("PUT", f"{of_patient}/preferred-channel", json={"channel": None}),
        ],
        ("PUT", f"{there}/service"): [
            staff.send("PUT", f"{of_patient}/service", json={"is_served": False, "reason": "moved away"}),
            staff.send("PUT", f"{of_patient}/service", json={"is_served": True, "reason": "moved back here"}),
        ],
        ("GET", "/api/v1/patients/{patient_id}/notices"): [staff.get(f"/patients/{patient_id}/notices")],
        ("PUT", "/api/v1/patients/{patient_id}/consent"): [
            staff.send("PUT", f"/patients/{patient_id}/consent", json=given)
        ],
    }
