"""Everything that is looked at when one notice comes up: the fill, the patient, the plan in force, the hour."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.calendar import ONE_DAY, local_day
from pharmacy.domain.label_phrases import Language, language_of
from pharmacy.domain.notice_policy import NoticePolicy, notice_policy
from pharmacy.domain.notice_rules import PRIORITY, Channel, ChannelStanding, Moment
from pharmacy.domain.notices import NoticeKind, Start, check_in_day, step_begins_on, step_ends_on
from pharmacy.store import notices, orders, patients, reference
from pharmacy.store.notices import Notice
from pharmacy.store.orders import Order
from pharmacy.store.patients import Patient
from pharmacy.usecases.standing_course import StandingCourse, course_now


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeCase:
    """One notice that is due, with what decides about it."""

    notice: Notice
    order: Order
    patient: Patient
    standing: StandingCourse
    policy: NoticePolicy
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Where the patient lives now: whoever moves is told by the new clock."""
        return ZoneInfo(self.patient.time_zone)

    @property
    def language(self) -> Language:
        """In which the patient is written to; English where we have no phrases."""
        return language_of(self.patient.language)

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)

    @property
    def start(self) -> Start:
        return Start.ASSUMED if self.order.start_confirmed_at is None else Start.CONFIRMED

    @property
    def step_begins_on(self) -> date:
        """The first day of the step that the notice is about, as it was when the notice was planned."""
        if self.notice.kind is NoticeKind.CHECK_IN:
            days = self.standing.course.plan.steps[self.notice.step_position - 1].duration_days
            return self.notice.due_on - timedelta(days=check_in_day(days, self.policy) - 1)
        return self.notice.due_on + ONE_DAY

    @property
    def step_end(self) -> date | None:
        """The last day of the step that the notice is about; None for a step without end and other notices."""
        if self.notice.kind not in {NoticeKind.STEP, NoticeKind.CHECK_IN}:
            return None
        return step_ends_on(self.standing.course.plan, self.notice.step_position, self.step_begins_on)

    @property
    def has_step(self) -> bool:
        """Whether the plan in force still has the step at all."""
        return self.notice.step_position <= len(self.standing.course.plan.steps)

    @property
    def start_has_moved(self) -> bool:
        """Whether the start was confirmed, after the notice was begun, for another day."""
        if self.order.started_on is None or self.start is Start.ASSUMED:
            return False
        plan = self.standing.course.plan
        return self.step_begins_on != step_begins_on(plan, self.notice.step_position, self.order.started_on)


def case_of(session: Session, notice: Notice, *, now: datetime) -> NoticeCase:
    """The case; every record of the patient is held until the transaction ends, so that one counts at a time."""
    order = orders.get(session, notice.order_id)
    patient = patients.hold_person(session, order.patient_id)
    return _case(session, notice, course_now(session, order.prescription_id), patient, now)


def case_seen(session: Session, notice: Notice, prescription_id: UUID, *, now: datetime) -> NoticeCase:
    """The case for whoever only looks: nobody is held, and nothing may be sent by it."""
    standing = course_now(session, prescription_id)
    return _case(session, notice, standing, standing.prescription.patient, now)


def _case(
    session: Session, notice: Notice, standing: StandingCourse, patient: Patient, now: datetime
) -> NoticeCase:
    return NoticeCase(
        notice=notice,
        order=next(each for each in standing.orders if each.id == notice.order_id),
        patient=patient,
        standing=standing,
        policy=notice_policy(reference.settings_in_force(session)["notices"]),
        now=now,
    )


def standings_of(session: Session, case: NoticeCase, has_sms: bool) -> Sequence[ChannelStanding]:
    """The patient's channels, the preferred one first; after too many tries by it, last."""
    said = notices.said_lately(session, case.patient, case.now - case.policy.week)
    stopped = patients.stopped_elsewhere(session, case.patient)
    wanted = [Channel.EMAIL, Channel.SMS]
    wanted.sort(key=lambda each: each != case.patient.preferred_channel)
    if case.notice.attempts > len(case.policy.back_off):
        wanted.reverse()
    return [
        ChannelStanding(
            channel=channel,
            closed_because=closed_because(case.patient, channel, has_sms, stopped),
            sent_at=[at for by, at in said if by == channel],
        )
        for channel in wanted
    ]


def closed_because(
    patient: Patient, channel: Channel, has_sms: bool, stopped_elsewhere: Collection[str]
) -> str | None:
    """Why the patient may not be told by that channel, or None."""
    consent = next((each for each in patient.consents if each.channel == channel), None)
    if consent is None:
        return "no consent"
    if consent.withdrawn_at is not None or channel in stopped_elsewhere:
        return "opted out"
    if consent.disabled_at is not None:
        return consent.disabled_because
    if channel is Channel.EMAIL and patient.email is None:
        return "no address"
    if channel is Channel.SMS and not has_sms:
        return "no gateway"
    return None


def moment_of(session: Session, case: NoticeCase) -> Moment:
    """Now, with the patient's notices of today that go before this one."""
    ends = datetime.combine(case.today + ONE_DAY, datetime.min.time(), tzinfo=case.zone)
    kinds = notices.waiting_kinds(session, case.patient, ends)
    own = PRIORITY[case.notice.kind]
    ahead = sum(0 < PRIORITY[kind] < own for kind in kinds)
    return Moment(now=case.now, zone=case.zone, ahead_today=ahead)
