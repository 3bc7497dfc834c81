"""A practice hears of its orders: in order, signed, again after silence, and from the log after a day away."""

import hashlib
import hmac
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.webhooks import Delivered, Parked
from pharmacy.store.webhooks import DeliveryState, WebhookDelivery
from pharmacy.usecases.deliver_webhook import deliver_webhook
from pharmacy.usecases.relay_events import relay_events
from tests.books import Clock
from tests.builders import an_order
from tests.callers import Api, StaffApi
from tests.gateways.subscribers import Subscriber, subscriber
from tests.rows import another_practice
from tests.web.api.answers import kind
from tests.work import Work

# Longer than the whole list of waits.
DAYS = 5


@pytest.fixture
def listening() -> Iterator[Subscriber]:
    with subscriber() as server:
        yield server


class Carrier:
    """Beat and worker, one round at a time."""

    def __init__(self, pharmacy: Pharmacy) -> None:
        self.pharmacy = pharmacy

    def round(self) -> list[Any]:
        """What is due is placed, handed out and told; what became of each."""
        handed: list[str] = []
        now = self.pharmacy.clock()
        relay_events(
            self.pharmacy.sessions, lambda _, ids: handed.extend(ids), by=self.pharmacy.clockwork, now=now
        )
        return [
            deliver_webhook(
                self.pharmacy.sessions, each, self.pharmacy.teller, by=self.pharmacy.clockwork, now=now
            )
            for each in handed
        ]


@pytest.fixture
def carrier(pharmacy: Pharmacy) -> Carrier:
    return Carrier(pharmacy)


def subscribe(api: Api, url: str, **more: Any) -> tuple[str, bytes]:
    """An endpoint with its secret."""
    added = api.post("/webhook-endpoints", {"url": url, **more})
    assert added.status_code == 201, added.text
    endpoint = added.get_json()["id"]
    told = api.send("POST", f"/webhook-endpoints/{endpoint}/secret", json={"overlap_hours": 1}).get_json()
    return endpoint, b64decode(told["secret"].removeprefix("whsec_"))


def is_signed(headers: dict[str, str], body: bytes, secret: bytes) -> bool:
    """As a subscriber checks it."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    due = hmac.digest(secret, signed, hashlib.sha256)
    given = [b64decode(each.removeprefix("v1,")) for each in headers["webhook-signature"].split(" ")]
    return any(hmac.compare_digest(due, each) for each in given)


def log_of(api: Api, after: int = 0, limit: int = 100) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = api.get(f"/events?after={after}&limit={limit}").get_json()["events"]
    return events


def test_a_subscriber_is_told_in_order_signed_and_with_ids_only(
    api: Api, work: Work, carrier: Carrier, listening: Subscriber
) -> None:
    _, secret = subscribe(api, listening.url)
    order = api.order(an_order())
    work.bring_to(OrderStatus.IN_REVIEW)

    assert carrier.round() == [Delivered()] * 3

    bodies = [json.loads(body) for _, body in listening.told]
    assert bodies == log_of(api)
    assert [body["type"] for body in bodies] == ["order.received", "order.received", "order.in_review"]
    assert bodies[0]["data"]["order_id"] == order["id"]
    assert all(is_signed(headers, body, secret) for headers, body in listening.told)
    assert [headers["webhook-id"] for headers, _ in listening.told] == [body["id"] for body in bodies]
    told = b"".join(body for _, body in listening.told)
    assert b"Anna" not in told
    assert b"Sample" not in told
    assert carrier.round() == []


def test_a_subscriber_that_was_down_for_a_day_misses_nothing(
    api: Api, work: Work, carrier: Carrier, listening: Subscriber, clock: Clock
) -> None:
    subscribe(api, listening.url)
    listening.answers += [503] * 1_000
    for _ in range(4):
        work.bring_to(OrderStatus.IN_REVIEW)
    down_until = clock.now + timedelta(days=1)
    while clock.now < down_until:
        carrier.round()
        clock.now += timedelta(minutes=30)
    listening.answers.clear()
    listening.told.clear()

    for _ in range(48):
        carrier.round()
        clock.now += timedelta(hours=1)

    told = {json.loads(body)["id"] for _, body in listening.told}
    logged = log_of(api)
    assert len(logged) == 8
    assert told == {event["id"] for event in logged}


def test_whoever_reads_the_log_page_by_page_gets_everything_once_and_in_sequence(
    api: Api, work: Work, carrier: Carrier
) -> None:
    for _ in range(3):
        work.bring_to(OrderStatus.QUEUED)
        carrier.round()

    read, after = [], 0
    while page := api.get(f"/events?after={after}&limit=5").get_json():
        if not page["events"]:
            break
        read += page["events"]
        after = page["next_after"]

    assert [event["data"]["position"] for event in read] == list(range(1, 13))
    assert [event["data"]["sequence"] for event in read] == [1, 2, 3, 4] * 3


def test_an_event_without_its_place_is_not_in_the_log_yet(api: Api, work: Work, carrier: Carrier) -> None:
    work.submit()
    assert log_of(api) == []

    carrier.round()

    assert len(log_of(api)) == 1


def test_what_no_try_delivers_is_parked_and_sent_again_by_hand(
    api: Api,
    work: Work,
    carrier: Carrier,
    listening: Subscriber,
    clock: Clock,
    staff_api: Callable[[Role], StaffApi],
) -> None:
    subscribe(api, listening.url)
    work.submit()
    listening.answers += [500] * 10
    became = []
    for _ in range(24 * DAYS):
        became += carrier.round()
        clock.now += timedelta(hours=1)
    assert became[-1] == Parked("HTTP 500")
    assert len(became) == len(listening.told) == 10
    staff = staff_api(Role.PHARMACIST_IN_CHARGE)
    (parked,) = staff.get("/webhook-deliveries").get_json()["deliveries"]
    assert (parked["attempts"], parked["last_outcome"]) == (10, "HTTP 500")

    assert staff.send("POST", f"/webhook-deliveries/{parked['id']}/redeliver", json={}).status_code == 200

    assert carrier.round() == [Delivered()]
    again = staff.send("POST", f"/webhook-deliveries/{parked['id']}/redeliver", json={})
    assert kind(again, 409) == "already-delivered"


def test_a_worker_that_died_after_telling_tells_again_under_the_same_id(
    api: Api, work: Work, pharmacy: Pharmacy, listening: Subscriber, clock: Clock, carrier: Carrier
) -> None:
    subscribe(api, listening.url)
    work.submit()
    relay_events(pharmacy.sessions, lambda *_: None, by=pharmacy.clockwork, now=clock.now)
    assert carrier.round() == []  # Leased to the one that died.

    clock.now += timedelta(minutes=3)

    assert carrier.round() == [Delivered()]


def test_a_broker_that_cannot_be_reached_gives_the_leases_back(
    api: Api, work: Work, pharmacy: Pharmacy, listening: Subscriber, carrier: Carrier
) -> None:
    subscribe(api, listening.url)
    work.submit()

    def unreachable(*_: object) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        relay_events(pharmacy.sessions, unreachable, by=pharmacy.clockwork, now=pharmacy.clock())

    assert carrier.round() == [Delivered()]


def test_each_endpoint_hears_what_it_asked_for_of_its_own_practice(
    api: Api, work: Work, carrier: Carrier, listening: Subscriber, pharmacy: Pharmacy
) -> None:
    subscribe(api, listening.url, types=["order.in_review"])
    with pharmacy.sessions.write() as session:
        another_practice(session, "another")
    other = Api(api.client, "another")
    with subscriber() as elsewhere:
        subscribe(other, elsewhere.url)
        work.bring_to(OrderStatus.IN_REVIEW)

        carrier.round()

        assert elsewhere.told == []
    assert [json.loads(body)["type"] for _, body in listening.told] == ["order.in_review"]
    assert log_of(other) == []


def test_during_a_change_of_secrets_both_hold_and_afterwards_the_new_one(
    api: Api, work: Work, carrier: Carrier, listening: Subscriber, clock: Clock
) -> None:
    endpoint, old = subscribe(api, listening.url)
    answer = api.send("POST", f"/webhook-endpoints/{endpoint}/secret", json={"overlap_hours": 1})
    new = b64decode(answer.get_json()["secret"].removeprefix("whsec_"))

    order_id = work.submit()
    carrier.round()
    clock.now += timedelta(hours=1)
    work.act(order_id, Act.START_REVIEW)
    carrier.round()

    first, second = listening.told
    assert [is_signed(*first, old), is_signed(*first, new)] == [True, True]
    assert [is_signed(*second, old), is_signed(*second, new)] == [False, True]


def test_an_endpoint_that_ended_or_has_no_secret_yet_is_told_nothing(
    api: Api, work: Work, carrier: Carrier, listening: Subscriber, pharmacy: Pharmacy
) -> None:
    ended, _ = subscribe(api, listening.url)
    api.post("/webhook-endpoints", {"url": listening.url})
    work.submit()
    relay_events(pharmacy.sessions, lambda *_: None, by=pharmacy.clockwork, now=pharmacy.clock())

    assert api.send("DELETE", f"/webhook-endpoints/{ended}").status_code == 204

    with pharmacy.sessions.read() as session:
        (delivery,) = session.scalars(select(WebhookDelivery)).all()
    assert delivery.state is DeliveryState.PARKED
    assert carrier.round() == []
    assert [each["has_secret"] for each in api.get("/webhook-endpoints").get_json()["endpoints"]] == [False]
