"""Connections that have rested are tried; the pool begins anew after the database has dropped them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from pharmacy import bootstrap
from pharmacy.store import pool
from tests.books import config_for

_ME = text("SELECT pg_backend_pid()")


@pytest.fixture
def own(database_url: str, run_folder: Path) -> Iterator[Engine]:
    """The engine of a process of its own."""
    engine = bootstrap.engine(config_for(database_url, run_folder))
    yield engine
    engine.dispose()


@pytest.fixture
def dropped(own: Engine, database_url: str) -> int:
    """The connection that rests in the pool, which the database has closed meanwhile."""
    with own.connect() as connection:
        lost: int = connection.scalar(_ME)
    other = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        assert connection.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": lost})
    other.dispose()
    return lost


def test_a_connection_that_was_dropped_while_it_rested_harms_nobody(
    own: Engine, dropped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "RESTED_SECONDS", 0.0)

    with own.connect() as connection:
        assert connection.scalar(_ME) != dropped


def test_one_that_was_dropped_just_now_is_found_out_once_and_the_pool_begins_anew(
    own: Engine, dropped: int
) -> None:
    with own.connect() as connection, pytest.raises(OperationalError):
        connection.execute(_ME)

    with own.connect() as connection:
        assert connection.scalar(_ME) != dropped


def test_a_connection_that_was_just_used_is_not_tried(own: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    monkeypatch.setattr(own.dialect, "do_ping", lambda dbapi: tried.append(dbapi) or True)

    for _ in range(3):
        with own.connect() as connection:
            connection.execute(_ME)
    assert tried == []

    monkeypatch.setattr(pool, "RESTED_SECONDS", 0.0)
    with own.connect() as connection:
        connection.execute(_ME)
    assert len(tried) == 1
