"""Entries of the audit trail in words, and what a verification of the whole trail found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import url_for

from pharmacy.domain.actors import ActorKind
from pharmacy.domain.seals import TrailReport
from pharmacy.store.audit import AuditEntry
from pharmacy.store.audit_search import Called
from pharmacy.web.console.language import gettext, ngettext
from pharmacy.web.console.words import Moment, instant_moment, with_days_in_words

_LONGEST_DETAIL = 300
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryShown:
    at: Moment
    who: str
    is_machine: bool
    what: str
    about: str
    href: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailInWords:
    is_whole: bool
    sentence: str
    unsealed: str
    faults: tuple[str, ...]
    places: tuple[str, ...]


def entry_shown(entry: AuditEntry, names: Called, zone: ZoneInfo) -> EntryShown:
    """One entry; what it is about has a name and an address where it has a page."""
    about, href = _about(entry.subject_id, names)
    return EntryShown(
        at=instant_moment(entry.at, zone),
        who=entry.actor_name,
        is_machine=entry.actor_kind is ActorKind.SYSTEM,
        what=_what(entry.action),
        about=about,
        href=href,
        detail=_detail(entry.detail),
    )


def _what(action: str) -> str:
    """ "Order: approved" for order.approved."""
    subject, _, deed = action.partition(".")
    return f"{subject.replace('_', ' ').capitalize()}: {deed.replace('_', ' ').replace('.', ' ')}"


def _about(subject_id: UUID, names: Called) -> tuple[str, str]:
    if subject_id in names.orders:
        number = names.orders[subject_id]
        return gettext("order %(number)s", number=number), url_for("console.order_page", order_id=subject_id)
    if subject_id in names.staff:
        return names.staff[subject_id], url_for("console.member_page", member_id=subject_id)
    if subject_id in names.patients:
        return gettext("a patient"), url_for("console.patient_page", patient_id=subject_id)
    return "", ""


def _detail(detail: Mapping[str, Any]) -> str:
    told = "; ".join(f"{name.replace('_', ' ')} {_plain(value)}" for name, value in detail.items())
    told = with_days_in_words(told)
    return told if len(told) <= _LONGEST_DETAIL else f"{told[:_LONGEST_DETAIL]}…"


def _plain(value: Any) -> str:
    match value:
        case None:
            return gettext("none")
        case bool():
            return gettext("yes") if value else gettext("no")
        case list():
            return ", ".join(_plain(each) for each in value)
        case Mapping():
            return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
        case _:
            return str(value)


def trail_in_words(report: TrailReport) -> TrailInWords:
    """What was found, as a sentence, the faults counted by kind, and the first places."""
    entries = ngettext("%(num)s entry", "%(num)s entries", report.entries)
    seals = ngettext("%(num)s seal", "%(num)s seals", report.seals)
    if report.is_whole:
        sentence = gettext(
            "The trail is whole: %(entries)s under %(seals)s say what was written when they were written.",
            entries=entries,
            seals=seals,
        )
    else:
        sentence = gettext(
            "The trail is not whole. %(entries)s under %(seals)s were looked at; what is wrong stands below, the "
            "first bad place first.",
            entries=entries,
            seals=seals,
        )
    counts = Counter(finding.fault for finding in report.faults)
    return TrailInWords(
        is_whole=report.is_whole,
        sentence=sentence,
        unsealed=ngettext(
            "%(num)s entry waits for the next seal and could still vanish unseen.",
            "%(num)s entries wait for the next seal and could still vanish unseen.",
            report.unsealed,
        )
        if report.unsealed
        else "",
        faults=tuple(
            ngettext("%(num)s place: %(fault)s", "%(num)s places: %(fault)s", count, fault=fault.value)
            for fault, count in counts.items()
        ),
        places=tuple(
            gettext(
                "%(fault)s: seal %(seal)s, entry or order %(subject)s",
                fault=finding.fault.value,
                seal=finding.seal_number if finding.seal_number is not None else "-",
                subject=finding.subject_id or "-",
            )
            for finding in report.faults[:_MOST_NAMED]
        ),
    )
