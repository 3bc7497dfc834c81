"""What the walls between practices cost: one whole order, and a page of them, read behind the walls and in front of
them, interleaved.

Behind the wall the transaction acts as the client role, whom row-level security binds; in front of it as the owner,
whom it does not. Both set the same two variables, so that what differs is the policies alone.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bench.rig import Rig, served
from bench.submissions import submit

ROUNDS = 400
_ROLES = {"behind": "pharmacy_client", "in front": "none"}


def main() -> None:
    with served(web_processes=1) as rig:
        submit(rig, 300, "walls")
        took = measured(rig)
    for what, by_role in took.items():
        behind, front = (statistics.median(by_role[role]) * 1000 for role in ("behind", "in front"))
        print(
            f"{what:34} behind the walls {behind:7.3f} ms, in front {front:7.3f} ms, they cost {behind - front:6.3f} ms"
        )


def measured(rig: Rig) -> dict[str, dict[str, list[float]]]:
    """Seconds of each round, by what was done and by which side of the wall."""
    os.environ.update(rig.environment)
    from pharmacy.bootstrap import build  # The environment must stand before it is read.
    from pharmacy.config import Config
    from pharmacy.store import orders

    pharmacy = build(Config.from_env())
    with pharmacy.sessions.read() as session:
        found = session.execute(text("SELECT id, practice_id FROM orders ORDER BY id DESC LIMIT 50")).all()
    works: dict[str, Callable[[Session, int], object]] = {
        "one whole order read": lambda session, number: orders.of_practice(session, *found[number % 50]),
        "a page of 20 orders": lambda session, _: session.scalars(
            orders.newest_first(found[0].practice_id).limit(20)
        ).all(),
    }
    took: dict[str, dict[str, list[float]]] = {what: {role: [] for role in _ROLES} for what in works}
    for number in range(ROUNDS):
        for what, work in works.items():
            for side, role in _ROLES.items():
                with pharmacy.sessions.write() as session:
                    session.execute(
                        select(
                            func.set_config("pharmacy.practice_id", str(found[0].practice_id), True),
                            func.set_config("role", role, True),
                        )
                    )
                    began = time.perf_counter()
                    work(session, number)
                    took[what][side].append(time.perf_counter() - began)
    pharmacy.close()
    return took


if __name__ == "__main__":
    main()
