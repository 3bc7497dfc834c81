"""Notices: the sweep finds what is due, deliveries say it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from pharmacy.usecases.deliver_notice import deliver_notice
from pharmacy.usecases.each_apart import each_apart
from pharmacy.usecases.relay_outbox import relay_notices, return_notices
from workers.app import the_pharmacy
from workers.outbox import send_by_topic

# A task is ended after 60 seconds, in the midst of whatever it says. One conversation lasts up to 30, and
# each of the two transactions around it may wait up to 5 for a lock: what begins by now ends in time.
NO_START_AFTER = timedelta(seconds=20)


@shared_task(name="notices.sweep")
def sweep() -> None:
    pharmacy = the_pharmacy()
    relay_notices(pharmacy.sessions, send_by_topic, by=pharmacy.clockwork, now=pharmacy.clock())


@shared_task(name="notices.deliver")
def deliver(notice_ids: list[str]) -> None:
    pharmacy = the_pharmacy()
    ends_at = pharmacy.clock() + NO_START_AFTER
    left = deque(notice_ids)
    try:
        each_apart(
            taken_while(lambda: pharmacy.clock() < ends_at, left),
            lambda each: deliver_notice(
                pharmacy.sessions,
                each,
                pharmacy.notice_desk,
                by=pharmacy.clockwork,
                now=pharmacy.clock(),
            ),
            ends=(SoftTimeLimitExceeded,),
        )
    finally:
        return_notices(pharmacy.sessions, [UUID(each) for each in left])


def taken_while(has_time: Callable[[], bool], left: deque[str]) -> Iterator[str]:
    """Ids from the front of the queue for as long as there is time; what was not begun stays in it."""
    while left and has_time():
        yield left.popleft()
