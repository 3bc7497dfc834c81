"""Notices: the sweep finds what is due, deliveries say it."""

from __future__ import annotations

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from pharmacy.usecases.deliver_notice import deliver_notice
from pharmacy.usecases.each_apart import each_apart
from pharmacy.usecases.relay_outbox import relay_notices
from workers.app import the_pharmacy
from workers.outbox import send_by_topic


@shared_task(name="notices.sweep")
def sweep() -> None:
    pharmacy = the_pharmacy()
    with pharmacy.sessions.write() as session:
        relay_notices(session, send_by_topic, by=pharmacy.clockwork, now=pharmacy.clock())


@shared_task(name="notices.deliver")
def deliver(notice_ids: list[str]) -> None:
    pharmacy = the_pharmacy()
    each_apart(
        notice_ids,
        lambda each: deliver_notice(
            pharmacy.sessions,
            each,
            pharmacy.mail,
            pharmacy.sender,
            by=pharmacy.clockwork,
            now=pharmacy.clock(),
        ),
        ends=(SoftTimeLimitExceeded,),
    )
