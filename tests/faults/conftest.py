"""Servers and processes that a test may kill; each test has its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.servers import Postgres, Valkey
from tests.faults.running import Running, running


@pytest.fixture
def whole(postgres_server: Postgres, valkey_server: Valkey, server_folder: Path) -> Iterator[Running]:
    """A whole pharmacy of real processes."""
    with running(postgres_server, valkey_server, server_folder) as pharmacy:
        yield pharmacy
