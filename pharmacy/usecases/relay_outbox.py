"""Handing due messages to whoever carries them out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import heartbeat, notices, outbox

# One message to the broker for a batch this large; larger ones gain nothing.
BATCH = 500
# A mail server may take a second for each message, and a task must end well before its time limit.
NOTICE_BATCH = 20
NOTICE_TOPIC = "notice.due"
Send = Callable[[str, list[str]], None]


def relay_outbox(session: Session, send: Send, *, by: Actor, now: datetime) -> int:
    """Due messages are leased and handed on by topic, in batches of ids; how many is returned.

    If handing on fails, the lease is rolled back with it, and the next round finds the same messages. A
    lease that runs out makes its message due again, whatever became of the first delivery.
    """
    heartbeat.beat(session, "relay", now=now)
    by_topic: dict[str, list[str]] = {}
    for message_id, topic in outbox.lease_due(session, now=now, most=BATCH):
        by_topic.setdefault(topic, []).append(str(message_id))
    for topic, ids in by_topic.items():
        send(topic, ids)
    return sum(len(ids) for ids in by_topic.values())


def relay_notices(session: Session, send: Send, *, by: Actor, now: datetime) -> int:
    """Due notices are leased and handed on in small batches; how many is returned."""
    heartbeat.beat(session, "notices", now=now)
    ids = [str(notice_id) for notice_id in notices.lease_due(session, now=now, most=BATCH)]
    for first in range(0, len(ids), NOTICE_BATCH):
        send(NOTICE_TOPIC, ids[first : first + NOTICE_BATCH])
    return len(ids)
