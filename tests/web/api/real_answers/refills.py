"""A fill is followed: the start, missed days, a refill, a renewal; and another prescription is transferred."""

from datetime import date

from pharmacy.domain.orders import Act, OrderStatus, Role
from tests.builders import a_plan, an_order
from tests.web.api.real_answers import Answers, Callers

_PLAN = a_plan(("1.5", 7), ("3", 7), ("4.5", None))
_TO = {
    "pharmacy": "Other Pharmacy",
    "pharmacist": "Ada Byron",
    "phone": "(555) 010-0100",
    "reason": "Moved away.",
}
_FIRST = {"opioid_last_14_days": "no", "no_known_allergies": True, "medicines": [], "days": 30}


def answers(callers: Callers) -> Answers:
    api, work = callers.api, callers.work
    body = an_order({"/prescription/refills": 2}, plan=_PLAN, days=30)
    first, gone = (work.order(work.bring_to(OrderStatus.SHIPPED, body)) for _ in range(2))
    # What never was filled may be filled at once.
    waiting, other = (work.order(work.submit(body)) for _ in range(2))
    for order in (waiting, other):
        work.act(order.id, Act.CANCEL, reason="To be asked for anew.")
    staff = callers.staff_api(Role.PHARMACIST)
    path = f"/prescriptions/{first.prescription_id}"
    today = date(2026, 11, 23).isoformat()
    deny = {"answer": "deny", "reason": "To be seen first."}
    return {
        ("POST", "/api/v1/prescriptions/{prescription_id}/start"): [
            staff.post(f"{path}/start", {"started_on": today})
        ],
        ("POST", "/api/v1/prescriptions/{prescription_id}/missed-days"): [
            staff.post(f"{path}/missed-days", {"first_on": today, "days": 1})
        ],
        ("POST", "/api/v1/staff/prescriptions/{prescription_id}/renewals"): [
            staff.post(f"/staff{path}/renewals", {}, key="a renewal")
        ],
        ("POST", "/api/v1/prescriptions/{prescription_id}/renewals"): [api.post(f"{path}/renewals", deny)],
        ("POST", "/api/v1/prescriptions/{prescription_id}/refills"): [
            api.post(f"/prescriptions/{waiting.prescription_id}/refills", _FIRST)
        ],
        ("POST", "/api/v1/staff/prescriptions/{prescription_id}/refills"): [
            staff.post(f"/staff/prescriptions/{other.prescription_id}/refills", _FIRST, key="a refill")
        ],
        ("POST", "/api/v1/prescriptions/{prescription_id}/transfer"): [
            staff.post(f"/prescriptions/{gone.prescription_id}/transfer", _TO)
        ],
    }
