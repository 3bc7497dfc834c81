"""A recall trace at 100,000 dispensed orders and 2,000 batches, and at ten times as many.

Both pharmacies recall one lot that went into a triturate, into a triturate of that, into twenty batches and to a
thousand orders: the same hits among ten times the rows. One statement finds them; walking a thousand plans to
today's step and capsules is measured with it. Rows are copies of one demonstration order, made by the database
itself; the two are asked in turns, and the medians are compared.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event

from bench.recall_rows import RECALLED_LOT, file_rows
from bench.rig import ROOT
from local.environment import Surroundings
from local.servers import Postgres, postgres
from local.throwaway import throwaway_folder
from pharmacy import bootstrap
from pharmacy.bootstrap import Pharmacy
from pharmacy.config import Config
from pharmacy.domain.calendar import local_day
from pharmacy.domain.recalls import RecallSubject
from pharmacy.usecases.trace_stock import Traced, trace_stock

SIZES = (100_000, 1_000_000)
ORDERS_PER_BATCH = 50
ROUNDS = 7


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one trace found, in how many statements and seconds."""

    hits: int
    batches: int
    statements: int
    seconds: float


def main() -> None:
    with throwaway_folder() as folder, postgres(folder / "postgres", fsync=False) as cluster:
        _migrated(cluster, folder)
        for size in SIZES:
            _fill(cluster, size)
        with _opened(cluster, folder, SIZES[0]) as small, _opened(cluster, folder, SIZES[1]) as large:
            _trace(small)
            _trace(large)
            rounds = [(_trace(small), _trace(large)) for _ in range(ROUNDS)]
    _tell(rounds)


def _tell(rounds: list[tuple[Found, Found]]) -> None:
    for size, found in zip(SIZES, zip(*rounds, strict=True), strict=True):
        first = found[0]
        milliseconds = 1000 * statistics.median(each.seconds for each in found)
        print(
            f"recall among {size:9,} orders {milliseconds:20.1f} ms: {first.hits} orders and {first.batches}"
            f" batches found in {first.statements} statement"
        )
    if len({(found.hits, found.batches, found.statements) for pair in rounds for found in pair}) != 1:
        raise SystemExit("The two sizes did not find the same.")
    ratio = statistics.median(large.seconds / small.seconds for small, large in rounds)
    print(f"recall, 1,000,000 orders / 100,000     {ratio:18.2f}   T9 1.5")


def _trace(pharmacy: Pharmacy) -> Found:
    now = pharmacy.clock()
    with pharmacy.sessions.read() as session:
        reference = pharmacy.reference.current(session, local_day(now, pharmacy.zone))
        statements: list[str] = []
        engine = session.get_bind()

        def note(*told: Any) -> None:
            statements.append(told[2])

        event.listen(engine, "before_cursor_execute", note)
        begun = time.perf_counter()
        trace, holdings = trace_stock(
            session, Traced(RecallSubject.COMPONENT_LOT, RECALLED_LOT), reference, now=now
        )
        seconds = time.perf_counter() - begun
        event.remove(engine, "before_cursor_execute", note)
    return Found(
        hits=len({holding.promised.order_id for holding in holdings}),
        batches=len(trace.batches),
        statements=len(statements),
        seconds=seconds,
    )


def _migrated(cluster: Postgres, folder: Path) -> None:
    """A demonstration with orders in every state: what the rows are copied from."""
    subprocess.run(
        [sys.executable, "-m", "pharmacy.cli", "migrate", "demo", "--orders"],
        cwd=ROOT,
        env={**os.environ, **_around(cluster, folder, "template_of_recalls").variables()},
        check=True,
    )


def _fill(cluster: Postgres, size: int) -> None:
    """A pharmacy of so many dispensed orders; says how long it took and how large it became."""
    name = _name(size)
    cluster.create_database(name, template="template_of_recalls")
    begun = time.perf_counter()
    with psycopg.connect(cluster.url(name).replace("+psycopg", "", 1), autocommit=True) as connection:
        file_rows(connection, size, batches=size // ORDERS_PER_BATCH)
        megabytes = connection.execute("SELECT pg_database_size(current_database()) / 1000000").fetchone()
    seconds = time.perf_counter() - begun
    print(f"rows for {size:9,} orders {seconds:24.0f} s, {megabytes[0] if megabytes else 0} MB")


@contextmanager
def _opened(cluster: Postgres, folder: Path, size: int) -> Iterator[Pharmacy]:
    os.environ.update(_around(cluster, folder, _name(size)).variables())
    pharmacy = bootstrap.build(Config.from_env())
    try:
        yield pharmacy
    finally:
        pharmacy.close()


def _around(cluster: Postgres, folder: Path, database: str) -> Surroundings:
    return Surroundings(
        database_url=cluster.create_database(database), redis_url="redis://127.0.0.1:9/0", state=folder
    )


def _name(size: int) -> str:
    return f"recalls_{size}"


if __name__ == "__main__":
    main()
