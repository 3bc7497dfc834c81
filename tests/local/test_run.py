"""`make run` around a stand-in pharmacy: it opens, survives, keeps, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from local import leftovers
from local.data_folder import DataFolder
from local.servers import free_port
from local.waiting import until

ROOT = Path(__file__).parent.parent.parent
STANDIN = Path(__file__).parent / "standin"


class Started:
    """One `make run`, told apart from others by its own data folder and ports."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.data = folder / "data"
        self.log = folder / f"log-{len(list(folder.iterdir()))}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "local.run", "--data", str(self.data), "--root", str(STANDIN)),
                    *("--port", str(free_port()), "--mailbox-port", str(free_port()), *words),
                ],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def open(self) -> "Started":
        """Wait until it says that it is."""
        until(lambda: "is open" in self.said or self.process.poll() is not None, 60, "the pharmacy to open")
        assert self.process.poll() is None, self.said
        return self

    def children(self) -> dict[str, int]:
        return {
            note.stem: int(note.read_text().split()[0]) for note in (self.data / "running").glob("*.started")
        }

    def answer(self) -> str:
        address = re.search(r"Console +(http://127\.0\.0\.1:[0-9]+)/", self.said)
        assert address is not None
        with urllib.request.urlopen(address[1] + "/", timeout=20) as response:
            body: bytes = response.read()
            return body.decode()

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def started(server_folder: Path) -> Iterator[list[Started]]:
    """What the test starts; ended in any case."""
    begun: list[Started] = []
    yield begun
    for one in begun:
        if one.process.poll() is None:
            one.end(signal.SIGTERM)
    with suppress(IndexError):
        leftovers.end((begun[0].data / "running").glob("*.started"), seconds=2)


@pytest.mark.faults
def test_ctrl_c_ends_everything_and_leaves_nothing_behind(
    server_folder: Path, started: list[Started]
) -> None:
    run = Started(server_folder)
    started.append(run)
    children = run.open().children()

    assert children.keys() == {"postgres", "valkey", "web", "worker", "beat", "mailbox"}
    assert run.end(signal.SIGINT) == 0

    assert not any(map(leftovers.beginning, children.values()))
    assert list((run.data / "running").iterdir()) == []
    assert "nothing is left running" in run.said


@pytest.mark.faults
def test_a_caller_waits_while_a_killed_web_server_starts_again(
    server_folder: Path, started: list[Started]
) -> None:
    run = Started(server_folder)
    started.append(run)
    before = run.open().children()["web"]

    os.killpg(before, signal.SIGKILL)

    assert run.answer().isdecimal()
    assert run.children()["web"] != before
    assert run.end() == 0


@pytest.mark.faults
def test_a_second_start_ends_the_leftovers_of_a_killed_one_and_keeps_the_data(
    server_folder: Path, started: list[Started]
) -> None:
    first = Started(server_folder)
    started.append(first)
    orphans = first.open().children()
    assert "migrate number 1\n" in first.said
    first.process.kill()
    first.process.wait()

    second = Started(server_folder)
    started.append(second)
    second.open()

    assert not any(map(leftovers.beginning, orphans.values()))
    assert "that an earlier start had left behind" in second.said
    assert "migrate number 2\n" in second.said
    assert second.end(signal.SIGTERM) == 0

    third = Started(server_folder, "--reset")
    started.append(third)
    third.open()

    assert "migrate number 1\n" in third.said
    assert third.end(signal.SIGHUP) == 0


@pytest.mark.faults
def test_a_busy_port_is_avoided_and_a_second_pharmacy_in_the_folder_refused(
    server_folder: Path, started: list[Started]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        run = Started(server_folder, "--port", str(port))
        started.append(run)
        run.open()

        assert f"Port {port} is busy: the pharmacy listens on" in run.said
        assert run.answer().isdecimal()

        refused = Started(server_folder)
        started.append(refused)
        assert refused.process.wait(30) == 1
        assert f"runs already (process {run.process.pid})" in refused.said
        assert run.end() == 0


def test_secrets_are_made_once_and_for_the_owner_only(server_folder: Path) -> None:
    data = DataFolder(server_folder / "data")
    with data.taken():
        first = data.secrets()

        assert data.secrets() == first
        assert first["secret_key"] != first["audit_key"]
        assert (data.path / "secrets.json").stat().st_mode & 0o777 == 0o600
