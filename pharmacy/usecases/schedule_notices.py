"""What the patient will be told about this fill, and when: derived from the plan and the start.

Waiting notices are derived again whenever the start moves; what was sent, settled or is being sent stays as
it is. A step told for one day is told again for another: the first was a guess. The parcel leaves once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.home_supply import covered_through
from pharmacy.domain.notices import (
    FillDays,
    NoticeKind,
    PlannedNotice,
    due_at,
    expiring_notices,
    next_sendable,
    planned_notices,
)
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.refills import supply_dates
from pharmacy.domain.renewing import outlook
from pharmacy.domain.supply import Window
from pharmacy.store import audit, batches, notices
from pharmacy.store.base import new_id
from pharmacy.store.notices import Notice, NoticeState
from pharmacy.store.orders import Order
from pharmacy.usecases.fill_start import start_of
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.standing_course import course_now

DERIVED = (
    NoticeKind.STEP,
    NoticeKind.CHECK_IN,
    NoticeKind.REFILL,
    NoticeKind.FOLLOW_UP,
    NoticeKind.RENEWAL,
    NoticeKind.EXPIRING,
    NoticeKind.HOME_EXPIRED,
)
# What counts from the end of the supply is told about the newest fill alone.
_OF_THE_NEWEST = frozenset((NoticeKind.REFILL, NoticeKind.FOLLOW_UP))


def schedule_notices(
    session: Session, order: Order, reference: Reference, *, by: Actor, now: datetime
) -> list[Notice]:
    """Step changes and the refill are due as the plan says; a mailed parcel is announced at once."""
    notices.forget_waiting(session, order.id, DERIVED)
    kept = notices.of_order(session, order.id)
    said = {(notice.kind, notice.step_position, notice.due_on) for notice in kept}
    due = [
        notice
        for notice in _derived(session, order, reference)
        if (notice.kind, notice.step_position, notice.due_on) not in said
    ]
    is_announced = any(notice.kind is NoticeKind.SHIPPED for notice in kept)
    if order.delivery is Delivery.MAIL and not is_announced:
        due.append(_announcement(order, NoticeKind.SHIPPED, now))
    session.add_all(due)
    audit.record(session, "notices.scheduled", order.id, by=by, at=now, count=len(due))
    return due


def _derived(session: Session, order: Order, reference: Reference) -> list[Notice]:
    """What the plan in force says of the days from this fill on, as far as everything up to it carries."""
    standing = course_now(session, order.prescription_id)
    plan = standing.course.plan
    had = [each for each in standing.live if each.fill_number <= order.fill_number]
    last_day = (
        covered_through(plan, standing.pantry(had)) if standing.is_adjusted else order.window().last_day
    )
    if last_day < order.first_day:
        return []
    window = Window(order.first_day, last_day - order.first_day + 1)
    start_on, _ = start_of(order, reference)
    if standing.handed:
        start_on = max(start_on, standing.start(reference)[0])
    first_on = start_on + timedelta(days=window.first_day - 1)
    filled_on = order.shipped_on or reference.on
    dates = supply_dates(filled_on, first_on, window.days, 0, reference.refills[order.delivery])
    fill = FillDays(
        window=window,
        start_on=start_on,
        dates=dates,
        last_fill_on=order.prescription.last_fill_on,
        closed_on=reference.closed_on,
    )
    is_newest = standing.newest is order and not standing.course.set_aside
    refills_left = order.prescription.refills - order.refill_number
    planned = [
        notice
        for notice in planned_notices(plan, fill, reference.notices)
        if notice.kind not in _OF_THE_NEWEST or (is_newest and refills_left > 0)
    ]
    goes_on = plan.closed_days is None or window.last_day < plan.closed_days
    if is_newest and goes_on:
        planned.extend(_of_the_end(fill, refills_left, reference))
    planned.extend(_past_use(session, order, fill, reference))
    return [_notice(order, notice, standing.zone()) for notice in planned]


def _of_the_end(fill: FillDays, refills_left: int, reference: Reference) -> Iterator[PlannedNotice]:
    """What is said before the supply or the prescription ends: to the prescriber, and to the patient."""
    policy = reference.notices
    ahead = outlook(
        fill.dates,
        last_fill_on=fill.last_fill_on,
        refills_left=refills_left,
        today=reference.on,
        renewal_lead_days=reference.course.renewal_lead_days,
    )
    if ahead.renewal_on is not None:
        for days in (0, policy.escalate_days):
            on = ahead.renewal_on + timedelta(days=days)
            yield PlannedNotice(kind=NoticeKind.RENEWAL, step_position=None, on=on, at=policy.refill_at)
    if refills_left > 0:
        yield from (
            notice for notice in expiring_notices(fill.last_fill_on, policy) if notice.on >= reference.on
        )


def _past_use(
    session: Session, order: Order, fill: FillDays, reference: Reference
) -> Iterator[PlannedNotice]:
    """A vial whose beyond-use date comes before its last dose: the day after, the patient looks at the label."""
    for use_by in sorted(_use_by_dates(session, order)):
        on = use_by + timedelta(days=1)
        if reference.on <= on < fill.dates.run_out_on:
            yield PlannedNotice(
                kind=NoticeKind.HOME_EXPIRED, step_position=None, on=on, at=reference.notices.refill_at
            )


def _use_by_dates(session: Session, order: Order) -> set[date]:
    """The beyond-use dates of what the order was filled from."""
    made = batches.of_lines(session, [line.id for line in order.lines])
    return {batch.beyond_use_on for batch in made.values() if batch.beyond_use_on is not None}


def _notice(order: Order, planned: PlannedNotice, zone: ZoneInfo) -> Notice:
    return Notice(
        id=new_id(),
        order_id=order.id,
        patient_id=order.patient_id,
        kind=planned.kind,
        step_position=planned.step_position or 0,
        due_on=planned.on,
        due_at=due_at(planned, zone),
        state=NoticeState.WAITING,
    )


def announce(session: Session, order: Order, kind: NoticeKind, *, now: datetime) -> None:
    """The patient is told as soon as it is day there; once for each kind that is not derived from the plan."""
    if all(notice.kind is not kind for notice in notices.of_order(session, order.id)):
        session.add(_announcement(order, kind, now))


def _announcement(order: Order, kind: NoticeKind, now: datetime) -> Notice:
    zone = ZoneInfo(order.patient.time_zone)
    due = next_sendable(now, zone)
    return Notice(
        id=new_id(),
        order_id=order.id,
        patient_id=order.patient_id,
        kind=kind,
        step_position=0,
        due_on=due.astimezone(zone).date(),
        due_at=due,
        state=NoticeState.WAITING,
    )
