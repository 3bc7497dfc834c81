"""The states of an order, and who may move it.

One transition table; nothing else moves an order. Review by a pharmacist and final
verification by a pharmacist cannot be skipped, whatever the settings. Two states are
rests and not steps: `clarification` (a question to the prescriber) and `on_hold`. Out of
a rest an order goes back to exactly where it was, so the caller remembers that state and
passes it as `resumes_to`. That verifier and compounder are two people is checked where
the people are known, not here. What an order lacks (answers, labels, a batch that lasts)
is found out elsewhere; how it is said stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pharmacy.domain.beyond_use import covers
from pharmacy.domain.errors import Conflict


class OrderStatus(StrEnum):
    """Where an order is; the first ten in their usual order."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    AWAITING_PAYMENT = "awaiting_payment"
    QUEUED = "queued"
    COMPOUNDING = "compounding"
    LABELLED = "labelled"
    VERIFIED = "verified"
    SHIPPED = "shipped"
    PICKED_UP = "picked_up"
    COMPLETED = "completed"
    CLARIFICATION = "clarification"
    ON_HOLD = "on_hold"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    RETURNED = "returned"


_S = OrderStatus

# The one transition table (product rule "order states"). Before compounding a question may
# go to the prescriber; before hand-over an order may rest or be cancelled; afterwards it
# can only arrive or come back, and what comes back is never restocked.
_NEXT: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    _S.RECEIVED: frozenset({_S.IN_REVIEW, _S.CLARIFICATION, _S.ON_HOLD, _S.CANCELLED}),
    _S.IN_REVIEW: frozenset({_S.AWAITING_PAYMENT, _S.REJECTED, _S.CLARIFICATION, _S.ON_HOLD, _S.CANCELLED}),
    _S.AWAITING_PAYMENT: frozenset({_S.QUEUED, _S.CLARIFICATION, _S.ON_HOLD, _S.CANCELLED}),
    _S.QUEUED: frozenset({_S.COMPOUNDING, _S.CLARIFICATION, _S.ON_HOLD, _S.CANCELLED}),
    _S.COMPOUNDING: frozenset({_S.LABELLED, _S.ON_HOLD, _S.CANCELLED}),
    _S.LABELLED: frozenset({_S.VERIFIED, _S.ON_HOLD, _S.CANCELLED}),
    _S.VERIFIED: frozenset({_S.SHIPPED, _S.PICKED_UP, _S.ON_HOLD, _S.CANCELLED}),
    _S.SHIPPED: frozenset({_S.COMPLETED, _S.RETURNED}),
    _S.PICKED_UP: frozenset({_S.COMPLETED, _S.RETURNED}),
    # Out of a rest the order also goes back to where it was: see `following`.
    _S.CLARIFICATION: frozenset({_S.CANCELLED}),
    _S.ON_HOLD: frozenset({_S.CANCELLED}),
    _S.COMPLETED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.RETURNED: frozenset(),
}

RESTS = frozenset({OrderStatus.CLARIFICATION, OrderStatus.ON_HOLD})
# Nothing of these orders is, or will be, at the patient's.
DEAD = frozenset({OrderStatus.REJECTED, OrderStatus.CANCELLED, OrderStatus.RETURNED})
# These have reached the patient, or are on their way.
HANDED_OVER = frozenset({OrderStatus.SHIPPED, OrderStatus.PICKED_UP, OrderStatus.COMPLETED})
# Capsules of these exist, or are being made, and have not left.
MADE = frozenset({OrderStatus.COMPOUNDING, OrderStatus.LABELLED, OrderStatus.VERIFIED})
# These were promised for a day, and can be late.
PROMISED = MADE | RESTS | {OrderStatus.QUEUED}
FINAL = frozenset(status for status, following in _NEXT.items() if not following)


@dataclass(eq=False)
class IllegalTransition(Conflict):
    """An order was to be moved where it cannot go from where it is."""

    current: OrderStatus
    wanted: OrderStatus

    def __str__(self) -> str:
        return f"An order that is {_words(self.current)} cannot become {_words(self.wanted)}."


def following(current: OrderStatus, resumes_to: OrderStatus | None = None) -> frozenset[OrderStatus]:
    """The states an order may go to next.

    `resumes_to` is where a resting order was; it counts only if it can rest in this way,
    so that no state is reached through a rest that could not be reached without.
    """
    if current in RESTS and resumes_to is not None and current in _NEXT[resumes_to]:
        return _NEXT[current] | {resumes_to}
    return _NEXT[current]


def advance(current: OrderStatus, wanted: OrderStatus, resumes_to: OrderStatus | None = None) -> OrderStatus:
    """`wanted`, when the order may go there; IllegalTransition otherwise."""
    if wanted not in following(current, resumes_to):
        raise IllegalTransition(current, wanted)
    return wanted


class Role(StrEnum):
    """What a member of staff is."""

    TECHNICIAN = "technician"
    PHARMACIST = "pharmacist"
    PHARMACIST_IN_CHARGE = "pharmacist_in_charge"
    SHIPPING = "shipping"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Act(StrEnum):
    """What staff do to an order."""

    START_REVIEW = "start_review"
    APPROVE = "approve"
    REJECT = "reject"
    RECORD_PAYMENT = "record_payment"
    START_COMPOUNDING = "start_compounding"
    FINISH_LABELLING = "finish_labelling"
    VERIFY = "verify"
    SHIP = "ship"
    PICK_UP = "pick_up"
    COMPLETE = "complete"
    RETURN = "return"
    HOLD = "hold"
    RESUME = "resume"
    CANCEL = "cancel"


_PHARMACISTS = frozenset({Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE})
_BENCH = _PHARMACISTS | {Role.TECHNICIAN}
_COUNTER = _BENCH | {Role.SHIPPING}


@dataclass(frozen=True, slots=True)
class ActRule:
    """Out of which states, into which, by whom. `to` is None when it is the state rested from."""

    leaves: frozenset[OrderStatus]
    to: OrderStatus | None
    roles: frozenset[Role]


def _leading_to(status: OrderStatus) -> frozenset[OrderStatus]:
    return frozenset(before for before, following in _NEXT.items() if status in following)


# Who may do what (house policy; review, rejection, verification and cancellation are a pharmacist's).
ACTS: Mapping[Act, ActRule] = {
    Act.START_REVIEW: ActRule(frozenset({_S.RECEIVED}), _S.IN_REVIEW, _BENCH),
    Act.APPROVE: ActRule(frozenset({_S.IN_REVIEW}), _S.AWAITING_PAYMENT, _PHARMACISTS),
    Act.REJECT: ActRule(frozenset({_S.IN_REVIEW}), _S.REJECTED, _PHARMACISTS),
    Act.RECORD_PAYMENT: ActRule(frozenset({_S.AWAITING_PAYMENT}), _S.QUEUED, _BENCH),
    Act.START_COMPOUNDING: ActRule(frozenset({_S.QUEUED}), _S.COMPOUNDING, _BENCH),
    Act.FINISH_LABELLING: ActRule(frozenset({_S.COMPOUNDING}), _S.LABELLED, _BENCH),
    Act.VERIFY: ActRule(frozenset({_S.LABELLED}), _S.VERIFIED, _PHARMACISTS),
    Act.SHIP: ActRule(frozenset({_S.VERIFIED}), _S.SHIPPED, _COUNTER),
    Act.PICK_UP: ActRule(frozenset({_S.VERIFIED}), _S.PICKED_UP, _COUNTER),
    Act.COMPLETE: ActRule(frozenset({_S.SHIPPED, _S.PICKED_UP}), _S.COMPLETED, _COUNTER),
    Act.RETURN: ActRule(frozenset({_S.SHIPPED, _S.PICKED_UP}), _S.RETURNED, _COUNTER),
    Act.HOLD: ActRule(_leading_to(_S.ON_HOLD), _S.ON_HOLD, _BENCH),
    Act.RESUME: ActRule(RESTS, None, _BENCH),
    Act.CANCEL: ActRule(_leading_to(_S.CANCELLED), _S.CANCELLED, _PHARMACISTS),
}

# Narrower than the act itself: whether a question is settled is a pharmacist's judgement (house policy).
_NARROWED: Mapping[tuple[Act, OrderStatus], frozenset[Role]] = {
    (Act.RESUME, _S.CLARIFICATION): _PHARMACISTS,
}

# Who answers what an order was asked, and how long: until a pharmacist has decided about the order.
ANSWERERS = _PHARMACISTS
ANSWERABLE = frozenset({_S.CLARIFICATION, _S.RECEIVED, _S.IN_REVIEW})

_WAITS: Mapping[Act, str] = {
    Act.APPROVE: "Waits for review to start",
    Act.REJECT: "Waits for review to start",
    Act.RECORD_PAYMENT: "Waits for a pharmacist's review",
    Act.START_COMPOUNDING: "Waits for payment",
    Act.FINISH_LABELLING: "Waits for compounding to start",
    Act.VERIFY: "Waits for labels",
    Act.SHIP: "Waits for final verification",
    Act.PICK_UP: "Waits for final verification",
    Act.COMPLETE: "Waits for hand-over",
    Act.RETURN: "Waits for hand-over",
}

_PROGRESS: Mapping[OrderStatus, int] = {status: rank for rank, status in enumerate(OrderStatus)}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an act is not open now, in words for the person who would do it."""

    reason: str


def roles_for(act: Act, status: OrderStatus) -> frozenset[Role]:
    """Who may do the act to an order in that state."""
    return _NARROWED.get((act, status), ACTS[act].roles)


def act_allowed(act: Act, status: OrderStatus, role: Role) -> Refusal | None:
    """None when this role may do this act in this state, else the reason why not.

    The role is judged first: what a person may never do does not wait for anything.
    """
    rule, roles = ACTS[act], roles_for(act, status)
    if role not in roles:
        return Refusal(f"Only {_who(roles)} may {_words(act)}")
    if status in rule.leaves:
        return None
    if status in RESTS:
        return Refusal(
            "Waits for an answer" if status is OrderStatus.CLARIFICATION else "The order is on hold"
        )
    comes_later = all(_PROGRESS[status] < _PROGRESS[before] for before in rule.leaves)
    if status not in FINAL and comes_later and act in _WAITS:
        return Refusal(_WAITS[act])
    return Refusal(f"The order is {_words(status)}")


def answering_allowed(status: OrderStatus, role: Role | None) -> Refusal | None:
    """None when this role may answer what an order in this state was asked, else the reason why not."""
    if role not in ANSWERERS:
        return Refusal("Only a pharmacist may answer questions")
    return None if status in ANSWERABLE else Refusal(f"The order is {_words(status)}")


def answers_missing(questions: int) -> Refusal | None:
    """An order with open questions goes nowhere (product rule "screening")."""
    if not questions:
        return None
    return Refusal(f"Waits for answers to {questions} question{'' if questions == 1 else 's'}")


def labels_missing(thing: str, missing: int, vials: int, failure: str | None = None) -> Refusal | None:
    """Every vial has its proof, or its label, before the order goes on; `failure` says why one never will."""
    if not missing:
        return None
    if failure:
        return Refusal(f"A {thing} cannot be drawn: {failure.rstrip('.')}")
    return Refusal(f"Waits for {missing} of {vials} {thing}s")


def cannot_be_made(line: int, because: str) -> Refusal:
    """Nobody pays for, or approves, what cannot be made."""
    return Refusal(f"Line {line} cannot be made today: {because.rstrip('.')}")


def beyond_use_too_early(line: int, beyond_use_on: date, *, first_dose_on: date, days: int) -> Refusal | None:
    """The beyond-use date of a line's capsules covers its last planned dose (USP <795>), or the refusal."""
    if covers(beyond_use_on, first_dose_on, days):
        return None
    last_dose_on = first_dose_on + timedelta(days=days - 1)
    return Refusal(
        f"Line {line} may be used until {beyond_use_on.isoformat()},"
        f" before its last planned dose on {last_dose_on.isoformat()}"
    )


def _who(roles: frozenset[Role]) -> str:
    if roles == _PHARMACISTS:
        return "a pharmacist"
    if Role.SHIPPING in roles:
        return "pharmacists, technicians and shipping"
    return "a pharmacist or technician"


_SPOKEN: Mapping[str, str] = {
    OrderStatus.CLARIFICATION: "in clarification",
    Act.RECORD_PAYMENT: "record a payment",
    Act.PICK_UP: "hand over",
    Act.RETURN: "take back",
}


def _words(value: OrderStatus | Act) -> str:
    return _SPOKEN.get(value, value.replace("_", " "))
