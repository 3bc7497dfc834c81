"""A task of many deliveries begins none that its time limit would cut short."""

from datetime import timedelta

import pytest
from celery import Celery
from sqlalchemy import select

from local.waiting import until
from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import OrderStatus
from pharmacy.store.notices import Notice, NoticeState, SentMessage
from pharmacy.usecases.ports import OutgoingMail
from pharmacy.usecases.relay_outbox import relay_notices
from tests.books import Clock
from tests.fakes import MailThatRemembers
from tests.work import Work

PATIENCE = 20


class SlowMail(MailThatRemembers):
    """Takes 13 seconds for each message."""

    clock: Clock

    def send(self, message: OutgoingMail) -> None:
        super().send(message)
        self.clock.now += timedelta(seconds=13)


@pytest.fixture
def mail(clock: Clock) -> SlowMail:
    slow = SlowMail()
    slow.clock = clock
    return slow


def test_what_the_time_limit_would_cut_is_left_for_another_task(
    committed: Pharmacy, carrier: Celery, mail: SlowMail, clock: Clock
) -> None:
    work = Work(committed)
    for _ in range(4):
        work.bring_to(OrderStatus.SHIPPED)
    leased: list[str] = []
    relay_notices(
        committed.sessions,
        lambda _, ids: leased.extend(ids),
        by=committed.clockwork,
        now=clock.now,
    )

    carrier.send_task("notices.deliver", args=[leased])

    until(lambda: len(mail.sent) == 2 and not still_leased(committed), PATIENCE, "the leases back")
    with committed.sessions.read() as session:
        announced = session.scalars(select(Notice).where(Notice.kind == "shipped")).all()
        begun = session.scalars(select(SentMessage)).all()
    assert sorted(notice.state for notice in announced) == sorted(
        [NoticeState.SENT, NoticeState.SENT, NoticeState.WAITING, NoticeState.WAITING]
    )
    assert len(begun) == 2


def still_leased(pharmacy: Pharmacy) -> bool:
    """Whether a waiting notice is in somebody's hands."""
    with pharmacy.sessions.read() as session:
        query = select(Notice.id).where(Notice.state == NoticeState.WAITING, Notice.leased_until.is_not(None))
        return session.scalars(query).first() is not None
