"""The pharmacy at work: orders come in, staff act, workers carry out what the books ask for.

Every step is a transaction of its own, as at the real doors.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.store import known_patients, labels, notices, orders
from pharmacy.store.door import Knock
from pharmacy.store.labels import Label
from pharmacy.store.notices import Notice
from pharmacy.store.orders import Order
from pharmacy.store.outbox import Message
from pharmacy.usecases.act_on_order import ActRequest, Surroundings, act_on_order
from pharmacy.usecases.admission import Admission
from pharmacy.usecases.answer_questions import GivenAnswers, answer_questions
from pharmacy.usecases.ask_provider import ask_provider
from pharmacy.usecases.begin_payment import PAYMENT_TOPIC
from pharmacy.usecases.commands import Receipt
from pharmacy.usecases.demo_bench import BenchHands, work_off
from pharmacy.usecases.demo_counter import leaving_by, make_ready
from pharmacy.usecases.known_profile import keys_of
from pharmacy.usecases.make_label import make_label, make_proofs
from pharmacy.usecases.patient_facts import told_by_hand
from pharmacy.usecases.ports import LabelRenderer
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.submit_order import submit_order
from pharmacy.web.api.input_schemas import OrderInput
from tests.builders import an_order
from tests.rows import demo_client, member

# Who usually does what.
_USUAL: Mapping[Act, Role] = {
    Act.START_REVIEW: Role.PHARMACIST,
    Act.APPROVE: Role.PHARMACIST,
    Act.REJECT: Role.PHARMACIST,
    Act.VERIFY: Role.PHARMACIST,
    Act.CANCEL: Role.PHARMACIST,
    Act.SHIP: Role.SHIPPING,
    Act.PICK_UP: Role.SHIPPING,
    Act.RETURN: Role.SHIPPING,
    Act.COMPLETE: Role.SHIPPING,
}
# The acts on the way from a new order to a shipped one, with the state each leads to.
_WAY = (
    (Act.START_REVIEW, OrderStatus.IN_REVIEW),
    (Act.APPROVE, OrderStatus.AWAITING_PAYMENT),
    (Act.RECORD_PAYMENT, OrderStatus.QUEUED),
    (Act.START_COMPOUNDING, OrderStatus.COMPOUNDING),
    (Act.FINISH_LABELLING, OrderStatus.LABELLED),
    (Act.VERIFY, OrderStatus.VERIFIED),
    (Act.SHIP, OrderStatus.SHIPPED),
)


class Work:
    """What happens in one pharmacy."""

    def __init__(self, pharmacy: Pharmacy) -> None:
        self.pharmacy = pharmacy
        self.sessions = pharmacy.sessions

    def reference(self, session: Session) -> Reference:
        """What the pharmacy works with today."""
        return self.pharmacy.reference.current(session, local_day(self.pharmacy.clock(), self.pharmacy.zone))

    def submit(self, body: Mapping[str, Any] | None = None) -> UUID:
        """The typical order, or that one, is filed; its id."""
        with self.sessions.write() as session:
            client = demo_client(session)
            number = session.scalar(text("SELECT nextval('order_numbers')"))
            submission = OrderInput().load(body or an_order())
            keys = keys_of(submission.patient)
            admission = Admission(
                knock=Knock(
                    api_client_id=client.id,
                    client_name=client.name,
                    practice_id=client.practice_id,
                    scopes=frozenset(client.scopes),
                    reference_version=1,
                    answered=None,
                    is_on_roster=True,
                    order_number=number,
                    known=known_patients.alike(session, keys, on=self.reference(session).on),
                ),
                reference=self.reference(session),
                receipt=Receipt(key=f"order {number}", fingerprint=b""),
                respond=lambda document: str(document["order"]["id"]),
            )
            answer = submit_order(
                session, submission, admission=admission, by=admission.actor, now=self.pharmacy.clock()
            )
        return UUID(answer)

    def act(self, order_id: UUID, act: Act, by: Role | Actor | None = None, **request: Any) -> Order:
        """Somebody does that, having just looked at the order; whoever usually does it, or that one.

        Labels go on what the bench has made, so it makes its part before labelling is finished; vials are scanned and
        counselling is offered before an order is verified and leaves.
        """
        if act is Act.FINISH_LABELLING:
            self.work_off(order_id)
        with self.sessions.write() as session:
            who = by if isinstance(by, Actor) else member(session, by or _USUAL.get(act, Role.TECHNICIAN))
            order = orders.get(session, order_id)
            make_ready(session, order, act, self.pharmacy.imprint.codes, by=who, now=self.pharmacy.clock())
            asked = {"order_id": order_id, "act": act, "leaving": leaving_by(act, order.patient.full_name)}
            return act_on_order(
                session,
                ActRequest(**{**asked, "seen_version": orders.get(session, order_id).version, **request}),
                Surroundings(reference=self.reference(session), imprint=self.pharmacy.imprint),
                by=who,
                now=self.pharmacy.clock(),
            )

    def work_off(self, order_id: UUID) -> None:
        """The bench makes and releases every batch of the order: the technician compounds, the pharmacist checks."""
        now = self.pharmacy.clock()
        with self.sessions.write() as session:
            hands = BenchHands(
                compounder=member(session, Role.TECHNICIAN),
                pharmacist=member(session, Role.PHARMACIST),
                on=local_day(now, self.pharmacy.zone),
            )
            work_off(session, order_id, hands, now=now)

    def answer(self, order_id: UUID, by: Role | Actor = Role.PHARMACIST, **given: Any) -> Order:
        """A pharmacist answers what the order was asked, having just looked at it."""
        now = self.pharmacy.clock()
        with self.sessions.write() as session:
            seen = orders.get(session, order_id).version
            for name in ("allergies", "medicines"):
                if name in given:
                    given[name] = told_by_hand(given[name])
            said = GivenAnswers(**{"seen_version": seen, "reference": self.reference(session), **given})
            who = by if isinstance(by, Actor) else member(session, by)
            return answer_questions(session, order_id, said, by=who, now=now)

    def bring_to(self, status: OrderStatus, body: Mapping[str, Any] | None = None) -> UUID:
        """A new order that has come as far as that on the usual way."""
        order_id = self.submit(body)
        for act, reached in _WAY:
            if status is OrderStatus.RECEIVED:
                break
            if act in {Act.APPROVE, Act.FINISH_LABELLING}:
                self.carry_out()
            self.act(order_id, act)
            if reached is status:
                break
        return order_id

    def carry_out(self, renderer: LabelRenderer | None = None) -> None:
        """Workers deliver every waiting message: proofs are asked for, labels drawn."""
        for message in self.messages("order.received"):
            make_proofs(
                self.sessions,
                message,
                self.pharmacy.imprint,
                by=self.pharmacy.clockwork,
                now=self.pharmacy.clock(),
            )
        for message in self.messages("label.requested"):
            self.draw(message, renderer)
        self.ask_provider()

    def ask_provider(self) -> None:
        """Workers ask the payment provider for what waits to be asked for, and for what follows from it."""
        asked: set[UUID] = set()
        while waiting := [each for each in self.messages(PAYMENT_TOPIC) if each not in asked]:
            for message in waiting:
                asked.add(message)
                ask_provider(
                    self.sessions,
                    message,
                    self.pharmacy.till,
                    by=self.pharmacy.clockwork,
                    now=self.pharmacy.clock(),
                )

    def draw(self, message_id: UUID, renderer: LabelRenderer | None = None) -> None:
        """A worker draws the label of that message."""
        make_label(
            self.sessions,
            message_id,
            renderer or self.pharmacy.labels,
            by=self.pharmacy.clockwork,
            now=self.pharmacy.clock(),
        )

    def messages(self, topic: str) -> list[UUID]:
        """The messages of that topic that wait to be delivered, oldest first."""
        waiting = select(Message.id).where(
            Message.topic == topic, Message.delivered_at.is_(None), Message.failed_at.is_(None)
        )
        with self.sessions.read() as session:
            return list(session.scalars(waiting.order_by(Message.id)))

    def order(self, order_id: UUID) -> Order:
        with self.sessions.read() as session:
            return orders.get(session, order_id)

    def labels(self, order_id: UUID) -> list[Label]:
        with self.sessions.read() as session:
            return labels.of_order(session, order_id)

    def notices(self, order_id: UUID) -> list[Notice]:
        with self.sessions.read() as session:
            return notices.of_order(session, order_id)

    def member(self, role: Role) -> Actor:
        with self.sessions.read() as session:
            return member(session, role)

    def member_in(self, session: Session, role: Role) -> Actor:
        """The same, for whoever has the books open."""
        return member(session, role)
