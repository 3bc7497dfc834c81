"""A label at the bench is printed, printed again, voided, and made anew."""

from sqlalchemy import select

from pharmacy.domain.batches import BatchKind
from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store.batches import Batch
from tests.web.api.real_answers import Answers, Callers

REASON = {"reason": "The first one was torn."}


def answers(callers: Callers) -> Answers:
    order_id = callers.work.bring_to(OrderStatus.COMPOUNDING)
    callers.work.carry_out()
    staff, pharmacist = callers.staff_api(Role.TECHNICIAN), callers.staff_api(Role.PHARMACIST)
    labels = staff.get(f"/orders/{order_id}/labels").get_json()["labels"]
    label_id = next(label["id"] for label in labels if label["kind"] == "dispensing")
    first = staff.post(f"/labels/{label_id}/prints", {"printer": "browser"}, key="first print")
    again = staff.post(
        f"/labels/{label_id}/reprints", {"printer": "bench", "template": "3x2", **REASON}, key="reprint"
    )
    file = staff.get(f"/labels/{label_id}/prints/{first.get_json()['id']}/file")
    listed = staff.get(f"/orders/{order_id}/labels")
    voided = pharmacist.post(f"/labels/{label_id}/void", REASON, key="void")
    with callers.work.sessions.read() as session:
        batch_id = session.scalars(select(Batch.id).where(Batch.kind == BatchKind.CAPSULES).limit(1)).one()
    return {
        ("GET", "/api/v1/orders/{order_id}/leaflet"): [staff.get(f"/orders/{order_id}/leaflet?language=es")],
        ("GET", "/api/v1/orders/{order_id}/bag-label"): [staff.get(f"/orders/{order_id}/bag-label")],
        ("GET", "/api/v1/batches/{batch_id}/label"): [staff.get(f"/batches/{batch_id}/label")],
        ("GET", "/api/v1/auxiliary-labels"): [staff.get("/auxiliary-labels")],
        ("GET", "/api/v1/label-printers"): [staff.get("/label-printers")],
        ("GET", "/api/v1/orders/{order_id}/labels"): [listed],
        ("POST", "/api/v1/labels/{label_id}/prints"): [first],
        ("POST", "/api/v1/labels/{label_id}/reprints"): [again],
        ("GET", "/api/v1/labels/{label_id}/prints/{print_id}/file"): [file],
        ("POST", "/api/v1/labels/{label_id}/void"): [voided],
        ("POST", "/api/v1/labels/{label_id}/replacements"): [
            pharmacist.post(f"/labels/{label_id}/replacements", REASON, key="label made anew")
        ],
    }
