"""A fill in parts: the whole is priced and kept with its first part, and the rest follows on the same refill.

A fill is split where the beyond-use date cannot carry all of it (house policy: the first part is the most days that
end by that date, the rest comes from a later batch), or where fewer days are asked for than are due. Either way it is
one fill: one script fee, one shipping, and parts that sum to the whole to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from pharmacy.domain.errors import Unfit
from pharmacy.domain.home_supply import covered_through, pantry_of, to_make, walk
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.set_supply import from_strengths
from pharmacy.domain.supply import Supply, SupplyMethod, Window, multiples, own_strength, part_of
from pharmacy.domain.titration import TitrationPlan
from pharmacy.store.base import new_id
from pharmacy.store.orders import Order
from pharmacy.store.split_fills import SplitFill
from pharmacy.store.tasks import NewTask
from pharmacy.usecases.option import Option
from pharmacy.usecases.split_price import Facts, part_of_price
from pharmacy.usecases.standing_course import StandingCourse
from pharmacy.usecases.supply_of_order import supply_of

REST = "fill.rest"


@dataclass(eq=False)
class RestAtHome(Unfit):
    """The plan has changed, and the patient holds every capsule that the rest of the fill would bring."""

    def __str__(self) -> str:
        return "What is left of this fill is at home already; nothing lacks."


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one part of a fill is made of: its supply and batches as an option, and what it is charged.

    `split` is the row of the whole, as facts, where this is its first part.
    """

    option: Option
    price_lines: list[dict[str, Any]]
    split: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The fill that is split: which refill of which plan version, priced by which book."""

    prescription_id: UUID
    plan_version_id: UUID
    refill_number: int
    price_book_id: UUID
    price_lines: Sequence[Facts]
    because: str
    now: datetime


def first_part(option: Option, part: Option, whole: Whole) -> Part:
    """The part that begins the fill, and the row of the whole; fees and shipping are charged with it."""
    lines = part_of_price(
        whole.price_lines,
        (),
        capsules=part.supply.capsules,
        others=option.supply.capsules - part.supply.capsules,
    )
    row = {
        "id": new_id(),
        "prescription_id": whole.prescription_id,
        "plan_version_id": whole.plan_version_id,
        "refill_number": whole.refill_number,
        "first_day": option.supply.window.first_day,
        "days": option.supply.window.days,
        "capsules": option.supply.capsules,
        "supply_method": option.supply.method,
        "strengths_ug": [strength.value for strength in option.strengths],
        "price_book_id": whole.price_book_id,
        "price_lines": list(whole.price_lines),
        "total_cents": sum(line["amount_cents"] for line in whole.price_lines),
        "because": whole.because,
        "created_at": whole.now,
    }
    return Part(option=part, price_lines=lines, split=row)


def as_first_part(option: Option) -> Option:
    """The option cut down to what today's lots serve to the last dose; itself where that is all of it."""
    first = option.first_part
    if first is None:
        return option
    return replace(option, supply=first.supply, batches=first.batches, first_part=None)


def split_in_force(standing: StandingCourse) -> SplitFill | None:
    """The fill in parts that goes on next, by the plan in force; none where no day of it is left."""
    split = _newest_split(standing)
    return None if split is None or rest_window(split, standing) is None else split


def _newest_split(standing: StandingCourse) -> SplitFill | None:
    """That of the refill which was filled last; what an adjustment needed besides is no part of it."""
    newest = max((order.refill_number for order in standing.live), default=0)
    splits = [order.split for order in standing.live if order.refill_number == newest]
    return next((split for split in reversed(splits) if split is not None), None)


def rest_window(split: SplitFill, standing: StandingCourse) -> Window | None:
    """The days that the rest of the fill serves: they follow what is supplied, and end with a plan that ends."""
    plan, first_day = standing.course.plan, standing.supplied_through() + 1
    left, closed = days_left(split, standing.live), plan.closed_days
    days = left if closed is None else min(left, closed - first_day + 1)
    return Window(first_day, days) if days >= 1 else None


def has_moved(split: SplitFill, standing: StandingCourse) -> bool:
    """Whether the plan has changed since the fill was split, so that its rest is derived and priced anew."""
    return split.plan_version_id != standing.version.id


def parts_of(split: SplitFill, live: Iterable[Order]) -> list[Order]:
    """The orders that are alive and parts of it."""
    return [order for order in live if order.split_fill_id == split.id]


def days_left(split: SplitFill, live: Iterable[Order]) -> int:
    """How many days of it no living part uses up."""
    return split.days - sum(order.days_of_fill for order in parts_of(split, live))


def supply_of_split(split: SplitFill, plan: TitrationPlan, unit_ml: Decimal | None) -> Supply:
    """The whole fill once more, from the plan it was made up by; `unit_ml` of a liquid, as in its parts."""
    strengths = [Micrograms(each) for each in split.strengths_ug]
    match split.supply_method:
        case SupplyMethod.MULTIPLES | SupplyMethod.LIQUID:
            return multiples(plan, split.window(), strengths[0], unit_ml)
        case SupplyMethod.STRENGTH_SET:
            return from_strengths(plan, split.window(), strengths)
        case _:
            return own_strength(plan, split.window())


def rest_of(split: SplitFill, standing: StandingCourse, window: Window) -> Supply:
    """What of the whole fill serves those days; by a plan that has changed since, what they lack beside what is at home.

    A dose of the changed plan that the fill's strengths do not make up is one capsule of its own. Raises
    DoseNotAMultiple for a dose of a liquid between two marks of the syringe, and RestAtHome when nothing lacks.
    """
    plan, unit_ml = standing.course.plan, parts_of(split, standing.live)[-1].lines[0].unit_ml
    if not has_moved(split, standing):
        return part_of(supply_of_split(split, plan, unit_ml), window)
    strengths = tuple(sorted(Micrograms(each) for each in split.strengths_ug))
    is_combined = split.supply_method is not SupplyMethod.OWN_STRENGTH
    home = replace(
        walk(plan, standing.pantry(standing.live), 1, window.first_day - 1).left,
        combined=strengths if is_combined else (),
        unit_ml=unit_ml,
    )
    lacking = to_make(plan, home, window.first_day, window.last_day, split.supply_method)
    if lacking is None:
        raise RestAtHome(where=("days",))
    return lacking


def days_carried(standing: StandingCourse, further: Supply) -> int:
    """How many days more the patient is supplied with it, beside what is at home: so many of the whole it uses up."""
    together = pantry_of([*(supply_of(order) for order in standing.live), further])
    return covered_through(standing.course.plan, together) - standing.supplied_through()


def price_of_rest(split: SplitFill, standing: StandingCourse, capsules: int) -> list[dict[str, Any]]:
    """What a further part of so many capsules is charged; a remake counts as what it made good was charged."""
    parts, every = parts_of(split, standing.live), {order.id: order for order in standing.orders}
    charged = [
        {"kind": line.kind, "wording": line.wording, "amount_cents": line.amount_cents}
        for order in parts
        for line in _paid_for(order, every).price_lines
    ]
    taken = sum(line.capsules for order in parts for line in order.lines)
    return part_of_price(
        split.price_lines, charged, capsules=capsules, others=split.capsules - taken - capsules
    )


def _paid_for(order: Order, every: Mapping[UUID, Order]) -> Order:
    """The order itself, or that which it was made again for at no charge."""
    while order.remake_of_id is not None:
        order = every[order.remake_of_id]
    return order


def task_for_rest(order: Facts, rest: Window, because: str, due_on: date) -> NewTask:
    """Somebody sees to it that the rest is filled in time; `order` is its newest part, as its row."""
    return NewTask(
        kind=REST,
        subject_id=order["prescription_id"],
        wording=f"Fill the rest of Rx {order['number']}, days {rest.first_day} to {rest.last_day}. {because}",
        due_on=due_on,
        order_id=order["id"],
        patient_id=order["patient_id"],
        practice_id=order["practice_id"],
    )


def rest_due_on(order_days: int, today: date, lead_days: int) -> date:
    """The day on which the rest is to be asked for, so that it is there when the part ends; today at the soonest."""
    return today + timedelta(days=max(order_days - lead_days, 0))
