"""The full difference that an adjustment makes, as plain facts: kept with it, and shown to whoever decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pharmacy.domain.bottle_labels import vial_directions
from pharmacy.domain.calendar import ONE_DAY
from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.moving_time import FirstMorning
from pharmacy.domain.notices import FillDays, planned_notices
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.refills import supply_dates
from pharmacy.domain.supply import Vial, Window
from pharmacy.domain.titration import TitrationPlan, date_of
from pharmacy.store import orders
from pharmacy.store.orders import Order
from pharmacy.usecases.change_of_plan import ChangeOfPlan
from pharmacy.usecases.change_share import price_of_change
from pharmacy.usecases.derivation import Option
from pharmacy.usecases.option_document import findings_document, option_document
from pharmacy.usecases.plan_as_facts import vial_from_facts
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.schedule_document import steps_document

_OFFER = ("lines", "capsules", "volume_ml", "price_lines", "total_cents")


def change_facts(
    change: ChangeOfPlan, reference: Reference, first_morning: FirstMorning | None
) -> dict[str, Any]:
    """Capsules, lines, price, labels, calendar, notices and refill dates, before and after."""
    offer = None if change.to_make is None else _offer(change, change.to_make)
    return {
        "from_on": date_of(change.start_on, change.asked.from_day).isoformat(),
        "halved": [each.words for each in change.halved],
        "first_morning_on": first_morning and first_morning.on.isoformat(),
        "first_morning_not_before": first_morning and first_morning.not_before.isoformat("minutes"),
        "capsules": _capsules(change),
        "to_make": offer and {name: offer[name] for name in _OFFER},
        "labels": {"to_come": _labels_to_come(change), "outdated": _labels_outdated(change)},
        "before": _side(change, change.standing.course.plan, change.last_day_before, reference),
        "after": _side(change, change.course.plan, change.covered_through, reference),
        "orders_replaced": [_order(order) for order in change.replaced],
        "orders_held": [_order(order) for order in change.held],
        "findings": findings_document(change.findings),
    }


def _offer(change: ChangeOfPlan, option: Option) -> dict[str, Any]:
    """What is to be made and what it will cost; a part of a fill pays no second script fee."""
    lines = list(price_of_change(change, option))
    return {
        **option_document(option),
        "price_lines": lines,
        "total_cents": sum(line["amount_cents"] for line in lines),
    }


def _capsules(change: ChangeOfPlan) -> list[dict[str, Any]]:
    """By strength: at home on the eve, of these still taken, over at the end, and to be made."""
    made = {} if change.to_make is None else _counted(change.to_make.supply.lines)
    home, left = change.home.capsules, change.after.capsules
    return [
        {
            "strength_ug": strength.value,
            "unit_ml": None if change.home.unit_ml is None else plain_decimal(change.home.unit_ml),
            "at_home": home.get(strength, 0),
            "still_serve": home.get(strength, 0) - left.get(strength, 0),
            "surplus": left.get(strength, 0),
            "to_make": made.get(strength, 0),
        }
        for strength in sorted({*home, *made})
    ]


def _counted(lines: Iterable[Any]) -> Mapping[Micrograms, int]:
    return {line.strength: line.capsules for line in lines}


def _labels_to_come(change: ChangeOfPlan) -> list[dict[str, Any]]:
    lines = () if change.to_make is None else change.to_make.supply.lines
    return [_label(line.strength.value, line.unit_ml, vial) for line in lines for vial in line.vials]


def _labels_outdated(change: ChangeOfPlan) -> list[dict[str, Any]]:
    """Vials that are labelled, or proofed, for days that change: what they say holds no longer from the day on."""
    return [
        {
            "order_id": str(order.id),
            **_label(line.strength_ug, line.unit_ml, vial_from_facts(vial.steps, vial.capsules)),
        }
        for order in change.standing.live
        for line, vial in orders.vials_of(order)
        if any(step["last_day"] >= change.asked.from_day for step in vial.steps)
    ]


def _label(strength_ug: int, unit_ml: Decimal | None, vial: Vial) -> dict[str, Any]:
    return {
        "strength_ug": strength_ug,
        "unit_ml": None if unit_ml is None else plain_decimal(unit_ml),
        "directions": list(vial_directions(vial)),
    }


def _order(order: Order) -> dict[str, Any]:
    return {"id": str(order.id), "rx_number": order.number, "status": order.status.value}


def _side(change: ChangeOfPlan, plan: TitrationPlan, last_day: int, reference: Reference) -> dict[str, Any]:
    """Steps, notices and refill dates of one of the two plans, as far as its supply carries."""
    covers = last_day >= 1
    end = plan.closed_days
    shown = Window(1, max(last_day, change.asked.from_day if end is None else 1))
    steps = steps_document(plan, shown, change.start_on)
    return {
        "steps": [_dated(step) for step in steps],
        "covered_through_day": last_day,
        "run_out_on": (date_of(change.start_on, last_day) + ONE_DAY).isoformat() if covers else None,
        **_to_come(change, plan, last_day, reference),
    }


def _to_come(
    change: ChangeOfPlan, plan: TitrationPlan, last_day: int, reference: Reference
) -> dict[str, Any]:
    """Notices and the earliest refill day, once something was handed over and while it lasts."""
    handed = change.standing.handed
    if not handed or last_day < handed[-1].first_day:
        return {"notices": [], "earliest_refill_on": None}
    newest = handed[-1]
    window = Window(newest.first_day, last_day - newest.first_day + 1)
    first_on = date_of(change.start_on, window.first_day)
    policy = reference.refills[newest.delivery]
    dates = supply_dates(newest.shipped_on or reference.on, first_on, window.days, 0, policy)
    fill = FillDays(
        window=window,
        start_on=change.start_on,
        dates=dates,
        last_fill_on=change.standing.prescription.last_fill_on,
        closed_on=reference.closed_on,
    )
    return {
        "notices": [
            {"kind": notice.kind.value, "step": notice.step_position, "on": notice.on.isoformat()}
            for notice in planned_notices(plan, fill, reference.notices)
        ],
        "earliest_refill_on": dates.earliest_refill_on.isoformat(),
    }


def _dated(step: dict[str, Any]) -> dict[str, Any]:
    return {
        **step,
        "first_on": step["first_on"].isoformat(),
        "last_on": step["last_on"].isoformat(),
        "intakes": [{**intake, "time_of_day": intake["time_of_day"].value} for intake in step["intakes"]],
    }
