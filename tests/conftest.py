"""What every test may ask for: real servers, started when the first test needs them.

One PostgreSQL serves the whole run. Its template is migrated once, by Alembic as in
production, and each worker process of the run gets a copy of its own. Each worker starts its
own Valkey. Tests that need no books start nothing.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from local.browser import FLAGS, find_browser
from local.environment import Surroundings
from local.servers import Cluster, Postgres, Valkey, postgres, valkey
from local.throwaway import throwaway_folder

pytest_plugins = ["tests.books"]

_TEMPLATE = "template_books"
_BOOKLESS = ("tests/domain", "tests/architecture", "tests/local")
_ROOT = Path(__file__).parent.parent


class Run:
    """One run of the tests: its folder, and its PostgreSQL once somebody needs it."""

    def __init__(self) -> None:
        self._ending = ExitStack()
        self._folder: Path | None = None
        self._cluster: Cluster | None = None

    @property
    def folder(self) -> Path:
        """A folder that the servers' account can reach, deleted afterwards."""
        if self._folder is None:
            self._folder = self._ending.enter_context(throwaway_folder())
        return self._folder

    @property
    def cluster(self) -> Cluster:
        """A running PostgreSQL with a migrated template."""
        if self._cluster is None:
            self._cluster = self._ending.enter_context(postgres(self.folder / "postgres", fsync=False))
            self._migrate(self._cluster.create_database(_TEMPLATE))
        return self._cluster

    def close(self) -> None:
        """Stop what was started, delete what was made."""
        self._ending.close()

    def _migrate(self, url: str) -> None:
        surroundings = Surroundings(database_url=url, redis_url="redis://127.0.0.1:9/0", state=self.folder)
        migrated = subprocess.run(
            [sys.executable, "-m", "pharmacy.cli", "migrate"],
            cwd=_ROOT,
            env={**os.environ, **surroundings.variables()},
            capture_output=True,
            text=True,
            check=False,
        )
        if migrated.returncode:
            pytest.exit(
                f"The template could not be migrated:\n{migrated.stdout}{migrated.stderr}", returncode=3
            )


_RUN = pytest.StashKey[Run]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_RUN] = Run()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_RUN].close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """In the controller: each worker is told where the books are kept, if this run needs any."""
    config = node.config
    if not all(Path(asked).as_posix().startswith(_BOOKLESS) for asked in config.args):
        node.workerinput["sockets"] = str(config.stash[_RUN].cluster.sockets)


@pytest.fixture(scope="session")
def run_folder(pytestconfig: pytest.Config) -> Path:
    """A folder for servers of this worker's own; deleted afterwards."""
    return pytestconfig.stash[_RUN].folder


@pytest.fixture(scope="session")
def database_url(pytestconfig: pytest.Config) -> str:
    """This worker's own migrated database."""
    told = getattr(pytestconfig, "workerinput", {})
    cluster = Cluster(Path(told["sockets"])) if "sockets" in told else pytestconfig.stash[_RUN].cluster
    return cluster.create_database(f"books_{told.get('workerid', 'alone')}", template=_TEMPLATE)


@pytest.fixture(scope="session")
def valkey_url(run_folder: Path) -> Iterator[str]:
    """This worker's own Valkey."""
    with valkey(run_folder / "valkey") as server:
        yield server.url


@pytest.fixture
def server_folder(run_folder: Path, request: pytest.FixtureRequest) -> Path:
    """A folder for the private servers of one test."""
    folder = run_folder / f"{abs(hash(request.node.nodeid)):x}"
    folder.mkdir(mode=0o711)
    return folder


@pytest.fixture
def postgres_server(server_folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL that one test may kill; empty."""
    with postgres(server_folder / "postgres", fsync=False) as server:
        yield server


@pytest.fixture
def valkey_server(server_folder: Path) -> Iterator[Valkey]:
    """A Valkey that one test may kill; it keeps what it holds, as production does."""
    with valkey(server_folder / "valkey", append_only=True) as server:
        yield server


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """The machine's own Chromium, for pytest-playwright."""
    return {"executable_path": find_browser(), "args": list(FLAGS)}
