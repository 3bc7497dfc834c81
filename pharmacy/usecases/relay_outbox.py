"""Handing due messages to whoever carries them out.

Two short transactions at most, and none while the broker is talked to: the lease is committed before a
message leaves, so that whoever is handed it finds it free. If the broker cannot be reached the leases are
given back and the next round tries again; if this process dies in between they run out by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from pharmacy.domain.actors import Actor
from pharmacy.store import heartbeat, notices, outbox
from pharmacy.store.sessions import Sessions

# One message to the broker for a batch this large; larger ones gain nothing.
BATCH = 500
# So many notices are leased in one round at most. They are spread over so many tasks that several workers share
# them, none so small that handing on costs more than saying; what a task has no time for it gives back.
NOTICES_AT_ONCE = 4000
TASKS_A_ROUND = 8
FEWEST_IN_TASK = 20
NOTICE_TOPIC = "notice.due"
Send = Callable[[str, list[str]], None]


def relay_outbox(sessions: Sessions, send: Send, *, by: Actor, now: datetime) -> int:
    """Due messages are leased and handed on by topic, in batches of ids; how many is returned.

    A lease that runs out makes its message due again, whatever became of the first delivery, until the
    message has been handed on so often that it is given up.
    """
    with sessions.write() as session:
        heartbeat.beat(session, "relay", now=now)
        outbox.give_up_hopeless(session, now=now, most=BATCH)
        leased = outbox.lease_due(session, now=now, most=BATCH)
    by_topic: dict[str, list[UUID]] = {}
    for message_id, topic in leased:
        by_topic.setdefault(topic, []).append(message_id)
    left = list(by_topic.items())
    try:
        while left:
            _hand_on(send, *left[0])
            del left[0]
    finally:
        unsent = [message_id for _, ids in left for message_id in ids]
        if unsent:
            with sessions.write() as session:
                outbox.release(session, unsent)
    return len(leased)


def relay_notices(sessions: Sessions, send: Send, *, by: Actor, now: datetime) -> int:
    """Due notices are leased and handed on in shares; how many is returned."""
    with sessions.write() as session:
        heartbeat.beat(session, "notices", now=now)
        leased = notices.lease_due(session, now=now, most=NOTICES_AT_ONCE)
    left, share = list(leased), max(FEWEST_IN_TASK, -(-len(leased) // TASKS_A_ROUND))
    try:
        while left:
            _hand_on(send, NOTICE_TOPIC, left[:share])
            del left[:share]
    finally:
        return_notices(sessions, left)
    return len(leased)


def return_notices(sessions: Sessions, notice_ids: Sequence[UUID]) -> None:
    """What was leased and not begun is due again at once, not when its lease has run out."""
    if notice_ids:
        with sessions.write() as session:
            notices.release(session, notice_ids)


def _hand_on(send: Send, topic: str, ids: Sequence[UUID]) -> None:
    send(topic, [str(each) for each in ids])
