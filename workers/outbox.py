"""Hands due messages to the tasks that carry them out."""

from __future__ import annotations

from celery import current_app, shared_task

from pharmacy.usecases.begin_payment import PAYMENT_TOPIC
from pharmacy.usecases.relay_events import WEBHOOK_TOPIC
from pharmacy.usecases.relay_outbox import NOTICE_TOPIC, relay_outbox
from pharmacy.usecases.request_print import PRINT_TOPIC
from workers.app import the_pharmacy

# Which task carries out which topic; written out, because a renamed function must not orphan messages.
TASK_OF_TOPIC = {
    "order.received": "labels.request_proofs",
    "label.requested": "labels.make",
    PRINT_TOPIC: "labels.print",
    PAYMENT_TOPIC: "payments.ask",
    NOTICE_TOPIC: "notices.deliver",
    WEBHOOK_TOPIC: "webhooks.deliver",
}


def send_by_topic(topic: str, ids: list[str]) -> None:
    """The ids are with the broker; raises when it cannot be reached."""
    current_app.send_task(TASK_OF_TOPIC[topic], args=[ids])


@shared_task(name="outbox.relay")
def relay() -> None:
    pharmacy = the_pharmacy()
    relay_outbox(pharmacy.sessions, send_by_topic, by=pharmacy.clockwork, now=pharmacy.clock())
