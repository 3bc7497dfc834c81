"""Events are placed, and told to subscribers."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from pharmacy.usecases.deliver_webhook import deliver_webhook
from pharmacy.usecases.each_apart import each_apart
from pharmacy.usecases.relay_events import relay_events, return_deliveries
from workers.app import the_pharmacy
from workers.notices import taken_while
from workers.outbox import send_by_topic

# One conversation lasts up to 20 seconds and the task is ended after 60: what begins by now ends in time.
NO_START_AFTER = timedelta(seconds=25)


@shared_task(name="events.relay")
def relay() -> None:
    pharmacy = the_pharmacy()
    relay_events(pharmacy.sessions, send_by_topic, by=pharmacy.clockwork, now=pharmacy.clock())


@shared_task(name="webhooks.deliver")
def deliver(delivery_ids: list[str]) -> None:
    pharmacy = the_pharmacy()
    ends_at = pharmacy.clock() + NO_START_AFTER
    left = deque(delivery_ids)
    try:
        each_apart(
            taken_while(lambda: pharmacy.clock() < ends_at, left),
            lambda each: deliver_webhook(
                pharmacy.sessions, each, pharmacy.teller, by=pharmacy.clockwork, now=pharmacy.clock()
            ),
            ends=(SoftTimeLimitExceeded,),
        )
    finally:
        return_deliveries(pharmacy.sessions, [UUID(each) for each in left])
