"""Several lists that have nothing to do with one another, by one question to the books.

A page about one order shows a dozen short lists: findings, price lines, scans, notices. Asked for one after another they
cost a journey each; joined in the usual way they multiply (ten findings beside ten price lines are a hundred rows).
Here each list numbers its rows and the first of each stand in one row, the second of each in the next, so that the
answer is as long as the longest list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, inspect, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.orm.attributes import set_committed_value

from pharmacy.store.base import Record


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of one table that meet `where`, in the order of `by`."""

    entity: type[Record]
    where: ColumnElement[bool]
    by: Sequence[Any]


def side_by_side(session: Session, *listings: Listing, anew: bool = False) -> list[list[Any]]:
    """The rows of each listing, in its order; `anew` reads afresh what the session holds already."""
    numbered = [
        select(each.entity, func.row_number().over(order_by=each.by).label("place"))
        .where(each.where)
        .subquery()
        for each in listings
    ]
    joined: FromClause = numbered[0]
    place: ColumnElement[int] = numbered[0].c.place
    for each in numbered[1:]:
        joined = joined.join(each, each.c.place == place, full=True)
        place = func.coalesce(place, each.c.place)
    entities = [aliased(wanted.entity, rows) for wanted, rows in zip(listings, numbered, strict=True)]
    query = select(*entities).select_from(joined).order_by(place)
    found = session.execute(query, execution_options={"populate_existing": anew}).all()
    return [[row[at] for row in found if row[at] is not None] for at in range(len(listings))]


@dataclass(frozen=True, slots=True)
class Lists:
    """A list that each of these has: `Lists(orders, Order.findings)`."""

    owners: Sequence[Record]
    relation: InstrumentedAttribute[Any]


def fill(session: Session, *wanted: Lists, anew: bool = False) -> None:
    """Each owner has its list, in the order that the relation names. What was read before stays, unless `anew`."""
    due = [each for each in (_due(one, anew) for one in wanted) if each.owners]
    if not due:
        return
    for each, rows in zip(
        due, side_by_side(session, *(_listing(each) for each in due), anew=anew), strict=True
    ):
        hand_out(each, rows)


def hand_out(lists: Lists, rows: Iterable[Record]) -> None:
    """Each owner has those of the rows that are its own, in their order, as if its list had been read."""
    remote, by_owner = _ends(lists)[1].key, defaultdict(list)
    for row in rows:
        by_owner[getattr(row, remote)].append(row)
    for owner in lists.owners:
        set_committed_value(owner, lists.relation.key, by_owner[owner.id])  # type: ignore[attr-defined]


def _due(lists: Lists, anew: bool) -> Lists:
    """The owners that lack their list, each once."""
    owners = {id(each): each for each in lists.owners}.values()
    name = lists.relation.key
    return Lists([each for each in owners if anew or name in inspect(each).unloaded], lists.relation)


def _listing(lists: Lists) -> Listing:
    relation = lists.relation.property
    remote = _ends(lists)[1]
    ids = [each.id for each in lists.owners]  # type: ignore[attr-defined]
    return Listing(relation.mapper.class_, remote.in_(ids), [remote, *(relation.order_by or ())])


def _ends(lists: Lists) -> Any:
    """The owner's column and the one that points at it; every list of ours hangs on a single key."""
    (pair,) = lists.relation.property.local_remote_pairs
    return pair
