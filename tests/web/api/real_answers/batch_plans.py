"""The queue is planned, the plan is read, and accepted."""

from pharmacy.domain.orders import OrderStatus, Role
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    tess = callers.staff_api(Role.TECHNICIAN)
    in_charge = callers.staff_api(Role.PHARMACIST_IN_CHARGE)
    callers.work.bring_to(OrderStatus.QUEUED)
    ahead = {
        "ahead": [{"strength_mg": "4.5", "capsules": 40}],
        "override_reason": "A clinic opens on Monday.",
        "promised_through": "2026-11-23",
    }
    plan = tess.post("/batch-plans", {}, key="plan")
    address = f"/batch-plans/{plan.get_json()['id']}"
    return {
        ("POST", "/api/v1/batch-plans"): [plan, in_charge.post("/batch-plans", ahead, key="plan ahead")],
        ("GET", "/api/v1/batch-plans"): [tess.get("/batch-plans")],
        ("GET", "/api/v1/batch-plans/{plan_id}"): [tess.get(address)],
        ("POST", "/api/v1/batch-plans/{plan_id}/accept"): [
            tess.post(f"{address}/accept", {}, key="accepted plan")
        ],
    }
