"""Processes that a test may kill, and a Valkey; nobody kills PostgreSQL here, so the books are copies in the run's own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.environment import Surroundings
from local.servers import Cluster, Valkey
from tests.command import command
from tests.faults.running import Running, database_name, running


@pytest.fixture(scope="session")
def demonstration(database_of: Callable[[str], str], run_folder: Path) -> Surroundings:
    """Books with the demonstration and no orders, to be copied, and the secrets they were written with."""
    made = Surroundings(
        database_url=database_of("demonstration"), redis_url="redis://127.0.0.1:9/0", state=run_folder
    )
    command(made, "demo", "--no-orders")
    return made


@pytest.fixture
def surroundings(
    cluster: Cluster, demonstration: Surroundings, valkey_server: Valkey, server_folder: Path
) -> Iterator[Surroundings]:
    """Books of this test's own, the demonstration in them and no orders; a Valkey that it may kill."""
    name = f"books_{server_folder.name}"
    url = cluster.create_database(name, template=database_name(demonstration.database_url))
    yield replace(demonstration, database_url=url, redis_url=valkey_server.url, state=server_folder)
    cluster.drop_database(name)


@pytest.fixture
def whole(surroundings: Surroundings, valkey_server: Valkey) -> Iterator[Running]:
    """A whole pharmacy of real processes."""
    with running(surroundings, valkey_server) as pharmacy:
        yield pharmacy
