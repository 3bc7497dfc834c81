"""What staff do to an order: one act, one transaction, on record.

Role, state and gates decide whether an act is open; what an act brings about besides the new state stands in
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
from pharmacy.domain.events import of_status
from pharmacy.domain.findings import Severity
from pharmacy.domain.hand_over import HandOverMissing
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import ACTS, Act, OrderStatus, roles_for
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.screening import Rejection, is_question, require_contact, require_reason
from pharmacy.store import audit, events, orders, payments
from pharmacy.store.hand_overs import ReturnedOrder
from pharmacy.store.orders import Order
from pharmacy.store.screening import Occasion
from pharmacy.usecases.accept_price import accept_for_practice
from pharmacy.usecases.act_gates import exception_due, standing_of, why_not
from pharmacy.usecases.begin_payment import capture_at_hand_over
from pharmacy.usecases.bench_people import require_trained_today
from pharmacy.usecases.compound_order import clear_capsules, compound_order
from pharmacy.usecases.fill_start import forget_late_start
from pharmacy.usecases.label_truth import void
from pharmacy.usecases.override_findings import Override, override_findings
from pharmacy.usecases.record_counter_payment import record_counter_payment
from pharmacy.usecases.record_leaving import (
    ComeBack,
    Leaving,
    record_pick_up,
    record_return,
    record_shipping,
)
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.release_payment import release_payment
from pharmacy.usecases.request_labels import Imprint, request_dispensing_labels
from pharmacy.usecases.schedule_notices import announce, schedule_notices
from pharmacy.usecases.screen_order import Look, screen_order


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
    """One act on one order, as the person saw it; `reason` for acts that need one.

    `contact` says with whom a pharmacist spoke, and when, before overriding what blocks; `rejection` is the code
    under which an order is refused for good; `leaving` what is written down when it leaves or comes back.
    """

    order_id: UUID
    act: Act
    seen_version: int
    reason: str = ""
    contact: str = ""
    rejection: Rejection = Rejection.OTHER
    leaving: Leaving | None = None


def act_on_order(
    session: Session, request: ActRequest, around: Surroundings, *, by: Actor, now: datetime
) -> Order:
    """The order has been moved by the act, with everything that the act brings about.

    Raises NotYourAct for the wrong role or person, TrainingLapsed for a verifier past the training, ActNotOpen when
    the order waits for something else, ReasonMissing, ReasonTooShort or ContactMissing when words are due,
    SomebodyElseWasFaster when the page was stale.
    """
    order = orders.get_for_update(session, request.order_id)
    if order.version != request.seen_version:
        raise SomebodyElseWasFaster
    standing = standing_of(session, order, around.reference)
    refusal = why_not(order, request.act, by, standing)
    if refusal is not None:
        roles = roles_for(request.act, order.status)
        raise (ActNotOpen if by.role in roles else NotYourAct)(refusal.reason)
    _require_words(order, request)
    _by_exception(order, request, exception_due(order, request.act, by, standing))
    detail = _on_record(order, request)
    if request.act is Act.APPROVE:
        override = Override(order=order, reason=request.reason, contact=request.contact)
        override_findings(session, override, by=by, now=now)
    if request.act is Act.REJECT:
        order.rejection = request.rejection.value
        detail["rejection"] = request.rejection.value
    if request.act in _LEAVINGS:
        _LEAVINGS[request.act](session, order, request, around.today(now), by=by, now=now)
    _EFFECTS.get(request.act, _nothing_more)(session, order, around, by=by, now=now)
    if request.act in _ENDS:
        reason = f"the order was {ACTS[request.act].to}: {request.reason}"
        clear_away(session, order, reason, today=around.today(now), by=by, now=now)
    _move(order, request.act, by, now)
    audit.record(session, f"order.{order.status}", order.id, by=by, at=now, act=request.act, **detail)
    events.add(session, of_status(order.status), practice_id=order.practice_id, order_id=order.id, now=now)
    if request.act is Act.APPROVE and order.remake_of_id is not None:
        _queue_unpaid(session, order, around, by=by, now=now)
    return order


def _queue_unpaid(session: Session, order: Order, around: Surroundings, *, by: Actor, now: datetime) -> None:
    """An order that makes another good costs nothing, so nothing is accepted or paid: it is promised at once."""
    reference = around.reference
    order.promised_on = business_day_after(
        around.today(now), reference.promise_business_days, reference.closed_on
    )
    session.flush()  # The database judges every move by itself; two in one would look like a leap.
    _move(order, Act.RECORD_PAYMENT, by, now)
    audit.record(session, f"order.{order.status}", order.id, by=by, at=now, reason="made again at no charge")
    events.add(session, of_status(order.status), practice_id=order.practice_id, order_id=order.id, now=now)


def reason_due(order: Order, act: Act) -> str | None:
    """What must be given in words for this act on this order, or None.

    Findings that block or want an override are overridden with a pharmacist's reason or not at all (house
    policy, screening).
    """
    if act in _ENDS | {Act.HOLD, Act.RETURN}:
        return "Reason"
    codes = overridden_codes(order)
    if act is Act.APPROVE and codes:
        return f"Reason for overriding {', '.join(codes)}"
    return None


def contact_due(order: Order, act: Act) -> str | None:
    """Whose name and time must be given for this act on this order, or None: what blocks is overridden only
    once the prescriber was contacted (screening policy).
    """
    codes = _blocking_codes(order)
    return "Spoke with (name and time)" if act is Act.APPROVE and codes else None


def overridden_codes(order: Order) -> list[str]:
    """The findings that an approval overrides; questions are answered and never overridden."""
    graves = [finding.code for finding in order.findings if finding.severity in _GRAVE]
    return [code for code in graves if not is_question(code)]


def _blocking_codes(order: Order) -> tuple[str, ...]:
    blocks = [finding.code for finding in order.findings if finding.severity is Severity.BLOCK]
    return tuple(code for code in blocks if not is_question(code))


def _by_exception(order: Order, request: ActRequest, due: str | None) -> None:
    """The exception of the single pharmacist stands on the order itself, or is not invoked."""
    if due is None:
        return
    if not request.reason.strip():
        raise ReasonMissing(due, where=("reason",))
    require_reason(request.reason)
    order.single_pharmacist_reason = request.reason


def _require_words(order: Order, request: ActRequest) -> None:
    due = reason_due(order, request.act)
    if due is not None:
        if not request.reason.strip():
            raise ReasonMissing(due, where=("reason",))
        require_reason(request.reason)
    if contact_due(order, request.act) is not None:
        require_contact(request.contact, _blocking_codes(order))


def _on_record(order: Order, request: ActRequest) -> dict[str, object]:
    """What the audit row says besides who, when and which act."""
    detail: dict[str, object] = {"reason": request.reason} if request.reason else {}
    if request.act is Act.APPROVE and (codes := overridden_codes(order)):
        detail["overrides"] = codes
        if request.contact:
            detail["contact"] = request.contact
    return detail


def _move(order: Order, act: Act, by: Actor, now: datetime) -> None:
    wanted = ACTS[act].to or order.resumes_to
    if wanted is None:
        raise ActNotOpen("There is nothing to resume")
    before = order.status
    order.advance_to(wanted, by=by, at=now)
    order.resumes_to = before if wanted in {OrderStatus.ON_HOLD, OrderStatus.CLARIFICATION} else None


def _nothing_more(session: Session, order: Order, around: Surroundings, *, by: Actor, now: datetime) -> None:
    """Most acts only move the order."""


def _promise(session: Session, order: Order, around: Surroundings, *, by: Actor, now: datetime) -> None:
    """Paid, as a member of staff has seen: the promise date is the third business day after."""
    record_counter_payment(session, order, by=by, now=now)
    reference = around.reference
    order.promised_on = business_day_after(
        around.today(now), reference.promise_business_days, reference.closed_on
    )


def _offer_price(session: Session, order: Order, around: Surroundings, *, by: Actor, now: datetime) -> None:
    """Approved, by a pharmacist who is named on the labels: a practice that pays has agreed; a patient is asked."""
    order.reviewed_by = by.id
    if order.remake_of_id is not None:
        return
    accept_for_practice(session, order, today=around.today(now), by=by, now=now)
    if payments.acceptance_of(session, order.id, order.total_cents) is None:
        announce(session, order, NoticeKind.PRICE, now=now)


def _compound(session: Session, order: Order, around: Surroundings, *, by: Actor, now: datetime) -> None:
    """What no batch serves yet gets one on today's lots, and labels are asked for; the bench goes on from there."""
    compound_order(session, order, around.reference, by=by, now=now)
    request_dispensing_labels(session, order, around.imprint, by=by, now=now)


def _sign(session: Session, order: Order, around: Surroundings, *, by: Actor, now: datetime) -> None:
    """Verified: screened once more, by a trained pharmacist who did not compound; the batches were released before.

    Raises TrainingLapsed.
    """
    require_trained_today(session, by, around.today(now))
    look = Look(reference=around.reference, occasion=Occasion.VERIFICATION)
    screen_order(session, order, look, by=by, now=now)
    order.verified_by = by.id
    if order.delivery is Delivery.PICK_UP:
        announce(session, order, NoticeKind.READY, now=now)


def _ship(session: Session, order: Order, request: ActRequest, _: date, *, by: Actor, now: datetime) -> None:
    record_shipping(session, order, request.leaving, by=by, now=now)


def _pick_up(
    session: Session, order: Order, request: ActRequest, _: date, *, by: Actor, now: datetime
) -> None:
    record_pick_up(session, order, request.leaving, by=by, now=now)


def _take_back(
    session: Session, order: Order, request: ActRequest, today: date, *, by: Actor, now: datetime
) -> None:
    """Back, and never restocked: its labels are void, its capsules destroyed."""
    if not isinstance(request.leaving, ComeBack):
        raise HandOverMissing("Why it came back", where=("kind",))
    came = ReturnedOrder(
        order_id=order.id,
        kind=request.leaving.kind,
        reason=request.reason,
        came_back_at=now,
        recorded_by=by.id,
    )
    record_return(session, order, came, today=today, by=by, now=now)
    void_labels(session, order, f"the order came back: {request.reason}", by=by, now=now)
    clear_capsules(session, order, f"the order came back: {request.reason}", by=by, now=now)


def _hand_over(session: Session, order: Order, around: Surroundings, *, by: Actor, now: datetime) -> None:
    """Gone: from here the calendar counts, the notices are due, and what was authorised is taken."""
    order.shipped_on = around.today(now)
    forget_late_start(order, around.reference)
    capture_at_hand_over(session, order, by=by, now=now)
    schedule_notices(session, order, around.reference, by=by, now=now)


def clear_away(session: Session, order: Order, reason: str, *, today: date, by: Actor, now: datetime) -> None:
    """Nothing of an order that ends can be dispensed or charged by itself: its labels are void, its capsules
    go back or are destroyed, its money released or left to be decided about.
    """
    release_payment(session, order, today=today, by=by, now=now)
    void_labels(session, order, reason, by=by, now=now)
    clear_capsules(session, order, reason, by=by, now=now)


def void_labels(session: Session, order: Order, reason: str, *, by: Actor, now: datetime) -> None:
    """Every living label of the order is void for that reason, on record."""
    living = [label for _, vial in orders.vials_of(order) for label in vial.labels if label.voided_at is None]
    for label in living:
        void(session, label, reason, by=by, now=now)


_GRAVE = frozenset({Severity.BLOCK, Severity.OVERRIDE})
_ENDS = frozenset({Act.REJECT, Act.CANCEL})
_LEAVINGS: Mapping[Act, Callable[..., None]] = {
    Act.SHIP: _ship,
    Act.PICK_UP: _pick_up,
    Act.RETURN: _take_back,
}
_Effect = Callable[..., None]

_EFFECTS: Mapping[Act, _Effect] = {
    Act.APPROVE: _offer_price,
    Act.RECORD_PAYMENT: _promise,
    Act.START_COMPOUNDING: _compound,
    Act.VERIFY: _sign,
    Act.SHIP: _hand_over,
    Act.PICK_UP: _hand_over,
}
