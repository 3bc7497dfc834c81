"""A subscriber that was down for a day is told everything by a real worker, once, in the order of the log."""

import json
from collections.abc import Callable
from datetime import timedelta

from celery import Celery
from sqlalchemy import func, select

from local.servers import free_port
from local.waiting import until
from pharmacy.bootstrap import Pharmacy
from pharmacy.store.webhooks import DeliveryState, WebhookDelivery
from tests.books import Clock
from tests.builders import an_order
from tests.callers import Api
from tests.gateways.subscribers import subscriber

PATIENCE = 20
ORDERS = 3


def deliveries(pharmacy: Pharmacy, *conditions: object) -> int:
    with pharmacy.sessions.read() as session:
        counted = select(func.count()).select_from(WebhookDelivery)
        return session.scalar(counted.where(*conditions)) or 0  # type: ignore[arg-type]


def relay_until(carrier: Celery, condition: Callable[[], bool], what: str) -> None:
    """The relay is asked again and again, as beat asks it."""

    def asked() -> bool:
        carrier.send_task("events.relay")
        return condition()

    until(asked, PATIENCE, what)


def test_a_subscriber_that_was_down_for_a_day_misses_nothing(
    committed: Pharmacy, carrier: Celery, committed_api: Api, clock: Clock
) -> None:
    port = free_port()
    hook = {"url": f"http://127.0.0.1:{port}/events?from=pharmacy", "types": []}
    endpoint = committed_api.post("/webhook-endpoints", hook).get_json()
    committed_api.post(f"/webhook-endpoints/{endpoint['id']}/secret", {"overlap_hours": 0})
    for _ in range(ORDERS):
        committed_api.order(an_order())

    tried = WebhookDelivery.attempts >= 1
    relay_until(carrier, lambda: deliveries(committed, tried) >= ORDERS, "a first try of each, at nobody")
    # Each wait of the schedule passes, and nobody listens yet.
    for tries in (2, 3):
        clock.now += timedelta(hours=8)
        again = WebhookDelivery.attempts >= tries
        relay_until(carrier, lambda again=again: deliveries(committed, again) >= ORDERS, "another try")  # type: ignore[misc]
    assert deliveries(committed, WebhookDelivery.state != DeliveryState.WAITING) == 0
    committed_api.order(an_order())
    clock.now += timedelta(hours=8)

    with subscriber(port) as listening:
        relay_until(
            carrier,
            lambda: (
                deliveries(committed, WebhookDelivery.state == DeliveryState.WAITING) == 0
                and deliveries(committed) >= ORDERS + 1
            ),
            "everything told",
        )

    log = committed_api.get("/events?after=0").get_json()["events"]
    told = [json.loads(body)["id"] for _, body in listening.told]
    assert sorted(told) == sorted(each["id"] for each in log)
    assert len(set(told)) == len(told)
    assert deliveries(committed, WebhookDelivery.state == DeliveryState.DELIVERED) == len(log)
