"""What staff do to an order: one act, one transaction, on record.

The role and the state decide whether an act is open; what an act brings about besides the new state stands in
its own function here. The version that the person saw comes along: whoever acts on a stale page is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import business_day_after, local_day
from pharmacy.domain.errors import Conflict, NotAllowed, Unfit
from pharmacy.domain.findings import Severity
from pharmacy.domain.orders import ACTS, Act, OrderStatus, Refusal, act_allowed
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.screening import QUESTION_PREFIX
from pharmacy.store import audit, orders
from pharmacy.store.labels import LabelKind
from pharmacy.store.orders import Order
from pharmacy.usecases.compound_order import compound_order
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.request_labels import Imprint, living_label, request_dispensing_labels
from pharmacy.usecases.schedule_notices import schedule_notices


@dataclass(eq=False)
class SomebodyElseWasFaster(Conflict):
    def __str__(self) -> str:
        return "Somebody has changed this order since you opened it. Look again, then act."


@dataclass(eq=False)
class ActNotOpen(Conflict):
    reason: str

    def __str__(self) -> str:
        return f"{self.reason}."


@dataclass(eq=False)
class NotYourAct(NotAllowed):
    reason: str

    def __str__(self) -> str:
        return f"{self.reason}."


@dataclass(eq=False)
class ReasonMissing(Unfit):
    """The act is only done with a reason on record; `due` says which."""

    due: str

    def __str__(self) -> str:
        return f"{self.due} is due."


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an act may need besides the order: today's reference, and what labels share."""

    reference: Reference
    imprint: Imprint

    def today(self, now: datetime) -> date:
        """The pharmacy's day."""
        return local_day(now, self.imprint.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRequest:
    """One act on one order, as the person saw it; `reason` for acts that need one."""

    order_id: UUID
    act: Act
    seen_version: int
    reason: str = ""


def act_on_order(
    session: Session, request: ActRequest, around: Surroundings, *, by: Actor, now: datetime
) -> Order:
    """The order has been moved by the act, with everything that the act brings about.

    Raises NotYourAct for the wrong role or person, ActNotOpen when the order waits for something else,
    ReasonMissing when the act needs one, SomebodyElseWasFaster when the page was stale.
    """
    order = orders.get_for_update(session, request.order_id)
    if order.version != request.seen_version:
        raise SomebodyElseWasFaster
    refusal = why_not(order, request.act, by)
    if refusal is not None:
        role_rule = ACTS[request.act].roles
        raise (ActNotOpen if by.role in role_rule else NotYourAct)(refusal.reason)
    due = reason_due(order, request.act)
    if due is not None and not request.reason:
        raise ReasonMissing(due, where=("reason",))
    detail = _on_record(order, request)
    _EFFECTS.get(request.act, _nothing_more)(session, order, around, by=by, now=now)
    _move(order, request.act, by, now)
    audit.record(session, f"order.{order.status}", order.id, by=by, at=now, act=request.act, **detail)
    return order


def why_not(order: Order, act: Act, by: Actor) -> Refusal | None:
    """Why this person may not do this now, in words; None when they may."""
    if by.role is None:
        return Refusal("Only staff may do this")
    refused = act_allowed(act, order.status, by.role)
    return refused or _PERSONAL.get(act, _no_objection)(order, by)


def reason_due(order: Order, act: Act) -> str | None:
    """What must be given in words for this act on this order, or None.

    Findings that block or want an override are overridden with a pharmacist's reason or not at all, and a
    clarification ends with the answer that was given (house policy, screening).
    """
    if act in _ENDS_OR_RESTS:
        return "Reason"
    if act is Act.RESUME and order.status is OrderStatus.CLARIFICATION:
        return "Answer (who, when, what)"
    codes = overridden_codes(order)
    if act is Act.APPROVE and codes:
        return f"Reason for overriding {', '.join(codes)}"
    return None


def overridden_codes(order: Order) -> list[str]:
    """The findings that an approval overrides; questions to the prescriber are settled by their answer."""
    graves = [finding.code for finding in order.findings if finding.severity in _GRAVE]
    return [code for code in graves if not code.startswith(QUESTION_PREFIX)]


def _on_record(order: Order, request: ActRequest) -> dict[str, object]:
    """What the audit row says besides who, when and which act."""
    detail: dict[str, object] = {"reason": request.reason} if request.reason else {}
    if request.act is Act.APPROVE and (codes := overridden_codes(order)):
        detail["overrides"] = codes
    return detail


def _move(order: Order, act: Act, by: Actor, now: datetime) -> None:
    wanted = ACTS[act].to or order.resumes_to
    if wanted is None:
        raise ActNotOpen("There is nothing to resume")
    before = order.status
    order.advance_to(wanted, by=by, at=now)
    order.resumes_to = before if wanted in {OrderStatus.ON_HOLD, OrderStatus.CLARIFICATION} else None


def _no_objection(_: Order, __: Actor) -> Refusal | None:
    return None


def _not_the_compounder(order: Order, by: Actor) -> Refusal | None:
    if order.compounded_by == by.id:
        return Refusal("Whoever compounded an order may not verify it")
    return None


def _labels_made(order: Order, _: Actor) -> Refusal | None:
    vials = [vial for _, vial in orders.vials_of(order)]
    waiting = sum(1 for vial in vials if (living_label(vial, LabelKind.DISPENSING)) is None)
    if order.status is OrderStatus.COMPOUNDING and waiting:
        return Refusal(f"Waits for {waiting} of {len(vials)} labels")
    return None


def _by_mail(order: Order, _: Actor) -> Refusal | None:
    return None if order.delivery is Delivery.MAIL else Refusal("This order is to be picked up")


def _at_the_counter(order: Order, _: Actor) -> Refusal | None:
    return None if order.delivery is Delivery.PICK_UP else Refusal("This order is to be mailed")


def _nothing_more(session: Session, order: Order, around: Surroundings, *, by: Actor, now: datetime) -> None:
    """Most acts only move the order."""


def _promise(session: Session, order: Order, around: Surroundings, *, by: Actor, now: datetime) -> None:
    """Paid: the promise date is the third business day after."""
    reference = around.reference
    order.promised_on = business_day_after(
        around.today(now), reference.promise_business_days, reference.closed_on
    )


def _compound(session: Session, order: Order, around: Surroundings, *, by: Actor, now: datetime) -> None:
    """Batches are made from today's lots, and their labels asked for."""
    compound_order(session, order, around.reference, by=by, now=now)
    request_dispensing_labels(session, order, around.imprint, by=by, now=now)


def _sign(session: Session, order: Order, around: Surroundings, *, by: Actor, now: datetime) -> None:
    order.verified_by = by.id


def _hand_over(session: Session, order: Order, around: Surroundings, *, by: Actor, now: datetime) -> None:
    """Gone: from here the calendar counts, and the notices are due."""
    order.shipped_on = around.today(now)
    schedule_notices(session, order, around.reference, by=by, now=now)


_GRAVE = frozenset({Severity.BLOCK, Severity.OVERRIDE})
_ENDS_OR_RESTS = frozenset({Act.REJECT, Act.CANCEL, Act.HOLD})
_Effect = Callable[..., None]

_EFFECTS: Mapping[Act, _Effect] = {
    Act.RECORD_PAYMENT: _promise,
    Act.START_COMPOUNDING: _compound,
    Act.VERIFY: _sign,
    Act.SHIP: _hand_over,
    Act.PICK_UP: _hand_over,
}

_PERSONAL: Mapping[Act, Callable[[Order, Actor], Refusal | None]] = {
    Act.VERIFY: _not_the_compounder,
    Act.FINISH_LABELLING: _labels_made,
    Act.SHIP: _by_mail,
    Act.PICK_UP: _at_the_counter,
}
