"""The acts on an order, in one place: the main one first, and the impossible ones with the reason why not.

Verification, hand-over, cancelling and rejecting cannot be taken back. Each says in a sentence what it will
do, and asks for the Rx number or for a reason; nobody is asked whether they are sure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pharmacy.domain.actors import Actor
from pharmacy.domain.findings import Severity
from pharmacy.domain.orders import ACTS, FINAL, Act, OrderStatus
from pharmacy.domain.pricing import Delivery
from pharmacy.store.orders import Order, vials_of
from pharmacy.usecases.act_gates import Standing, exception_due, open_questions, why_not
from pharmacy.usecases.act_on_order import contact_due, reason_due
from pharmacy.web.console.rooms import NEXT_ACT
from pharmacy.web.console.words import ACT_WORDS, STATUS_WORDS, counted, money_text, with_days_in_words

ASKS_NUMBER = frozenset({Act.VERIFY, Act.SHIP, Act.PICK_UP})
_HARSH = frozenset({Act.REJECT, Act.CANCEL})
_RANK: Mapping[OrderStatus, int] = {status: rank for rank, status in enumerate(OrderStatus)}
_CHAIN = tuple(OrderStatus)[: _RANK[OrderStatus.COMPLETED] + 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActShown:
    """One act: what it is called, what it will do, what it asks for, or why it is not open."""

    value: str
    words: str
    will_do: str
    asks: str
    asked_reason: str
    asked_contact: str
    why_not: str
    is_harsh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One state on the usual way: behind, here, or ahead."""

    words: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPanel:
    main: ActShown | None
    open: tuple[ActShown, ...]
    closed: tuple[ActShown, ...]
    stages: tuple[Stage, ...]
    caution: str
    caution_at: str
    ended: str


def act_panel(order: Order, by: Actor, standing: Standing) -> ActPanel:
    """What that person may do to the order now, what not, and how far the order has come."""
    main = _main_act(order)
    caution, caution_at = _caution(order)
    others = [
        _shown(order, act, by, standing) for act in Act if act is not main and not _is_behind(order, act)
    ]
    return ActPanel(
        main=_shown(order, main, by, standing) if main else None,
        open=tuple(act for act in others if not act.why_not),
        closed=tuple(act for act in others if act.why_not),
        stages=_stages(order),
        caution=caution,
        caution_at=caution_at,
        ended=f"The order is {STATUS_WORDS[order.status].lower()}; nothing more can be done to it."
        if order.status in FINAL
        else "",
    )


def _caution(order: Order) -> tuple[str, str]:
    """What must be answered or read before somebody decides, and where; nothing once that is behind."""
    if _RANK[order.resumes_to or order.status] > _RANK[OrderStatus.IN_REVIEW]:
        return "", ""
    questions = len(open_questions(order))
    if questions:
        return f"{counted(questions, 'question')} must be answered first.", "questions"
    grave = sum(1 for finding in order.findings if finding.severity in {Severity.BLOCK, Severity.OVERRIDE})
    return (f"Read {counted(grave, 'grave finding')} before you decide.", "findings") if grave else ("", "")


def _main_act(order: Order) -> Act | None:
    act = NEXT_ACT.get(order.status)
    return Act.PICK_UP if act is Act.SHIP and order.delivery is Delivery.PICK_UP else act


def _is_behind(order: Order, act: Act) -> bool:
    """Whether the act has been done, or is not of this order's kind, so that it need not be spoken of."""
    if order.status in FINAL:
        return True
    if act is (Act.SHIP if order.delivery is Delivery.PICK_UP else Act.PICK_UP):
        return True
    if act is Act.RESUME:
        return order.resumes_to is None
    reached = _RANK[order.resumes_to or order.status]
    return all(_RANK[before] < reached for before in ACTS[act].leaves)


def _shown(order: Order, act: Act, by: Actor, standing: Standing) -> ActShown:
    refusal = why_not(order, act, by, standing)
    due = reason_due(order, act) or exception_due(order, act, by, standing)
    return ActShown(
        value=act.value,
        words=ACT_WORDS[act],
        will_do=_will_do(order, act),
        asks="number" if act in ASKS_NUMBER else "reason" if due else "",
        asked_reason=due or "",
        asked_contact=contact_due(order, act) or "",
        why_not=with_days_in_words(refusal.reason) if refusal else "",
        is_harsh=act in _HARSH,
    )


def _will_do(order: Order, act: Act) -> str:
    vials = counted(len(vials_of(order)), "vial")
    batches = counted(len(order.lines), "batch")
    place = f"{order.patient.city}, {order.patient.state}"
    told: Mapping[Act, str] = {
        Act.START_REVIEW: "Takes the order out of the pile, so that a pharmacist can decide about it.",
        Act.APPROVE: f"The order is fit to be made, and waits for USD {money_text(order.total_cents)} from the patient.",
        Act.REJECT: "The order ends here for good: its proofs are void, and the reason stays on record.",
        Act.RECORD_PAYMENT: f"Records that USD {money_text(order.total_cents)} were paid; the promise date counts from today.",
        Act.START_COMPOUNDING: f"Makes {batches} from today's lots and asks for the labels of {vials}.",
        Act.FINISH_LABELLING: f"Says that {vials} bear their labels and are ready for a pharmacist's eye.",
        Act.VERIFY: f"You answer for it that {vials} hold what this order says. Your name goes on record.",
        Act.SHIP: f"The parcel leaves for {place}. The calendar begins to count, and the patient's notices become due.",
        Act.PICK_UP: "The patient has the vials in hand. The calendar begins to count, and notices become due.",
        Act.COMPLETE: "Closes the order; nothing more is expected.",
        Act.HOLD: "The order rests where it is until somebody resumes it.",
        Act.RESUME: f"The order goes on as {STATUS_WORDS[order.resumes_to or order.status].lower()}.",
        Act.CANCEL: "The order ends for good: its labels are void, and capsules that were made are destroyed, never restocked.",
    }
    return told[act]


def _stages(order: Order) -> tuple[Stage, ...]:
    """The usual way of this order; one that ended otherwise has no stages ahead."""
    here = order.resumes_to or order.status
    skipped = OrderStatus.SHIPPED if order.delivery is Delivery.PICK_UP else OrderStatus.PICKED_UP
    if here not in _CHAIN:
        return ()
    return tuple(
        Stage(
            words=STATUS_WORDS[status],
            place="here" if status is here else "behind" if _RANK[status] < _RANK[here] else "ahead",
        )
        for status in _CHAIN
        if status is not skipped
    )
