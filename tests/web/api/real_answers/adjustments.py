"""A plan is adjusted: asked for, signed, accepted, declined and withdrawn."""

from datetime import date, timedelta
from typing import Any

from pharmacy.domain.orders import OrderStatus, Role
from tests.builders import a_plan, an_order
from tests.web.api.real_answers import Answers, Callers

_BACK = {"kind": "step_back", "from_day": 11, "reason": "Insomnia."}
_PAUSE = {"kind": "pause", "days": 3, "reason": "A fever."}
_REASON = {"reason": "Better by itself."}


def answers(callers: Callers) -> Answers:
    api, work = callers.api, callers.work
    order = work.order(work.bring_to(OrderStatus.SHIPPED, _order()))
    staff = callers.staff_api(Role.PHARMACIST)
    path = f"/prescriptions/{order.prescription_id}/adjustments"
    asked = api.post(path, _BACK)
    authorized = api.post(_at(asked, "authorize"), {"authorization": _signed(order)})
    accepted = staff.post(_at(asked, "accept"), {})
    recorded = staff.post(f"/staff{path}", _PAUSE, key="a pause")
    withdrawn = api.post(_at(recorded, "withdraw"), _REASON)
    declined = api.post(_at(api.post(path, {**_PAUSE, "from_day": 12}), "decline"), _REASON)
    again = staff.post(f"/staff{path}", {**_PAUSE, "from_day": 13}, key="another pause")
    by_staff = staff.post("/staff" + _at(again, "decline"), _REASON)
    return {
        ("POST", "/api/v1/prescriptions/{prescription_id}/adjustments"): [asked],
        ("GET", "/api/v1/prescriptions/{prescription_id}/adjustments"): [api.get(path)],
        ("POST", "/api/v1/adjustments/{adjustment_id}/authorize"): [authorized],
        ("POST", "/api/v1/adjustments/{adjustment_id}/accept"): [accepted],
        ("POST", "/api/v1/adjustments/{adjustment_id}/withdraw"): [withdrawn],
        ("POST", "/api/v1/adjustments/{adjustment_id}/decline"): [declined],
        ("POST", "/api/v1/staff/prescriptions/{prescription_id}/adjustments"): [recorded],
        ("POST", "/api/v1/staff/adjustments/{adjustment_id}/decline"): [by_staff],
    }


def _order() -> dict[str, Any]:
    return an_order(plan=a_plan(("1.5", 7), ("3", 7), ("4.5", None)), days=30)


def _at(answer: Any, act: str) -> str:
    assert answer.status_code == 201, answer.text
    return f"/adjustments/{answer.get_json()['id']}/{act}"


def _signed(order: Any) -> dict[str, Any]:
    npi, on = order.prescription.prescriber_npi, date(2026, 11, 23) - timedelta(days=1)
    return {"kind": "e_signature", "signer_npi": npi, "signed_at": f"{on}T14:00:00Z", "agent": None}
