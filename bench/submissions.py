"""Accepted submissions beside the floor: one prepared multi-CTE statement that files eleven rows.

The floor is pgbench with eight clients on the same PostgreSQL, fsync on, interleaved with the load. Ours checks
a token, validates, screens, prices, derives batches, stores the answer for its key and files some twenty rows;
the floor does nothing but file. The difference is the price of the rules.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from bench import parts
from bench.client import Load, post, run
from bench.rig import Rig, served
from bench.typical import typical_order

HERE = Path(__file__).parent
ROUNDS = 3
REQUESTS = 2_000
FLOOR_SECONDS = 4


def main() -> None:
    with served() as rig:
        with psycopg.connect(_plain(rig)) as connection:
            connection.execute((HERE / "floor_tables.sql").read_text().encode())
        submit(rig, 300, "warm")
        rounds = [(_floor(rig), *_measured(rig, number)) for number in range(ROUNDS)]
        found = parts.main_part(rig)
    _tell(rounds)
    parts.tell(found)


def submit(rig: Rig, requests: int, name: str) -> Load:
    """So many different submissions at eight connections; every one must be accepted."""
    token, body = rig.token(), json.dumps(typical_order(datetime.now(UTC))).encode()
    load = run(
        rig.port,
        lambda number: post("/api/v1/orders", _of_somebody(body, number), token, f"{name}-{number}"),
        requests=requests,
    )
    if set(load.answers) != {201}:
        raise SystemExit(f"Not all were accepted: {dict(load.answers)}")
    return load


def _of_somebody(body: bytes, number: int) -> bytes:
    """The order of another patient each time: records alike are looked at together, and few people are alike."""
    letters = "".join(chr(ord("a") + number // 26**place % 26) for place in range(3))
    return body.replace(b"Anna Sample", f"Anna Sample{letters}".encode())


def _measured(rig: Rig, number: int) -> tuple[Load, tuple[float, ...]]:
    """One load, and the processor milliseconds of application and of database for each submission."""
    before = rig.processor_seconds()
    load = submit(rig, REQUESTS, f"round-{number}")
    after = rig.processor_seconds()
    return load, tuple((end - begin) * 1000 / REQUESTS for begin, end in zip(before, after, strict=True))


def _floor(rig: Rig) -> tuple[float, float]:
    """Transactions a second and the 99th percentile in milliseconds."""
    log = rig.cluster.home / "floor"
    command = [
        *(rig.cluster.program_file("pgbench"), "-n", "-M", "prepared", "-c", "8", "-j", "2"),
        *("-T", str(FLOOR_SECONDS), "-f", str(HERE / "floor.sql"), "-l", "--log-prefix", str(log)),
        *("-h", str(rig.cluster.sockets), "-U", "pharmacy", "books"),
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=rig.cluster.home).stdout
    per_second = float(re.search(r"tps = ([0-9.]+)", said)[1])  # type: ignore[index]  # pgbench always says it.
    took = sorted(
        int(line.split()[2]) for each in log.parent.glob("floor.*") for line in each.read_text().splitlines()
    )
    for each in log.parent.glob("floor.*"):
        each.unlink()
    return per_second, took[int(0.99 * len(took))] / 1000


def _plain(rig: Rig) -> str:
    return rig.cluster.url("books").replace("postgresql+psycopg", "postgresql")


def _tell(rounds: list[tuple[tuple[float, float], Load, tuple[float, ...]]]) -> None:
    shares = [load.per_second / floor for (floor, _), load, _ in rounds]
    tails = [load.percentile(0.99) / tail for (_, tail), load, _ in rounds]
    for (floor, tail), load, milliseconds in rounds:
        print(
            f"submissions a second, 8 at once   {floor:10.0f}{load.per_second:10.0f}{load.per_second / floor:8.3f}   T1 0.12"
        )
        print(
            f"  p99, ms                         {tail:10.1f}{load.percentile(0.99):10.1f}{load.percentile(0.99) / tail:8.1f}   T3 9"
        )
        print(f"  p50, ms                         {'':10}{load.percentile(0.5):10.1f}")
        print(
            f"  processor ms a submission       {'':10}{sum(milliseconds):10.2f}{'':8}   T2 1.8 (application {milliseconds[0]:.2f}, database {milliseconds[1]:.2f})"
        )
    print(f"median ratio {statistics.median(shares):.3f} (T1), {statistics.median(tails):.1f} (T3)")


if __name__ == "__main__":
    main()
