"""A print is handed to its printer, once or visibly uncertain.

The row says `sending` before the first byte leaves, and no transaction is open while the printer is talked to.
Whoever finds it so later (a worker died) knows that paper may exist: the print is uncertain, a person looks, and
nothing is sent again by itself. Only what certainly reached nobody is tried again, a few times; then people are asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.labels import LabelContent
from pharmacy.store import audit, label_prints, labels, orders, outbox
from pharmacy.store.label_prints import LEASE, LabelPrint, PrintNotFound, PrintState
from pharmacy.store.labels import Label
from pharmacy.store.sessions import Sessions
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.label_truth import on_shelf, require_standing, void, why_untrue
from pharmacy.usecases.ports import LabelRenderer, Printer, PrintJob, Refused, Uncertain, Unreachable
from pharmacy.usecases.request_labels import Imprint, content_from_facts
from pharmacy.usecases.request_print import BROWSER, reprint_mark

# A printer that was out of reach so often waits for a person (house policy).
MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Seat:
    """A printer and the language it is spoken to in."""

    printer: Printer
    renderer: LabelRenderer


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintRoom:
    """The printers by name, and what labels share."""

    seats: Mapping[str, Seat]
    imprint: Imprint

    @property
    def zone(self) -> ZoneInfo:
        return self.imprint.zone

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.seats))


@dataclass(frozen=True, slots=True)
class _Paper:
    """A print, its order, and the pharmacy's day on which a person would have to look."""

    row: LabelPrint
    order_id: UUID
    today: date


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: PrintState
    detail: str | None = None


def print_label(sessions: Sessions, message_id: UUID, room: PrintRoom, *, by: Actor, now: datetime) -> None:
    """The print is printed, failed or uncertain with the reason on record, or waits for the next try."""
    with sessions.write() as session:
        begun = _begin(session, message_id, room, by=by, now=now)
    if begun is None:
        return
    printed, label = begun
    outcome, job, version = _send(printed, label, room)
    with sessions.write() as session:
        # The order before its print, as whoever begins this print again takes them.
        orders.keep_order(session, label.order_id)
        row = label_prints.get_for_update(session, printed.id)
        if row.state is not PrintState.SENDING:
            return  # Somebody has given us up and called it uncertain; that stands.
        if job is not None:
            row.sha256, row.template_version = sha256(job.content).hexdigest(), version
        message = outbox.get_undelivered(session, message_id)
        if outcome.state is PrintState.WAITING:
            row.state, row.started_at, row.detail = PrintState.WAITING, None, outcome.detail
            return  # The lease of the message runs out, and it is tried again.
        paper = _Paper(row, label.order_id, local_day(now, room.zone))
        _settle(session, paper, outcome, by=by, now=now)
        if message is not None:
            message.delivered_at = now


def browser_copy(session: Session, label_id: UUID, print_id: UUID, renderer: LabelRenderer) -> bytes:
    """The file of a print that a person's browser makes. Raises PrintNotFound for any other print.

    A label that is void by now is not given out any more: raises LabelIsVoid.
    """
    printed = label_prints.get(session, print_id)
    if printed.label_id != label_id or printed.printer != BROWSER:
        raise PrintNotFound
    label = labels.get(session, label_id)
    require_standing(label)
    return renderer.render(_numbered(label, printed), label.barcode, printed.template)


def _begin(
    session: Session, message_id: UUID, room: PrintRoom, *, by: Actor, now: datetime
) -> tuple[LabelPrint, Label] | None:
    """The print, marked as being sent; None when there is nothing to send, or somebody is at it."""
    message = outbox.get_undelivered(session, message_id)
    if message is None:
        return None
    label_id = label_prints.get(session, message.subject_id).label_id
    found = on_shelf(session, label_id)
    row = label_prints.get_for_update(session, message.subject_id)
    if row.state is PrintState.SENDING and row.started_at is not None and row.started_at > now - LEASE:
        return None
    outcome = _without_sending(session, row, room)
    if (
        outcome is None
        and found.label.voided_at is None
        and (why := why_untrue(session, found, room.imprint))
    ):
        void(session, found.label, why, by=by, now=now)
    if outcome is None and found.label.voided_at is not None:
        outcome = _Outcome(PrintState.FAILED, f"the label is void: {found.label.void_reason}")
    if outcome is not None:
        if row.settled_at is None:
            paper = _Paper(row, found.order.id, local_day(now, room.zone))
            _settle(session, paper, outcome, by=by, now=now)
        message.delivered_at = now
        return None
    row.state, row.started_at, row.attempts = PrintState.SENDING, now, row.attempts + 1
    return row, found.label


def _without_sending(session: Session, row: LabelPrint, room: PrintRoom) -> _Outcome | None:
    """What the print is settled as without talking to the printer, or None."""
    if row.settled_at is not None:
        return _Outcome(row.state)
    if row.state is PrintState.SENDING:
        return _Outcome(PrintState.UNCERTAIN, "a worker stopped while sending")
    if row.printer not in room.seats:
        return _Outcome(PrintState.FAILED, "there is no such printer any more")
    return None


def _send(printed: LabelPrint, label: Label, room: PrintRoom) -> tuple[_Outcome, PrintJob | None, str | None]:
    seat = room.seats[printed.printer]
    try:
        drawn = seat.renderer.render(_numbered(label, printed), label.barcode, printed.template)
    except PharmacyError as refusal:
        return _Outcome(PrintState.FAILED, str(refusal)), None, None
    job = PrintJob(key=printed.id, content=drawn)
    return _handed_over(seat.printer, job, printed.attempts), job, seat.renderer.template_version


def _numbered(label: Label, printed: LabelPrint) -> LabelContent:
    """What that copy says: the label, and which copy it is."""
    return replace(content_from_facts(label.content), reprint=reprint_mark(printed.number))


def _handed_over(printer: Printer, job: PrintJob, attempts: int) -> _Outcome:
    try:
        printer.take(job)
    except Unreachable as failure:
        gives_up = attempts >= MOST_TRIES
        return _Outcome(PrintState.FAILED if gives_up else PrintState.WAITING, str(failure))
    except Refused as refusal:
        return _Outcome(PrintState.FAILED, str(refusal))
    except Uncertain as silence:
        return _Outcome(PrintState.UNCERTAIN, str(silence))
    return _Outcome(PrintState.PRINTED)


def _settle(session: Session, paper: _Paper, outcome: _Outcome, *, by: Actor, now: datetime) -> None:
    """What became of the print is on record; where a person must look, there is a task."""
    row = paper.row
    row.state, row.detail, row.settled_at = outcome.state, outcome.detail, now
    said = {"label": str(row.label_id), "number": row.number, "detail": outcome.detail}
    audit.record(session, f"label.print_{outcome.state}", paper.order_id, by=by, at=now, **said)
    if outcome.state is not PrintState.PRINTED:
        open_task(session, _look(paper, outcome), by=by, now=now)


def _look(paper: _Paper, outcome: _Outcome) -> NewTask:
    printer = paper.row.printer
    wording = f"Printer {printer} did not print a label: {outcome.detail}."
    if outcome.state is PrintState.UNCERTAIN:
        wording = f"A label may have come out of printer {printer}: look. If it did, use it; if it did not, reprint it."
    return NewTask(
        kind=f"label.print_{outcome.state}",
        subject_id=paper.row.id,
        wording=wording,
        due_on=paper.today,
        order_id=paper.order_id,
    )
