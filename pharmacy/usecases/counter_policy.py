"""Numbers of the counter and of the console, as the settings `counter` and `presence_minutes` give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterPolicy:
    """After how many days a bag that nobody took is looked at, how large a scanned sheet may be, and how long
    somebody who opened an order counts as having it open.
    """

    will_call_days: int
    most_picture_bytes: int
    present_for: timedelta


def counter_policy_from(settings: Mapping[str, Any]) -> CounterPolicy:
    """The policy that the settings in force give."""
    return CounterPolicy(**settings["counter"], present_for=timedelta(minutes=settings["presence_minutes"]))
