"""An order that was spoiled, lost or wrong is made again at no charge: an order of its own, bound to the first.

It serves the same days with the same capsules, is screened and reviewed, compounded and verified like any other, and
costs nothing; the money of the first stays where it is. From then on the first counts for nothing at home.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.domain.figures import Figure, Input
from pharmacy.domain.money import ZERO
from pharmacy.domain.orders import HANDED_OVER, OrderStatus
from pharmacy.store import audit, notices, prescriptions, tasks
from pharmacy.store.orders import Order
from pharmacy.usecases.answers_age import answers_that_hold
from pharmacy.usecases.derivation import option_of
from pharmacy.usecases.figures_as_facts import figure_facts
from pharmacy.usecases.file_fill import Charged, NewFill, file_fill
from pharmacy.usecases.fill_screening import screen_fill
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.schedule_notices import DERIVED
from pharmacy.usecases.standing_course import course_now
from pharmacy.usecases.supply_of_order import supply_of

REMAKE = "remake"
# An order that is still here gets other capsules, or is cancelled first: nobody makes two of one that lives.
_REMAKABLE = HANDED_OVER | {OrderStatus.RETURNED, OrderStatus.CANCELLED}


@dataclass(eq=False)
class StillHere(Conflict):
    """The order has not ended: there is nothing to make good yet."""

    status: OrderStatus

    def __str__(self) -> str:
        return (
            f"The order is {self.status.replace('_', ' ')}: give it other capsules at the bench,"
            " or cancel it and decide then."
        )


@dataclass(eq=False)
class MadeAgainAlready(Conflict):
    """Another order makes it good already."""

    number: int

    def __str__(self) -> str:
        return f"Rx {self.number} makes this order good already."


@dataclass(eq=False)
class PlanChangedSince(Conflict):
    """The same capsules would serve a plan that is no more."""

    from_day: int

    def __str__(self) -> str:
        return f"The plan has changed from day {self.from_day}: refund this order, and fill anew."


def remake_order(
    session: Session, order: Order, reason: str, reference: Reference, *, by: Actor, now: datetime
) -> Order:
    """The replacement, received or waiting for its questions; the caller holds prescription and order.

    Raises StillHere, MadeAgainAlready, PlanChangedSince.
    """
    if order.status not in _REMAKABLE:
        raise StillHere(order.status)
    standing = course_now(session, order.prescription_id)
    made = next((each for each in standing.live if each.remake_of_id == order.id), None)
    if made is not None:
        raise MadeAgainAlready(made.number)
    changed = prescriptions.changed_from(session, order.prescription_id, order.plan_version.version)
    if changed is not None and changed <= order.window().last_day:
        raise PlanChangedSince(changed)
    option = option_of(supply_of(order), order.delivery, order.prescription.strength_basis, reference)
    answers = answers_that_hold(order, reference)
    screened = screen_fill(
        order.prescription,
        answers,
        reference,
        # Who prescribed was asked when the order came that is made good.
        is_on_roster=True,
        extra=option.findings,
    )
    new = NewFill(
        option=option,
        delivery=order.delivery,
        refill_number=order.refill_number,
        answers=answers,
        screened=screened,
        charge=Charged(
            price_lines=(_at_no_charge(order),),
            price_book_id=order.price_book_id,
            split_fill_id=order.split_fill_id,
            part_days=order.part_days,
            remake_of_id=order.id,
        ),
    )
    remade = file_fill(session, standing, new, reference, by=by, now=now)
    notices.forget_waiting(session, order.id, DERIVED)
    tasks.close_about(session, "order.remake", order.id, f"Made again as Rx {remade.number}.", by=by, now=now)
    audit.record(session, "order.remade", order.id, by=by, at=now, number=remade.number, reason=reason)
    return remade


def _at_no_charge(order: Order) -> dict[str, object]:
    wording = f"Rx {order.number} made again at no charge"
    figure = Figure(
        key=REMAKE,
        name=wording,
        value=ZERO.dollars,
        unit="USD",
        formula="decided by the pharmacist-in-charge",
        inputs=(Input("order made good", str(order.number)),),
        places=2,
    )
    return {"kind": REMAKE, "wording": wording, "amount_cents": 0, "figure": figure_facts(figure)}
