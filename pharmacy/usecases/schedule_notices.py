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
from pharmacy.domain.renewing import Outlook
from pharmacy.domain.supply import Window
from pharmacy.domain.titration import date_of
from pharmacy.store import audit, batches, notices, tasks
from pharmacy.store.base import new_id
from pharmacy.store.notices import Notice, NoticeState
from pharmacy.store.orders import Order
from pharmacy.store.tasks import NewTask
from pharmacy.usecases.fill_dates import dates_of_fill, fills_left, outlook_after
from pharmacy.usecases.fill_start import start_of
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.standing_course import StandingCourse, course_now

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
        for notice in _derived(session, order, reference, by=by, now=now)
        if (notice.kind, notice.step_position, notice.due_on) not in said
    ]
    is_announced = any(notice.kind is NoticeKind.SHIPPED for notice in kept)
    if order.delivery is Delivery.MAIL and not is_announced:
        due.append(_announcement(order, NoticeKind.SHIPPED, now))
    session.add_all(due)
    audit.record(session, "notices.scheduled", order.id, by=by, at=now, count=len(due))
    return due


def _derived(
    session: Session, order: Order, reference: Reference, *, by: Actor, now: datetime
) -> list[Notice]:
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
    dates = dates_of_fill(order, date_of(start_on, order.first_day), last_day, reference)
    fill = FillDays(
        window=window,
        start_on=start_on,
        dates=dates,
        last_fill_on=order.prescription.last_fill_on,
        closed_on=reference.closed_on,
    )
    goes_on = not standing.course.set_aside and standing.prescription.transferred_at is None
    is_newest = standing.newest is order and goes_on
    refills_left = fills_left(standing)
    planned = [
        notice
        for notice in planned_notices(plan, fill, reference.notices)
        if notice.kind not in _OF_THE_NEWEST or (is_newest and refills_left > 0)
    ]
    if standing.newest is order:
        after = outlook_after(standing, dates, reference)
        _renewal_due(session, standing, after, by=by, now=now)
        if is_newest and (plan.closed_days is None or window.last_day < plan.closed_days):
            planned.extend(_of_the_end(fill, after, refills_left, reference))
    planned.extend(_past_use(session, order, fill, reference))
    return [_notice(order, notice, standing.zone()) for notice in planned]


def _of_the_end(
    fill: FillDays, ahead: Outlook, refills_left: int, reference: Reference
) -> Iterator[PlannedNotice]:
    """What is said before the supply or the prescription ends: to the prescriber, and to the patient."""
    policy = reference.notices
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


def _renewal_due(
    session: Session, standing: StandingCourse, after: Outlook, *, by: Actor, now: datetime
) -> None:
    """The prescriber is to be asked in good time where no refill comes after this fill."""
    prescription, end = standing.prescription, standing.course.plan.closed_days
    is_over = end is not None and end <= standing.supplied_through()
    if after.renewal_on is None or is_over or standing.course.set_aside or prescription.transferred_at:
        return
    new = NewTask(
        kind="prescription.renew",
        subject_id=prescription.id,
        wording="Ask the prescriber for a renewal: no refill comes after this fill.",
        due_on=after.renewal_on,
        order_id=standing.newest.id,
        patient_id=prescription.patient_id,
        practice_id=prescription.practice_id,
    )
    tasks.open_task(session, new, by=by, now=now)


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
