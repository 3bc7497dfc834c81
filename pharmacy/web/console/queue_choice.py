"""What the address of a queue says: room, state, sorting, late, delivery, how long at rest.

Unknown values are passed over. No name stands in an address, so that it may be saved and shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from flask import url_for

from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.pricing import Delivery
from pharmacy.store.console_desk import SavedView
from pharmacy.store.order_queue import QueueOrder
from pharmacy.web.console.lists import Filter
from pharmacy.web.console.rooms import Room, room_named

_MOST_DAYS = 365
_Value = TypeVar("_Value", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is looked at; `days` is how long an order has been where it is, 0 for any time."""

    room: Room
    state: OrderStatus | None
    first: QueueOrder
    delivery: Delivery | None
    is_late: bool
    days: int

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> Choice:
        """What the address says."""
        room, days = room_named(sent.get("room", "")), sent.get("days", "")
        return cls(
            room=room,
            state=_one_of(OrderStatus, sent.get("state")),
            first=_one_of(QueueOrder, sent.get("first")) or usual_order(room),
            delivery=_one_of(Delivery, sent.get("delivery")),
            is_late=sent.get("late") == "yes",
            days=min(int(days), _MOST_DAYS) if days.isascii() and days.isdecimal() and len(days) < 5 else 0,
        )

    def address(self, **other: Any) -> dict[str, Any]:
        """The parts of the address, with others in place of some; None leaves one out."""
        parts: dict[str, Any] = {
            "room": self.room.name,
            "state": self.state,
            "first": self.first if self.first is not usual_order(self.room) else None,
            "delivery": self.delivery,
            "late": "yes" if self.is_late else None,
            "days": self.days or None,
        }
        return {name: str(value) for name, value in (parts | other).items() if value is not None}

    def href(self, **other: Any) -> str:
        """The address of the queue."""
        return url_for("console.queue_page", **self.address(**other))

    def query(self) -> str:
        """The same, as it is saved."""
        return urlencode(self.address())


def kept_query(sent: str) -> str:
    """What of a sent query is an address of the queue; everything else is dropped."""
    return Choice.of(dict(parse_qsl(sent))).query()


def view_shown(view: SavedView, here: str) -> tuple[Filter, str]:
    """A saved view as a chip, and its id to forget it by."""
    href = f"{url_for('console.queue_page')}?{view.query}"
    is_here = kept_query(here) == view.query
    return Filter(words=view.name, href=href, is_chosen=is_here), str(view.id)


def usual_order(room: Room) -> QueueOrder:
    """Work is taken by promise, then from the front of the line; all orders are looked at from the newest on."""
    if room.name == "today":
        return QueueOrder.PROMISED
    return QueueOrder.NEWEST if room.name == "all" else QueueOrder.OLDEST


def _one_of(choices: type[_Value], value: str | None) -> _Value | None:
    return choices(value) if value in set(choices) else None
