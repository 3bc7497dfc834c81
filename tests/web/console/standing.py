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

from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store.batches import Batch
from pharmacy.store.reference import PriceBook
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.work import Work


class Standing:
    """One order on its way, with its labels and batches; everything in REAL is read from here."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.order_id = work.bring_to(OrderStatus.LABELLED)

    def label_id(self) -> Any:
        return self.work.labels(self.order_id)[0].id

    def price_book_id(self) -> Any:
        with self.work.sessions.read() as session:
            return session.scalars(select(PriceBook.id)).first()

    def batch_number(self) -> str:
        with self.work.sessions.read() as session:
            return session.scalars(select(Batch.number).where(Batch.certificate.is_not(None))).first() or ""


REAL: Mapping[str, Callable[[Standing], Any]] = {
    "order_id": lambda standing: standing.order_id,
    "label_id": lambda standing: standing.label_id(),
    "number": lambda standing: standing.batch_number(),
    "figure_name": lambda _: "orders",
    "drawing": lambda _: 1,
    "price_book_id": lambda standing: standing.price_book_id(),
    "prescription_id": lambda standing: standing.work.order(standing.order_id).prescription_id,
    "act_name": lambda _: Act.HOLD.value,
    "step_name": lambda _: "release",
}

FILLED: Mapping[str, Mapping[str, str]] = {
    "console.make_packet": {
        "subject": "batch",
        "number": "B000000-0000",
        "form": "pdf",
        "reason": "of the walk over all rooms",
        "signature": DEMO_PASSWORD,
    },
    "console.act": {"reason": "of the walk", "signature": DEMO_PASSWORD},
    "console.edit_prices": {"script_fee": "13.00", "version": "1"},
    "console.approve_prices": {"signature": DEMO_PASSWORD, "version": "1"},
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
    "console.adjust": {"kind": "stop", "reason": "The patient wants to stop."},
    "console.accept_change": {"signature": DEMO_PASSWORD},
    "console.authorise_change": {"signed_kind": "verbal", "signed_at": "2026-11-23T09:30"},
    "console.decline_change": {"reason": "The patient feels better."},
    "console.decline_reading": {"reason": "It says two things at once."},
    "console.leave_entry": {"reason": "sent to us by mistake"},
    "console.take_back": {"kind": "undelivered", "reason": "unknown at this address"},
}
