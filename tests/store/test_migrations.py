"""The books go up and down one step at a time, and are what the records say."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, event, make_url, text

from local.servers import Cluster
from pharmacy import bootstrap
from pharmacy.cli import MIGRATIONS
from pharmacy.store.base import Record, db
from pharmacy.store.walls import HOUSE
from tests.books import config_for
from tests.store.walled import walls

REVISIONS = sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))

# Tables are created in the same run, so nobody waits for their indexes and constraints; checked values are
# never longer than their column. A CHECK is widened by dropping it and adding the wider one, in one transaction
# that keeps others off the table for the length of one scan.
_NOT_OURS = (
    "prefer-robust-stmts,require-concurrent-index-creation,require-timeout-settings,prefer-text-field,"
    "prefer-bigint-over-smallint,ban-drop-constraint,constraint-missing-not-valid"
)


@pytest.fixture
def empty_books(cluster: Cluster, database_url: str, run_folder: Path) -> Iterator[Flask]:
    """A database without a table, carried as the command line carries it."""
    name = f"{make_url(database_url).database}_empty"
    url = cluster.create_database(name)
    carrier = bootstrap.books(config_for(url, run_folder))
    flask_migrate.Migrate(carrier, db, directory=str(MIGRATIONS))
    with carrier.app_context():
        yield carrier
        db.engine.dispose()
    cluster.drop_database(name)


@contextmanager
def plain(carrier: Flask) -> Iterator[psycopg.Connection]:
    url = make_url(carrier.config["SQLALCHEMY_DATABASE_URI"])
    with psycopg.connect(host=str(url.query["host"]), dbname=url.database, user=url.username) as connection:
        yield connection


def shape(carrier: Flask) -> list[tuple[str, ...]]:
    """Everything that the books consist of: columns, constraints, indexes, triggers, functions, sequences."""
    queries = (
        "SELECT 'column', table_name, column_name, data_type, is_nullable, coalesce(column_default, '')"
        " FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'",
        "SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        # Constraint triggers are among the triggers below.
        " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'"
        " AND contype <> 't'",
        "SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename <> 'alembic_version'",
        "SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        "SELECT 'sequence', sequencename, start_value::text FROM pg_sequences WHERE schemaname = 'public'",
    )
    with plain(carrier) as connection:
        return sorted(tuple(row) for query in queries for row in connection.execute(query).fetchall())


@pytest.mark.slow
def test_from_nothing_to_the_newest_form_each_step_down_and_up_again(empty_books: Flask) -> None:
    before = shape(empty_books)
    assert before == []

    for revision in REVISIONS:
        flask_migrate.upgrade(revision=revision)
        there = shape(empty_books)
        flask_migrate.downgrade(revision="-1")
        assert shape(empty_books) == before, f"{revision} leaves something behind when it is taken back"
        flask_migrate.upgrade(revision=revision)
        assert shape(empty_books) == there
        before = there

    flask_migrate.check()


@pytest.mark.slow
def test_a_migration_that_is_taken_back_with_rows_in_the_books_takes_them_along(empty_books: Flask) -> None:
    flask_migrate.upgrade()
    with plain(empty_books) as connection:
        settings = connection.execute("SELECT count(*) FROM settings").fetchone()

    flask_migrate.downgrade(revision="-1")
    flask_migrate.upgrade()

    with plain(empty_books) as connection:
        assert connection.execute("SELECT count(*) FROM settings").fetchone() == settings != (0,)


def test_revisions_are_numbered_without_a_gap() -> None:
    assert [f"{number:04d}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS


def test_migrations_stand_by_themselves_and_wait_for_no_lock_long() -> None:
    for path in (MIGRATIONS / "versions").glob("[0-9]*.py"):
        source = path.read_text()
        assert "import pharmacy" not in source, path
        assert "from pharmacy" not in source, path
        assert source.count("SET LOCAL lock_timeout") == 2, path


@pytest.mark.slow
def test_the_books_are_what_the_records_say_checks_included(empty_books: Flask, cluster: Cluster) -> None:
    flask_migrate.upgrade()
    migrated = shape(empty_books)
    url = make_url(empty_books.config["SQLALCHEMY_DATABASE_URI"])
    name = f"{url.database}_said"
    said = create_engine(cluster.create_database(name))
    with said.begin() as connection:
        connection.execute(text("CREATE EXTENSION pg_trgm"))  # Records use it; a migration brings it.
    Record.metadata.create_all(said)
    said.dispose()
    empty_books.config["SQLALCHEMY_DATABASE_URI"] = cluster.url(name)

    written = shape(empty_books)

    cluster.drop_database(name)
    kinds = {"column", "constraint", "index"}
    assert [each for each in migrated if each[0] in kinds] == [each for each in written if each[0] in kinds]


@pytest.mark.slow
def test_the_linter_of_migrations_finds_nothing_that_locks_or_loses(
    empty_books: Flask, tmp_path: Path
) -> None:
    spoken: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: spoken.append(f"{told[2]};\n"))
    flask_migrate.upgrade()
    sql = tmp_path / "all.sql"
    sql.write_text("".join(each for each in spoken if each.lstrip().startswith(("CREATE", "ALTER", "DROP"))))

    linted = subprocess.run(
        [Path(sys.executable).parent / "squawk", "--assume-in-transaction", "--exclude", _NOT_OURS, sql],
        capture_output=True,
        text=True,
        check=False,
    )

    assert linted.returncode == 0, linted.stdout


def test_every_table_is_walled_or_shut_or_the_house_s_own(connection: Connection) -> None:
    walled, shut = walls(connection)
    open_to_all = []

    for table in Record.metadata.tables.values():
        hangs_on = {key.column.table.name for key in table.foreign_keys} & walled
        if table.name in HOUSE:
            assert not hangs_on, f"{table.name} hangs on {hangs_on}, so it is not the house's own"
            continue
        how = (
            f"SELECT wall_by_practice('{table.name}')"
            if "practice_id" in table.columns
            else f"SELECT wall_by_parent('{table.name}', '<column>', '{(hangs_on or {'<table>'}).pop()}')"
        )
        if table.name not in walled | shut:
            open_to_all.append(f"{how} or SELECT wall_shut('{table.name}')")

    assert not open_to_all, (
        "tables stand open to every practice: end their migrations with one of these, or name them in"
        f" store/walls.py HOUSE if they tell of nobody: {open_to_all}"
    )
