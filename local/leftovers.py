"""Ending what an earlier start of ours left running, and nothing else.

Whoever starts a process notes its number and the moment it began. A number alone would not
do: numbers are given again, and the process that bears it today may be somebody else's.
"""

import os
import signal
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from local.waiting import NotInTime, until

_PATIENCE = 10


def beginning(pid: int) -> str | None:
    """When the process began, in the machine's own words; None when it is gone, or dead and not yet buried."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        asked = subprocess.run(
            ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, check=False
        )
        state, _, began = asked.stdout.decode().strip().partition(" ")
        return None if state[:1] in ("", "Z") else " ".join(began.split())
    try:
        # The name in brackets may hold anything; after it come the state and, as the 20th field, the start.
        fields = stat.read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else f"{fields[19]} {_boot()}"


def _boot() -> str:
    """Which running of this machine it is: start moments count from its beginning."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def note(path: Path, pid: int, stop_signal: signal.Signals) -> None:
    """Write down that this process was started, and how it likes to be stopped."""
    path.write_text(f"{pid} {stop_signal.value} {beginning(pid)}\n")


def end(notes: Iterable[Path], seconds: float = _PATIENCE) -> int:
    """End the noted processes that still run, all at once, and kill after `seconds`. How many there were."""
    paths = tuple(notes)
    running = {pid: how for path in paths for pid, how in _still_running(path).items()}
    for pid, stop_signal in running.items():
        _signal(pid, stop_signal)
    try:
        until(lambda: not any(map(beginning, running)), seconds, "the end of the leftovers")
    except NotInTime:
        for pid in running:
            _signal(pid, signal.SIGKILL)
        until(lambda: not any(map(beginning, running)), seconds, "the end of the killed leftovers")
    for path in paths:
        path.unlink(missing_ok=True)
    return len(running)


def _still_running(path: Path) -> dict[int, signal.Signals]:
    """The noted process with its stop signal; nothing when it is gone or the note is torn."""
    try:
        pid, stop_signal, began = path.read_text().strip().split(" ", 2)
    except (FileNotFoundError, ValueError):
        return {}
    return {int(pid): signal.Signals(int(stop_signal))} if beginning(int(pid)) == began else {}


def _signal(pid: int, number: signal.Signals) -> None:
    """To the process alone when it is asked to stop, to its whole group when it is killed."""
    with suppress(ProcessLookupError):
        if number is signal.SIGKILL:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
