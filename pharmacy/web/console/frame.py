"""What surrounds every page: the rail in groups with what waits for me, and who I am."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import url_for

from pharmacy.domain.orders import OrderStatus
from pharmacy.store import order_queue
from pharmacy.store.counting import count_each
from pharmacy.store.sessions import Session
from pharmacy.store.staff import StaffMember
from pharmacy.web.console.places import ORDER_PLACES, PLACES, Group, Place
from pharmacy.web.console.presence import the_member, the_sign_in
from pharmacy.web.console.rooms import ROOMS, statuses_of, waiting_for
from pharmacy.web.console.words import ROLE_WORDS, counted_text
from pharmacy.web.current import the_pharmacy


@dataclass(frozen=True, slots=True, kw_only=True)
class RailEntry:
    name: str
    title: str
    letter: str
    href: str
    waiting: str
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RailGroup:
    """Entries that belong together; a group without any is not shown."""

    title: str
    entries: tuple[RailEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The rail and the person whose work it counts."""

    groups: tuple[RailGroup, ...]
    person: str
    initials: str
    role: str
    # The room or place that the page belongs to.
    here: str
    # Until when they read everything; "" for not at all.
    emergency_until: str = ""

    @property
    def rail(self) -> tuple[RailEntry, ...]:
        """All entries, whatever their group."""
        return tuple(entry for group in self.groups for entry in group.entries)


def frame(session: Session, here: str = "") -> Frame:
    """The frame around a page of the person at work; `here` names the room or place they are in."""
    member = the_member()
    shown = [each for places in (ORDER_PLACES, *(places for _, places in PLACES)) for each in places]
    waits = {
        _waits(each): each.rows_waiting() for each in shown if each.rows_waiting and member.role in each.roles
    }
    counted = count_each(session, order_queue.in_each_status(left_to=member.id) | waits)
    counts = order_queue.counted_by_status(counted)
    groups = (
        RailGroup(
            title=Group.ORDERS.words,
            entries=(*_rooms(member, counts, here), *_places(session, ORDER_PLACES, counted, here)),
        ),
        *(
            RailGroup(title=group.words, entries=_places(session, places, counted, here))
            for group, places in PLACES
        ),
    )
    return Frame(
        groups=tuple(group for group in groups if group.entries),
        person=member.full_name,
        initials=member.initials,
        role=ROLE_WORDS[member.role],
        here=here,
        emergency_until=_emergency_until(),
    )


def _emergency_until() -> str:
    pharmacy, until = the_pharmacy(), the_sign_in().emergency_until
    return f"{until.astimezone(pharmacy.zone):%H:%M}" if until and until > pharmacy.clock() else ""


def _rooms(member: StaffMember, counts: Mapping[OrderStatus, int], here: str) -> tuple[RailEntry, ...]:
    """The rooms of orders, given how many orders are in each state."""
    mine = waiting_for(member.role)
    return tuple(
        RailEntry(
            name=room.name,
            title=room.title,
            letter=room.letter,
            href=url_for("console.queue_page", room=room.name),
            waiting=_count(counts, statuses_of(room, member.role) & mine, room.name),
            is_here=room.name == here,
        )
        for room in ROOMS
    )


def _places(
    session: Session, places: Iterable[Place], waiting: Mapping[str, int], here: str
) -> tuple[RailEntry, ...]:
    """The places that this person may open."""
    role = the_member().role
    return tuple(_entry(session, place, waiting, here) for place in places if role in place.roles)


def _waits(place: Place) -> str:
    """The count of what waits there, told from the counts of statuses, which may be called alike."""
    return f"place {place.name}"


def _entry(session: Session, place: Place, counted: Mapping[str, int], here: str) -> RailEntry:
    waiting = counted.get(_waits(place), 0) if place.waiting is None else place.waiting(session)
    return RailEntry(
        name=place.name,
        title=place.title,
        letter=place.letter,
        href=url_for(place.endpoint),
        waiting=counted_text(waiting) if waiting else "",
        is_here=place.name == here,
    )


def _count(counts: Mapping[OrderStatus, int], statuses: frozenset[OrderStatus], room: str) -> str:
    """What waits for me there; all orders together are not counted again."""
    total = sum(counts.get(status, 0) for status in statuses)
    return counted_text(total) if total and room != "all" else ""
