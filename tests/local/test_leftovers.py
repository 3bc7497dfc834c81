"""Only what we started ourselves is ever ended."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import leftovers


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, start_new_session=True) as started:
        yield started
        started.kill()


def test_a_noted_process_is_ended_and_its_note_removed(
    process: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    note = tmp_path / "cat.started"
    leftovers.note(note, process.pid, signal.SIGTERM)

    assert leftovers.end([note]) == 1

    assert process.wait(5) == -signal.SIGTERM
    assert not note.exists()


def test_a_process_that_only_bears_the_same_number_is_left_alone(
    process: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    note = tmp_path / "cat.started"
    note.write_text(f"{process.pid} {signal.SIGTERM.value} 1 another-boot\n")

    assert leftovers.end([note]) == 0

    assert process.poll() is None


def test_a_process_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        ["/bin/sh", "-c", "trap '' TERM; echo deaf; cat < /dev/zero > /dev/null"],
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as deaf:
        assert deaf.stdout is not None
        deaf.stdout.readline()
        note = tmp_path / "deaf.started"
        leftovers.note(note, deaf.pid, signal.SIGTERM)

        assert leftovers.end([note], seconds=0.2) == 1

        assert deaf.wait(5) == -signal.SIGKILL


@pytest.mark.parametrize("torn", ["", "12", "12 15", "nonsense\n"])
def test_a_torn_note_ends_nothing(tmp_path: Path, torn: str) -> None:
    note = tmp_path / "cat.started"
    note.write_text(torn)

    assert leftovers.end([note]) == 0
