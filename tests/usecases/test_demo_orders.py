"""The demonstration shows an order in every room, made by the acts that make real ones."""

from sqlalchemy import select

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store import orders
from pharmacy.store.batches import Batch, BatchKind, BatchStatus
from pharmacy.store.labels import LabelKind
from pharmacy.usecases.demo_orders import DEMO_ORDERS, DemoBench, DemoPeople, demo_order
from pharmacy.usecases.request_labels import living_label
from tests.rows import demo_client, member
from tests.work import Work

S = OrderStatus
STANDS = {
    "Alma Reyes": S.RECEIVED,
    "Bruno Keller": S.CLARIFICATION,
    "Clara Novak": S.IN_REVIEW,
    "Dora Quist": S.AWAITING_PAYMENT,
    "Emil Santos": S.QUEUED,
    "Fay Lindqvist": S.LABELLED,
    "Gil Okafor": S.VERIFIED,
    "Hana Tanaka": S.SHIPPED,
    "Ines Bauer": S.SHIPPED,
    "Jon Kealoha": S.SHIPPED,
    "Kim Larsen": S.COMPLETED,
}


def test_every_order_of_the_demonstration_stands_where_its_story_says(work: Work) -> None:
    bench = DemoBench(imprint=work.pharmacy.imprint, renderer=work.pharmacy.labels)
    with work.sessions.write() as session:
        client = demo_client(session)
        people = DemoPeople(
            client=Actor(
                kind=ActorKind.API_CLIENT, id=client.id, name=client.name, practice_id=client.practice_id
            ),
            technician=member(session, Role.TECHNICIAN),
            pharmacist=member(session, Role.PHARMACIST),
        )
        now = work.pharmacy.clock()
        filed = {told.patient: demo_order(session, told, bench, by=people, now=now) for told in DEMO_ORDERS}
    work.carry_out()

    standing = {name: work.order(order_id) for name, order_id in filed.items()}

    assert {name: order.status for name, order in standing.items()} == STANDS
    for order in standing.values():
        vials = [vial for _, vial in orders.vials_of(order)]
        kinds = {kind for vial in vials for kind in LabelKind if living_label(vial, kind)}
        assert kinds == {LabelKind.DISPENSING if order.compounded_by else LabelKind.PROOF}
    with work.sessions.read() as session:
        made = session.scalars(select(Batch).where(Batch.kind == BatchKind.CAPSULES)).all()
    assert {batch.status for batch in made} == {BatchStatus.RELEASED}
    released = {batch.status_by for batch in made if batch.status is BatchStatus.RELEASED}
    assert released == {people.pharmacist.id}
