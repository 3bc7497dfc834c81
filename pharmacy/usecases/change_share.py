"""What a changed plan makes anew, as one order's worth, and what that order is charged.

A fill that was in parts stays one fill: the order that takes the place of a waiting part is a part itself, uses up as
many of its days, and pays no second script fee. What one order cannot hold (90 days, 300 capsules a line), or no batch
carries to its last dose, begins a fill in parts of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pharmacy.domain.pricing import Terms
from pharmacy.domain.supply import Supply, within_limits
from pharmacy.store.orders import Order
from pharmacy.store.split_fills import SplitFill
from pharmacy.usecases.change_of_plan import ChangeOfPlan
from pharmacy.usecases.derivation import Option, option_of
from pharmacy.usecases.file_fill import Charged
from pharmacy.usecases.fill_shares import Share, begun_with
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.split_fill import Whole, parts_of
from pharmacy.usecases.split_price import further_price
from pharmacy.usecases.standing_course import StandingCourse
from pharmacy.usecases.submission_rows import price_line_facts


def share_of_change(
    standing: StandingCourse, change: ChangeOfPlan, whole: Option, reference: Reference, now: datetime
) -> Share:
    """The order that is filed for `whole`: all of it, or its first part. `standing` is that after the change."""
    part = _part_now(change, whole, reference)
    split, replaced = _replaced_parts(change)
    if split is not None:
        # What does not fit into this order goes back to the rest of its fill.
        held_back = whole.supply.window.days - part.supply.window.days
        charge = Charged(
            price_lines=price_of_change(change, part),
            price_book_id=reference.prices().book_id,
            split_fill_id=split.id,
            part_days=sum(order.days_of_fill for order in replaced) - held_back,
        )
        return Share(option=part, charge=charge, findings=part.findings)
    if part is whole:
        return Share(option=whole, charge=None, findings=whole.findings)
    begun = Whole(
        prescription_id=standing.prescription.id,
        plan_version_id=standing.version.id,
        refill_number=belongs_to(change).refill_number,
        price_book_id=reference.prices().book_id,
        price_lines=price_line_facts(whole),
        because=_because(whole, part),
        now=now,
    )
    return Share(option=part, charge=begun_with(whole, part, begun), findings=part.findings)


def price_of_change(change: ChangeOfPlan, option: Option) -> Sequence[Mapping[str, Any]]:
    """The price lines of what is made anew: without fees that a part before it, which lives, was charged."""
    lines = price_line_facts(option)
    split, replaced = _replaced_parts(change)
    if split is None:
        return lines
    others = [order for order in parts_of(split, change.standing.live) if order not in replaced]
    return further_price(lines) if others else lines


def _replaced_parts(change: ChangeOfPlan) -> tuple[SplitFill | None, list[Order]]:
    """The fill in parts of which something is made anew, and its parts that it takes the place of.

    A held part is one of them: staff cancel it, and what it was to hold must not be supplied twice.
    """
    ended = (*change.replaced, *change.held)
    split = next((order.split for order in ended if order.split is not None), None)
    return split, [] if split is None else parts_of(split, ended)


def _part_now(change: ChangeOfPlan, whole: Option, reference: Reference) -> Option:
    """As much of it as one order may hold and as today's lots carry to the last dose; the whole where that is all."""
    part, supply = whole, within_limits(whole.supply)
    if supply is not whole.supply:
        part = _option(change, supply, reference)
    return part if part.first_part is None else _option(change, part.first_part.supply, reference)


def _option(change: ChangeOfPlan, supply: Supply, reference: Reference) -> Option:
    prescription, delivery = change.standing.prescription, belongs_to(change).delivery
    terms = Terms(ship_to_state=prescription.patient.state)
    return option_of(supply, delivery, prescription.strength_basis, reference, terms)


def belongs_to(change: ChangeOfPlan) -> Order:
    """The order whose refill it is: the one that it takes the place of, or else the newest."""
    return change.replaced[0] if change.replaced else change.standing.newest


def _because(whole: Option, part: Option) -> str:
    now, all_days = part.supply.window, whole.supply.window
    return (
        f"Days {now.first_day} to {now.last_day} are as many as one order may hold or today's lots carry; days "
        f"{now.last_day + 1} to {all_days.last_day} follow on the same fill."
    )
