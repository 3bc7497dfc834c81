"""A laid-out schedule as the patient's calendar file."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pharmacy.domain.notices import Start
from pharmacy.gateways.calendar_file import calendar_entries, calendar_file
from pharmacy.usecases.lay_out_schedule import LaidOut

_ASSUMED = "The first day is assumed. If you started on another day, call {phone}."
_CONFIRMED = "Questions? Call {phone}."


def calendar_answer(laid_out: LaidOut, *, phone: str, changed_at: datetime) -> bytes:
    """The iCalendar file; while the start is assumed every entry says so."""
    steps = [step for line in laid_out.supply.lines for vial in line.vials for step in vial.steps]
    note = _CONFIRMED if laid_out.start is Start.CONFIRMED else _ASSUMED
    return calendar_file(
        calendar_entries(steps, start_on=laid_out.start_on),
        reference=str(laid_out.document["prescription_id"]),
        zone=ZoneInfo(laid_out.zone_name),
        stamped_at=changed_at,
        note=note.format(phone=phone),
    )
