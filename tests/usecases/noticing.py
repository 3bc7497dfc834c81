"""What tests of notices do: ship an order, confirm its start, deliver a notice, look what waits."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import OrderStatus
from pharmacy.store.notices import Notice, NoticeState, SentMessage
from pharmacy.store.tasks import Task, open_tasks
from pharmacy.usecases.confirm_start import confirm_start
from pharmacy.usecases.deliver_notice import deliver_notice
from pharmacy.usecases.ports import Mail, Sms
from tests.builders import an_order
from tests.work import Work

# The typical titration shipped on Monday, 23 November: three days on the way, day 1 on Thursday.
OPEN_ENDED: dict[str, Any] = {"/plan/steps/2/duration_days": None}


def shipped(work: Work, changes: dict[str, Any] | None = None, **fields: Any) -> UUID:
    return work.bring_to(OrderStatus.SHIPPED, an_order(changes, **fields))


USUAL_KINDS = frozenset((NoticeKind.SHIPPED, NoticeKind.STEP, NoticeKind.REFILL))


def due(
    work: Work, order_id: UUID, kinds: Collection[NoticeKind] = USUAL_KINDS
) -> list[tuple[str, int, datetime]]:
    """Kind, step and time of every waiting notice of these kinds."""
    return [
        (notice.kind.value, notice.step_position, notice.due_at)
        for notice in work.notices(order_id)
        if notice.state is NoticeState.WAITING and notice.kind in kinds
    ]


def utc(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def confirm(work: Work, order_id: UUID, started_on: date) -> None:
    with work.sessions.write() as session:
        confirm_start(
            session,
            order_id,
            started_on,
            work.reference(session),
            by=work.pharmacy.clockwork,
            now=work.pharmacy.clock(),
        )


def deliver(work: Work, notice_id: UUID, mail: Mail, sms: Sms | None = None) -> Notice:
    """One try to deliver the notice; how it stands afterwards."""
    pharmacy = work.pharmacy
    desk = replace(pharmacy.notice_desk, mail=mail, sms=sms)
    deliver_notice(work.sessions, notice_id, desk, by=pharmacy.clockwork, now=pharmacy.clock())
    with work.sessions.read() as session:
        return session.scalars(select(Notice).where(Notice.id == notice_id)).one()


def announcement(work: Work, order_id: UUID) -> UUID:
    """The notice that the parcel is on its way."""
    return next(notice.id for notice in work.notices(order_id) if notice.kind == "shipped")


def step_notice(work: Work, order_id: UUID, position: int) -> Notice:
    """The waiting notice of that step."""
    return next(
        notice
        for notice in work.notices(order_id)
        if notice.kind == "step" and notice.step_position == position and notice.state is NoticeState.WAITING
    )


def ledger(work: Work) -> list[SentMessage]:
    with work.sessions.read() as session:
        return list(session.scalars(select(SentMessage)))


def tasks_open(work: Work) -> list[Task]:
    """What waits for a person."""
    with work.sessions.read() as session:
        return list(session.scalars(open_tasks()))
