"""Waiting for something that another process does, with a limit.

The one place that sleeps. Tests and the set-up wait on what can be seen (a file, a socket,
a process that is gone), never for a guessed time.
"""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

_PAUSE = 0.01


class NotInTime(Exception):
    """What was waited for did not come within the limit."""


def until(condition: Callable[[], Seen], seconds: float, what: str) -> Seen:
    """The first true answer of `condition`, which is asked again and again for at most `seconds`.

    Raises NotInTime, which says `what` was waited for.
    """
    deadline = time.monotonic() + seconds
    while not (seen := condition()):
        if time.monotonic() > deadline:
            raise NotInTime(f"Waited {seconds:g} s in vain for {what}.")
        time.sleep(_PAUSE)  # noqa: TID251 - other processes give no event to wait on; bounded by the deadline
    return seen
