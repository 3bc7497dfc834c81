"""What ends by itself is marked: lots and batches past their last day, what is used up, counts that fall due.

Each of these stands in a transaction of its own, so that one that fails holds up no other.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pharmacy.domain.actors import Actor
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.counts_due import counts_due, deplete_lots
from pharmacy.usecases.end_batches import deplete_batches, expire_batches
from pharmacy.usecases.expire_lots import expire_lots


def sweep_stock(sessions: Sessions, zone: ZoneInfo, *, by: Actor, now: datetime) -> None:
    """Whatever ended by the pharmacy's midnight, or is used up, says so; what is to be counted is on the list."""
    for swept in (expire_lots, expire_batches, counts_due):
        with sessions.write() as session:
            swept(session, zone, by=by, now=now)
    for used_up in (deplete_lots, deplete_batches):
        with sessions.write() as session:
            used_up(session, by=by, now=now)
