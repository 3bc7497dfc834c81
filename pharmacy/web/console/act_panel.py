"""The acts on an order, in one place: the main one first, and the impossible ones with the reason why not.

What is decided by more than the order alone (review, verification, hand-over) is done in a room of its own, to which
the panel leads. Every act says in a sentence what it will do; nobody is asked whether they are sure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pharmacy.domain.actors import Actor
from pharmacy.domain.findings import Severity
from pharmacy.domain.orders import ACTS, FINAL, Act, OrderStatus, act_allowed
from pharmacy.domain.pricing import Delivery
from pharmacy.store.orders import Order, vials_of
from pharmacy.usecases.act_gates import Standing, exception_due, open_questions, why_not
from pharmacy.usecases.act_on_order import reason_due
from pharmacy.web.console.language import gettext
from pharmacy.web.console.names import named
from pharmacy.web.console.rooms import NEXT_ACT
from pharmacy.web.console.words import ACT_WORDS, STATUS_WORDS, counted, money_text, with_days_in_words

# Acts that are done in a room of their own: there stands what they are decided by.
ROOM_OF: Mapping[Act, str] = {
    Act.APPROVE: "console.review_page",
    Act.REJECT: "console.review_page",
    Act.VERIFY: "console.verification_page",
    Act.SHIP: "console.counter_page",
    Act.PICK_UP: "console.counter_page",
    Act.RETURN: "console.counter_page",
}
_HARSH = frozenset({Act.REJECT, Act.CANCEL})
_RANK: Mapping[OrderStatus, int] = {status: rank for rank, status in enumerate(OrderStatus)}
_CHAIN = tuple(OrderStatus)[: _RANK[OrderStatus.COMPLETED] + 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActShown:
    """One act: what it is called, what it will do, what it asks for, or why it is not open."""

    value: str
    words: str
    will_do: str
    asked_reason: str
    why_not: str
    is_harsh: bool
    # The endpoint of the room in which it is done, where it has one and that person may enter it for this now.
    room: str


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
        open=tuple(act for act in others if act.room or not act.why_not),
        closed=tuple(act for act in others if act.why_not and not act.room),
        stages=_stages(order),
        caution=caution,
        caution_at=caution_at,
        ended=gettext(
            "The order is %(status)s; nothing more can be done to it.",
            status=STATUS_WORDS[order.status].lower(),
        )
        if order.status in FINAL
        else "",
    )


def _caution(order: Order) -> tuple[str, str]:
    """What must be answered or read before somebody decides, and where; nothing once that is behind."""
    if _RANK[order.resumes_to or order.status] > _RANK[OrderStatus.IN_REVIEW]:
        return "", ""
    questions = len(open_questions(order))
    if questions:
        return gettext(
            "%(counted)s must be answered first.", counted=counted(questions, "question")
        ), "questions"
    grave = sum(1 for finding in order.findings if finding.severity in {Severity.BLOCK, Severity.OVERRIDE})
    return (
        (
            gettext("Read %(counted)s before you decide.", counted=counted(grave, "grave finding")),
            "findings",
        )
        if grave
        else ("", "")
    )


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
        asked_reason=named(due) if due else "",
        why_not=with_days_in_words(refusal.reason) if refusal else "",
        is_harsh=act in _HARSH,
        room=_room(order, act, by),
    )


def _room(order: Order, act: Act, by: Actor) -> str:
    """Open as soon as the act is that person's turn: what its gates still want is often got in the room itself."""
    if act not in ROOM_OF or by.role is None or act_allowed(act, order.status, by.role) is not None:
        return ""
    return ROOM_OF[act]


def _will_do(order: Order, act: Act) -> str:
    vials = counted(len(vials_of(order)), "vial")
    batches = counted(len(order.lines), "batch")
    place = f"{order.patient.city}, {order.patient.state}"
    told: Mapping[Act, str] = {
        Act.START_REVIEW: gettext(
            "Takes the order out of the pile, so that a pharmacist can decide about it."
        ),
        Act.APPROVE: gettext(
            "The order is fit to be made, and waits for USD %(total_cents)s from the patient.",
            total_cents=money_text(order.total_cents),
        ),
        Act.REJECT: gettext(
            "The order ends here for good: its proofs are void, and the reason stays on record."
        ),
        Act.RECORD_PAYMENT: gettext(
            "Records that USD %(total_cents)s were paid; the promise date counts from today.",
            total_cents=money_text(order.total_cents),
        ),
        Act.START_COMPOUNDING: gettext(
            "Makes %(batches)s from today's lots and asks for the labels of %(vials)s.",
            batches=batches,
            vials=vials,
        ),
        Act.FINISH_LABELLING: gettext(
            "Says that %(vials)s bear their labels and are ready for a pharmacist's eye.", vials=vials
        ),
        Act.VERIFY: gettext(
            "You answer for it that %(vials)s hold what this order says. Your name goes on record.",
            vials=vials,
        ),
        Act.SHIP: gettext(
            "The parcel leaves for %(place)s. The calendar begins to count, and the patient's notices become due.",
            place=place,
        ),
        Act.PICK_UP: gettext(
            "The patient has the vials in hand. The calendar begins to count, and notices become due."
        ),
        Act.COMPLETE: gettext("Closes the order; nothing more is expected."),
        Act.RETURN: gettext(
            "%(vials)s came back: their labels are void, their capsules destroyed, never restocked.",
            vials=vials,
        ),
        Act.HOLD: gettext("The order rests where it is until somebody resumes it."),
        Act.RESUME: gettext(
            "The order goes on as %(status)s.", status=STATUS_WORDS[order.resumes_to or order.status].lower()
        ),
        Act.CANCEL: gettext(
            "The order ends for good: its labels are void, and capsules that were made are destroyed, never restocked."
        ),
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
