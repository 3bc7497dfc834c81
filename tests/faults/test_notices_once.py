"""Five hundred notices are due at once, and everything goes wrong: each is said once, or is visibly uncertain.

Two beats, four workers and a mail server, all of them real processes or servers. The first worker is stopped in the
middle of a message for longer than its lease; the broker forgets everything, and is killed; the mail server takes
every twentieth message and hangs up without a word. That a lease has run out is written into the books: nobody waits.
"""

import asyncio
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from sqlalchemy import text

from local.environment import Surroundings
from local.programs import signal_group
from local.servers import Valkey
from local.waiting import until
from pharmacy.domain.orders import OrderStatus
from tests.faults.many import at_work, brought_to, engine_of, many_notices
from tests.faults.running import CountingMailbox, Running, running

pytestmark = [pytest.mark.faults, pytest.mark.slow]

DUE, SILENT_EVERY = 500, 20
PATIENCE = 240
_LEASE_OVER = timedelta(minutes=2)


class TreacherousMailbox(CountingMailbox):
    """Takes every message. The first waits for its answer; every twentieth never gets one."""

    def __init__(self) -> None:
        super().__init__()
        self.held, self.let_go = threading.Event(), threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if not self.held.is_set():
            self.held.set()
            await asyncio.to_thread(self.let_go.wait, PATIENCE)
        elif len(self.received) % SILENT_EVERY == 0:
            server.transport.abort()
        return answer


@pytest.fixture
def mailbox() -> TreacherousMailbox:
    return TreacherousMailbox()


@pytest.fixture
def whole(
    surroundings: Surroundings, valkey_server: Valkey, mailbox: TreacherousMailbox
) -> Iterator[Running]:
    with running(surroundings, valkey_server, names=(), mailbox=mailbox) as pharmacy:
        yield pharmacy


def _where_it_is_noon() -> str:
    """A zone in which it is early afternoon now, so that nobody sleeps."""
    ahead = 13 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def _leases_are_over(whole: Running) -> None:
    over = "UPDATE notices SET leased_until = leased_until - %s WHERE state = 'waiting' AND leased_until IS NOT NULL"
    whole.execute(over, _LEASE_OVER)


def _settled(whole: Running) -> int:
    return whole.count("SELECT count(*) FROM notices WHERE state <> 'waiting'")


def test_five_hundred_notices_are_said_once_or_are_visibly_uncertain(
    whole: Running, mailbox: TreacherousMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = at_work(whole, monkeypatch)
    order_id = brought_to(work, OrderStatus.SHIPPED)
    engine = engine_of(work.pharmacy)
    many_notices(engine, order_id, DUE)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("DELETE FROM notices WHERE order_id = :order OR kind <> 'shipped'"), {"order": order_id}
        )
        connection.execute(text("UPDATE patients SET time_zone = :zone"), {"zone": _where_it_is_noon()})
        connection.execute(
            text("UPDATE notices SET due_at = now() - interval '1 minute', due_on = current_date")
        )
        connection.execute(text("DELETE FROM outbox"))

    # The first worker stops in the middle of a message, for longer than its lease.
    first = whole.start("worker-1")
    whole.start("beat-1")
    assert mailbox.held.wait(PATIENCE), first.last_words()
    signal_group(first.pid, signal.SIGSTOP)
    _leases_are_over(whole)
    whole.execute(
        "UPDATE sent_messages SET started_at = started_at - %s WHERE accepted_at IS NULL", _LEASE_OVER
    )
    for name in ("worker-2", "worker-3", "worker-4", "beat-2"):
        whole.start(name)

    # The broker forgets everything, and later is killed.
    until(lambda: _settled(whole) >= DUE // 10, PATIENCE, "the first tenth")
    redis.Redis.from_url(whole.valkey.url).flushall()
    _leases_are_over(whole)
    until(lambda: _settled(whole) >= DUE // 3, PATIENCE, "a third")
    whole.valkey.kill()
    mailbox.let_go.set()
    signal_group(first.pid, signal.SIGCONT)
    whole.valkey.start()
    _leases_are_over(whole)
    seen = [0]

    def all_settled() -> bool:
        now_settled = _settled(whole)
        if now_settled == seen[0]:
            _leases_are_over(whole)
        seen[0] = now_settled
        return now_settled == DUE

    until(all_settled, PATIENCE, "all of them")

    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT n.id::text, n.state FROM notices n JOIN sent_messages s ON s.notice_id = n.id")
        ).all()
    engine.dispose()
    said = [line.split("<")[1].split("@")[0] for line in mailbox.received]
    state = dict(rows)
    sent = {each for each, how in state.items() if how == "sent"}
    silent = {said[number] for number in range(SILENT_EVERY - 1, len(said), SILENT_EVERY)}
    assert len(rows) == DUE, "everything begun stands in the ledger once"
    assert set(state.values()) == {"sent", "uncertain"}
    assert len(said) == len(set(said)), "nobody was told twice"
    assert sent <= set(said), "whoever counts as told was told"
    assert silent | {said[0]} <= set(state) - sent, "what was never answered is uncertain"
    sys.stdout.write(
        f"{DUE} due, {len(said)} said, {len(sent)} sent, {DUE - len(sent)} uncertain. ALL INVARIANTS HOLD\n"
    )
