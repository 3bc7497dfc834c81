"""The rows of each log, as its page shows them: a page of them, newest first, with who wrote each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pharmacy.domain.stock import mass_text
from pharmacy.store import quality_logs, staff, stock_ledger
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.usecases.record_training import trainings_today
from pharmacy.web.console.language import gettext
from pharmacy.web.console.names import named
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.words import day_moment, day_text, instant_moment
from pharmacy.web.current import the_pharmacy

_ROWS = 30
Rows = tuple[list[dict[str, Any]], str | None]


def _incidents(session: Session, bookmark: str | None) -> Rows:
    page = page_of(session, quality_logs.incidents(None), _ROWS, bookmark)
    names = staff.names_of(session, [row.recorded_by for row in page.records])
    today = the_viewer().today
    return [
        {
            "id": row.id,
            "first": day_moment(row.reported_on, today).words,
            "cells": [named(row.kind.value), named(row.severity.value), row.description, row.source],
            "by": names[row.recorded_by],
        }
        for row in page.records
    ], page.next_bookmark


def _rooms(session: Session, bookmark: str | None) -> Rows:
    page = page_of(session, quality_logs.room_readings(None), _ROWS, bookmark)
    names = staff.names_of(session, [row.recorded_by for row in page.records])
    zone = the_pharmacy().zone
    return [
        {
            "first": instant_moment(row.read_at, zone).words,
            "cells": [
                row.room,
                f"{row.temperature_c} °C",
                f"{row.humidity_pct} %",
                gettext("✓ within") if row.is_within else gettext("▲ beyond the limits"),
                row.remark or "",
            ],
            "by": names[row.recorded_by],
        }
        for row in page.records
    ], page.next_bookmark


def _cleanings(session: Session, bookmark: str | None) -> Rows:
    page = page_of(session, quality_logs.cleanings(), _ROWS, bookmark)
    names = staff.names_of(session, [row.recorded_by for row in page.records])
    zone = the_pharmacy().zone
    return [
        {
            "first": instant_moment(row.cleaned_at, zone).words,
            "cells": [row.place, row.agent, row.remark or ""],
            "by": names[row.recorded_by],
        }
        for row in page.records
    ], page.next_bookmark


def _waste(session: Session, bookmark: str | None) -> Rows:
    page = page_of(session, stock_ledger.thrown_away(), _ROWS, bookmark)
    names = staff.names_of(session, [row.moved_by for row in page.records])
    zone = the_pharmacy().zone
    return [
        {
            "first": instant_moment(row.moved_at, zone).words,
            "cells": [
                stock_ledger.kept(session, row.stock_id).number,
                row.kind.value,
                mass_text(abs(row.ug)),
                row.reason or "",
            ],
            "by": names.get(row.moved_by, ""),
        }
        for row in page.records
    ], page.next_bookmark


def _trainings(session: Session, _: str | None) -> Rows:
    today = the_viewer().today
    return [
        {
            "first": each["full_name"],
            "cells": [
                named(each["role"]),
                gettext("✓ in force") if each["is_trained_today"] else gettext("▲ lapsed"),
                _trained_in(each["competencies"]),
            ],
            "by": day_moment(each["trained_until"], today).words if each["trained_until"] else "",
        }
        for each in trainings_today(session, today)
    ], None


def _trained_in(competencies: Sequence[Mapping[str, Any]]) -> str:
    """What is in force until when, the days once for all that share them; what never was is said to be missing."""
    by_day: dict[str, list[str]] = {}
    for each in competencies:
        ends = each["training_expires_on"]
        until = gettext("never trained") if ends is None else gettext("until %(day)s", day=day_text(ends))
        by_day.setdefault(until, []).append(named(each["competency"]))
    if len(by_day) == 1:
        return str(gettext("all five: %(until)s", until=next(iter(by_day))))
    return "; ".join(f"{', '.join(named)} {until}" for until, named in by_day.items())


READS: Mapping[str, Callable[[Session, str | None], Rows]] = {
    "incidents": _incidents,
    "rooms": _rooms,
    "cleaning": _cleanings,
    "waste": _waste,
    "training": _trainings,
}
