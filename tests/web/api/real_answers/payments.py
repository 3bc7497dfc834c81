"""The money of one order."""

from pharmacy.domain.orders import Act, OrderStatus, Role
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    work = callers.work
    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT)
    address, here = f"/orders/{order_id}", "/api/v1/orders/{order_id}"
    technician, in_charge = (callers.staff_api(role) for role in (Role.TECHNICIAN, Role.PHARMACIST_IN_CHARGE))
    before = technician.get(f"{address}/price-acceptance")
    link = technician.post(f"{address}/price-acceptance/link", {})
    accepted = technician.post(
        f"{address}/price-acceptance",
        {"total_usd": "65.45", "said": "the patient by telephone"},
        key="accepted",
    )
    slip = {"method": "terminal_slip", "payer_reference": "TEST-SILENT-AUTHORISE"}
    begun = technician.post(f"{address}/payments", slip, key="slip")
    work.ask_provider()
    operation = technician.get(f"{address}/payments").get_json()["payments"][0]["operations"][0]
    looked_up = technician.post(f"{address}/payments/{operation['id']}/look-up", {})
    work.act(order_id, Act.START_COMPOUNDING)
    work.act(order_id, Act.CANCEL, reason="asked by the prescriber")
    decision = {
        "way": "refund", "cause": "cancelled", "amount_usd": "20.00", "reason": "half of it was made already",
    }  # fmt: skip
    refunded = in_charge.post(f"{address}/refunds", decision, key="refund")
    work.ask_provider()
    practice = work.order(order_id).practice_id
    payer = in_charge.post(
        f"/practices/{practice}/payer", {"payer": "practice", "reason": "as agreed in writing"}
    )
    return {
        ("GET", f"{here}/price-acceptance"): [before, technician.get(f"{address}/price-acceptance")],
        ("POST", f"{here}/price-acceptance/link"): [link],
        ("POST", f"{here}/price-acceptance"): [accepted],
        ("POST", f"{here}/payments"): [begun],
        ("GET", f"{here}/payments"): [technician.get(f"{address}/payments")],
        ("POST", here + "/payments/{operation_id}/look-up"): [looked_up],
        ("GET", f"{here}/receipt"): [technician.get(f"{address}/receipt")],
        ("POST", f"{here}/refunds"): [refunded],
        ("GET", f"{here}/refunds"): [technician.get(f"{address}/refunds")],
        ("POST", "/api/v1/practices/{practice_id}/payer"): [payer],
    }
