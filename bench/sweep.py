"""Sweeping 10,000 due notices among a million, and among 20,000: leased in the books and on the broker.

The same use case as the worker's, with a real Redis-protocol server behind Celery's own way of publishing. The floor
is a sweep that publishes nothing. Rows are made by the database itself; the two sizes are swept in turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from celery import Celery
from sqlalchemy import Engine, create_engine, text

from local.servers import Cluster, postgres, valkey
from local.throwaway import throwaway_folder
from pharmacy.domain.actors import CLOCKWORK
from pharmacy.store import everything  # noqa: F401  # The tables are made from the records.
from pharmacy.store.base import Record
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.relay_outbox import NOTICES_AT_ONCE, relay_notices

DUE = 10_000
SIZES = (1_000_000, 20_000)
ROUNDS = 5
NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)
_ROWS = """
INSERT INTO notices (id, order_id, patient_id, kind, step_position, due_on, due_at, state, settled_at, attempts)
SELECT gen_random_uuid(), md5(n::text)::uuid, md5(n::text)::uuid, 'step', 2, date '2026-11-25',
       timestamptz '2026-11-25 14:00+00' + (CASE WHEN n <= :due THEN -n ELSE n END) * interval '1 second',
       'waiting', NULL, 0
FROM generate_series(1, :size) AS n
"""


def main() -> None:
    with (
        throwaway_folder() as folder,
        postgres(folder / "postgres", fsync=False) as cluster,
        valkey(folder / "valkey") as broker,
    ):
        celery = Celery(broker=broker.url, task_ignore_result=True)

        def publish(topic: str, ids: list[str]) -> None:
            celery.send_task(topic, args=[ids])

        took: dict[tuple[int, bool], list[float]] = {}
        engines = {size: create_engine(_filled(cluster, size)) for size in SIZES}
        for _ in range(ROUNDS):
            for size, engine in engines.items():
                for sends in (publish, _nowhere):
                    took.setdefault((size, sends is publish), []).append(
                        _sweep(Sessions(engine), engine, sends)
                    )
        for engine in engines.values():
            engine.dispose()
        with closing(celery):
            _tell({key: statistics.median(each) for key, each in took.items()})


def _tell(took: dict[tuple[int, bool], float]) -> None:
    large, small = (DUE / took[size, True] for size in SIZES)
    floor = DUE / took[SIZES[0], False]
    print(
        f"{'sweep, rows/s of 1,000,000':34}{floor:>10,.0f}{large:>10,.0f}{large / floor:>8.2f}   25,000 rows/s"
    )
    print(
        f"{'sweep, time 1,000,000 / 20,000':34}{small:>10,.0f}{large:>10,.0f}{small / large:>8.2f}   <= 1.5"
    )


def _filled(cluster: Cluster, size: int) -> str:
    """The address of books with so many waiting notices, of which DUE are due."""
    url = cluster.create_database(f"sweep_{size}")
    engine = create_engine(url)
    with engine.begin() as connection:
        Record.metadata.create_all(connection)
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(_ROWS), {"size": size, "due": DUE})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE notices"))
    engine.dispose()
    return url


def _sweep(sessions: Sessions, engine: Engine, send: Callable[[str, list[str]], None]) -> float:
    """Seconds until all that is due is leased and handed on; afterwards the leases are given back."""
    began = time.perf_counter()
    swept = 0
    while (leased := relay_notices(sessions, send, by=CLOCKWORK, now=NOW)) == NOTICES_AT_ONCE:
        swept += leased
    took = time.perf_counter() - began
    assert swept + leased == DUE
    with sessions.write() as session:
        session.execute(text("UPDATE notices SET leased_until = NULL WHERE leased_until IS NOT NULL"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE notices"))
    return took


def _nowhere(_topic: str, _ids: list[str]) -> None:
    """The floor: nobody is told."""


if __name__ == "__main__":
    main()
