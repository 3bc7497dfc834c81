"""Staff enter an order that came by fax, by telephone, on paper or as a printout, and two people read its dose.

The entry keeps the sheet and who called. The first person types everything; the second types the dose again from the
same sheet, without seeing what the first typed. When both agree to the last number the order is filed by the very use
case that files an order of the API: the same checks, the same screening, the same questions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.double_entry import (
    ON_PAPER,
    Channel,
    Difference,
    Dose,
    SecondIsTheFirst,
    differences,
)
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.pictures import kind_of
from pharmacy.store import audit, order_entries, practices, tasks
from pharmacy.store.base import new_id
from pharmacy.store.door import Arriving, arrival
from pharmacy.store.order_entries import OPEN_STATES, EntryPicture, EntryReading, EntryState, OrderEntry
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.act_on_order import SomebodyElseWasFaster
from pharmacy.usecases.admission import EntryAdmission
from pharmacy.usecases.commands import Receipt, Submission
from pharmacy.usecases.known_profile import keys_of
from pharmacy.usecases.plan_as_facts import plan_facts, plan_from_facts
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.submit_order import submit_order

ENTRY_TASK = "order.enter"


@dataclass(eq=False)
class PictureMissing(Unfit):
    channel: Channel

    def __str__(self) -> str:
        return "What came on paper is kept as a picture: add the scanned sheet."


@dataclass(eq=False)
class ReadBackMissing(Unfit):
    def __str__(self) -> str:
        return "What was said by telephone is read back: say to whom, and when."


@dataclass(eq=False)
class ReadBackLater(Unfit):
    def __str__(self) -> str:
        return "This instant is still to come."


@dataclass(eq=False)
class EntryClosed(Conflict):
    state: EntryState

    def __str__(self) -> str:
        return f"This entry is {self.state.replace('_', ' ')} already."


@dataclass(eq=False)
class NothingEnteredYet(Conflict):
    def __str__(self) -> str:
        return "The whole order is entered first; the dose is entered again after that."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """How the order came; `read_back_to` and `read_back_at` for a call."""

    practice_id: UUID
    channel: Channel
    caller: str
    picture: bytes = field(default=b"", repr=False)
    read_back_to: str | None = None
    read_back_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed about an entry, by somebody who saw it in that version.

    The whole order stands in `form`, in the shape of the API, and as a command; `dose` is the dose as it was read
    from the sheet by whoever types.
    """

    entry_id: UUID
    seen_version: int
    form: Mapping[str, Any]
    submission: Submission
    dose: Dose


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What came of a reading: the order, or on which numbers two people disagree, or neither yet."""

    entry: OrderEntry
    differences: tuple[Difference, ...] = ()


def open_entry(
    session: Session, new: NewEntry, reference: Reference, *, by: Actor, now: datetime
) -> OrderEntry:
    """The entry is open, its sheet kept, and somebody has the task to type it.

    Raises PracticeNotFound, PictureMissing, NotAPicture or PictureTooLarge, ReadBackMissing, ReadBackLater.
    """
    practices.get(session, new.practice_id)
    if new.channel in ON_PAPER and not new.picture:
        raise PictureMissing(new.channel, where=("picture",))
    if new.channel is Channel.PHONE and (not new.read_back_to or new.read_back_at is None):
        raise ReadBackMissing(where=("read_back_to",))
    if new.read_back_at is not None and new.read_back_at > now:
        raise ReadBackLater(where=("read_back_at",))
    entry = OrderEntry(
        id=new_id(),
        practice_id=new.practice_id,
        channel=new.channel,
        caller=new.caller,
        read_back_to=new.read_back_to if new.channel is Channel.PHONE else None,
        read_back_at=new.read_back_at if new.channel is Channel.PHONE else None,
        received_at=now,
        opened_by=by.id,
        state=EntryState.OPENED,
        state_at=now,
        state_by=by.id,
    )
    session.add(entry)
    session.flush()  # The picture and the task name the entry.
    if new.picture:
        session.add(_picture(entry, new.picture, reference))
    audit.record(session, "order_entry.opened", entry.id, by=by, at=now, kind=new.channel)
    _task(session, entry, "Type the order from its sheet.", reference, by=by, now=now)
    return entry


def enter_whole(session: Session, typed: Typed, reference: Reference, *, by: Actor, now: datetime) -> Entered:
    """The whole order is typed; the dose in it is that person's reading, and somebody else reads it next.

    Whoever types it again after a difference corrects their own reading. Raises EntryClosed,
    SomebodyElseWasFaster, and SecondIsTheFirst when the form is another person's by now.
    """
    entry = _held(session, typed)
    readings = order_entries.newest_readings(session, entry.id)
    if readings and readings[0].read_by != by.id:
        raise SecondIsTheFirst
    entry.form = dict(typed.form)
    return _read(session, entry, typed, reference, by=by, now=now)


def enter_again(session: Session, typed: Typed, reference: Reference, *, by: Actor, now: datetime) -> Entered:
    """The dose as a second person read it; with it the order is filed when both agree.

    The form is the one that is kept. Raises NothingEnteredYet, SecondIsTheFirst, EntryClosed,
    SomebodyElseWasFaster, and whatever filing an order raises.
    """
    entry = _held(session, typed)
    readings = order_entries.newest_readings(session, entry.id)
    if not readings:
        raise NothingEnteredYet
    if readings[0].read_by == by.id:
        raise SecondIsTheFirst
    return _read(session, entry, typed, reference, by=by, now=now)


def set_aside(
    session: Session, entry_id: UUID, seen_version: int, because: str, *, by: Actor, now: datetime
) -> OrderEntry:
    """The entry leads to no order, for that reason. Raises EntryClosed, SomebodyElseWasFaster."""
    entry = _open(session, entry_id, seen_version)
    entry.state, entry.state_at, entry.state_by = EntryState.SET_ASIDE, now, by.id
    entry.set_aside_because = because
    audit.record(session, "order_entry.set_aside", entry.id, by=by, at=now, reason=because)
    tasks.close_about(session, ENTRY_TASK, entry.id, because, by=by, now=now)
    return entry


def standing_differences(session: Session, entry_id: UUID) -> tuple[Difference, ...]:
    """On which numbers the two newest readings disagree; none before there are two."""
    readings = order_entries.newest_readings(session, entry_id)
    return differences(*map(_dose_of, readings[:2])) if len(readings) > 1 else ()


def _held(session: Session, typed: Typed) -> OrderEntry:
    return _open(session, typed.entry_id, typed.seen_version)


def _open(session: Session, entry_id: UUID, seen_version: int) -> OrderEntry:
    entry = order_entries.get_for_update(session, entry_id)
    if entry.state not in OPEN_STATES:
        raise EntryClosed(entry.state)
    if entry.version != seen_version:
        raise SomebodyElseWasFaster
    return entry


def _read(
    session: Session, entry: OrderEntry, typed: Typed, reference: Reference, *, by: Actor, now: datetime
) -> Entered:
    reading = EntryReading(
        id=new_id(),
        entry_id=entry.id,
        read_by=by.id,
        read_at=now,
        plan=plan_facts(typed.dose.plan),
        days=typed.dose.days,
    )
    session.add(reading)
    session.flush()  # The newest readings are compared below.
    audit.record(session, "order_entry.read", entry.id, by=by, at=now)
    readings = order_entries.newest_readings(session, entry.id)
    entry.state_at, entry.state_by = now, by.id
    if len(readings) < 2:
        entry.state = EntryState.ENTERED_ONCE
        _task(session, entry, "Enter the dose a second time.", reference, by=by, now=now)
        return Entered(entry=entry)
    found = differences(*map(_dose_of, readings[:2]))
    if found:
        entry.state = EntryState.DIFFERS
        audit.record(session, "order_entry.differs", entry.id, by=by, at=now, count=len(found))
        return Entered(entry=entry, differences=found)
    entry.order_id = _file(session, entry, typed.submission, reference, by=by, now=now)
    entry.state = EntryState.SUBMITTED
    audit.record(session, "order_entry.submitted", entry.id, by=by, at=now, order=str(entry.order_id))
    tasks.close_about(session, ENTRY_TASK, entry.id, "Both entries agree.", by=by, now=now)
    return Entered(entry=entry)


def _dose_of(reading: EntryReading) -> Dose:
    return Dose(plan=plan_from_facts(reading.plan), days=reading.days)


def _file(
    session: Session,
    entry: OrderEntry,
    submission: Submission,
    reference: Reference,
    *,
    by: Actor,
    now: datetime,
) -> UUID:
    """The order of the entry is filed for its practice; its id."""
    arriving = Arriving(npi=submission.prescriber.npi, patient=keys_of(submission.patient))
    actor = Actor(kind=by.kind, id=by.id, name=by.name, role=by.role, practice_id=entry.practice_id)
    admission = EntryAdmission(
        knock=arrival(session, entry.practice_id, arriving, today=reference.on),
        reference=reference,
        receipt=Receipt(key=str(entry.id), fingerprint=b""),
        respond=lambda document: str(document["order"]["id"]),
        actor=actor,
    )
    return UUID(submit_order(session, submission, admission=admission, by=actor, now=now))


def _picture(entry: OrderEntry, content: bytes, reference: Reference) -> EntryPicture:
    return EntryPicture(
        entry_id=entry.id,
        kind=kind_of(content, reference.counter.most_picture_bytes),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def _task(
    session: Session, entry: OrderEntry, wording: str, reference: Reference, *, by: Actor, now: datetime
) -> None:
    """One task at a time: the one before is done by what opens the next."""
    tasks.close_about(session, ENTRY_TASK, entry.id, "Done; the next is open.", by=by, now=now)
    session.flush()  # A task is opened unless one of its kind is open.
    new = NewTask(
        kind=ENTRY_TASK,
        subject_id=entry.id,
        wording=wording,
        due_on=reference.on,
        practice_id=entry.practice_id,
    )
    open_task(session, new, by=by, now=now)
