"""Simulations a second beside the floor, an empty JSON route of Flask served in the same way, at eight connections.

Ours checks a token, validates, lays the plan out in days, looks for the best strength sets, derives batches from
today's lots, and prices every option. The same plan asked again is answered from what was derived before, as most
plans are the typical one; so it is measured with the typical plan, and with a plan that nobody has asked before.
What an added step costs is measured without HTTP and without the database, one process, nothing kept.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench.client import Load, post, run
from bench.rig import ROOT, Rig, answers, served
from bench.typical import NEW_YORK, typical_order
from local.servers import free_port
from local.waiting import until
from pharmacy.domain import strength_sets
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import TimeOfDay, TitrationPlan, once_daily
from pharmacy.store import reference as books
from pharmacy.usecases import derivation
from pharmacy.usecases.commands import SupplyRequest
from pharmacy.usecases.reference import Reference, read_reference
from pharmacy.usecases.simulate_titration import simulate_titration

ROUNDS = 3
REQUESTS = 1_500
MOST_STEPS = 12
TURNS = 5


def main() -> None:
    with served() as rig, _empty(rig) as floor_port:
        token, body = rig.token(), json.dumps(_typical()).encode()
        _simulate(rig, token, [body] * 200)
        rounds = [_round(rig, floor_port, token, body, number) for number in range(ROUNDS)]
        reference = _reference(rig)
    for floor, same, other in rounds:
        _tell("simulations a second, 8 at once", floor, same, "T4 0.25")
        _tell("  of plans never asked before", floor, other, "")
    ratios = [same.per_second / floor.per_second for floor, same, _ in rounds]
    print(f"median ratio {statistics.median(ratios):.3f} (T4)")
    _tell_steps(reference)


def _round(rig: Rig, floor_port: int, token: str, body: bytes, number: int) -> tuple[Load, Load, Load]:
    floor = _accepted(run(floor_port, lambda _: post("/empty", body, token), requests=REQUESTS))
    same = _simulate(rig, token, [body] * REQUESTS)
    others = [json.dumps(_unasked(number * REQUESTS + place)).encode() for place in range(REQUESTS // 3)]
    return floor, same, _simulate(rig, token, others)


def _simulate(rig: Rig, token: str, bodies: list[bytes]) -> Load:
    path = "/api/v1/titrations/simulate"
    return _accepted(run(rig.port, lambda place: post(path, bodies[place], token), requests=len(bodies)))


def _accepted(load: Load) -> Load:
    if set(load.answers) != {200}:
        raise SystemExit(f"Not all were answered: {dict(load.answers)}")
    return load


def _typical() -> dict[str, Any]:
    order = typical_order(datetime.now(UTC))
    return {"plan": order["plan"], "days": 30}


def _unasked(number: int) -> dict[str, Any]:
    """A plan of three usual steps with durations that no number before had."""
    first, rest = number % 28 + 1, number // 28
    durations = (first, rest % 28 + 1, rest // 28 + 2)
    steps = [
        {"dose_mg": dose, "time_of_day": "bedtime", "duration_days": days}
        for dose, days in zip(("1.5", "3", "4.5"), durations, strict=True)
    ]
    return {"plan": {"steps": steps}}


@contextmanager
def _empty(rig: Rig) -> Iterator[int]:
    """The port of the empty route, served as the pharmacy is."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "--worker-class", "gthread"),
        *("--workers", "2", "--threads", "8", "--log-level", "error", "--graceful-timeout", "2"),
        "bench.empty_route:app",
    ]
    floor = subprocess.Popen(command, cwd=ROOT, env=dict(rig.environment))
    try:
        until(lambda: answers(port, "/empty", b"{}"), 30, "the empty route")
        yield port
    finally:
        floor.terminate()
        floor.wait(15)


def _reference(rig: Rig) -> Reference:
    """What the books say today, read once."""
    engine = create_engine(rig.cluster.url("books"))
    with Session(engine) as session:
        reference = read_reference(session, datetime.now(NEW_YORK).date(), books.version(session))
    engine.dispose()
    return reference


def _tell_steps(reference: Reference) -> None:
    """Milliseconds for plans of 1, 2, ... steps of half a milligram more each week, the best of some turns."""
    print(f"{'simulation without HTTP or database':34}{'steps':>10}{'ms':>10}{'added':>8}")
    before = 0.0
    for count in range(1, MOST_STEPS + 1):
        best = min(_once(count, reference) for _ in range(TURNS))
        print(f"{'':34}{count:>10}{best:>10.2f}{best - before:>8.2f}")
        before = best


def _once(count: int, reference: Reference) -> float:
    steps = [once_daily(Micrograms(500 * step), TimeOfDay.BEDTIME, 7) for step in range(1, count + 1)]
    request = SupplyRequest(plan=TitrationPlan(tuple(steps)), days=None, method=None, delivery=Delivery.MAIL)
    derivation.forget()
    strength_sets.forget()
    begun = time.perf_counter()
    json.dumps(simulate_titration(request, reference), default=str)
    return (time.perf_counter() - begun) * 1000


def _tell(what: str, floor: Load, ours: Load, target: str) -> None:
    ratio = ours.per_second / floor.per_second
    print(f"{what:34}{floor.per_second:10.0f}{ours.per_second:10.0f}{ratio:8.3f}   {target}")


if __name__ == "__main__":
    main()
