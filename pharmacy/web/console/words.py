"""How the console says things: days, moments, amounts, and the names of states and acts.

Everything here is pure: a value comes in, the words that a person reads come out. A day is always said in full
("Mon 2 Mar 2026"); how far away it is stands beside it and never instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from pharmacy.domain import day_words
from pharmacy.domain.dose_text import amount_text
from pharmacy.domain.money import Money
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.supply import SupplyMethod
from pharmacy.domain.titration import TimeOfDay
from pharmacy.store.counting import MOST_COUNTED
from pharmacy.web.console.language import gettext, language, lazy_gettext, ngettext, said_day

_ONE_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
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


def day_text(day: date) -> str:
    """ "Mon 2 Mar 2026", in the language of the page."""
    return _day(day, "EEE d MMM y") or day_words.day_text(day)


def short_day(day: date) -> str:
    """ "2 Mar", for places where the year is said elsewhere."""
    return _day(day, "d MMM") or day_words.short_day(day)


def with_days_in_words(text: str) -> str:
    """The text, with every day in it as people read days; a day inside a sentence of a rule in the sentence's English."""
    is_day = _ONE_DAY.fullmatch(text) is not None
    return day_words.with_days_in_words(text, day_text if is_day else day_words.day_text)


def _day(day: date, form: str) -> str:
    """The day in another language than English; "" in English, whose words are those of the house's papers."""
    return "" if language() == "en" else said_day(day, form)


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
    near = {0: lazy_gettext("today"), 1: lazy_gettext("tomorrow"), -1: lazy_gettext("yesterday")}.get(away)
    if near is not None:
        return str(near)
    return gettext("in %(days)s days", days=away) if away > 0 else gettext("%(days)s days ago", days=-away)


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
    """ "1 label", "3 labels", of a thing that is counted here; KeyError for another."""
    return _COUNTED[thing](count)


_COUNTED: Mapping[str, Callable[[int], str]] = {
    "batch": lambda count: ngettext("%(num)s batch", "%(num)s batches", count),
    "capsule": lambda count: ngettext("%(num)s capsule", "%(num)s capsules", count),
    "day": lambda count: ngettext("%(num)s day", "%(num)s days", count),
    "dispensing label": lambda count: ngettext(
        "%(num)s dispensing label", "%(num)s dispensing labels", count
    ),
    "grave finding": lambda count: ngettext("%(num)s grave finding", "%(num)s grave findings", count),
    "label": lambda count: ngettext("%(num)s label", "%(num)s labels", count),
    "notice": lambda count: ngettext("%(num)s notice", "%(num)s notices", count),
    "proof label": lambda count: ngettext("%(num)s proof label", "%(num)s proof labels", count),
    "question": lambda count: ngettext("%(num)s question", "%(num)s questions", count),
    "vial": lambda count: ngettext("%(num)s vial", "%(num)s vials", count),
}


def amount_words(units: int, unit_ml: Decimal | None) -> str:
    """ "8 capsules", or the volume when the units are marks of a syringe."""
    return counted(units, "capsule") if unit_ml is None else amount_text(units, unit_ml)


def in_words(value: object) -> str:
    """A day, or a text with days in it, as people read it."""
    return with_days_in_words(str(value))


STATUS_WORDS: Mapping[OrderStatus, str] = {
    OrderStatus.RECEIVED: lazy_gettext("Received"),
    OrderStatus.IN_REVIEW: lazy_gettext("In review"),
    OrderStatus.AWAITING_PAYMENT: lazy_gettext("Awaiting payment"),
    OrderStatus.QUEUED: lazy_gettext("Queued"),
    OrderStatus.COMPOUNDING: lazy_gettext("Compounding"),
    OrderStatus.LABELLED: lazy_gettext("Labelled"),
    OrderStatus.VERIFIED: lazy_gettext("Verified"),
    OrderStatus.SHIPPED: lazy_gettext("Shipped"),
    OrderStatus.PICKED_UP: lazy_gettext("Picked up"),
    OrderStatus.COMPLETED: lazy_gettext("Completed"),
    OrderStatus.CLARIFICATION: lazy_gettext("Clarification"),
    OrderStatus.ON_HOLD: lazy_gettext("On hold"),
    OrderStatus.REJECTED: lazy_gettext("Rejected"),
    OrderStatus.CANCELLED: lazy_gettext("Cancelled"),
    OrderStatus.RETURNED: lazy_gettext("Returned"),
}

_WAITS_FOR: Mapping[OrderStatus, str] = {
    OrderStatus.RECEIVED: lazy_gettext("Waits for review to start"),
    OrderStatus.IN_REVIEW: lazy_gettext("Waits for a pharmacist's decision"),
    OrderStatus.AWAITING_PAYMENT: lazy_gettext("Waits for payment"),
    OrderStatus.QUEUED: lazy_gettext("Waits for the bench"),
    OrderStatus.COMPOUNDING: lazy_gettext("Waits for capsules and labels"),
    OrderStatus.LABELLED: lazy_gettext("Waits for final verification"),
    OrderStatus.VERIFIED: lazy_gettext("Waits to be handed over"),
    OrderStatus.SHIPPED: lazy_gettext("On its way to the patient"),
    OrderStatus.PICKED_UP: lazy_gettext("With the patient"),
    OrderStatus.COMPLETED: lazy_gettext("Done"),
    OrderStatus.CLARIFICATION: lazy_gettext("Waits for the prescriber's answer"),
    OrderStatus.ON_HOLD: lazy_gettext("Rests until somebody resumes it"),
    OrderStatus.REJECTED: lazy_gettext("Ended: it was rejected"),
    OrderStatus.CANCELLED: lazy_gettext("Ended: it was cancelled"),
    OrderStatus.RETURNED: lazy_gettext("Ended: it came back and is never restocked"),
}

ROLE_WORDS: Mapping[Role, str] = {
    Role.TECHNICIAN: lazy_gettext("technician"),
    Role.PHARMACIST: lazy_gettext("pharmacist"),
    Role.PHARMACIST_IN_CHARGE: lazy_gettext("pharmacist in charge"),
    Role.SHIPPING: lazy_gettext("shipping"),
    Role.ADMINISTRATOR: lazy_gettext("administrator"),
    Role.AUDITOR: lazy_gettext("auditor"),
}

TIME_WORDS: Mapping[TimeOfDay, str] = {
    TimeOfDay.MORNING: lazy_gettext("in the morning"),
    TimeOfDay.BEDTIME: lazy_gettext("at bedtime"),
}

ACT_WORDS: Mapping[Act, str] = {
    Act.START_REVIEW: lazy_gettext("Start review"),
    Act.APPROVE: lazy_gettext("Approve"),
    Act.REJECT: lazy_gettext("Reject"),
    Act.RECORD_PAYMENT: lazy_gettext("Record payment"),
    Act.START_COMPOUNDING: lazy_gettext("Start compounding"),
    Act.FINISH_LABELLING: lazy_gettext("Finish labelling"),
    Act.VERIFY: lazy_gettext("Verify"),
    Act.SHIP: lazy_gettext("Ship"),
    Act.PICK_UP: lazy_gettext("Hand over"),
    Act.COMPLETE: lazy_gettext("Complete"),
    Act.RETURN: lazy_gettext("Take back"),
    Act.HOLD: lazy_gettext("Put on hold"),
    Act.RESUME: lazy_gettext("Resume"),
    Act.CANCEL: lazy_gettext("Cancel order"),
}

METHOD_WORDS: Mapping[SupplyMethod, str] = {
    SupplyMethod.OWN_STRENGTH: lazy_gettext("one strength per step"),
    SupplyMethod.MULTIPLES: lazy_gettext("multiples of one strength"),
    SupplyMethod.STRENGTH_SET: lazy_gettext("a set of strengths"),
}

DELIVERY_WORDS: Mapping[Delivery, str] = {
    Delivery.MAIL: lazy_gettext("by mail"),
    Delivery.PICK_UP: lazy_gettext("picked up here"),
}

NOTICE_WORDS: Mapping[NoticeKind, str] = {
    NoticeKind.SHIPPED: lazy_gettext("The parcel is on its way"),
    NoticeKind.STEP: lazy_gettext("The next step begins"),
    NoticeKind.REFILL: lazy_gettext("Time to ask for a refill"),
    NoticeKind.FOLLOW_UP: lazy_gettext("The refill is still due"),
    NoticeKind.READY: lazy_gettext("Ready to be picked up"),
    NoticeKind.PRICE: lazy_gettext("A price to look at"),
    NoticeKind.CHECK_IN: lazy_gettext("How are you doing?"),
    NoticeKind.RENEWAL: lazy_gettext("To the prescriber: please renew"),
    NoticeKind.EXPIRING: lazy_gettext("The prescription expires soon"),
    NoticeKind.HOME_EXPIRED: lazy_gettext("A vial is past its date"),
    NoticeKind.RECALL: lazy_gettext("Recall: please call us"),
}


def waits_for(status: OrderStatus, delivery: Delivery, resumes_to: OrderStatus | None) -> str:
    """What an order in this state waits for, in a sentence without its full stop."""
    if status is OrderStatus.VERIFIED:
        return (
            gettext("Waits to be shipped")
            if delivery is Delivery.MAIL
            else gettext("Waits for the patient at the counter")
        )
    if resumes_to is not None:
        return gettext(
            "%(waits)s; then goes on as %(state)s",
            waits=_WAITS_FOR[status],
            state=STATUS_WORDS[resumes_to].lower(),
        )
    return _WAITS_FOR[status]
