"""Five hundred notices are due at once, and everything goes wrong: each is said once, or is visibly uncertain.

Two beats and four workers at once over real books; the broker forgets everything and then is gone; one worker stops
for longer than its lease; the mail server takes every twentieth message and never says so; the clock jumps.
"""

import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, text

from local.waiting import until
from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.actors import CLOCKWORK
from pharmacy.store.notices import LEASE, Notice, NoticeState, SentMessage
from pharmacy.usecases.deliver_notice import deliver_notice
from pharmacy.usecases.ports import OutgoingMail, Stage, Uncertain
from pharmacy.usecases.relay_outbox import relay_notices
from tests.books import Clock
from tests.usecases.noticing import shipped
from tests.work import Work

pytestmark = [pytest.mark.faults, pytest.mark.slow]

DUE = 500
SILENT_EVERY = 20


@dataclass
class TreacherousMail:
    """Takes every message. Every twentieth is never acknowledged, and the first holds its worker fast."""

    sent: list[str] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: OutgoingMail) -> None:
        with self.lock:
            self.sent.append(message.message_id)
            count = len(self.sent)
        if count == 1:
            self.held.set()
            self.let_go.wait(60)
        elif count % SILENT_EVERY == 0:
            raise Uncertain(Stage.SENDING)


class Broker:
    """Hands batches of ids to workers, while it is there."""

    def __init__(self) -> None:
        self.waiting: queue.Queue[list[str]] = queue.Queue()
        self.is_gone = threading.Event()

    def send(self, _topic: str, ids: list[str]) -> None:
        if self.is_gone.is_set():
            raise ConnectionError("nobody there")
        self.waiting.put(ids)

    def flush(self) -> int:
        lost = 0
        while not self.waiting.empty():
            try:
                lost += len(self.waiting.get_nowait())
            except queue.Empty:
                break
        return lost


def _multiply(engine: Engine, order_id: UUID, times: int) -> None:
    """So many patients, each with a prescription, an order on its way and its announcement due."""
    copies = (
        ("patients", "SELECT patient_id FROM orders WHERE id = :order", {}),
        ("patient_consents", "SELECT c.id FROM patient_consents c JOIN orders o USING (patient_id) WHERE o.id = :order", {"patient_id": "patients"}),
        ("prescriptions", "SELECT prescription_id FROM orders WHERE id = :order", {"patient_id": "patients"}),
        ("plan_versions", "SELECT plan_version_id FROM orders WHERE id = :order", {"prescription_id": "prescriptions"}),
        ("plan_intakes", "SELECT i.id FROM plan_intakes i JOIN orders o USING (plan_version_id) WHERE o.id = :order", {"plan_version_id": "plan_versions"}),
        ("orders", "SELECT CAST(:order AS uuid)", {"patient_id": "patients", "prescription_id": "prescriptions", "plan_version_id": "plan_versions"}),
        ("notices", "SELECT id FROM notices WHERE order_id = :order AND kind = 'shipped'", {"patient_id": "patients", "order_id": "orders"}),
    )  # fmt: skip
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table, which, links in copies:
            own = (
                f"md5('{table}' || n || x.id)::uuid"
                if table == "plan_intakes"
                else f"md5('{table}' || n)::uuid"
            )
            changed = ["'id'", own]
            for column, parent in links.items():
                changed += [f"'{column}'", f"md5('{parent}' || n)::uuid"]
            if table == "orders":
                changed += ["'number'", "900000 + n"]
            connection.execute(
                text(
                    f"INSERT INTO {table} SELECT (jsonb_populate_record(x, jsonb_build_object("
                    f"{', '.join(changed)}))).* FROM {table} x, generate_series(1, {times}) n WHERE x.id IN ({which})"
                ),
                {"order": order_id},
            )


@dataclass
class Bustle:
    """Two beats and four workers at once, until it is over."""

    pharmacy: Pharmacy
    mail: TreacherousMail
    clock: Clock
    broker: Broker = field(default_factory=Broker)
    over: threading.Event = field(default_factory=threading.Event)
    failures: list[str] = field(default_factory=list)

    def beat(self) -> None:
        while not self.over.is_set():
            with suppress(ConnectionError):
                relay_notices(self.pharmacy.sessions, self.broker.send, by=CLOCKWORK, now=self.clock.now)
            self.over.wait(0.2)

    def work_on(self) -> None:
        while not self.over.is_set():
            with suppress(queue.Empty):
                for each in self.broker.waiting.get(timeout=0.2):
                    self._deliver(UUID(each))

    def _deliver(self, notice_id: UUID) -> None:
        desk = replace(self.pharmacy.notice_desk, mail=self.mail)
        try:
            deliver_notice(self.pharmacy.sessions, notice_id, desk, by=CLOCKWORK, now=self.clock.now)
        except Exception as failure:
            self.failures.append(type(failure).__name__)

    def settled(self) -> int:
        with self.pharmacy.sessions.read() as session:
            query = select(func.count()).where(Notice.state != NoticeState.WAITING)
            return session.scalar(query) or 0

    @contextmanager
    def going_on(self) -> Iterator[None]:
        threads = [threading.Thread(target=each) for each in (self.beat, self.beat, *[self.work_on] * 4)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.mail.let_go.set()
            self.over.set()
            for thread in threads:
                thread.join(60)


def test_five_hundred_notices_are_said_once_or_are_visibly_uncertain(
    committed: Pharmacy, engine: Engine, clock: Clock
) -> None:
    order_id = shipped(Work(committed))
    _multiply(engine, order_id, DUE - 1)
    with committed.sessions.write() as session:
        session.execute(text("DELETE FROM notices WHERE kind <> 'shipped'"))
    mail = TreacherousMail()
    bustle = Bustle(committed, mail, clock)
    with bustle.going_on():
        until(lambda: bustle.settled() >= DUE // 10, 120, "the first tenth")
        lost = bustle.broker.flush()
        clock.now += LEASE + timedelta(seconds=1)
        until(lambda: bustle.settled() >= DUE // 3, 120, "a third")
        bustle.broker.is_gone.set()
        lost += bustle.broker.flush()
        clock.now += timedelta(hours=1)
        bustle.broker.is_gone.clear()
        clock.now += LEASE + timedelta(seconds=1)
        until(lambda: bustle.settled() == DUE, 240, "all of them")

    with committed.sessions.read() as session:
        states = dict(session.execute(select(Notice.state, func.count()).group_by(Notice.state)).all())
        uncertain = session.scalars(select(Notice.id).where(Notice.state == NoticeState.UNCERTAIN)).all()
        in_ledger = session.scalar(select(func.count()).select_from(SentMessage))
    said = [each.split("@")[0].removeprefix("<") for each in mail.sent]
    assert len(said) == len(set(said)) == DUE, "nobody was told twice, and nobody was forgotten"
    assert in_ledger == sum(states.values()) == DUE
    assert set(states) == {NoticeState.SENT, NoticeState.UNCERTAIN}
    # Those whose acknowledgement never came, and the one whose worker stopped for longer than its lease.
    assert len(uncertain) == DUE // SILENT_EVERY + 1
    assert said[0] in {str(each) for each in uncertain}
    report = (
        f"{DUE} due, {lost} lost by the broker, {states}, failures {bustle.failures}. ALL INVARIANTS HOLD"
    )
    sys.stdout.write(f"{report}\n")
