"""Counts in Redis, so that all processes count together; in memory while Redis is away.

Redis away must neither stop nor slow the door: a call that takes longer than 50 ms is given up, and then nobody
calls for some seconds, so that at most one request in that time waits so long. Counts in memory are each
process's own, so that meanwhile a caller may come as often to each process.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from pharmacy.gateways.memory_tally import MemoryTally

LONGEST_CALL_SECONDS = 0.05
# One command, so that a count never stays without its end.
_COUNT = """
local counted = redis.call('INCR', KEYS[1])
if counted == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return counted
"""
LEFT_ALONE_FOR = timedelta(seconds=5)


class RedisTally:
    """One round trip for each count; safe between threads."""

    def __init__(self, url: str, *, timeout_seconds: float = LONGEST_CALL_SECONDS) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            retry=Retry(NoBackoff(), 0),
        )
        self._counted = self._redis.register_script(_COUNT)
        self._lock = Lock()
        self._memory = MemoryTally()
        self._away_until: datetime | None = None

    def count(self, name: str, *, now: datetime, seconds: int) -> int:
        if not self._may_call(now):
            return self._memory.count(name, now=now, seconds=seconds)
        try:
            counted = self._count_together(name, now, seconds)
        except (RedisError, OSError):
            with self._lock:
                self._away_until = now + LEFT_ALONE_FOR
            return self._memory.count(name, now=now, seconds=seconds)
        self._away_until = None
        return counted

    def _count_together(self, name: str, now: datetime, seconds: int) -> int:
        key = f"tally:{name}:{seconds}:{int(now.timestamp()) // seconds}"
        return cast(int, self._counted(keys=[key], args=[2 * seconds]))

    def _may_call(self, now: datetime) -> bool:
        """Whether Redis is asked now; after a failure one request asks again, and the others do not wait for it."""
        with self._lock:
            if self._away_until is None:
                return True
            if now < self._away_until:
                return False
            self._away_until = now + LEFT_ALONE_FOR
            return True
