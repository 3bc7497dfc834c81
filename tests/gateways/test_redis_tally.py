"""Counting who knocks: together while Redis is there, each process for itself while it is not."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from redis import Redis

from local.servers import Valkey
from pharmacy.gateways import memory_tally
from pharmacy.gateways.memory_tally import MemoryTally
from pharmacy.gateways.redis_tally import LEFT_ALONE_FOR, LONGEST_CALL_SECONDS, RedisTally
from pharmacy.usecases.ports import Tally
from tests.books import MORNING

GENEROUS = 5.0  # Seconds; a machine under test may be busy for longer than 50 ms.


@pytest.fixture
def silent() -> Iterator[str]:
    """A Redis that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def counted(tally: Tally, name: str, times: int, *, later: timedelta = timedelta()) -> list[int]:
    return [tally.count(name, now=MORNING + later, seconds=60) for _ in range(times)]


def test_two_processes_count_together(valkey_url: str) -> None:
    here, there = (RedisTally(valkey_url, timeout_seconds=GENEROUS) for _ in range(2))

    assert counted(here, "together", 2) == [1, 2]
    assert counted(there, "together", 2) == [3, 4]
    assert counted(there, "another", 1) == [1]


@pytest.mark.parametrize("where", ["redis", "memory"])
def test_a_new_minute_counts_anew(valkey_url: str, where: str) -> None:
    tally: Tally = RedisTally(valkey_url, timeout_seconds=GENEROUS) if where == "redis" else MemoryTally()

    assert counted(tally, "anew", 2, later=timedelta(seconds=59)) == [1, 2]
    assert counted(tally, "anew", 2, later=timedelta(seconds=60)) == [1, 2]


def test_counts_do_not_stay_in_redis_for_ever(valkey_url: str) -> None:
    counted(RedisTally(valkey_url, timeout_seconds=GENEROUS), "passing", 1)

    with Redis.from_url(valkey_url) as redis:
        kept = redis.keys("tally:passing:*")
        assert len(kept) == 1
        assert 60 < redis.ttl(kept[0]) <= 120


def test_many_threads_are_all_counted_in_memory() -> None:
    tally = MemoryTally()

    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(lambda _: tally.count("all", now=MORNING, seconds=60), range(400)))

    assert sorted(numbers) == list(range(1, 401))


def test_names_of_strangers_do_not_fill_the_memory() -> None:
    tally = MemoryTally()
    for number in range(memory_tally.MOST_NAMES):
        tally.count(f"stranger {number}", now=MORNING, seconds=60)

    assert counted(tally, "stranger 0", 1) == [2]
    assert counted(tally, "one more", 1) == [1]
    assert counted(tally, "stranger 0", 1) == [1]


def test_a_silent_redis_is_waited_for_once_and_then_left_alone(silent: str) -> None:
    tally = RedisTally(silent)

    begun = time.perf_counter()
    first = counted(tally, "on", 1)
    waited = time.perf_counter() - begun
    begun = time.perf_counter()
    more = counted(tally, "on", 100)
    spent = time.perf_counter() - begun

    assert first + more == list(range(1, 102))
    assert waited >= LONGEST_CALL_SECONDS
    # A hundred more waits would be five seconds.
    assert spent < 100 * LONGEST_CALL_SECONDS / 2


def test_one_that_is_not_there_is_asked_again_when_it_is_back(valkey_server: Valkey) -> None:
    tally = RedisTally(valkey_server.url, timeout_seconds=GENEROUS)
    assert counted(tally, "back", 3) == [1, 2, 3]
    valkey_server.kill()

    meanwhile = counted(tally, "back", 2)
    valkey_server.start()
    too_early = counted(tally, "back", 1)
    back = counted(tally, "back", 2, later=LEFT_ALONE_FOR)

    witness = RedisTally(valkey_server.url, timeout_seconds=GENEROUS)
    assert meanwhile + too_early == [1, 2, 3]
    # Killed, it may have lost what it had not written down yet; what counts is that it counts again, for everybody.
    assert back[1] == back[0] + 1 <= 5
    assert counted(witness, "back", 1, later=LEFT_ALONE_FOR) == [back[1] + 1]
