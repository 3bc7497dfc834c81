"""What every test may ask for: real servers, started when the first test needs them.

One PostgreSQL serves the whole run. Its template is migrated once, by Alembic as in
production, and each worker process of the run gets a copy of its own. Each worker starts its
own Valkey. Tests that need no books start nothing.
"""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from local.browser import FLAGS, find_browser
from local.environment import Surroundings
from local.servers import Cluster, Postgres, Valkey, postgres, valkey
from local.throwaway import throwaway_folder
from tests.command import command

pytest_plugins = ["tests.books"]

_TEMPLATE = "template_books"
_BOOKLESS = ("tests/domain", "tests/architecture", "tests/local")


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
        try:
            command(surroundings, "migrate")
        except subprocess.CalledProcessError as failed:
            pytest.exit("\n".join(["The template could not be migrated:", *failed.__notes__]), returncode=3)


_RUN = pytest.StashKey[Run]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_RUN] = Run()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_RUN].close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first, after the order was drawn: no worker is left alone with one of them at the end."""
    items.sort(
        key=lambda item: [item.get_closest_marker(mark) is None for mark in ("faults", "slow", "browser")]
    )


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
def cluster(pytestconfig: pytest.Config) -> Cluster:
    """The run's one PostgreSQL, which nobody may kill."""
    told = getattr(pytestconfig, "workerinput", {})
    return Cluster(Path(told["sockets"])) if "sockets" in told else pytestconfig.stash[_RUN].cluster


@pytest.fixture(scope="session")
def database_of(pytestconfig: pytest.Config, cluster: Cluster) -> Callable[[str], str]:
    """Makes a migrated database of this worker's own and tells its address; the same again for the same word."""
    worker = getattr(pytestconfig, "workerinput", {}).get("workerid", "alone")
    return lambda word: cluster.create_database(f"{word}_{worker}", template=_TEMPLATE)


@pytest.fixture(scope="session")
def database_url(database_of: Callable[[str], str]) -> str:
    """The address of the books that most tests share."""
    return database_of("books")


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
