"""Who did what, in words: the audit trail of one order, equal entries of one moment told once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from pharmacy.domain.actors import ActorKind
from pharmacy.domain.hand_over import ScanPurpose
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store.audit import AuditEntry
from pharmacy.web.console.words import (
    NOTICE_WORDS,
    STATUS_WORDS,
    Moment,
    counted,
    instant_moment,
    with_days_in_words,
)

_ACTS_DONE: Mapping[str, str] = {
    Act.START_REVIEW: "started the review",
    Act.APPROVE: "approved the order",
    Act.REJECT: "rejected the order",
    Act.RECORD_PAYMENT: "recorded the payment",
    Act.START_COMPOUNDING: "compounded the batches",
    Act.FINISH_LABELLING: "labelled the vials",
    Act.VERIFY: "verified the order",
    Act.SHIP: "shipped the order",
    Act.PICK_UP: "handed the order over",
    Act.COMPLETE: "completed the order",
    Act.RETURN: "took the order back",
    Act.HOLD: "put the order on hold",
    Act.RESUME: "resumed the order",
    Act.CANCEL: "cancelled the order",
}


_SCANNED: Mapping[str, str] = {
    ScanPurpose.VERIFICATION: "against the order",
    ScanPurpose.BAG: "into the bag",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    at: Moment
    who: str
    is_machine: bool
    what: str
    detail: str


def timeline(entries: Iterable[AuditEntry], zone: ZoneInfo) -> tuple[TimelineEntry, ...]:
    """The entries, newest first."""
    runs = [list(run) for _, run in groupby(entries, key=_sameness)]
    return tuple(_entry(run, zone) for run in reversed(runs))


def _sameness(entry: AuditEntry) -> tuple[Any, ...]:
    """Entries next to each other that differ in nothing of this are told as one."""
    return entry.action, entry.actor_id, entry.detail.get("kind"), entry.detail.get("act")


def _entry(run: Sequence[AuditEntry], zone: ZoneInfo) -> TimelineEntry:
    newest = run[-1]
    return TimelineEntry(
        at=instant_moment(newest.at, zone),
        who=newest.actor_name,
        is_machine=newest.actor_kind is ActorKind.SYSTEM,
        what=_what(newest, len(run)),
        detail=_detail(newest),
    )


def _detail(entry: AuditEntry) -> str:
    """Why, and with whom somebody spoke about it."""
    reason, contact = (str(entry.detail.get(name, "")) for name in ("reason", "contact"))
    return f"{reason} (spoke with {contact})" if contact else reason


def _what(entry: AuditEntry, times: int) -> str:
    subject, _, deed = entry.action.partition(".")
    kind = str(entry.detail.get("kind", ""))
    labels = counted(times, f"{kind} label".lstrip())
    told = {
        "order.received": "submitted the order",
        "label.requested": f"asked for {labels}",
        "label.made": f"made {labels}",
        "label.voided": f"voided {labels}",
        "vial.scanned": f"scanned {counted(times, 'vial')} {_SCANNED.get(kind, '')}",
        "counselling.offered": f"offered counselling: {kind}",
        "closure.requested": "recorded a request for another closure",
        "order.handed_over": "wrote down who took it, and the closure",
        "order.answered": f"answered {counted(len(entry.detail.get('questions', ())), 'question')}",
        "notices.scheduled": f"scheduled {counted(int(entry.detail.get('count', 0)), 'notice')}",
        "start.confirmed": f"confirmed the start on {with_days_in_words(str(entry.detail.get('started_on', '')))}",
    }
    if subject == "notice" and kind in set(NoticeKind):
        return f"settled the notice “{NOTICE_WORDS[NoticeKind(kind)]}”: {deed}"
    # An act is told as such: an order that is resumed is received again, and yet nobody submitted it.
    if subject == "order" and entry.detail.get("act") in _ACTS_DONE:
        return _ACTS_DONE[entry.detail["act"]]
    if entry.action in told:
        return told[entry.action]
    if subject == "order" and deed in set(OrderStatus):
        return f"moved the order to {STATUS_WORDS[OrderStatus(deed)].lower()}"
    return f"{deed.replace('_', ' ')} ({subject})"
