"""Everything that is due to be told, told here and now, without beat, broker or worker.

For the hour in which Redis or the workers are down, and for whoever runs sweeps from a timer of their own. It leases
as every other sweep does, so it may run beside them: nothing is said twice.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pharmacy.domain.actors import Actor
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.deliver_notice import deliver_notice
from pharmacy.usecases.each_apart import each_apart
from pharmacy.usecases.notice_desk import NoticeDesk
from pharmacy.usecases.relay_outbox import NOTICES_AT_ONCE, relay_notices


def sweep_by_hand(sessions: Sessions, desk: NoticeDesk, *, by: Actor, now: datetime) -> int:
    """How many notices were looked at. One that goes wrong in an unforeseen way spoils no other: DeliveriesFailed
    tells of all of them at the end of its batch, and their leases run out.
    """

    def deliver(_topic: str, ids: list[str]) -> None:
        each_apart(ids, lambda each: _deliver(sessions, each, desk, by, now), ends=())

    looked_at = 0
    while True:
        leased = relay_notices(sessions, deliver, by=by, now=now)
        looked_at += leased
        if leased < NOTICES_AT_ONCE:
            return looked_at


def _deliver(sessions: Sessions, notice_id: UUID, desk: NoticeDesk, by: Actor, now: datetime) -> None:
    deliver_notice(sessions, notice_id, desk, by=by, now=now)
