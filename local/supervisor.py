"""Programs kept running side by side, and ended together.

A program that ends unasked is started again, after a pause that doubles while it keeps
failing. When the `async with` block is left, for whatever reason, all of its programs are
asked to stop at once, and whatever is left after ten seconds is killed. Blocks nest: what
others depend on belongs into the outer one, and is ended last.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from local import leftovers
from local.console import Console
from local.programs import Program, open_child, signal_group

_PATIENCE = 10
"""Seconds between asking a program to stop and killing it."""
_GLANCE = 0.03
_SHORTEST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY = 20
"""Seconds after which a program counts as running well, and its next end as the first."""


class Failed(Exception):
    """A program that had to succeed did not; the text says which, and with what."""


class Supervisor:
    """Keeps programs running; notes each in the folder `notes`, so that even its own kill leaves nothing behind."""

    def __init__(self, notes: Path, console: Console, *, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._notes = notes
        self._console = console
        self._keepers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    def dependants(self) -> "Supervisor":
        """For programs that need these; an inner block, ended first."""
        return Supervisor(self._notes, self._console)

    async def keep(
        self, program: Callable[[], Program], ready: Callable[[int], bool] | None = None, within: float = 60
    ) -> None:
        """Start a program and keep it running; returns when it is ready for the first time.

        Raises Failed when it is not ready `within` so many seconds.
        """
        is_up = asyncio.Event()
        self._keepers.append(asyncio.create_task(self._keep(program, ready, is_up)))
        try:
            await asyncio.wait_for(is_up.wait(), within)
        except TimeoutError:
            raise Failed(
                f"{program().name} was not ready within {within:g} seconds; its lines above say why."
            ) from None

    async def run(self, program: Program) -> None:
        """Run a program to its end. Raises Failed when it does not succeed."""
        status = await self._live(program, None, asyncio.Event())
        if status:
            raise Failed(f"{program.name} failed with status {status}; its lines above say why.")

    async def _keep(
        self, program: Callable[[], Program], ready: Callable[[int], bool] | None, is_up: asyncio.Event
    ) -> None:
        clock = asyncio.get_running_loop().time
        pause = _SHORTEST_PAUSE
        while True:
            began = clock()
            name = program().name
            status = await self._live(program(), ready, is_up)
            pause = _SHORTEST_PAUSE if clock() - began > _STEADY else pause
            self._console.line(name, f"ended unasked ({_in_words(status)}); starts again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _live(self, program: Program, ready: Callable[[int], bool] | None, is_up: asyncio.Event) -> int:
        """From start to end; the status it ended with. Cancelled, it ends the program first."""
        reading, writing = os.pipe()
        try:
            process = open_child(program, writing)
        finally:
            os.close(writing)
        note = self._notes / f"{program.name}.started"
        leftovers.note(note, process.pid, program.stop_signal)
        telling = asyncio.create_task(self._tell(program, reading))
        watching = asyncio.create_task(_watch(process.pid, ready, is_up)) if ready else None
        if watching is None:
            is_up.set()
        try:
            return await _ended(process)
        finally:
            if watching is not None:
                watching.cancel()
            await _end(process, program.stop_signal, self._patience)
            note.unlink(missing_ok=True)
            await asyncio.wait([telling], timeout=1)  # Its last words.
            telling.cancel()

    async def _tell(self, program: Program, descriptor: int) -> None:
        """Pass on what it says, line by line, until nobody holds the other end."""
        reader = asyncio.StreamReader(limit=1 << 20)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", buffering=0)
        )
        try:
            while line := await _line(reader):
                text = line.decode(errors="replace").rstrip()
                if text and not any(part in text for part in program.unsaid):
                    self._console.line(program.name, text)
        finally:
            transport.close()


async def _line(reader: asyncio.StreamReader) -> bytes:
    """The next line; of one that is too long, what there is of it."""
    try:
        return await reader.readuntil()
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as long:
        return await reader.readexactly(long.consumed)


async def _watch(pid: int, ready: Callable[[int], bool], is_up: asyncio.Event) -> None:
    """Say that it is up as soon as it is."""
    while not await asyncio.to_thread(ready, pid):
        await asyncio.sleep(_GLANCE)
    is_up.set()


async def _ended(process: subprocess.Popen[bytes]) -> int:
    """The status it ends with."""
    while (status := process.poll()) is None:
        await asyncio.sleep(_GLANCE)
    return status


async def _end(process: subprocess.Popen[bytes], stop_signal: signal.Signals, patience: float) -> None:
    """The process and its group are gone afterwards."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        with suppress(TimeoutError):
            await asyncio.wait_for(_ended(process), patience)
    signal_group(process.pid, signal.SIGKILL)
    await _ended(process)


def _in_words(status: int) -> str:
    return f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
