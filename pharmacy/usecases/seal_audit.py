"""The audit trail is sealed every few seconds, and each head is kept outside the database too.

One sealer at a time, by an advisory lock; whoever does not get it leaves it to the other. The copy outside is
written after the commit: a death in between leaves a head that the next round writes down.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.seals import NO_HEAD, head_of
from pharmacy.store import heartbeat, seals
from pharmacy.store.seals import AuditPosition, AuditSeal
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.ports import KeptHead, Notary

# A seal over more than this takes a noticeable while; what is left waits for the next.
MOST_ENTRIES = 10_000


def seal_audit(sessions: Sessions, notary: Notary, *, by: Actor, now: datetime) -> int:
    """How many entries were sealed; every seal's head is kept outside. 0 too when somebody else is sealing."""
    with sessions.write() as session:
        if not seals.become_sealer(session):
            return 0
        heartbeat.beat(session, "audit", now=now)
        sealed = _seal(session, notary, now)
    kept = notary.newest()
    with sessions.read() as session:
        missing = [_kept(seal) for seal in seals.after(session, 0 if kept is None else kept.number)]
    for head in missing:
        notary.keep(head)
    return sealed


def _seal(session: Session, notary: Notary, now: datetime) -> int:
    covered = seals.take_unsealed(session, MOST_ENTRIES)
    if not covered:
        return 0
    before = seals.newest(session)
    number = 1 if before is None else before.number + 1
    previous = NO_HEAD if before is None else bytes(before.head)
    head = head_of(previous, number, (digest for _, digest in covered))
    session.add(
        AuditSeal(
            number=number,
            previous_head=previous,
            entries=len(covered),
            head=head,
            signature=notary.sign(head),
            sealed_at=now,
        )
    )
    session.add_all(
        AuditPosition(audit_id=entry_id, seal_number=number, position=position)
        for position, (entry_id, _) in enumerate(covered, start=1)
    )
    return len(covered)


def _kept(seal: AuditSeal) -> KeptHead:
    return KeptHead(number=seal.number, head=bytes(seal.head), signature=bytes(seal.signature))
