"""Rows of the queue: an order in one line of words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from pharmacy.domain.calendar import local_day
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.findings import Severity
from pharmacy.domain.orders import FINAL, RESTS, OrderStatus, Role
from pharmacy.domain.titration import TitrationPlan
from pharmacy.store.orders import Order
from pharmacy.web.console.names import named
from pharmacy.web.console.rooms import waiting_for
from pharmacy.web.console.words import (
    STATUS_WORDS,
    Chip,
    Moment,
    Tone,
    counted,
    day_moment,
    day_text,
    waits_for,
)

_MOST_DOSES_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks, on which day of which zone."""

    role: Role
    member_id: UUID
    today: date
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One order of the queue, all in words."""

    order_id: str
    number: str
    patient: str
    born: str
    plan: str
    prescriber: str
    state: Chip
    waits_for: str
    findings: tuple[Chip, ...]
    promised: Moment | None
    is_late: bool
    # Since when it has been where it is, and so why it is late.
    since: Moment
    received: Moment


def queue_row(order: Order, viewer: Viewer) -> QueueRow:
    """The order as that person's queue shows it."""
    promised = order.promised_on
    is_open = order.status not in FINAL and order.shipped_on is None
    return QueueRow(
        order_id=str(order.id),
        number=str(order.number),
        patient=order.patient.full_name,
        born=day_text(order.patient.birth_on),
        plan=f"{doses_text(order.plan_version.plan())}, {counted(order.days, 'day')}",
        prescriber=order.prescription.prescriber_name,
        state=state_chip(order, viewer),
        waits_for=waits_for(order.status, order.delivery, order.resumes_to),
        findings=grave_findings(order),
        promised=day_moment(promised, viewer.today) if promised else None,
        is_late=bool(promised and promised < viewer.today and is_open),
        since=day_moment(local_day(order.status_at, viewer.zone), viewer.today),
        received=day_moment(local_day(order.created_at, viewer.zone), viewer.today),
    )


def state_chip(order: Order, viewer: Viewer) -> Chip:
    """The state of the order, in the tone it has for that person."""
    return Chip(STATUS_WORDS[order.status], _tone(order, viewer))


def grave_findings(order: Order) -> tuple[Chip, ...]:
    """How many findings block or need an override, if any do."""
    counts = {
        severity: sum(1 for finding in order.findings if finding.severity is severity)
        for severity in (Severity.BLOCK, Severity.OVERRIDE)
    }
    tones = {Severity.BLOCK: Tone.BLOCKED, Severity.OVERRIDE: Tone.HELD}
    return tuple(
        Chip(f"{count} {named(severity)}", tones[severity]) for severity, count in counts.items() if count
    )


def doses_text(plan: TitrationPlan) -> str:
    """The daily doses in the order of the plan: "1.5 mg → 3 mg → 4.5 mg"."""
    doses = [format_dose(step.daily_dose) for step in plan.steps]
    told = doses[:1] + [after for before, after in pairwise(doses) if after != before]
    if len(told) > _MOST_DOSES_SHOWN:
        told = [*told[:2], "…", told[-1]]
    return " → ".join(told)


def _tone(order: Order, viewer: Viewer) -> Tone:
    if order.status in RESTS:
        return Tone.HELD
    if order.status in {OrderStatus.SHIPPED, OrderStatus.PICKED_UP, OrderStatus.COMPLETED}:
        return Tone.DONE
    if order.status in FINAL:
        return Tone.ENDED
    is_mine = order.status in waiting_for(viewer.role)
    made_it = order.status is OrderStatus.LABELLED and order.compounded_by == viewer.member_id
    return Tone.MINE if is_mine and not made_it else Tone.WAITING
