"""What stands in the books for the walk over every page, and what its forms are filled with.

A new room needs nothing here to be walked for strangers, wrong roles, missing things and forgery. Name here
- in REAL, under the name of an address's part (`<uuid:patient_id>` is "patient_id"), what that part is for
  something that stands, so that the page itself is opened too;
- in FILLED, under the endpoint of a form, fields that make it whole, so that it is the missing thing that is
  refused and not an empty field.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from pharmacy.domain.double_entry import Channel
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.recalls import RecallSubject
from pharmacy.store.batches import Batch
from pharmacy.store.formulations import Formulation
from pharmacy.store.quality_logs import IncidentKind, Severity
from pharmacy.store.reference import ComponentLot, PriceBook
from pharmacy.store.staff import StaffMember
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.enter_order import NewEntry, open_entry
from pharmacy.usecases.make_batch_plan import make_batch_plan
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from pharmacy.usecases.open_recall import NewRecall, open_recall
from pharmacy.usecases.planning_inputs import PlanAsked
from pharmacy.usecases.propose_plan import propose_plan
from pharmacy.usecases.quality_records import NewIncident, record_incident
from pharmacy.usecases.trace_stock import Traced
from tests.rows import demo_client
from tests.work import Work


class Standing:
    """One order on its way, with its labels and batches; everything in REAL is read from here."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.order_id = work.bring_to(OrderStatus.LABELLED)
        self._real: dict[str, Any] = {}

    def real(self, name: str) -> Any:
        """What that part of an address is for something that stands; made once."""
        if name not in self._real:
            self._real[name] = REAL[name](self)
        return self._real[name]

    def member_id(self) -> Any:
        with self.work.sessions.read() as session:
            return session.scalars(select(StaffMember.id).where(StaffMember.username == "sam")).one()

    def label_id(self) -> Any:
        return self.work.labels(self.order_id)[0].id

    def notice_id(self) -> Any:
        """A notice of another order, which has left."""
        return self.work.notices(self.work.bring_to(OrderStatus.SHIPPED))[0].id

    def price_book_id(self) -> Any:
        with self.work.sessions.read() as session:
            return session.scalars(select(PriceBook.id)).first()

    def batch_number(self) -> str:
        with self.work.sessions.read() as session:
            return session.scalars(select(Batch.number).where(Batch.certificate.is_not(None))).first() or ""

    def lot_id(self) -> Any:
        with self.work.sessions.read() as session:
            return session.scalars(select(ComponentLot.id)).first()

    def plan_id(self) -> Any:
        with self.work.sessions.write() as session:
            by = self.work.member_in(session, Role.TECHNICIAN)
            now = self.work.pharmacy.clock()
            return make_batch_plan(session, PlanAsked(), self.work.reference(session), by=by, now=now).id

    def formulation_id(self) -> Any:
        with self.work.sessions.read() as session:
            return session.scalars(select(Formulation.id)).first()

    def recall_id(self) -> Any:
        with self.work.sessions.write() as session:
            drill = NewRecall(
                traced=Traced(RecallSubject.COMPONENT_LOT, self.lot_id()),
                reason="A drill of the walk over every page.",
                is_drill=True,
                stopwatch=lambda: 1,
            )
            by, now = self.work.member_in(session, Role.PHARMACIST), self.work.pharmacy.clock()
            return open_recall(session, drill, self.work.reference(session), by=by, now=now).id

    def incident_id(self) -> Any:
        with self.work.sessions.write() as session:
            today = self.work.reference(session).on
            new = NewIncident(
                kind=IncidentKind.COMPLAINT, severity=Severity.MINOR, reported_on=today, source="a patient",
                description="A capsule was empty.", prescription_id=None, batch_id=None,
                component_lot_id=self.lot_id(), today=today,
            )  # fmt: skip
            by = self.work.member_in(session, Role.PHARMACIST)
            return record_incident(session, new, by=by, now=self.work.pharmacy.clock()).id

    def task_id(self) -> Any:
        with self.work.sessions.write() as session:
            new = NewTask(
                kind="order.phone",
                subject_id=self.order_id,
                wording="Telephone the patient.",
                due_on=self.work.reference(session).on,
                order_id=self.order_id,
            )
            by = self.work.member_in(session, Role.TECHNICIAN)
            return open_task(session, new, by=by, now=self.work.pharmacy.clock())

    def entry_id(self) -> Any:
        with self.work.sessions.write() as session:
            new = NewEntry(
                practice_id=demo_client(session).practice_id,
                channel=Channel.FAX,
                caller="Rosa, (555) 010-0101",
                picture=b"%PDF-1.7 a fax",
            )
            by, now = self.work.member_in(session, Role.TECHNICIAN), self.work.pharmacy.clock()
            return open_entry(session, new, self.work.reference(session), by=by, now=now).id

    def proposal_id(self) -> Any:
        with self.work.sessions.write() as session:
            by, now = self.work.member_in(session, Role.TECHNICIAN), self.work.pharmacy.clock()
            return propose_plan(session, "1.5 mg nightly for 14 days, then 3 mg", by=by, now=now).id


REAL: Mapping[str, Callable[[Standing], Any]] = {
    "patient_id": lambda standing: standing.work.order(standing.order_id).patient_id,
    "member_id": lambda standing: standing.member_id(),
    "name": lambda _: "notices",
    "deed_name": lambda _: "merge",
    "order_id": lambda standing: standing.order_id,
    "label_id": lambda standing: standing.label_id(),
    "number": lambda standing: standing.batch_number(),
    "notice_id": lambda standing: standing.notice_id(),
    "face": lambda _: "regular",
    "figure_name": lambda _: "orders",
    "drawing": lambda _: 1,
    "price_book_id": lambda standing: standing.price_book_id(),
    "prescription_id": lambda standing: standing.work.order(standing.order_id).prescription_id,
    "act_name": lambda _: Act.HOLD.value,
    "step_name": lambda _: "release",
    "lot_id": lambda standing: standing.lot_id(),
    "stock_id": lambda standing: standing.lot_id(),
    "plan_id": lambda standing: standing.plan_id(),
    "formulation_id": lambda standing: standing.formulation_id(),
    "recall_id": lambda standing: standing.recall_id(),
    "incident_id": lambda standing: standing.incident_id(),
    "subject": lambda _: "component_lot",
    "subject_id": lambda standing: standing.lot_id(),
    "log_name": lambda _: "rooms",
    "task_id": lambda standing: standing.task_id(),
    "entry_id": lambda standing: standing.entry_id(),
    "proposal_id": lambda standing: standing.proposal_id(),
}

FILLED: Mapping[str, Mapping[str, str]] = {
    "console.print_label": {"printer": "browser", "template": "4x2"},
    "console.reprint_label": {"printer": "browser", "template": "4x2", "reason": "The first was torn."},
    "console.void_one": {"reason": "The first was torn."},
    "console.label_anew": {"reason": "The name was mended."},
    "console.settle": {"finding": "arrived", "reason": "Called her, she has it."},
    "console.agree": {
        "channel": "sms",
        "answer": "yes",
        "text_version": "2026-01",
        "source": "by telephone",
    },
    "console.prefer": {"preferred": "sms"},
    "console.serve": {"served": "no", "reason": "has moved away"},
    "console.make_packet": {
        "subject": "batch",
        "number": "B000000-0000",
        "form": "pdf",
        "reason": "of the walk over all rooms",
        "signature": DEMO_PASSWORD,
    },
    "console.act": {"reason": "of the walk", "signature": DEMO_PASSWORD},
    "console.edit_prices": {"script_fee": "13.00", "version": "1"},
    "console.edit_price_tables": {"taxes-0-state": "IL", "taxes-0-share": "0.01", "version": "1"},
    "console.approve_prices": {"signature": DEMO_PASSWORD, "version": "1"},
    "console.approve_version": {"effective_on": "2026-11-23", "signature": DEMO_PASSWORD},
    "console.withdraw_prices": {"reason": "of the walk"},
    "console.look_up_payment": {},
    "console.decide_money": {
        "way": "refund",
        "cause": "lost",
        "amount_usd": "1.00",
        "reason": "of the walk, at last",
        "signature": DEMO_PASSWORD,
    },
    "console.start": {"started_on": "2026-11-23"},
    "console.approve": {"reason": "letter of the consultant", "signature": DEMO_PASSWORD},
    "console.reject": {"code": "R-OTHER", "reason": "of the walk, at last", "signature": DEMO_PASSWORD},
    "console.ask": {"code": "C-DOSE", "wording": "Which dose is meant?"},
    "console.screen_again": {},
    "console.verify": {"signature": DEMO_PASSWORD},
    "console.verify_scan": {"code": "0" * 24},
    "console.bag_scan": {"code": "0" * 24},
    "console.counsel": {"way": "in_person", "outcome": "refused", "offered_to": "Ada Sample"},
    "console.closure": {"asked_by": "patient", "asked_by_name": "Ada Sample", "reason": "arthritis"},
    "console.ship": {"carrier": "usps", "tracking_number": "9400 1"},
    "console.pick_up": {
        "taken_by": "Ada Sample",
        "relation": "patient",
        "identity": "passport",
        "signed_as": "Ada Sample",
    },
    "console.accept_reading": {},
    "console.forget_view": {},
    "console.finish": {"outcome": "Called her, she has it."},
    "console.adjust": {"kind": "stop", "reason": "The patient wants to stop."},
    "console.accept_change": {"signature": DEMO_PASSWORD},
    "console.authorise_change": {"signed_kind": "verbal", "signed_at": "2026-11-23T09:30"},
    "console.decline_change": {"reason": "The patient feels better."},
    "console.decline_reading": {"reason": "It says two things at once."},
    "console.leave_entry": {"reason": "sent to us by mistake"},
    "console.take_back": {"kind": "undelivered", "reason": "unknown at this address"},
}
