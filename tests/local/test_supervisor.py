"""The supervisor keeps programs running, and leaves none behind."""

import asyncio
import io
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from local import leftovers
from local.console import Console
from local.programs import Program
from local.supervisor import Failed, Supervisor
from tests.own_loop import run_apart


def shell(name: str, script: str, folder: Path) -> Program:
    return Program(name=name, argv=("/bin/sh", "-c", script), folder=folder)


class Stage:
    """A supervisor at work, with what it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = folder / "notes"
        self.notes.mkdir()
        self.said = io.StringIO()

    def supervisor(self) -> Supervisor:
        return Supervisor(self.notes, Console(self.said), patience=0.3)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.01)

    def pids(self, name: str) -> list[int]:
        """The processes that wrote their number when they started."""
        written = self.folder / name
        return [int(line) for line in written.read_text().split()] if written.exists() else []

    def play(self, scene: Callable[[Supervisor], Awaitable[None]]) -> None:
        async def act() -> None:
            async with self.supervisor() as supervisor:
                await scene(supervisor)

        run_apart(act())


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_a_killed_program_is_started_again_and_that_is_said(stage: Stage) -> None:
    program = shell("web", "echo $$ >> web; exec cat < /dev/zero > /dev/null", stage.folder)

    async def scene(supervisor: Supervisor) -> None:
        await supervisor.keep(lambda: program)
        await stage.until(lambda: len(stage.pids("web")) == 1)
        os.kill(stage.pids("web")[0], signal.SIGKILL)
        await stage.until(lambda: len(stage.pids("web")) == 2)
        assert leftovers.beginning(stage.pids("web")[1])

    stage.play(scene)

    assert "ended unasked (signal SIGKILL); starts again in 0.5 s" in stage.said.getvalue()
    assert not any(map(leftovers.beginning, stage.pids("web")))


def test_a_program_that_keeps_failing_is_started_at_growing_intervals(stage: Stage) -> None:
    async def scene(supervisor: Supervisor) -> None:
        await supervisor.keep(lambda: shell("web", "exit 3", stage.folder))
        await stage.until(lambda: "starts again in 1 s" in stage.said.getvalue())

    stage.play(scene)

    assert "(status 3); starts again in 0.5 s" in stage.said.getvalue()


def test_the_end_takes_children_of_children_and_those_that_will_not_hear(stage: Stage) -> None:
    deaf = shell(
        "worker",
        "trap '' TERM; sh -c 'echo $$ >> child; cat < /dev/zero > /dev/null' & echo $$ >> worker; wait; wait",
        stage.folder,
    )

    async def scene(supervisor: Supervisor) -> None:
        await supervisor.keep(lambda: deaf)
        await stage.until(lambda: bool(stage.pids("child") and stage.pids("worker")))

    stage.play(scene)

    assert not any(map(leftovers.beginning, stage.pids("worker") + stage.pids("child")))
    assert list(stage.notes.iterdir()) == []


def test_what_others_depend_on_is_ended_last(stage: Stage) -> None:
    def program(name: str) -> Program:
        return shell(
            name,
            f"trap 'echo {name} >> order; exit' TERM; echo $$ >> {name}; while :; do sleep 0.02; done",
            stage.folder,
        )

    async def scene(servers: Supervisor) -> None:
        await servers.keep(lambda: program("postgres"))
        async with servers.dependants() as programs:
            await programs.keep(lambda: program("web"))
            await stage.until(lambda: bool(stage.pids("postgres") and stage.pids("web")))

    stage.play(scene)

    assert (stage.folder / "order").read_text().split() == ["web", "postgres"]


def test_a_step_that_fails_ends_the_whole_with_its_name(stage: Stage) -> None:
    async def scene(supervisor: Supervisor) -> None:
        await supervisor.keep(
            lambda: shell("web", "echo $$ >> web; exec cat < /dev/zero > /dev/null", stage.folder)
        )
        await supervisor.run(shell("migrate", "echo no such table >&2; exit 4", stage.folder))

    with pytest.raises(Failed, match="migrate failed with status 4"):
        stage.play(scene)

    assert "migrate │ no such table" in stage.said.getvalue()
    assert not any(map(leftovers.beginning, stage.pids("web")))


def test_a_program_that_is_never_ready_is_given_up(stage: Stage) -> None:
    async def scene(supervisor: Supervisor) -> None:
        await supervisor.keep(
            lambda: shell("web", "exec cat < /dev/zero > /dev/null", stage.folder), lambda _pid: False, 0.2
        )

    with pytest.raises(Failed, match="web was not ready within"):
        stage.play(scene)


def test_a_line_without_end_does_not_silence_the_rest(stage: Stage) -> None:
    async def scene(supervisor: Supervisor) -> None:
        await supervisor.run(
            shell("web", "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo afterwards", stage.folder)
        )

    stage.play(scene)

    assert "web │ afterwards" in stage.said.getvalue()
