"""The inspector's packet: every record about one thing, or of some days, section by section.

That it was read, by whom, about what and why, is on record before the first row is. Sections are read as they are
written down, a few hundred rows at a time; each is exhausted before the next is begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotFound, Unfit
from pharmacy.domain.readiness import Competency
from pharmacy.domain.seals import head_of
from pharmacy.store import audit, equipment, packets, training
from pharmacy.store.batches import Batch
from pharmacy.store.packets import Scope
from pharmacy.store.prescriptions import Prescription
from pharmacy.store.reference import ComponentLot, setting_in_force
from pharmacy.usecases.figure_days import span_of
from pharmacy.usecases.figures import Asked
from pharmacy.usecases.ports import Notary

_THE_DAYS = UUID(int=0)


class PacketSubject(StrEnum):
    PRESCRIPTION = "prescription"
    BATCH = "batch"
    COMPONENT_LOT = "component_lot"
    DAYS = "days"


@dataclass(eq=False)
class NothingToPack(NotFound):
    subject: PacketSubject

    def __str__(self) -> str:
        return f"There is no such {self.subject.replace('_', ' ')}."


@dataclass(eq=False)
class PacketTooLarge(Unfit):
    most: int

    def __str__(self) -> str:
        return f"More than {self.most:,} orders would be in it: ask for fewer days."


@dataclass(eq=False)
class SubjectUnclear(Unfit):
    def __str__(self) -> str:
        return "Name the prescription, batch or component lot, or the first and last of the days."


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketRequest:
    """What it is to be about, with the days for a packet of days, and why it is asked for."""

    subject: PacketSubject
    subject_id: UUID | None
    asked: Asked
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """One table; `rows` can be read once."""

    title: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """The sections, and what the first page says of them."""

    title: str
    told: tuple[tuple[str, str], ...]
    sections: Iterator[Section]


def most_in_packet(session: Session) -> int:
    """How many orders a packet may hold at most: it is made while its reader waits."""
    return int(setting_in_force(session, "packet_most_orders"))


def read_packet(session: Session, wanted: PacketRequest, *, by: Actor, now: datetime) -> None:
    """That the packet is read is on record. Raises NothingToPack, PacketTooLarge and SubjectUnclear."""
    scope = _scope(session, wanted)
    most = most_in_packet(session)
    if packets.order_count(session, scope, most) > most:
        raise PacketTooLarge(most, where=("last_on",))
    period = wanted.asked.period
    audit.record(
        session,
        "packet.read",
        wanted.subject_id or _THE_DAYS,
        by=by,
        at=now,
        subject=wanted.subject,
        reason=wanted.reason,
        first_on=period.first_on.isoformat(),
        last_on=period.last_on.isoformat(),
    )


def inspectors_packet(
    session: Session, wanted: PacketRequest, notary: Notary, *, by: Actor, now: datetime
) -> Packet:
    """The packet, read from the books as its sections are."""
    scope = _scope(session, wanted)
    period = wanted.asked.period
    named = wanted.subject.replace("_", " ")
    about = (
        f"{period.first_on} to {period.last_on}"
        if wanted.subject is PacketSubject.DAYS
        else f"{named} {_number(session, wanted)}"
    )
    return Packet(
        title=f"Inspector's packet: {about}",
        told=(
            ("About", about),
            ("Asked for by", by.name),
            ("Why", wanted.reason),
            ("Made at", now.astimezone(wanted.asked.zone).isoformat(timespec="seconds")),
        ),
        sections=_sections(session, scope, notary, wanted.asked.today),
    )


def _scope(session: Session, wanted: PacketRequest) -> Scope:
    if wanted.subject is PacketSubject.DAYS:
        return packets.of_days(wanted.asked.period, span_of(wanted.asked.period, wanted.asked.zone))
    if wanted.subject_id is None:
        raise SubjectUnclear(where=("subject_id",))
    record, scope_of = _SUBJECTS[wanted.subject]
    if not packets.exists(session, record, wanted.subject_id):
        raise NothingToPack(wanted.subject)
    return scope_of(wanted.subject_id)


_SUBJECTS: Mapping[PacketSubject, tuple[type[Any], Callable[[UUID], Scope]]] = {
    PacketSubject.PRESCRIPTION: (Prescription, packets.of_prescription),
    PacketSubject.BATCH: (Batch, packets.of_batch),
    PacketSubject.COMPONENT_LOT: (ComponentLot, packets.of_lot),
}


def _number(session: Session, wanted: PacketRequest) -> str:
    record, _ = _SUBJECTS[wanted.subject]
    found = session.get(record, wanted.subject_id)
    return str(getattr(found, "number", wanted.subject_id))


def _sections(session: Session, scope: Scope, notary: Notary, today: date) -> Iterator[Section]:
    names = packets.names_of_staff(session)
    yield Section(
        "Units by ship-to state",
        ("state", "orders", "capsules", "mL of liquid"),
        packets.units_by_state(session, scope),
    )
    yield Section(
        "Overrides by rule",
        ("rule", "version", "severity", "times", "people"),
        packets.overrides_by_rule(session, scope),
    )
    yield Section("Trainings in force", ("person", *Competency), _trainings(session))
    yield Section(
        "Calibrations due", ("balance", "due on", "in use", "is overdue"), _calibrations(session, today)
    )
    for table in packets.tables(scope):
        yield Section(table.title, table.columns, _named(packets.rows(session, table), names))
    key: bytes = session.info["audit_key"]
    yield Section("Audit trail", _ENTRY, _entries(session, scope, key))
    yield Section("Seals over these entries", _SEAL, _seals(session, scope, notary))


_ENTRY = ("id", "at", "who", "kind of actor", "action", "subject", "detail", "is genuine", "seal")
_SEAL = (
    "number",
    "sealed at",
    "entries",
    "head",
    "entries are all there",
    "head is right",
    "signature is right",
)


def _entries(session: Session, scope: Scope, key: bytes) -> Iterator[Sequence[Any]]:
    for entry, number in packets.audit_trail(session, scope):
        yield (
            entry.id,
            entry.at,
            entry.actor_name,
            entry.actor_kind,
            entry.action,
            entry.subject_id,
            entry.detail,
            audit.is_genuine(key, entry),
            "waits for its seal" if number is None else number,
        )


def _seals(session: Session, scope: Scope, notary: Notary) -> Iterator[Sequence[Any]]:
    """Each seal computed again from every digest under it, those of other records included."""
    by_seal = groupby(packets.sealed_digests(session, scope), key=lambda pair: pair[0].number)
    for number, pairs in by_seal:
        first, digest = next(pairs)
        seal, digests = first, [digest, *(later for _, later in pairs)]
        known = [bytes(each) for each in digests if each is not None]
        head = bytes(seal.head)
        yield (
            number,
            seal.sealed_at,
            seal.entries,
            head,
            len(known) == seal.entries,
            head_of(bytes(seal.previous_head), seal.number, known) == head,
            notary.is_signed(head, bytes(seal.signature)),
        )


def _named(rows: Iterable[Sequence[Any]], names: Mapping[UUID, str]) -> Iterator[Sequence[Any]]:
    """The rows, with people by name."""
    return (tuple(names.get(cell, cell) if isinstance(cell, UUID) else cell for cell in row) for row in rows)


def _trainings(session: Session) -> Iterator[Sequence[Any]]:
    for member, last_days in training.everybody(session):
        yield (member.full_name, *(last_days.get(each, "never trained") for each in Competency))


def _calibrations(session: Session, today: date) -> Iterator[Sequence[Any]]:
    for balance in equipment.balances(session):
        due = balance.calibration_due_on
        yield (balance.name, due, balance.in_use, due is None or due < today)
