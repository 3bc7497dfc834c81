"""A served pharmacy for the documents that say how to call one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from local.servers import Cluster
from tests.documents.served import Served, served_pharmacy


@pytest.fixture
def demonstration(
    cluster: Cluster, database_url: str, run_folder: Path, request: pytest.FixtureRequest
) -> Iterator[Served]:
    """On books of its own: a second order for the same patient would be noticed."""
    name = f"{make_url(database_url).database}_{request.module.__name__.rpartition('.')[2]}"
    with served_pharmacy(cluster.create_database(name, template="template_books"), run_folder) as served:
        yield served
    cluster.drop_database(name)


@pytest.fixture
def served(demonstration: Served) -> str:
    """The address of the pharmacy."""
    return demonstration.address
