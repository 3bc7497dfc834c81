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
from pharmacy.store.labels import LabelKind
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.words import (
    NOTICE_WORDS,
    STATUS_WORDS,
    Moment,
    counted,
    instant_moment,
    with_days_in_words,
)

_ACTS_DONE: Mapping[str, str] = {
    Act.START_REVIEW: lazy_gettext("started the review"),
    Act.APPROVE: lazy_gettext("approved the order"),
    Act.REJECT: lazy_gettext("rejected the order"),
    Act.RECORD_PAYMENT: lazy_gettext("recorded the payment"),
    Act.START_COMPOUNDING: lazy_gettext("compounded the batches"),
    Act.FINISH_LABELLING: lazy_gettext("labelled the vials"),
    Act.VERIFY: lazy_gettext("verified the order"),
    Act.SHIP: lazy_gettext("shipped the order"),
    Act.PICK_UP: lazy_gettext("handed the order over"),
    Act.COMPLETE: lazy_gettext("completed the order"),
    Act.RETURN: lazy_gettext("took the order back"),
    Act.HOLD: lazy_gettext("put the order on hold"),
    Act.RESUME: lazy_gettext("resumed the order"),
    Act.CANCEL: lazy_gettext("cancelled the order"),
}


_SCANNED: Mapping[str, str] = {
    ScanPurpose.VERIFICATION: lazy_gettext("against the order"),
    ScanPurpose.BAG: lazy_gettext("into the bag"),
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
    return (
        gettext("%(reason)s (spoke with %(contact)s)", reason=reason, contact=contact) if contact else reason
    )


def _what(entry: AuditEntry, times: int) -> str:
    subject, _, deed = entry.action.partition(".")
    kind = str(entry.detail.get("kind", ""))
    labels = counted(times, f"{kind} label" if kind in set(LabelKind) else "label")
    told = {
        "order.received": gettext("submitted the order"),
        "label.requested": gettext("asked for %(labels)s", labels=labels),
        "label.made": gettext("made %(labels)s", labels=labels),
        "label.voided": gettext("voided %(labels)s", labels=labels),
        "vial.scanned": gettext(
            "scanned %(counted)s %(kind)s", counted=counted(times, "vial"), kind=_SCANNED.get(kind, "")
        ),
        "counselling.offered": gettext("offered counselling: %(kind)s", kind=kind),
        "closure.requested": gettext("recorded a request for another closure"),
        "order.handed_over": gettext("wrote down who took it, and the closure"),
        "order.answered": gettext(
            "answered %(counted)s", counted=counted(len(entry.detail.get("questions", ())), "question")
        ),
        "notices.scheduled": gettext(
            "scheduled %(counted)s", counted=counted(int(entry.detail.get("count", 0)), "notice")
        ),
        "start.confirmed": gettext(
            "confirmed the start on %(started_on)s",
            started_on=with_days_in_words(str(entry.detail.get("started_on", ""))),
        ),
    }
    if subject == "notice" and kind in set(NoticeKind):
        return gettext(
            "settled the notice “%(kind)s”: %(deed)s", kind=NOTICE_WORDS[NoticeKind(kind)], deed=deed
        )
    # An act is told as such: an order that is resumed is received again, and yet nobody submitted it.
    if subject == "order" and entry.detail.get("act") in _ACTS_DONE:
        return _ACTS_DONE[entry.detail["act"]]
    if entry.action in told:
        return told[entry.action]
    if subject == "order" and deed in set(OrderStatus):
        return gettext("moved the order to %(deed)s", deed=STATUS_WORDS[OrderStatus(deed)].lower())
    return f"{deed.replace('_', ' ')} ({subject})"
