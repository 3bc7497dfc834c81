"""A laid-out schedule as the patient's calendar file, and as a sheet of paper."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pharmacy.domain.labels import PharmacyOnLabel
from pharmacy.domain.notices import Start
from pharmacy.domain.patient_days import patient_days
from pharmacy.gateways.calendar_file import calendar_entries, calendar_file
from pharmacy.gateways.calendar_pdf import CalendarSheet, calendar_pdf
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


def sheet_answer(laid_out: LaidOut, *, pharmacy: PharmacyOnLabel) -> bytes:
    """The PDF; while the start is assumed it counts days and names no dates."""
    return calendar_pdf(
        CalendarSheet(
            rx_number=str(laid_out.rx_number),
            days=patient_days(laid_out.plan, laid_out.supply),
            of_steps=len(laid_out.plan.steps),
            start_on=laid_out.start_on if laid_out.start is Start.CONFIRMED else None,
            pharmacy=pharmacy.name,
            phone=pharmacy.phone,
        )
    )
