"""The rooms of the rail: which states each shows, and whose work waits there.

A room is a view of the one queue. What waits for me is what my role may move on now; resting and handed-over
orders wait for somebody outside and are nobody's in that sense.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pharmacy.domain.orders import ACTS, Act, OrderStatus, Role
from pharmacy.web.console.language import lazy_gettext

_S = OrderStatus

# The act that moves an order along its usual way.
NEXT_ACT: Mapping[OrderStatus, Act] = {
    _S.RECEIVED: Act.START_REVIEW,
    _S.IN_REVIEW: Act.APPROVE,
    _S.AWAITING_PAYMENT: Act.RECORD_PAYMENT,
    _S.QUEUED: Act.START_COMPOUNDING,
    _S.COMPOUNDING: Act.FINISH_LABELLING,
    _S.LABELLED: Act.VERIFY,
    _S.VERIFIED: Act.SHIP,
    _S.SHIPPED: Act.COMPLETE,
    _S.PICKED_UP: Act.COMPLETE,
    _S.CLARIFICATION: Act.RESUME,
    _S.ON_HOLD: Act.RESUME,
}
_WAITS_OUTSIDE = frozenset({_S.SHIPPED, _S.PICKED_UP, _S.CLARIFICATION, _S.ON_HOLD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One entry of the rail; `letter` goes there after g."""

    name: str
    title: str
    letter: str
    statuses: frozenset[OrderStatus]
    empty: str


TODAY = Room(
    name="today",
    title=lazy_gettext("Today"),
    letter="t",
    statuses=frozenset(),
    empty=lazy_gettext("Nothing waits for you. What waits for others is under All orders."),
)

ROOMS: tuple[Room, ...] = (
    TODAY,
    Room(
        name="review",
        title=lazy_gettext("Review"),
        letter="r",
        statuses=frozenset({_S.RECEIVED, _S.IN_REVIEW}),
        empty=lazy_gettext("No order waits for review. New ones appear here as prescribers submit them."),
    ),
    Room(
        name="payment",
        title=lazy_gettext("Payment"),
        letter="p",
        statuses=frozenset({_S.AWAITING_PAYMENT}),
        empty=lazy_gettext(
            "No order waits for payment. An order comes here once a pharmacist has approved it."
        ),
    ),
    Room(
        name="bench",
        title=lazy_gettext("Bench"),
        letter="b",
        statuses=frozenset({_S.QUEUED, _S.COMPOUNDING}),
        empty=lazy_gettext("Nothing is to be compounded. An order comes here once it is paid."),
    ),
    Room(
        name="verify",
        title=lazy_gettext("Verify"),
        letter="v",
        statuses=frozenset({_S.LABELLED}),
        empty=lazy_gettext(
            "Nothing waits for verification. An order comes here once its vials are labelled."
        ),
    ),
    Room(
        name="ship",
        title=lazy_gettext("Ship"),
        letter="s",
        statuses=frozenset({_S.VERIFIED}),
        empty=lazy_gettext("Nothing waits to be handed over. An order comes here once it is verified."),
    ),
    Room(
        name="resting",
        title=lazy_gettext("Resting"),
        letter="h",
        statuses=frozenset({_S.CLARIFICATION, _S.ON_HOLD}),
        empty=lazy_gettext("No order rests: no question to a prescriber is open, and nothing is on hold."),
    ),
    Room(
        name="all",
        title=lazy_gettext("All orders"),
        letter="o",
        statuses=frozenset(OrderStatus),
        empty=lazy_gettext("There is no order yet. Prescribers' systems submit them through the API."),
    ),
)


def room_named(name: str) -> Room:
    """The room of that name; today's for any other."""
    return next((room for room in ROOMS if room.name == name), TODAY)


def statuses_of(room: Room, role: Role) -> frozenset[OrderStatus]:
    """What the room shows to that role: today's shows what waits for it."""
    return waiting_for(role) if room is TODAY else room.statuses


def waiting_for(role: Role) -> frozenset[OrderStatus]:
    """The states out of which this role may move an order along its usual way."""
    return frozenset(
        status for status, act in NEXT_ACT.items() if role in ACTS[act].roles and status not in _WAITS_OUTSIDE
    )
