"""Staff look at what a patient is told, and record a consent."""

from pharmacy.domain.orders import OrderStatus, Role
from tests.fakes import MailThatRemembers
from tests.usecases.noticing import announcement, deliver
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    order_id = callers.work.bring_to(OrderStatus.SHIPPED)
    deliver(callers.work, announcement(callers.work, order_id), MailThatRemembers())
    patient_id = callers.work.order(order_id).patient_id
    staff = callers.staff_api(Role.TECHNICIAN)
    given = {"channel": "sms", "is_given": True, "text_version": "2026-01", "source": "by telephone"}
    return {
        ("GET", "/api/v1/patients/{patient_id}/notices"): [staff.get(f"/patients/{patient_id}/notices")],
        ("PUT", "/api/v1/patients/{patient_id}/consent"): [
            staff.send("PUT", f"/patients/{patient_id}/consent", json=given)
        ],
    }
