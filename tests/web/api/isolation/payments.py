"""Prices accepted, payments and refunds, kept by staff."""

from tests.web.api.isolation import to_staff

REACHES = {
    ("POST", "/api/v1/orders/{order_id}/price-acceptance"): to_staff(
        {"total_usd": "65.45", "said": "the patient by telephone, 10:15"}
    ),
    ("POST", "/api/v1/orders/{order_id}/price-acceptance/link"): to_staff({}),
    ("POST", "/api/v1/orders/{order_id}/payments"): to_staff({"method": "cash"}),
    ("POST", "/api/v1/orders/{order_id}/payments/{operation_id}/look-up"): to_staff({}),
    ("POST", "/api/v1/orders/{order_id}/refunds"): to_staff(
        {"way": "refund", "cause": "spoiled", "amount_usd": "1.00", "reason": "the parcel stood in the sun"}
    ),
    ("POST", "/api/v1/practices/{practice_id}/payer"): to_staff(
        {"payer": "practice", "reason": "agreed with the practice"}
    ),
}
