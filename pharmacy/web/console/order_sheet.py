"""One order on one sheet: everything a person must see to act on it, all in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pharmacy.domain.calendar import age_on
from pharmacy.domain.dose_text import amount_text, format_dose, strength_text
from pharmacy.domain.findings import Severity
from pharmacy.domain.hand_over import ScanPurpose
from pharmacy.domain.notices import NoticeKind, Start
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.screening import is_question
from pharmacy.domain.supply import Supply
from pharmacy.domain.titration import TitrationPlan, date_of, schedule
from pharmacy.store.audit import AuditEntry
from pharmacy.store.hand_overs import CounsellingOffer, VialScan
from pharmacy.store.notices import Notice, NoticeState
from pharmacy.store.orders import Order, OrderFinding
from pharmacy.usecases.act_gates import Standing
from pharmacy.web.console.figures_shown import BatchShown, PriceLineShown, batch_shown, price_lines_shown
from pharmacy.web.console.label_cards import LabelsShown, labels_shown
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.names import named
from pharmacy.web.console.plan_drawing import Course, PlanDrawing, draw_plan, left_in
from pharmacy.web.console.queue_rows import Viewer, state_chip
from pharmacy.web.console.timeline import TimelineEntry, timeline
from pharmacy.web.console.words import (
    DELIVERY_WORDS,
    METHOD_WORDS,
    NOTICE_WORDS,
    TIME_WORDS,
    Aligned,
    Chip,
    Moment,
    Tone,
    aligned,
    amount_words,
    counted,
    day_moment,
    day_text,
    instant_moment,
    money_text,
    waits_for,
)

Fact = tuple[str, str]

_SEVERITY_TONES: Mapping[Severity, Tone] = {
    Severity.BLOCK: Tone.BLOCKED,
    Severity.OVERRIDE: Tone.HELD,
    Severity.WARN: Tone.WAITING,
    Severity.INFO: Tone.WAITING,
}
_NOTICE_STATES: Mapping[NoticeState, Chip] = {
    NoticeState.WAITING: Chip(lazy_gettext("Waiting"), Tone.WAITING),
    NoticeState.SENT: Chip(lazy_gettext("Sent"), Tone.DONE),
    NoticeState.SUPPRESSED: Chip(lazy_gettext("Not sent"), Tone.HELD),
    NoticeState.FAILED: Chip(lazy_gettext("Failed"), Tone.BLOCKED),
    NoticeState.UNCERTAIN: Chip(lazy_gettext("Uncertain"), Tone.BLOCKED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step of the plan as a row of the table beneath the drawing."""

    position: str
    dose: Aligned
    when: str
    days: str
    dates: str
    length: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line of the order: strength, capsules, how many vials, what is left by the plan."""

    position: str
    strength: Aligned
    capsules: str
    vials: str
    left: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    severity: str
    code: str
    because: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    what: str
    due: Moment
    state: Chip
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the books and the rules say of one order, before it is put into words."""

    order: Order
    supply: Supply
    start_on: date
    start: Start
    batches: Sequence[Mapping[str, Any]]
    standing: Standing
    notices: Sequence[Notice]
    entries: Sequence[AuditEntry]
    # Both oldest first.
    scans: Sequence[VialScan]
    offers: Sequence[CounsellingOffer]
    # What a page asked for besides, list for list.
    besides: Sequence[Sequence[Any]]
    # The plan in force, where it is another one by now than the order was made up by.
    in_force: TitrationPlan | None = None

    def scanned(self, purpose: ScanPurpose) -> dict[str, VialScan]:
        """The scans for that purpose, by the id of the label."""
        return {str(scan.label_id): scan for scan in self.scans if scan.purpose is purpose}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSheet:
    order_id: str
    prescription_id: str
    number: str
    version: str
    patient: str
    state: Chip
    waits_for: str
    promised: Moment | None
    patient_facts: tuple[Fact, ...]
    answers: tuple[Fact, ...]
    prescription_facts: tuple[Fact, ...]
    drawing: PlanDrawing
    changed_text: str
    start_text: str
    steps: tuple[StepRow, ...]
    lines: tuple[LineRow, ...]
    findings: tuple[FindingRow, ...]
    batches: tuple[BatchShown, ...]
    price_lines: tuple[PriceLineShown, ...]
    total: str
    labels: LabelsShown
    notices: tuple[NoticeRow, ...]
    timeline: tuple[TimelineEntry, ...]


def order_sheet(gathered: Gathered, viewer: Viewer) -> OrderSheet:
    """The order as that person sees it today."""
    order = gathered.order
    course = course_of(gathered, viewer)
    return OrderSheet(
        order_id=str(order.id),
        prescription_id=str(order.prescription_id),
        number=str(order.number),
        version=str(order.version),
        patient=order.patient.full_name,
        state=state_chip(order, viewer),
        waits_for=waits_for(order.status, order.delivery, order.resumes_to),
        promised=day_moment(order.promised_on, viewer.today) if order.promised_on else None,
        patient_facts=_patient(order, viewer.today),
        answers=_answers(order),
        prescription_facts=_prescription(order),
        drawing=draw_plan(
            course,
            _refill_on(gathered.notices),
            (notice.due_on for notice in gathered.notices if notice.kind is NoticeKind.STEP),
        ),
        changed_text=_changed(gathered),
        start_text=_start(gathered, viewer.today),
        steps=_steps(course),
        lines=_lines(gathered.supply, course),
        findings=tuple(_finding(finding) for finding in order.findings if not is_question(finding.code)),
        batches=tuple(
            batch_shown(
                entry, gettext("Line %(line)s: %(entry)s", line=entry["line"], entry=_line_title(entry))
            )
            for entry in gathered.batches
        ),
        price_lines=price_lines_shown(order.price_lines),
        total=money_text(order.total_cents),
        labels=labels_shown(order, gathered.standing.failures, viewer.zone),
        notices=_notices(gathered.notices, ZoneInfo(order.patient.time_zone)),
        timeline=timeline(gathered.entries, viewer.zone),
    )


def course_of(gathered: Gathered, viewer: Viewer) -> Course:
    """The plan as it runs for this patient; it has begun once the order is out and the first day has come."""
    return Course(
        plan=gathered.in_force or gathered.order.plan_version.plan(),
        before=gathered.order.plan_version.plan() if gathered.in_force else None,
        supply=gathered.supply,
        start_on=gathered.start_on,
        today=viewer.today,
        is_begun=gathered.order.shipped_on is not None and gathered.start_on <= viewer.today,
    )


def _patient(order: Order, today: date) -> tuple[Fact, ...]:
    patient = order.patient
    channels = [named(consent.channel) for consent in patient.consents if consent.withdrawn_at is None]
    return (
        (gettext("Patient"), patient.full_name),
        (
            gettext("Born"),
            gettext(
                "%(birth_on)s, %(today)s years",
                birth_on=day_text(patient.birth_on),
                today=age_on(patient.birth_on, today),
            ),
        ),
        (gettext("Telephone"), patient.phone),
        (gettext("E-mail"), patient.email or gettext("none")),
        (
            gettext("Address"),
            f"{patient.address_line}, {patient.city}, {patient.state} {patient.postal_code}",
        ),
        (gettext("May be told by"), ", ".join(channels) or gettext("nothing: no consent is on record")),
    )


def _answers(order: Order) -> tuple[Fact, ...]:
    answers = order.answers
    opioid = str(answers.get("opioid_last_14_days") or gettext("not answered"))
    detail = answers.get("opioid_detail")
    allergies = answers.get("allergies")
    medicines = answers.get("medicines")
    none_known = gettext("none known") if answers.get("no_known_allergies") else gettext("not stated")
    return (
        (gettext("Opioid in 14 days"), f"{opioid}, {detail}" if detail else opioid),
        (gettext("Allergies"), ", ".join(allergies) if allergies else none_known),
        (
            gettext("Medicines"),
            ", ".join(medicines)
            if medicines
            else gettext("not stated")
            if medicines is None
            else gettext("none"),
        ),
    )


def _prescription(order: Order) -> tuple[Fact, ...]:
    prescription = order.prescription
    licence = f"{prescription.prescriber_licence_state} {prescription.prescriber_licence}"
    return (
        (gettext("Prescriber"), prescription.prescriber_name),
        ("NPI", prescription.prescriber_npi),
        (gettext("Licence"), licence),
        (gettext("Telephone"), prescription.prescriber_phone),
        (gettext("Authorised"), _authorised(order)),
        (gettext("Written"), day_text(prescription.written_on)),
        (gettext("Purpose"), prescription.purpose or gettext("not stated")),
        (
            gettext("Fill"),
            gettext(
                "%(refill_number)s of %(refills)s",
                refill_number=order.refill_number + 1,
                refills=prescription.refills + 1,
            ),
        ),
        (gettext("Supplied as"), METHOD_WORDS[order.supply_method]),
        (gettext("Delivery"), DELIVERY_WORDS[order.delivery]),
    )


def _authorised(order: Order) -> str:
    """How the order was authorised, as it came or as it was confirmed to a pharmacist."""
    confirmed = order.answers.get("authorisation_confirmed")
    if confirmed:
        return gettext(
            "confirmed by %(who)s, %(when)s, %(how)s",
            who=confirmed["who"],
            when=confirmed["when"],
            how=confirmed["how"],
        )
    kind = order.prescription.authorization_kind
    return named(kind) if kind else gettext("not stated")


def _changed(gathered: Gathered) -> str:
    """From which day the plan in force is another one; empty where it is the order's own."""
    from_day = gathered.standing.changed_from
    if gathered.in_force is None or from_day is None:
        return ""
    return gettext(
        "The plan was changed from day %(from_day)s; the one that this order was made up by is drawn behind it.",
        from_day=from_day,
    )


def _start(gathered: Gathered, today: date) -> str:
    on = day_moment(gathered.start_on, today)
    told = gettext("Day 1 is %(on)s (%(relation)s)", on=on.words, relation=on.relation)
    if gathered.start is Start.CONFIRMED:
        return gettext("%(told)s, confirmed.", told=told)
    if gathered.order.shipped_on:
        return gettext(
            "%(told)s, assumed from shipping; it moves when the patient's start is confirmed.", told=told
        )
    if gathered.order.promised_on:
        return gettext(
            "%(told)s, assumed from the promise date; it moves when the patient's start is confirmed.",
            told=told,
        )
    return gettext("%(told)s, assumed from today; it moves when the patient's start is confirmed.", told=told)


def _steps(course: Course) -> tuple[StepRow, ...]:
    return tuple(
        StepRow(
            position=str(part.position),
            dose=aligned(
                " + ".join(format_dose(intake.dose) for intake in part.step.doses) or gettext("no dose")
            ),
            when=gettext(" and ").join(str(TIME_WORDS[intake.time_of_day]) for intake in part.step.doses)
            or gettext("pause"),
            days=gettext("%(first_day)s to %(last_day)s", first_day=part.first_day, last_day=part.last_day),
            dates=gettext(
                "%(first_day)s to %(last_day)s",
                first_day=day_text(date_of(course.start_on, part.first_day)),
                last_day=day_text(date_of(course.start_on, part.last_day)),
            ),
            length=counted(part.days, "day") + ("" if part.step.duration_days else gettext(", then on")),
        )
        for part in schedule(course.plan, through_day=course.days)
    )


def _lines(supply: Supply, course: Course) -> tuple[LineRow, ...]:
    return tuple(
        LineRow(
            position=str(position),
            strength=aligned(strength_text(line.strength, line.unit_ml)),
            capsules=_amount(line.capsules, line.unit_ml),
            vials=str(len(line.vials)),
            left=_amount(sum(left_in(vial, course) for vial in line.vials), line.unit_ml)
            if course.is_begun
            else "",
        )
        for position, line in enumerate(supply.lines, start=1)
    )


def _amount(count: int, unit_ml: Decimal | None) -> str:
    """A bare number of capsules, as its column says; of a liquid with its unit."""
    return str(count) if unit_ml is None else amount_text(count, unit_ml)


def _finding(finding: OrderFinding) -> FindingRow:
    return FindingRow(
        severity=finding.severity.value,
        code=finding.code,
        because=finding.because,
        place=_place(finding.pointer),
    )


def _place(pointer: str) -> str:
    """Where in the order: "/plan/steps/1/dose_mg" is "plan, step 2, dose"."""
    parts = [part for part in pointer.split("/") if part]
    told: list[str] = []
    for part in parts:
        if part.isdecimal():
            thing = told.pop().removesuffix("s") if told else "entry"
            told.append(f"{thing} {int(part) + 1}")
        else:
            told.append(part.removesuffix("_mg").replace("_", " "))
    return ", ".join(told)


def _line_title(entry: Mapping[str, Any]) -> str:
    unit_ml, strength = entry["unit_ml"], Micrograms(entry["strength_ug"])
    return gettext(
        "%(amount)s of %(strength)s",
        amount=amount_words(entry["capsules_required"], unit_ml),
        strength=strength_text(strength, unit_ml),
    )


def _refill_on(notices: Iterable[Notice]) -> date | None:
    """The newest refill day: a start that was confirmed later leaves an older one that was told."""
    days = [notice.due_on for notice in notices if notice.kind is NoticeKind.REFILL]
    return max(days, default=None)


def _notices(notices: Iterable[Notice], zone: ZoneInfo) -> tuple[NoticeRow, ...]:
    return tuple(
        NoticeRow(
            what=f"{NOTICE_WORDS[notice.kind]}{gettext(' (step %(step_position)s)', step_position=notice.step_position) if notice.step_position else ''}",
            due=instant_moment(notice.due_at, zone),
            state=_NOTICE_STATES[notice.state],
            reason=notice.reason or "",
        )
        for notice in notices
    )
