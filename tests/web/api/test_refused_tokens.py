"""A bearer token that does not hold is refused, and that is on record with its reason; a flood fills nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from pharmacy.bootstrap import Pharmacy
from pharmacy.store.audit import AuditEntry
from pharmacy.store.door import token_hash
from pharmacy.store.practices import AccessToken, ApiClient
from pharmacy.store.sessions import Session
from tests.books import MORNING, Clock
from tests.callers import Api
from tests.rows import an_access_token, demo_client

TOKEN = "a-token-of-a-quarter-of-an-hour"
MOST_IN_A_MINUTE = 60


def refused(pharmacy: Pharmacy) -> list[AuditEntry]:
    with pharmacy.sessions.read() as session:
        query = select(AuditEntry).where(AuditEntry.action == "token.refused").order_by(AuditEntry.id)
        return list(session.scalars(query))


def expire(session: Session) -> None:
    session.execute(
        update(AccessToken).where(AccessToken.token_hash == token_hash(TOKEN)).values(expires_at=MORNING)
    )


def revoke(session: Session) -> None:
    session.execute(
        update(AccessToken).where(AccessToken.token_hash == token_hash(TOKEN)).values(revoked_at=MORNING)
    )


def shut_out(session: Session) -> None:
    session.execute(
        update(ApiClient).where(ApiClient.id == demo_client(session).id).values(disabled_at=MORNING)
    )


@pytest.mark.parametrize(
    ("ended", "reason"), [(expire, "expired"), (revoke, "revoked"), (shut_out, "client shut out")]
)
def test_a_token_that_no_longer_holds_is_on_record_at_its_client(
    ended: Callable[[Session], None], reason: str, client: FlaskClient, pharmacy: Pharmacy
) -> None:
    with pharmacy.sessions.write() as session:
        session.add(an_access_token(demo_client(session).id, TOKEN, issued_at=MORNING - timedelta(minutes=5)))
    assert Api(client, TOKEN).get("/orders").status_code == 200
    with pharmacy.sessions.write() as session:
        ended(session)

    assert Api(client, TOKEN).get("/orders").status_code == 401

    (entry,) = refused(pharmacy)
    with pharmacy.sessions.read() as session:
        assert entry.subject_id == demo_client(session).id
    assert entry.detail == {"asked": "GET /api/v1/orders", "reason": reason}


def test_an_unknown_token_is_on_record_without_the_token(client: FlaskClient, pharmacy: Pharmacy) -> None:
    for path in ("/orders", "/tasks"):
        Api(client, "a-guess").get(path)
        Api(client, f"another guess at {path}").get(path)

    entries = refused(pharmacy)

    assert [each.detail["asked"] for each in entries] == ["GET /api/v1/orders"] * 2 + ["GET /api/v1/tasks"]
    assert {each.detail["reason"] for each in entries} == {"unknown token"}
    assert "guess" not in str([each.detail for each in entries])


def test_the_same_token_is_on_record_once_a_minute(
    client: FlaskClient, pharmacy: Pharmacy, clock: Clock
) -> None:
    for _ in range(2):
        for _ in range(5):
            Api(client, "a-guess").get("/orders")
        clock.now += timedelta(minutes=1)

    assert len(refused(pharmacy)) == 2
    assert len({each.subject_id for each in refused(pharmacy)}) == 1


def test_a_flood_of_different_tokens_does_not_fill_the_trail(client: FlaskClient, pharmacy: Pharmacy) -> None:
    for number in range(MOST_IN_A_MINUTE + 20):
        assert Api(client, f"a-guess-{number}").get("/tasks").status_code == 401

    assert len(refused(pharmacy)) == MOST_IN_A_MINUTE
