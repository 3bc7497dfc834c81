"""A query that forgot the practice returns nothing: PostgreSQL itself keeps practices apart."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from pharmacy.domain.orders import OrderStatus
from pharmacy.store.base import new_id
from pharmacy.store.door import knock
from pharmacy.store.patients import Patient
from pharmacy.store.practices import ApiClient
from pharmacy.store.sessions import Sessions
from pharmacy.store.walls import whole_pharmacy
from tests.books import MORNING
from tests.rows import STANDING_TOKEN, another_practice
from tests.store.walled import walls
from tests.work import Work

STRANGER = "a-token-of-another-practice"


@contextmanager
def as_client(sessions: Sessions, token: str) -> Iterator[Session]:
    """A transaction of the client whom that token lets in."""
    with sessions.write() as session:
        assert knock(session, token, now=MORNING, today=MORNING.date()) is not None
        yield session


@pytest.fixture
def stranger(sessions: Sessions) -> ApiClient:
    with sessions.write() as session:
        return another_practice(session, STRANGER)


def test_a_query_that_forgot_the_practice_finds_nothing_of_another(
    work: Work, stranger: ApiClient, connection: Connection
) -> None:
    work.bring_to(OrderStatus.SHIPPED)
    own = {"practices": 1, "api_clients": 1, "access_tokens": 1}
    walled, _ = walls(connection)

    with as_client(work.sessions, STRANGER) as session:
        seen = {table: session.scalar(text(f"SELECT count(*) FROM {table}")) for table in walled}

    assert {table: count for table, count in seen.items() if count} == own


def test_a_practice_sees_its_own_rows_behind_the_wall(work: Work, connection: Connection) -> None:
    work.bring_to(OrderStatus.SHIPPED)
    tables = ("orders", "vials", "plan_intakes", "labels", "notices", "events", "patient_consents")
    counts = text(" UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in tables))
    all_rows = connection.scalars(counts).all()

    with as_client(work.sessions, STANDING_TOKEN) as session:
        assert session.scalars(counts).all() == all_rows


def test_nothing_is_filed_under_another_practice(work: Work, stranger: ApiClient) -> None:
    order = work.order(work.submit())

    with pytest.raises(ProgrammingError, match="row-level security"), as_client(work.sessions, STRANGER) as s:
        s.execute(
            text(
                "INSERT INTO events (id, practice_id, kind, at) VALUES (:id, :practice, 'order.shipped', now())"
            ),
            {"id": new_id(), "practice": order.practice_id},
        )


def test_rows_of_another_practice_are_not_changed_either(work: Work, stranger: ApiClient) -> None:
    order_id = work.submit()

    with as_client(work.sessions, STRANGER) as session:
        session.execute(text("UPDATE orders SET total_cents = 0, version = version + 1"))
        session.execute(text("DELETE FROM order_findings"))

    assert work.order(order_id).total_cents > 0
    assert work.order(order_id).findings


@pytest.mark.parametrize("table", ["staff_members", "staff_sessions", "alembic_version"])
def test_what_is_shut_is_shut_to_every_client(sessions: Sessions, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), as_client(sessions, STANDING_TOKEN) as s:
        s.execute(text(f"SELECT count(*) FROM {table}"))


def test_screening_looks_over_the_wall_and_back(work: Work, stranger: ApiClient) -> None:
    work.submit()

    with as_client(work.sessions, STRANGER) as session:
        with whole_pharmacy(session):
            assert len(session.scalars(select(Patient)).all()) == 1
        session.expunge_all()
        assert session.scalars(select(Patient)).all() == []


def test_the_wall_ends_with_the_client_s_transaction(work: Work, stranger: ApiClient) -> None:
    work.submit()
    with as_client(work.sessions, STRANGER):
        pass

    with work.sessions.read() as session:
        assert len(session.scalars(select(Patient)).all()) == 1
