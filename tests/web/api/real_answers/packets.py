"""The auditor takes packets along."""

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    order = callers.work.order(callers.work.submit())
    assert order.status is OrderStatus.RECEIVED
    auditor = callers.staff_api(Role.AUDITOR)
    asked = {
        "subject": "prescription",
        "subject_id": str(order.prescription_id),
        "reason": "Yearly inspection.",
        "signature": DEMO_PASSWORD,
    }
    return {
        ("POST", "/api/v1/packets"): [
            auditor.post("/packets", asked),
            auditor.post("/packets", {**asked, "form": "csv"}),
        ]
    }
