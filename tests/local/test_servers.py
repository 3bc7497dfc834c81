"""The embedded servers are real ones: they keep what they must keep, at one address."""

from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from local.servers import Postgres, Unprepared, Valkey, free_port, postgres


def ask(address: str, question: str) -> object:
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as books:
        answer = books.execute(question)  # type: ignore[call-overload]  # Only literal questions come here.
        return answer.fetchone()[0] if answer.description else None


def test_postgres_is_the_version_of_production_and_speaks_utf8(postgres_server: Postgres) -> None:
    address = postgres_server.create_database("books")

    assert ask(address, "select current_setting('server_version')").startswith("18.")
    assert ask(address, "select current_setting('server_encoding')") == "UTF8"
    assert ask(address, "select current_setting('timezone')") == "UTC"
    assert ask(address, "select lower('ÄÉ')") == "äé"


def test_postgres_keeps_its_books_and_its_address_over_a_stop_and_a_kill(postgres_server: Postgres) -> None:
    address = postgres_server.create_database("books")
    ask(address, "create table kept as select 7 as number")

    postgres_server.stop()
    postgres_server.start()
    postgres_server.kill()
    assert not postgres_server.running
    postgres_server.start()

    assert postgres_server.url("books") == address
    assert ask(address, "select number from kept") == 7


def test_a_database_is_copied_from_a_template_once(postgres_server: Postgres) -> None:
    template = postgres_server.create_database("template_books")
    ask(template, "create table kept as select 7 as number")

    copy = postgres_server.create_database("copy", template="template_books")
    ask(copy, "update kept set number = 8")
    again = postgres_server.create_database("copy", template="template_books")

    assert ask(again, "select number from kept") == 8
    assert ask(template, "select number from kept") == 7


def test_a_dropped_database_is_gone_though_somebody_was_connected(postgres_server: Postgres) -> None:
    address = postgres_server.create_database("books").replace("+psycopg", "")
    connected = psycopg.connect(address)

    postgres_server.drop_database("books")

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(address)
    connected.close()


def test_postgres_listens_on_no_port(postgres_server: Postgres) -> None:
    address = postgres_server.create_database("books")

    assert ask(address, "select current_setting('listen_addresses')") == ""


def test_postgres_starts_in_a_folder_too_deep_for_a_socket(server_folder: Path) -> None:
    deep = server_folder / ("deep" * 10) / ("deeper" * 10)
    for folder in reversed((deep, *deep.parents)):
        folder.mkdir(mode=0o711, exist_ok=True)

    with postgres(deep / "postgres", fsync=False) as server:
        assert len(str(server.sockets)) < len(str(deep))
        assert ask(server.create_database("books"), "select 1") == 1

    assert not server.sockets.exists()


def test_a_server_that_cannot_start_says_why(server_folder: Path) -> None:
    server = Postgres(server_folder / "broken", fsync=False)
    server.prepare()
    (server.home / "pgdata" / "PG_VERSION").write_text("9\n")

    with pytest.raises(Unprepared, match="incompatible"):
        server.start()

    server.forget_sockets()


def test_valkey_keeps_what_it_holds_and_its_address_over_a_kill(valkey_server: Valkey) -> None:
    address = valkey_server.url
    with redis.Redis.from_url(address) as queue:
        queue.set("kept", "7")
        queue.waitaof(1, 0, 5000)

    valkey_server.kill()
    assert not valkey_server.running
    valkey_server.start()

    with redis.Redis.from_url(valkey_server.url) as queue:
        assert valkey_server.url == address
        assert queue.get("kept") == b"7"


def test_valkey_turns_away_who_does_not_know_the_password(valkey_server: Valkey) -> None:
    at_once = Retry(NoBackoff(), 0)
    with (
        redis.Redis(port=valkey_server.port, retry=at_once) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_a_taken_port_is_not_a_free_one(valkey_server: Valkey) -> None:
    assert free_port(valkey_server.port) != valkey_server.port
