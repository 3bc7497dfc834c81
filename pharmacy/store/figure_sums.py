"""Figures of days that are over, counted once: what a page would otherwise add up from every row of those days.

A day never changes once it is over: orders, settled money and moves of orders are filed at the instant at which they
happen. So a row here is what counting that day again gives, and a row that is removed is counted again. Outcomes are
another thing: they are of a quarter (its first day), as they stood at `counted_at`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.periods import Period, quarters_of
from pharmacy.store.base import Facts, Model, one_of
from pharmacy.store.orders import Order


class SummedFigure(StrEnum):
    """What is summed."""

    ORDERS = "orders"
    TURNAROUND = "turnaround"
    OUTCOMES = "outcomes"


class FigureSum(Model):
    __tablename__ = "figure_sums"
    figure: Mapped[SummedFigure] = mapped_column(one_of(SummedFigure, "figure"), primary_key=True)
    # Whose days these are: a pharmacy that moves counts its days anew.
    zone: Mapped[str] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    cells: Mapped[Facts] = mapped_column(JSONB)
    counted_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Sum:
    """What was counted, and when."""

    cells: Facts
    counted_at: datetime


# By figure and day.
Sums = Mapping[SummedFigure, Mapping[date, Sum]]


def sums_between(session: Session, zone: str, period: Period) -> Sums:
    """The sums of these days, and the outcomes of the quarters that they lie in."""
    of_quarters = FigureSum.on.in_([each.first_on for each in quarters_of(period)])
    of_days = FigureSum.on.between(period.first_on, period.last_on)
    is_outcome = FigureSum.figure == SummedFigure.OUTCOMES
    rows = session.execute(
        select(FigureSum.figure, FigureSum.on, FigureSum.cells, FigureSum.counted_at).where(
            FigureSum.zone == zone, or_(and_(is_outcome, of_quarters), and_(~is_outcome, of_days))
        )
    )
    found: dict[SummedFigure, dict[date, Sum]] = {figure: {} for figure in SummedFigure}
    for figure, on, cells, counted_at in rows:
        found[figure][on] = Sum(cells, counted_at)
    return found


def counted_ats(session: Session, figure: SummedFigure, zone: str) -> dict[date, datetime]:
    """When each day of that figure was counted; days that were not are left out."""
    query = select(FigureSum.on, FigureSum.counted_at)
    return dict(session.execute(query.where(FigureSum.figure == figure, FigureSum.zone == zone)).all())


def keep(
    session: Session, figure: SummedFigure, zone: str, cells: Mapping[date, Facts], *, now: datetime
) -> None:
    """These sums stand, in place of any that stood there before."""
    if not cells:
        return
    rows = [
        {"figure": figure, "zone": zone, "on": on, "cells": counted, "counted_at": now}
        for on, counted in sorted(cells.items())
    ]
    filed = insert(FigureSum).values(rows)
    session.execute(
        filed.on_conflict_do_update(
            index_elements=[FigureSum.figure, FigureSum.zone, FigureSum.on],
            set_={"cells": filed.excluded.cells, "counted_at": filed.excluded.counted_at},
        )
    )


def first_order_at(session: Session) -> datetime | None:
    """When the first order came, if any has: ids are drawn in the order of time."""
    return session.scalar(select(Order.created_at).order_by(Order.id).limit(1))
