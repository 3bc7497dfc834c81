"""The console's pages at 10,000 orders and at 1,000,000, asked in turns: server time, and questions to the books.

Every list is asked for its first page and, where there is one, for a page far down; then the pages of one thing. Every
statement counts as a question but those that begin and end a transaction. A page that is not there is said to be missing. BENCH_ORDERS makes the larger pharmacy smaller, for a look between two changes.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import event, text

from bench.console_rows import file_console_rows
from bench.rig import ROOT
from local.environment import Surroundings
from local.servers import Postgres, postgres
from local.throwaway import throwaway_folder
from pharmacy import bootstrap
from pharmacy.app import create_app
from pharmacy.bootstrap import Pharmacy
from pharmacy.config import Config
from pharmacy.store import staff
from pharmacy.store.staff import StaffSession
from pharmacy.usecases.sign_in import hash_of
from pharmacy.usecases.sum_figures import sum_figures

SIZES = (10_000, int(os.environ.get("BENCH_ORDERS", "1000000")))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "9"))
MOST_RATIO, MOST_QUERIES = 1.5, 12
_KEY = "the key of the bench"
_IN_CHARGE = "iris"
# What is not a question: how a transaction begins, and savepoints.
_NO_QUESTION = ("SET ", "SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
# Lists by key, with whoever reads them; what grows with orders stands first.
PAGES = (
    ("today", "/orders?room=today"),
    ("all orders", "/orders?room=all"),
    ("all orders, by promise", "/orders?room=all&first=promised"),
    ("verify", "/orders?room=verify"),
    ("one order", "/orders/{order}"),
    ("its review", "/orders/{order}/review"),
    ("its verification", "/orders/{order}/verification"),
    ("its bag", "/orders/{order}/counter"),
    ("its worksheets", "/orders/{order}/worksheet"),
    ("its money", "/orders/{order}/money"),
    ("its plan", "/prescriptions/{prescription}/adjust"),
    ("patients", "/patients"),
    ("one patient", "/patients/{patient}"),
    ("what one patient is told", "/notices/patients/{patient}"),
    ("audit", "/audit"),
    ("notices", "/notices"),
    ("one notice", "/notices/{notice}"),
    ("labels", "/labels"),
    ("one label", "/labels/{label}"),
    ("batches", "/batches"),
    ("one batch", "/batches/{batch}"),
    ("its record", "/batches/{batch}/sheet"),
    ("stock", "/stock"),
    ("one lot", "/stock/lots/{lot}"),
    ("recalls", "/recalls"),
    ("figures of 30 days", "/figures"),
)
# Names are sought by a form, never by an address: what some have, what nobody has, and what is too short for threes.
SEARCHES = (
    ("orders by name", "/search", "q"),
    ("patients by name", "/patients", "name"),
)
_SOUGHT = ("patient 3f", "nobody of that name", "pa", "zq")
# What stands in the addresses: the newest of each, and of orders the newest that waits for its verifier, which asks most.
_NAMED = {
    "order": "SELECT id FROM orders WHERE status = 'labelled' ORDER BY id DESC LIMIT 1",
    "prescription": "SELECT prescription_id FROM orders WHERE status = 'labelled' ORDER BY id DESC LIMIT 1",
    "patient": "SELECT patient_id FROM orders WHERE status = 'labelled' ORDER BY id DESC LIMIT 1",
    "notice": "SELECT id FROM notices ORDER BY id DESC LIMIT 1",
    "label": "SELECT id FROM labels ORDER BY id DESC LIMIT 1",
    "batch": "SELECT number FROM batches ORDER BY id DESC LIMIT 1",
    "lot": "SELECT id FROM component_lots ORDER BY id DESC LIMIT 1",
}
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_PAGES_DOWN = 20


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One page as it was answered: its status, the seconds of the server, its questions, the way on."""

    status: int
    seconds: float
    queries: int
    next_path: str | None


class Reader:
    """Somebody at the console of one pharmacy."""

    def __init__(self, pharmacy: Pharmacy) -> None:
        self.pharmacy = pharmacy
        self.client: FlaskClient = create_app(pharmacy).test_client()
        self.client.set_cookie("console_key", _KEY, path="/console")
        with pharmacy.sessions.read() as session:
            self._named = {name: session.scalar(text(query)) for name, query in _NAMED.items()}
        found = _TOKEN.search(self.client.get("/console/orders").text)
        self._token = found[1] if found else ""

    def path(self, path: str) -> str:
        """The address with what stands in this pharmacy."""
        return f"/console{path.format(**self._named)}"

    def see(self, path: str, form: Mapping[str, str] | None = None) -> Seen:
        statements: list[str] = []

        def note(*told: Any) -> None:
            statements.append(told[2])

        with self.pharmacy.sessions.read() as session:
            engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
        begun = time.perf_counter()
        sent = {"csrf_token": self._token, **form} if form else None
        answer = self.client.get(path) if sent is None else self.client.post(path, data=sent)
        seconds = time.perf_counter() - begun
        event.remove(engine, "before_cursor_execute", note)
        following = _NEXT.search(answer.text)
        return Seen(
            status=answer.status_code,
            seconds=seconds,
            queries=sum(not each.startswith(_NO_QUESTION) for each in statements),
            next_path=unescape(following[1]) if following else None,
        )

    def far_down(self, path: str) -> str | None:
        """The page so many pages down that list, or None where it is not that long."""
        at: str | None = path
        for _ in range(_PAGES_DOWN):
            at = self.see(at).next_path if at else None
        return at


def main() -> None:
    with throwaway_folder() as folder, postgres(folder / "postgres", fsync=False) as cluster:
        _migrated(cluster, folder)
        for size in SIZES:
            _fill(cluster, size)
        with ExitStack() as stack:
            small, large = (Reader(stack.enter_context(_opened(cluster, folder, size))) for size in SIZES)
            failed = [name for name, path in PAGES if not _compare(name, path, small, large)]
            failed += [
                f"{name}: {sought}"
                for name, path, field in SEARCHES
                for sought in _SOUGHT
                if not _seek(f"{name}: {sought}", path, {field: sought}, small, large)
            ]
    if failed:
        print(f"console pages beyond T8: {', '.join(failed)}")


def _compare(name: str, path: str, small: Reader, large: Reader) -> bool:
    """Whether the page is as fast and asks as little at either size; its first page and one far down."""
    here, there = small.path(path), large.path(path)
    held = _measure(name, (small, here), (large, there))
    deep = small.far_down(here), large.far_down(there)
    if deep[0] and deep[1]:
        held &= _measure(f"{name}, page {_PAGES_DOWN + 1}", (small, deep[0]), (large, deep[1]))
    return held


def _seek(name: str, path: str, form: Mapping[str, str], small: Reader, large: Reader) -> bool:
    return _measure(name, (small, f"/console{path}"), (large, f"/console{path}"), form)


def _measure(
    name: str, small: tuple[Reader, str], large: tuple[Reader, str], form: Mapping[str, str] | None = None
) -> bool:
    first = [reader.see(path, form) for reader, path in (small, large)]
    if any(each.status != 200 for each in first):
        print(f"console {name:37} not there ({first[0].status})")
        return True
    rounds = [tuple(reader.see(path, form) for reader, path in (small, large)) for _ in range(ROUNDS)]
    ratio = statistics.median(b.seconds / a.seconds for a, b in rounds)
    times = [1000 * statistics.median(pair[place].seconds for pair in rounds) for place in (0, 1)]
    queries = max(each.queries for pair in rounds for each in pair)
    print(
        f"console {name:37}{times[0]:8.1f} {times[1]:8.1f} ms{ratio:8.2f}{queries:4} queries"
        f"   T8 {MOST_RATIO}, {MOST_QUERIES}"
    )
    return ratio <= MOST_RATIO and queries <= MOST_QUERIES


def _migrated(cluster: Postgres, folder: Path) -> None:
    """A demonstration with orders in every state: what the rows are copied from."""
    subprocess.run(
        [sys.executable, "-m", "pharmacy.cli", "migrate", "demo", "--orders"],
        cwd=ROOT,
        env={**os.environ, **_around(cluster, folder, "template_of_console").variables()},
        check=True,
    )


def _fill(cluster: Postgres, size: int) -> None:
    name = f"console_{size}"
    cluster.create_database(name, template="template_of_console")
    begun = time.perf_counter()
    with psycopg.connect(cluster.url(name).replace("+psycopg", "", 1), autocommit=True) as connection:
        file_console_rows(connection, size)
        megabytes = connection.execute("SELECT pg_database_size(current_database()) / 1000000").fetchone()
    seconds = time.perf_counter() - begun
    print(f"rows for {size:9,} orders {seconds:24.0f} s, {megabytes[0] if megabytes else 0} MB")


@contextmanager
def _opened(cluster: Postgres, folder: Path, size: int) -> Iterator[Pharmacy]:
    os.environ.update(_around(cluster, folder, f"console_{size}").variables())
    pharmacy = bootstrap.build(Config.from_env())
    now = pharmacy.clock()
    with pharmacy.sessions.write() as session:
        member = staff.member_named(session, _IN_CHARGE)
        if member is None:
            raise SystemExit(f"The demonstration has no {_IN_CHARGE}.")
        session.add(
            StaffSession(
                key_hash=hash_of(_KEY),
                staff_member_id=member.id,
                started_at=now,
                last_seen_at=now,
                proved_at=now,
            )
        )
    begun = time.perf_counter()
    days = sum(iter(lambda: sum_figures(pharmacy.sessions, pharmacy.zone, by=pharmacy.clockwork, now=now), 0))
    print(f"figures of {days:7,} days summed {time.perf_counter() - begun:23.1f} s")
    try:
        yield pharmacy
    finally:
        pharmacy.close()


def _around(cluster: Postgres, folder: Path, database: str) -> Surroundings:
    return Surroundings(
        database_url=cluster.create_database(database), redis_url="redis://127.0.0.1:9/0", state=folder
    )


if __name__ == "__main__":
    main()
