"""Where the time of a submission goes: processor time of the application, by whose code it is spent in.

The application runs in this process under Python's own profiler with a clock of processor time. Profiling makes much
called code look slower than it is, so the figures are shares of the whole and not milliseconds to add up; beside them
stands the whole without the profiler.
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import PurePath

from flask.testing import FlaskClient

from bench.rig import Rig
from bench.typical import typical_order

REQUESTS = 300
_WARM = 60
# Whose code a file is, by what stands in its path; the first that fits.
_OWNERS: Mapping[str, str] = {
    "pharmacy/domain": "rules: screening, derivation, price (pharmacy/domain)",
    "pharmacy/usecases": "rows and checks (pharmacy/usecases)",
    "pharmacy/store": "books (pharmacy/store)",
    "pharmacy/": "door and shapes (pharmacy/web)",
    "marshmallow": "shapes read and written (marshmallow)",
    "webargs": "shapes read and written (marshmallow)",
    "flask_smorest": "shapes read and written (marshmallow)",
    "email_validator": "shapes read and written (marshmallow)",
    "sqlalchemy": "statements (SQLAlchemy)",
    "psycopg": "statements on the line (psycopg)",
    "redis": "counting (redis)",
    "flask": "requests and answers (Flask, Werkzeug, test client)",
    "werkzeug": "requests and answers (Flask, Werkzeug, test client)",
}


def main_part(rig: Rig) -> dict[str, float]:
    """Shares by owner, and under "ms" the processor milliseconds of one submission without the profiler."""
    os.environ.update(rig.environment)
    from pharmacy.app import from_environment  # The environment must stand before it is read.

    sending = _sending(from_environment().test_client(), rig.token())
    for _ in range(_WARM):
        next(sending)
    took = sorted(_timed(sending) for _ in range(REQUESTS))
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for _ in range(REQUESTS):
        next(sending)
    profile.disable()
    return {"ms": took[len(took) // 2] * 1000, **_shares(pstats.Stats(profile))}


def _timed(sending: Iterator[None]) -> float:
    before = time.process_time()
    next(sending)
    return time.process_time() - before


def _sending(client: FlaskClient, token: str) -> Iterator[None]:
    """Each step submits the typical order of another patient, which must be accepted."""
    body = json.dumps(typical_order(datetime.now(UTC)))
    number = 0
    while True:
        number += 1
        letters = "".join(chr(ord("a") + number // 26**place % 26) for place in range(3))
        answer = client.post(
            "/api/v1/orders",
            data=body.replace("Anna Sample", f"Anna Parts{letters}"),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": f"parts-{number}"},
        )
        if answer.status_code != 201:
            raise SystemExit(f"Not accepted: {answer.text}")
        yield


def _shares(stats: pstats.Stats) -> dict[str, float]:
    """The share of each owner, built-in functions counted with whoever calls them."""
    spent: dict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, own, _, callers) in stats.stats.items():  # type: ignore[attr-defined]  # Untyped.
        if file == "~" and callers:
            for (caller, _, _), (_, _, part, _) in callers.items():
                spent[_owner(caller)] += part
        else:
            spent[_owner(file)] += own
    whole = sum(spent.values())
    return {name: each / whole for name, each in sorted(spent.items(), key=lambda found: -found[1])}


def _owner(file: str) -> str:
    path = PurePath(file).as_posix()
    inside = path.rpartition("site-packages/")[2] if "site-packages/" in path else path
    return next((owner for part, owner in _OWNERS.items() if part in inside), "Python itself")


def tell(parts: Mapping[str, float]) -> None:
    print(
        f"processor ms of the application, one at a time, median   {parts['ms']:.2f}; of it, by the profiler:"
    )
    for name, share in parts.items():
        if name != "ms":
            print(f"  {name:58}{share:6.1%}")
