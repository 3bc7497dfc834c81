"""Ends processes at the worst moments, and counts afterwards: exactly one of everything.

Loopback only, bounded in rounds and time; every wait is on what can be seen.
"""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.typical import typical_order
from local.servers import Cluster
from local.waiting import until
from tests.faults.commit_barrier import CommitBarrier
from tests.faults.running import PATIENCE, Running, database_name

pytestmark = [pytest.mark.faults, pytest.mark.slow]

STEPS = 3
_MADE = "SELECT count(*) FROM labels WHERE made_at IS NOT NULL AND voided_at IS NULL"


def _everything_made(whole: Running, orders: int) -> None:
    until(lambda: whole.count(_MADE) >= orders * STEPS and whole.drained(), PATIENCE, "every label")
    assert whole.count("SELECT count(*) FROM orders") == orders
    assert whole.count("SELECT count(*) FROM labels") == orders * STEPS
    assert whole.count("SELECT count(DISTINCT vial_id) FROM labels") == orders * STEPS
    assert whole.count("SELECT count(*) FROM outbox WHERE failed_at IS NOT NULL") == 0


def test_orders_taken_while_redis_is_gone_for_twenty_seconds_are_late_and_not_lost(whole: Running) -> None:
    assert whole.order("before")[0] == 201
    _everything_made(whole, 1)
    whole.valkey.stop()

    answers = [whole.order(f"meanwhile-{number}")[0] for number in range(5)]
    gone = threading.Event()
    threading.Timer(20, gone.set).start()
    assert gone.wait(30)
    made_without_redis = whole.count(_MADE)
    whole.valkey.start()

    assert answers == [201] * 5
    assert made_without_redis == STEPS
    _everything_made(whole, 6)


def test_redis_that_forgets_everything_loses_nothing(whole: Running) -> None:
    for number in range(5):
        assert whole.order(f"order-{number}")[0] == 201
    leased = "SELECT count(*) FROM outbox WHERE leased_until IS NOT NULL"
    until(lambda: whole.count(leased) > 0, PATIENCE, "messages that are handed to Redis")
    whole.kill("worker")
    whole.valkey.kill()
    for kept in whole.valkey.home.rglob("appendonlydir/*"):
        kept.unlink()
    whole.valkey.start()
    whole.leases_are_over()

    whole.start("worker")

    _everything_made(whole, 5)


def test_a_web_process_killed_between_commit_and_answer_answers_the_retry_as_it_would_have(
    whole: Running, cluster: Cluster, server_folder: Path
) -> None:
    token = whole.token
    whole.kill("web")
    folder = server_folder / "b"
    folder.mkdir()
    barrier = CommitBarrier(cluster.sockets, folder)
    whole.start("web", database_url=Cluster(folder).url(database_name(whole.surroundings.database_url)))
    outcome: list[Any] = []

    def first_try() -> None:
        try:
            outcome.append(whole.order("the-key"))
        except OSError as broken:
            outcome.append(broken)

    barrier.arm()
    client = threading.Thread(target=first_try)
    client.start()
    until(lambda: whole.count("SELECT count(*) FROM orders") == 1, PATIENCE, "the commit")
    assert barrier.holding.is_set()
    whole.kill("web")
    client.join(PATIENCE)
    barrier.close()
    whole.start("web")

    status, again = whole.order("the-key")

    assert token == whole.token
    assert isinstance(outcome[0], OSError), "the first try must have had no answer"
    assert status == 201
    assert again["rx_number"] == whole.count("SELECT number FROM orders")
    _everything_made(whole, 1)


def test_the_same_submission_from_eight_sides_at_once_makes_one_of_everything(whole: Running) -> None:
    body = typical_order(datetime.now(UTC))
    body["patient"]["contact"]["time_zone"] = _zone_at_noon()
    answers: list[tuple[int, dict[str, Any]]] = []
    together = threading.Barrier(8)

    def submit() -> None:
        together.wait()
        answers.append(whole.order("one-key", body))

    sides = [threading.Thread(target=submit) for _ in range(8)]
    for side in sides:
        side.start()
    for side in sides:
        side.join(PATIENCE)

    assert [status for status, _ in answers] == [201] * 8
    assert len({answer["id"] for _, answer in answers}) == 1
    _everything_made(whole, 1)
    _ship_behind_the_counter(whole)
    until(lambda: whole.mailbox.received, PATIENCE, "the first notice")
    until(
        lambda: whole.count("SELECT count(*) FROM notices WHERE state = 'sent'") == 1, PATIENCE, "the ledger"
    )
    assert len(whole.mailbox.received) == 1
    assert whole.count("SELECT count(*) FROM sent_messages WHERE accepted_at IS NOT NULL") == 1


def _zone_at_noon() -> str:
    """A zone in which nobody is disturbed now: it is between twelve and one o'clock there."""
    ahead = 12 - datetime.now(UTC).hour
    return "Etc/GMT" if ahead == 0 else f"Etc/GMT{-ahead:+d}"


def _ship_behind_the_counter(whole: Running) -> None:
    """The order is gone and its announcement is due, as the act of shipping writes it."""
    order_id, patient_id = whole.row("SELECT id, patient_id FROM orders")
    whole.execute("UPDATE orders SET status = 'shipped', shipped_on = current_date")
    whole.execute(
        "INSERT INTO notices (id, order_id, patient_id, kind, step_position, due_on, due_at, state)"
        " VALUES (gen_random_uuid(), %s, %s, 'shipped', 0, current_date, now(), 'waiting')",
        order_id,
        patient_id,
    )
