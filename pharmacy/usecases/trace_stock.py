"""The trace of a lot or batch in words for those who must act on it: who has what of it, and how much is left.

What a patient should have left is counted by walking the plan from its start to today, on the patient's calendar.
The start is confirmed or assumed as everywhere else; an assumed one is marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.calendar import local_day
from pharmacy.domain.dose_text import amount_text, plain_decimal, strength_text
from pharmacy.domain.home_supply import walk
from pharmacy.domain.notices import Start
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.recalls import ENDED, LEFT_THE_HOUSE, RecallSubject, capsules_left
from pharmacy.domain.titration import ScheduledStep, TimeOfDay, TitrationPlan, scheduled_between
from pharmacy.store import traces
from pharmacy.store.prescriptions import PlanIntake, plan_of
from pharmacy.store.traces import Promised, Reached, Trace
from pharmacy.usecases.fill_start import start_of
from pharmacy.usecases.plan_as_facts import vial_from_facts
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.standing_course import course_now


@dataclass(frozen=True, slots=True)
class Traced:
    """What is traced."""

    subject: RecallSubject
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Capsules promised to one order line, and where they are by the plan today; of a liquid, marks of the syringe.

    `plan_day` is today as a day of the plan; `step_position` is None before the first dose and after the plan.
    `doses_ml` are what the patient measures today, none of capsules and outside the plan.
    """

    promised: Promised
    batch: Reached
    has_left: bool
    is_over: bool
    start: Start
    plan_day: int
    step_position: int | None
    capsules_left: int
    doses_ml: tuple[tuple[TimeOfDay, Decimal], ...]

    def amount(self, count: int) -> str:
        """So many of what was promised, as people read them: "7 capsules", or "63 mL"."""
        return amount_text(count, self.promised.unit_ml)


def trace_stock(
    session: Session, traced: Traced, reference: Reference, *, now: datetime
) -> tuple[Trace, tuple[Holding, ...]]:
    """The trace, and every holding of it as of `now`. Raises NothingToTrace."""
    find = traces.of_lot if traced.subject is RecallSubject.COMPONENT_LOT else traces.of_batch
    trace = find(session, traced.id)
    batches = {batch.id: batch for batch in trace.batches}
    at_home = AtHome(session, reference, now)
    return trace, tuple(
        _holding(promised, batches[promised.batch_id], at_home, reference, now) for promised in trace.promised
    )


@dataclass
class AtHome:
    """What patients whose plan was adjusted hold today, by strength; each prescription is walked once.

    The vials tell the plan of the day on which they were made up; after an adjustment the plan in force and all
    that was handed over tell it.
    """

    session: Session
    reference: Reference
    now: datetime
    _walked: dict[UUID, tuple[int, Mapping[Micrograms, int]]] = field(default_factory=dict)

    def of(self, promised: Promised) -> tuple[int, int]:
        """The day of the plan, and how many capsules of the line's strength are at home before its doses."""
        if promised.prescription_id not in self._walked:
            self._walked[promised.prescription_id] = self._walk(promised.prescription_id)
        day, held = self._walked[promised.prescription_id]
        return day, held.get(Micrograms(promised.strength_ug), 0)

    def _walk(self, prescription_id: UUID) -> tuple[int, Mapping[Micrograms, int]]:
        standing = course_now(self.session, prescription_id)
        day = standing.day_of(self.now, self.reference)
        pantry = standing.pantry(standing.handed)
        if day is None:
            return 0, pantry.capsules
        return day, walk(standing.course.plan, pantry, 1, day - 1).left.capsules


def _holding(
    promised: Promised, batch: Reached, at_home: AtHome, reference: Reference, now: datetime
) -> Holding:
    start_on, start = start_of(promised, reference)
    plan_day = (local_day(now, ZoneInfo(promised.time_zone)) - start_on).days + 1
    has_left = promised.status in LEFT_THE_HOUSE
    if not has_left:
        left = promised.capsules
    elif promised.is_adjusted:
        plan_day, left = at_home.of(promised)
    else:
        vials = [vial_from_facts(vial["steps"], vial["capsules"]) for vial in promised.vials]
        left = capsules_left(vials, plan_day)
    step = _step(promised.intakes, plan_day)
    return Holding(
        promised=promised,
        batch=batch,
        has_left=has_left,
        is_over=promised.status in ENDED,
        start=start,
        plan_day=plan_day,
        step_position=None if step is None else step.position,
        # A line may be served by several batches; nobody has more of one than was given of it.
        capsules_left=min(left, promised.capsules),
        doses_ml=_measured(promised, step),
    )


def _step(intakes: Iterable[Mapping[str, Any]], day: int) -> ScheduledStep | None:
    """The step of the plan on that day; None before it begins and after it ends."""
    in_order = sorted(intakes, key=lambda each: (each["position"], each["time_of_day"]))
    plan = _plan(tuple(tuple(sorted(each.items())) for each in in_order))
    if day < 1 or plan is None or (plan.closed_days is not None and day > plan.closed_days):
        return None
    return scheduled_between(plan, day, day)[0]


def _measured(promised: Promised, step: ScheduledStep | None) -> tuple[tuple[TimeOfDay, Decimal], ...]:
    """The doses of that step in millilitres; none of capsules, nor in a pause."""
    if promised.unit_ml is None or step is None:
        return ()
    unit_ml, held = promised.unit_ml, promised.strength_ug
    return tuple((each.time_of_day, unit_ml * each.dose.value / held) for each in step.step.doses)


# Most titrations are one of a few, and a recall walks a thousand of them.
@lru_cache(maxsize=1024)
def _plan(intakes: tuple[tuple[tuple[str, Any], ...], ...]) -> TitrationPlan | None:
    """The plan that these facts tell; None when they tell none."""
    rows = [
        PlanIntake(**{**told, "time_of_day": TimeOfDay(told["time_of_day"])}) for told in map(dict, intakes)
    ]
    return plan_of(sorted(rows, key=lambda row: row.position)) if rows else None


def trace_document(trace: Trace, holdings: Iterable[Holding]) -> dict[str, Any]:
    """The trace as its readers see it."""
    return {
        "made_of": [_batch_facts(batch) for batch in trace.batches if batch.is_source],
        "batches": [_batch_facts(batch) for batch in trace.batches if not batch.is_source],
        "lots": _lots(trace.batches),
        "holdings": [_holding_facts(holding) for holding in holdings],
    }


def _lots(batches: Iterable[Reached]) -> list[dict[str, Any]]:
    """Every component lot in these batches, once."""
    powders = {batch.api_lot_id: batch.api_lot for batch in batches if batch.api_lot_id is not None}
    fillers = {batch.filler_lot_id: batch.filler_lot for batch in batches}
    shells = {batch.shell_lot_id: batch.shell_lot for batch in batches if batch.shell_lot_id is not None}
    kinds = (("api", powders), ("filler", fillers), ("shell", shells))
    found = [
        {"id": lot_id, "number": number, "kind": kind}
        for kind, lots in kinds
        for lot_id, number in lots.items()
    ]
    return sorted(found, key=lambda lot: (lot["kind"], lot["number"]))


def _batch_facts(batch: Reached) -> dict[str, Any]:
    return {
        "id": batch.id,
        "number": batch.number,
        "kind": batch.kind,
        "status": batch.status,
        "strength_mg": _strength(batch.strength_ug),
        "compounded_on": batch.compounded_on,
        "beyond_use_on": batch.beyond_use_on,
        "triturate_id": batch.triturate_id,
        "api_lot": batch.api_lot,
        "filler_lot": batch.filler_lot,
    }


def _holding_facts(holding: Holding) -> dict[str, Any]:
    promised = holding.promised
    return {
        "batch_number": holding.batch.number,
        "order_id": promised.order_id,
        "order_number": promised.order_number,
        "order_status": promised.status,
        "practice": promised.practice,
        "patient_id": promised.patient_id,
        "patient": promised.patient,
        "phone": promised.phone,
        "strength_ug": promised.strength_ug,
        "unit_ml": promised.unit_ml,
        "strength": strength_text(Micrograms(promised.strength_ug), promised.unit_ml),
        "capsules": promised.capsules,
        "amount": holding.amount(promised.capsules),
        "has_left": holding.has_left,
        "start": holding.start,
        "plan_day": holding.plan_day,
        "step_position": holding.step_position,
        "capsules_left": holding.capsules_left,
        "amount_left": holding.amount(holding.capsules_left),
        "doses_ml": [
            {"time_of_day": time, "dose_ml": plain_decimal(dose_ml)} for time, dose_ml in holding.doses_ml
        ],
        "dose_now": dose_now(holding),
    }


def dose_now(holding: Holding) -> str:
    """What the patient measures today: "4.5 mL at bedtime"; "" of capsules, in a pause and outside the plan."""
    return " and ".join(f"{plain_decimal(dose_ml)} mL {time.words}" for time, dose_ml in holding.doses_ml)


def _strength(strength_ug: int | None) -> str | None:
    return None if strength_ug is None else plain_decimal(Micrograms(strength_ug).in_milligrams().value)
