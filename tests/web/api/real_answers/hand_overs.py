"""Vials are scanned, counselling is offered, an order is verified, leaves, and comes back."""

from uuid import UUID

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store.labels import LabelKind
from tests.builders import an_order
from tests.web.api.real_answers import Answers, Callers

_OFFER = {"way": "in_person", "outcome": "accepted", "offered_to": "Ada Sample", "note": "Vivid dreams pass."}
_CLOSURE = {"asked_by": "patient", "asked_by_name": "Ada Sample", "reason": "arthritis in both hands"}
_PARCEL = {"carrier": "usps", "tracking_number": "9400 1000 0000"}
_TAKER = {"taken_by": "Ada Sample", "relation": "patient", "identity": "passport", "signed_as": "Ada Sample"}


def answers(callers: Callers) -> Answers:
    work = callers.work
    pharmacist = callers.staff_api(Role.PHARMACIST)
    mailed = work.bring_to(OrderStatus.LABELLED)
    taken = work.bring_to(OrderStatus.VERIFIED, an_order(delivery="pick_up"))

    def seen(order_id: UUID) -> dict[str, int]:
        return {"version": work.order(order_id).version}

    def scan(order_id: UUID, purpose: str) -> list[object]:
        codes = [label.barcode for label in work.labels(order_id) if label.kind is LabelKind.DISPENSING]
        return [
            pharmacist.post(f"/orders/{order_id}/scans", {"code": code, "purpose": purpose}) for code in codes
        ]

    scanned = scan(mailed, "verification")
    verified = pharmacist.post(f"/orders/{mailed}/verify", seen(mailed))
    for order_id in (mailed, taken):
        scan(order_id, "bag")
    offered = [pharmacist.post(f"/orders/{each}/counselling", _OFFER) for each in (mailed, taken)]
    closure = pharmacist.post(f"/orders/{mailed}/closure-requests", _CLOSURE)
    shipped = pharmacist.post(f"/orders/{mailed}/ship", {**seen(mailed), **_PARCEL})
    picked_up = pharmacist.post(f"/orders/{taken}/pickup", {**seen(taken), **_TAKER})
    back = {"kind": "undelivered", "reason": "unknown at this address"}
    returned = pharmacist.post(f"/orders/{mailed}/return", {**seen(mailed), **back})
    here = "/api/v1/orders/{order_id}"
    return {
        ("POST", f"{here}/scans"): scanned,
        ("POST", f"{here}/counselling"): offered,
        ("POST", f"{here}/closure-requests"): [closure],
        ("POST", f"{here}/verify"): [verified],
        ("POST", f"{here}/ship"): [shipped],
        ("POST", f"{here}/pickup"): [picked_up],
        ("POST", f"{here}/return"): [returned],
        ("GET", f"{here}/hand-over"): [
            pharmacist.get(f"/orders/{each}/hand-over") for each in (mailed, taken)
        ],
    }
