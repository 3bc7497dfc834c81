"""A lot is traced and recalled, everybody is told, and the recall is closed."""

from uuid import UUID

from sqlalchemy import select

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store.batches import Allocation
from pharmacy.store.orders import OrderLine
from pharmacy.store.reference import ComponentKind, ComponentLot
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    pharmacist = callers.staff_api(Role.PHARMACIST)
    order_id = str(callers.work.bring_to(OrderStatus.SHIPPED))
    with callers.work.sessions.read() as session:
        lot_id = session.scalars(
            select(ComponentLot.id).where(ComponentLot.kind == ComponentKind.API)
        ).first()
        batch_id = session.scalars(
            select(Allocation.batch_id)
            .join(OrderLine, OrderLine.id == Allocation.order_line_id)
            .where(OrderLine.order_id == UUID(order_id), OrderLine.position == 1)
        ).one()
    trace = pharmacist.get(f"/batches/{batch_id}/trace")
    subject = {"subject": "batch", "subject_id": str(batch_id), "reason": "Foreign particles were found."}
    drill = pharmacist.post("/recalls", {**subject, "drill": True}, key="drill")
    recall = pharmacist.post("/recalls", subject, key="recall")
    assert recall.status_code == 201, recall.text
    address = f"/recalls/{recall.get_json()['id']}"
    practice_id = recall.get_json()["practices"][0]["practice_id"]
    response = {"order_id": order_id, "answer": "returned", "note": "Brought back.", "capsules_returned": 7}
    return {
        ("GET", "/api/v1/component-lots/{component_lot_id}/trace"): [
            pharmacist.get(f"/component-lots/{lot_id}/trace")
        ],
        ("GET", "/api/v1/batches/{batch_id}/trace"): [trace],
        ("POST", "/api/v1/recalls"): [drill, recall],
        ("POST", "/api/v1/recalls/{recall_id}/responses"): [
            pharmacist.post(f"{address}/responses", response, key="returned")
        ],
        ("POST", "/api/v1/recalls/{recall_id}/practices"): [
            pharmacist.post(f"{address}/practices", {"practice_id": practice_id, "told_whom": "Dr. Example"})
        ],
        ("POST", "/api/v1/recalls/{recall_id}/close"): [
            pharmacist.post(f"{address}/close", {"outcome": "All told; seven came back."})
        ],
        ("GET", "/api/v1/recalls"): [pharmacist.get("/recalls")],
        ("GET", "/api/v1/recalls/{recall_id}"): [pharmacist.get(address)],
    }
