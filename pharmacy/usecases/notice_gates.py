"""Why a notice that is due does not go, or not now: asked at the last moment, in the transaction that begins it.

What was planned weeks ago may be wrong today: the plan was adjusted, the refill ordered, consent withdrawn. Each
answer carries its reason, which is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

from pharmacy.domain.notice_rules import Decision, Never, Wait, decide
from pharmacy.domain.notices import NoticeKind, next_morning
from pharmacy.domain.orders import HANDED_OVER, OrderStatus
from pharmacy.domain.renewing import is_still_a_reminder
from pharmacy.store import notices, payments, tasks
from pharmacy.store.inbound import ReplyKind
from pharmacy.usecases.notice_case import NoticeCase, moment_of, standings_of

_ABOUT_STEPS = frozenset((NoticeKind.STEP, NoticeKind.CHECK_IN))
_ABOUT_REFILLS = frozenset((NoticeKind.REFILL, NoticeKind.FOLLOW_UP, NoticeKind.EXPIRING, NoticeKind.RENEWAL))
_ASK_FOR_REFILL = (NoticeKind.REFILL, NoticeKind.FOLLOW_UP)
_Gate = Callable[[Session, NoticeCase], Decision | None]


def decision_of(session: Session, case: NoticeCase, *, has_sms: bool) -> Decision:
    """Whether the notice goes now, later or never, with the reason."""
    for gate in _GATES:
        decision = gate(session, case)
        if decision is not None:
            return decision
    return decide(
        case.notice.kind, standings_of(session, case, has_sms), moment_of(session, case), case.policy
    )


def never_because(session: Session, case: NoticeCase) -> Decision | None:
    """Why the notice does not go, whatever the hour and the channel; None when nothing stands against it."""
    return next((found for gate in _GATES if (found := gate(session, case)) is not None), None)


def _patient_is_there(_: Session, case: NoticeCase) -> Decision | None:
    if case.patient.inactive_since is None:
        return None
    is_recall = case.notice.kind is NoticeKind.RECALL
    return Never(f"the patient is no longer served: {case.patient.inactive_because}", call=is_recall)


_DUE_IN = {
    NoticeKind.READY: frozenset({OrderStatus.VERIFIED}),
    NoticeKind.PRICE: frozenset({OrderStatus.AWAITING_PAYMENT}),
}


def _order_stands(session: Session, case: NoticeCase) -> Decision | None:
    if case.notice.kind is NoticeKind.PRICE and _is_accepted(session, case):
        return Never("the price was accepted")
    due_in = _DUE_IN.get(case.notice.kind, HANDED_OVER)
    return None if case.order.status in due_in else Never(f"the order is {case.order.status}")


def _is_accepted(session: Session, case: NoticeCase) -> bool:
    return payments.acceptance_of(session, case.order.id, case.order.total_cents) is not None


def _plan_goes_on(_: Session, case: NoticeCase) -> Decision | None:
    if case.notice.kind not in _ABOUT_STEPS | _ABOUT_REFILLS:
        return None
    if case.standing.course.is_stopped:
        return Never("the plan was stopped")
    return Never("the plan is paused") if case.standing.course.set_aside else None


def _step_is_of_today(_: Session, case: NoticeCase) -> Decision | None:
    """The start moved after the notice was begun, or the step it is about is over."""
    if case.notice.kind not in _ABOUT_STEPS:
        return None
    if not case.has_step:
        return Never("the plan has changed")
    if case.start_has_moved:
        return Never("the start has moved")
    end = case.step_end
    is_over = end is not None and case.today > end
    return Never(f"came too late: step {case.notice.step_position} is over") if is_over else None


def _refill_is_due(session: Session, case: NoticeCase) -> Decision | None:
    if case.notice.kind not in _ABOUT_REFILLS:
        return None
    prescription = case.order.prescription
    if prescription.transferred_at is not None:
        return Never("the prescription was transferred")
    if case.standing.newest is not case.order and case.standing.newest.id != case.order.id:
        return Never("a refill has been ordered")
    if case.notice.kind is NoticeKind.RENEWAL:
        return None
    return _lapsed(prescription.last_fill_on, case.today) or _asked_enough(session, case)


def _lapsed(last_fill_on: date, today: date) -> Decision | None:
    if not is_still_a_reminder(last_fill_on, today):
        return Never("lapsed more than 90 days ago: no refill reminder any more")
    return Never(f"came too late: last fill {last_fill_on.isoformat()}") if today > last_fill_on else None


def _asked_enough(session: Session, case: NoticeCase) -> Decision | None:
    if case.notice.kind is NoticeKind.EXPIRING:
        return None
    if tasks.is_open(session, ReplyKind.REFILL, case.order.prescription_id):
        return Never("a refill has been asked for")
    asked = notices.sent_count(session, case.order.id, _ASK_FOR_REFILL)
    if asked >= case.policy.most_unanswered:
        return Never(f"{asked} reminders unanswered: call the patient", call=True)
    return None


def _answer_is_seen_to(session: Session, case: NoticeCase) -> Decision | None:
    """While a pharmacist has not seen to what the patient reported, no next step is announced."""
    if case.notice.kind is not NoticeKind.STEP:
        return None
    if tasks.is_open(session, ReplyKind.CHECK_IN, case.order.prescription_id):
        until = next_morning(case.now, case.zone, case.policy)
        return Wait(until, "the answer to a check-in waits for a pharmacist")
    return None


_GATES: tuple[_Gate, ...] = (
    _patient_is_there,
    _order_stands,
    _plan_goes_on,
    _step_is_of_today,
    _refill_is_due,
    _answer_is_seen_to,
)
