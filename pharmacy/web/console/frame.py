"""What surrounds every page: the rail with what waits for me, and who I am."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pharmacy.domain.orders import OrderStatus
from pharmacy.store import orders
from pharmacy.store.sessions import Session
from pharmacy.store.staff import StaffMember
from pharmacy.web.console.presence import the_member
from pharmacy.web.console.rooms import ROOMS, statuses_of, waiting_for
from pharmacy.web.console.words import ROLE_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class RailEntry:
    name: str
    title: str
    letter: str
    waiting: str
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The rail and the person whose work it counts."""

    rail: tuple[RailEntry, ...]
    person: str
    initials: str
    role: str


def frame(session: Session, here: str = "") -> Frame:
    """The frame around a page of the person at work; `here` names the room they are in."""
    member = the_member()
    return framed(member, orders.counts_by_status(session, left_to=member.id), here)


def framed(member: StaffMember, counts: Mapping[OrderStatus, int], here: str) -> Frame:
    """The frame for that person, given how many orders are in each state."""
    mine = waiting_for(member.role)
    return Frame(
        rail=tuple(
            RailEntry(
                name=room.name,
                title=room.title,
                letter=room.letter,
                waiting=_count(counts, statuses_of(room, member.role) & mine, room.name),
                is_here=room.name == here,
            )
            for room in ROOMS
        ),
        person=member.full_name,
        initials=member.initials,
        role=ROLE_WORDS[member.role],
    )


def _count(counts: Mapping[OrderStatus, int], statuses: frozenset[OrderStatus], room: str) -> str:
    """What waits for me there; all orders together are not counted again."""
    total = sum(counts.get(status, 0) for status in statuses)
    return str(total) if total and room != "all" else ""
