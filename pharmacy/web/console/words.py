"""How the console says things: days, moments, amounts, and the names of states and acts.

Everything here is pure: a value comes in, the words that a person reads come out. A day is always said in full
("Mon 2 Mar 2026"); how far away it is stands beside it and never instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from pharmacy.domain.day_words import day_text as day_text
from pharmacy.domain.day_words import short_day as short_day
from pharmacy.domain.day_words import with_days_in_words as with_days_in_words
from pharmacy.domain.money import Money
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.supply import SupplyMethod
from pharmacy.store.counting import MOST_COUNTED

_QUANTITY = re.compile(r"(-?\d+)(\.\d+)?(?: (\S+))?")
# A label adds the line of the order to its number.
_RX_NUMBER = re.compile(r"(?:rx)?[ #-]*([0-9]{1,9})(?:-[0-9]{1,2})?", re.IGNORECASE)


class Tone(StrEnum):
    """How urgent a thing is to the person who looks; each has a shape, and always a word beside it."""

    WAITING = "waiting"
    MINE = "mine"
    BLOCKED = "blocked"
    HELD = "held"
    DONE = "done"
    ENDED = "ended"

    @property
    def shape(self) -> str:
        return _SHAPES[self]


_SHAPES: Mapping[Tone, str] = {
    Tone.WAITING: "○",
    Tone.MINE: "●",
    Tone.BLOCKED: "■",
    Tone.HELD: "‖",
    Tone.DONE: "✓",
    Tone.ENDED: "✕",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A state as it is shown: a word, a tone, and the shape that says the tone without colour."""

    words: str
    tone: Tone

    @property
    def shape(self) -> str:
        return self.tone.shape


@dataclass(frozen=True, slots=True)
class Moment:
    """A day or instant for people and, as `machine`, for the browser; `relation` says how far away it is."""

    words: str
    machine: str
    relation: str = ""


def day_moment(day: date, today: date) -> Moment:
    """The day, with how far it is from today."""
    return Moment(day_text(day), day.isoformat(), relation(day, today))


def instant_moment(at: datetime, zone: ZoneInfo) -> Moment:
    """The instant on that zone's clock: "Mon 2 Mar 2026, 14:05"."""
    local = at.astimezone(zone)
    return Moment(f"{day_text(local.date())}, {local:%H:%M}", at.isoformat())


def relation(day: date, today: date) -> str:
    """How far away: "today", "tomorrow", "in 4 days", "yesterday", "3 days ago"."""
    away = (day - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(away)
    return near or (f"in {away} days" if away > 0 else f"{-away} days ago")


@dataclass(frozen=True, slots=True)
class Aligned:
    """A quantity in three parts, so that a column of them can meet at the decimal point."""

    whole: str
    fraction: str
    unit: str


def aligned(text: str) -> Aligned:
    """The parts of "1.5 mg"; what is not one plain quantity stays whole."""
    found = _QUANTITY.fullmatch(text)
    return Aligned(found[1], found[2] or "", found[3] or "") if found else Aligned(text, "", "")


def order_number(text: str) -> str:
    """The order's number in what somebody typed or read off a label: "Rx 100234-1" is "100234"; "" for none."""
    found = _RX_NUMBER.fullmatch(text.strip())
    return found[1] if found else ""


def money_text(cents: int) -> str:
    """ "65.45"; the currency stands beside it."""
    return Money(cents).text


def counted_text(count: int) -> str:
    """So many of a list; "1,000+" where counting ended."""
    return f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else str(count)


def counted(count: int, thing: str) -> str:
    """ "1 label", "3 labels"; batches and such take their -es."""
    plural = f"{thing}es" if thing.endswith("ch") else f"{thing}s"
    return f"{count} {thing if count == 1 else plural}"


def in_words(value: object) -> str:
    """A day, or a text with days in it, as people read it."""
    return with_days_in_words(str(value))


STATUS_WORDS: Mapping[OrderStatus, str] = {
    OrderStatus.RECEIVED: "Received",
    OrderStatus.IN_REVIEW: "In review",
    OrderStatus.AWAITING_PAYMENT: "Awaiting payment",
    OrderStatus.QUEUED: "Queued",
    OrderStatus.COMPOUNDING: "Compounding",
    OrderStatus.LABELLED: "Labelled",
    OrderStatus.VERIFIED: "Verified",
    OrderStatus.SHIPPED: "Shipped",
    OrderStatus.PICKED_UP: "Picked up",
    OrderStatus.COMPLETED: "Completed",
    OrderStatus.CLARIFICATION: "Clarification",
    OrderStatus.ON_HOLD: "On hold",
    OrderStatus.REJECTED: "Rejected",
    OrderStatus.CANCELLED: "Cancelled",
    OrderStatus.RETURNED: "Returned",
}

_WAITS_FOR: Mapping[OrderStatus, str] = {
    OrderStatus.RECEIVED: "Waits for review to start",
    OrderStatus.IN_REVIEW: "Waits for a pharmacist's decision",
    OrderStatus.AWAITING_PAYMENT: "Waits for payment",
    OrderStatus.QUEUED: "Waits for the bench",
    OrderStatus.COMPOUNDING: "Waits for capsules and labels",
    OrderStatus.LABELLED: "Waits for final verification",
    OrderStatus.VERIFIED: "Waits to be handed over",
    OrderStatus.SHIPPED: "On its way to the patient",
    OrderStatus.PICKED_UP: "With the patient",
    OrderStatus.COMPLETED: "Done",
    OrderStatus.CLARIFICATION: "Waits for the prescriber's answer",
    OrderStatus.ON_HOLD: "Rests until somebody resumes it",
    OrderStatus.REJECTED: "Ended: it was rejected",
    OrderStatus.CANCELLED: "Ended: it was cancelled",
    OrderStatus.RETURNED: "Ended: it came back and is never restocked",
}

ROLE_WORDS: Mapping[Role, str] = {role: role.replace("_", " ") for role in Role}

ACT_WORDS: Mapping[Act, str] = {
    Act.START_REVIEW: "Start review",
    Act.APPROVE: "Approve",
    Act.REJECT: "Reject",
    Act.RECORD_PAYMENT: "Record payment",
    Act.START_COMPOUNDING: "Start compounding",
    Act.FINISH_LABELLING: "Finish labelling",
    Act.VERIFY: "Verify",
    Act.SHIP: "Ship",
    Act.PICK_UP: "Hand over",
    Act.COMPLETE: "Complete",
    Act.RETURN: "Take back",
    Act.HOLD: "Put on hold",
    Act.RESUME: "Resume",
    Act.CANCEL: "Cancel order",
}

METHOD_WORDS: Mapping[SupplyMethod, str] = {
    SupplyMethod.OWN_STRENGTH: "one strength per step",
    SupplyMethod.MULTIPLES: "multiples of one strength",
    SupplyMethod.STRENGTH_SET: "a set of strengths",
}

DELIVERY_WORDS: Mapping[Delivery, str] = {Delivery.MAIL: "by mail", Delivery.PICK_UP: "picked up here"}

NOTICE_WORDS: Mapping[NoticeKind, str] = {
    NoticeKind.SHIPPED: "The parcel is on its way",
    NoticeKind.STEP: "The next step begins",
    NoticeKind.REFILL: "Time to ask for a refill",
    NoticeKind.FOLLOW_UP: "The refill is still due",
    NoticeKind.READY: "Ready to be picked up",
    NoticeKind.PRICE: "A price to look at",
    NoticeKind.CHECK_IN: "How are you doing?",
    NoticeKind.RENEWAL: "To the prescriber: please renew",
    NoticeKind.EXPIRING: "The prescription expires soon",
    NoticeKind.HOME_EXPIRED: "A vial is past its date",
    NoticeKind.RECALL: "Recall: please call us",
}


def waits_for(status: OrderStatus, delivery: Delivery, resumes_to: OrderStatus | None) -> str:
    """What an order in this state waits for, in a sentence without its full stop."""
    if status is OrderStatus.VERIFIED:
        return "Waits to be shipped" if delivery is Delivery.MAIL else "Waits for the patient at the counter"
    if resumes_to is not None:
        return f"{_WAITS_FOR[status]}; then goes on as {STATUS_WORDS[resumes_to].lower()}"
    return _WAITS_FOR[status]
