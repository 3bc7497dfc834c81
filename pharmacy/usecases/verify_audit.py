"""Whether the audit trail is whole: every digest, every head, every signature, every copy kept outside.

Everything is computed again from what the entries say. The first bad place is named first; what is not sealed
yet could still vanish unseen, and its number is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.seals import NO_HEAD, Fault, Finding, TrailReport, head_of
from pharmacy.store import audit, seals
from pharmacy.store.seals import AuditSeal, Place
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.ports import KeptHead, Notary

# A report of a wrecked trail names so many places and no more; the first is what matters.
MOST_FAULTS = 100


def verify_audit(sessions: Sessions, notary: Notary, *, by: Actor, now: datetime) -> TrailReport:
    """The whole trail, from the first seal to what waits for the next; that it was verified is on record."""
    outside = {head.number: head for head in notary.kept()}
    with sessions.read() as session:
        report = _verified(session, notary, outside)
    with sessions.write() as session:
        audit.record(
            session, "audit.verified", _THE_TRAIL, by=by, at=now, is_whole=report.is_whole, seals=report.seals
        )
    return report


_THE_TRAIL = UUID(int=0)


def _verified(session: Session, notary: Notary, outside: Mapping[int, KeptHead]) -> TrailReport:
    # Seals first: what is sealed meanwhile lies behind the newest of these and is left for the next time.
    sealed = seals.after(session, 0)
    covered = [*_chain(session, sealed, notary, outside)]
    loose = [*_loose(session)]
    faults = [finding for finding in (*covered, *loose) if finding is not None]
    faults += [Finding(fault=Fault.ORDER_MOVED, subject_id=each) for each in seals.moved_unseen(session)]
    return TrailReport(
        entries=sum(seal.entries for seal in sealed) + len(loose),
        seals=len(sealed),
        unsealed=seals.unsealed_count(session),
        faults=tuple(faults[:MOST_FAULTS]),
    )


def _chain(
    session: Session, sealed: Sequence[AuditSeal], notary: Notary, outside: Mapping[int, KeptHead]
) -> Iterator[Finding]:
    key: bytes = session.info["audit_key"]
    by_number = {seal.number: seal for seal in sealed}
    previous, expected = NO_HEAD, 1
    for number, group in groupby(
        seals.places(session, max(by_number, default=0)), key=lambda place: place.seal_number
    ):
        for gone in range(expected, number):
            yield Finding(fault=Fault.SEAL_MISSING, seal_number=gone)
        places = [*group]
        yield from _entries(key, places)
        seal = by_number.pop(number, None)
        if seal is None:
            yield Finding(fault=Fault.SEAL_MISSING, seal_number=number)
        else:
            yield from _seal(seal, previous, places, notary, outside)
            previous = bytes(seal.head)
        expected = number + 1
    for seal in by_number.values():  # A seal of which no place is left.
        yield Finding(fault=Fault.HEAD_WRONG, seal_number=seal.number)
    yield from _outside(outside, {seal.number for seal in sealed})


def _entries(key: bytes, places: list[Place]) -> Iterator[Finding]:
    for place in places:
        if place.entry is None:
            yield Finding(fault=Fault.ENTRY_MISSING, seal_number=place.seal_number, subject_id=place.audit_id)
        elif not audit.is_genuine(key, place.entry):
            yield Finding(fault=Fault.ENTRY_EDITED, seal_number=place.seal_number, subject_id=place.audit_id)


def _seal(
    seal: AuditSeal, previous: bytes, places: list[Place], notary: Notary, outside: Mapping[int, KeptHead]
) -> Iterator[Finding]:
    head = bytes(seal.head)
    digests = [bytes(place.entry.digest) for place in places if place.entry is not None]
    is_as_covered = bytes(seal.previous_head) == previous and seal.entries == len(places)
    if not is_as_covered or head_of(previous, seal.number, digests) != head:
        yield Finding(fault=Fault.HEAD_WRONG, seal_number=seal.number)
    if not notary.is_signed(head, bytes(seal.signature)):
        yield Finding(fault=Fault.SIGNATURE_WRONG, seal_number=seal.number)
    copy = outside.get(seal.number)
    if copy is not None and copy.head != head:
        yield Finding(fault=Fault.OUTSIDE_DIFFERS, seal_number=seal.number)


def _outside(outside: Mapping[int, KeptHead], numbers: set[int]) -> Iterator[Finding]:
    """Copies without a seal tell of a trail that was cut off; seals without a copy, of copies that were."""
    for number in sorted(outside.keys() - numbers):
        yield Finding(fault=Fault.SEAL_MISSING, seal_number=number)
    # The newest seal's copy may still be on its way.
    settled = numbers - {max(numbers, default=0)}
    for number in sorted(settled - outside.keys())[:1]:
        yield Finding(fault=Fault.OUTSIDE_MISSING, seal_number=number)


def _loose(session: Session) -> Iterator[Finding | None]:
    """For every entry without a place what is wrong with it, None for one that only waits; then what vanished."""
    key: bytes = session.info["audit_key"]
    for entry, waits in seals.unplaced(session):
        if not audit.is_genuine(key, entry):
            yield Finding(fault=Fault.ENTRY_EDITED, subject_id=entry.id)
        else:
            yield None if waits else Finding(fault=Fault.ENTRY_UNKNOWN, subject_id=entry.id)
    for gone in seals.vanished(session):
        yield Finding(fault=Fault.ENTRY_MISSING, subject_id=gone)
