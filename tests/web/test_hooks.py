"""Gateways hand over what came back: signed, fresh, once."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from pharmacy.domain.orders import OrderStatus
from pharmacy.store import orders
from pharmacy.web.hooks import sign
from tests.books import MORNING, SMS_SECRET, Clock, row_counts
from tests.fakes import MailThatRemembers, SmsThatRemembers
from tests.usecases.noticing import announcement, deliver, shipped, tasks_open
from tests.usecases.test_notice_channels import SMS_ONLY
from tests.work import Work

STOP = {"id": "m-1", "from": "+15550100123", "body": "STOP"}


def hand_over(
    client: FlaskClient, path: str, said: Any, *, secret: str = SMS_SECRET, at: float = 0
) -> TestResponse:
    body = json.dumps(said).encode()
    stamp = str(int(MORNING.timestamp() + at))
    headers = {"X-Timestamp": stamp, "X-Signature": sign(secret, stamp, body)}
    return client.post(path, data=body, headers=headers, content_type="application/json")


def test_a_stop_is_heard_at_once_and_answered_once(client: FlaskClient, work: Work) -> None:
    order_id = shipped(work, SMS_ONLY)

    first, again = hand_over(client, "/hooks/sms", STOP), hand_over(client, "/hooks/sms", STOP)

    assert first.status_code == again.status_code == 200
    assert "no more text messages" in first.get_json()["reply"]
    assert again.get_json() == {"reply": None}
    with work.sessions.read() as session:
        (consent,) = orders.get(session, order_id).patient.consents
    assert consent.withdrawn_at == MORNING
    assert consent.withdrawn_by == "text message"


@pytest.mark.parametrize(
    "wrong",
    [{"secret": "x" * 40}, {"at": -301}, {"at": 301}],
    ids=["another secret", "too old", "from tomorrow"],
)
def test_what_is_not_signed_just_now_is_refused_and_leaves_nothing(
    client: FlaskClient, work: Work, connection: Connection, wrong: dict[str, Any]
) -> None:
    shipped(work, SMS_ONLY)
    before = row_counts(connection)

    assert hand_over(client, "/hooks/sms", STOP, **wrong).status_code == 401
    assert client.post("/hooks/sms", json=STOP).status_code == 401
    assert row_counts(connection) == before


@pytest.mark.parametrize("spoilt", [{}, {"id": "m"}, STOP | {"more": 1}, STOP | {"body": "x" * 2001}, [1]])
def test_what_has_another_shape_is_a_bad_request(
    client: FlaskClient, connection: Connection, spoilt: Any
) -> None:
    before = row_counts(connection)

    answer = hand_over(client, "/hooks/sms", spoilt)

    assert answer.status_code == 400, answer.text
    assert row_counts(connection) == before


def test_a_message_that_came_back_shuts_its_channel_and_a_person_calls(
    client: FlaskClient, work: Work, clock: Clock
) -> None:
    order_id = shipped(work, SMS_ONLY)
    deliver(work, announcement(work, order_id), MailThatRemembers(), SmsThatRemembers())

    known = hand_over(client, "/hooks/bounces", {"id": "sms-1", "reason": "unknown subscriber"})
    unknown = hand_over(client, "/hooks/bounces", {"id": "sms-2", "reason": "unknown subscriber"})

    assert (known.get_json(), unknown.get_json()) == ({"known": True}, {"known": False})
    with work.sessions.read() as session:
        (consent,) = orders.get(session, order_id).patient.consents
    assert consent.disabled_because == "came back: unknown subscriber"
    assert [task.kind for task in tasks_open(work)] == ["notice.phone"]
    clock.now += timedelta(days=1)
    assert work.order(order_id).status == OrderStatus.SHIPPED
