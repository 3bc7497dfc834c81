"""Counts in this process's memory: what is left when Redis is away, and enough for one process."""

from __future__ import annotations

from datetime import datetime
from threading import Lock

# Names may be chosen by strangers; a full memory forgets rather than grows.
MOST_NAMES = 50_000


class MemoryTally:
    """Keeps the windows that have not ended; safe between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._windows: dict[tuple[int, int], dict[str, int]] = {}

    def count(self, name: str, *, now: datetime, seconds: int) -> int:
        window = (seconds, int(now.timestamp()) // seconds)
        with self._lock:
            counts = self._windows.get(window)
            if counts is None:
                self._forget_others(seconds)
                counts = self._windows[window] = {}
            if name not in counts and len(counts) >= MOST_NAMES:
                counts.clear()
            counts[name] = counts.get(name, 0) + 1
            return counts[name]

    def _forget_others(self, seconds: int) -> None:
        for each in [each for each in self._windows if each[0] == seconds]:
            del self._windows[each]
