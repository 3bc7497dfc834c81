"""What is to be started, and a way to start it that leaves it controllable.

Every program runs in the foreground as a child of ours, in a process group of its own: a
Ctrl-C at the terminal reaches us alone, and we end the children in the right way. The
supervisor runs programs side by side; `Child` runs one, for tests and for single steps.
"""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from local import leftovers
from local.places import Account
from local.waiting import NotInTime, until

MYSELF = Account(None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program: what to run, where, as whom, and how it likes to be stopped."""

    name: str
    argv: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """Set in addition to what we were started with."""
    runs_as: Account = MYSELF
    stop_signal: signal.Signals = signal.SIGTERM
    said_to_it: str = ""
    """What it reads from its standard input."""
    unsaid: tuple[str, ...] = ()
    """Parts of lines that tell a newcomer nothing, or alarm him for nothing."""
    handed_on: tuple[int, ...] = ()
    """Open descriptors that it inherits."""


def open_child(program: Program, output: int) -> subprocess.Popen[bytes]:
    """Start the program; what it says goes to the descriptor `output`."""
    reading, writing = os.pipe()
    try:
        os.write(writing, program.said_to_it.encode())  # Far below what a pipe holds.
        return subprocess.Popen(
            program.argv,
            cwd=program.folder,
            env={**os.environ, **program.environment},
            stdin=reading,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=program.handed_on,
            user=program.runs_as.uid,
            group=program.runs_as.gid,
            extra_groups=None if program.runs_as.uid is None else [],
            umask=-1 if program.runs_as.uid is None else 0o077,
        )
    finally:
        os.close(reading)
        os.close(writing)


def output_of(program: Program) -> str:
    """What a short program prints; nothing when it fails."""
    done = subprocess.run(
        program.argv,
        cwd=program.folder,
        env={**os.environ, **program.environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else ""


def signal_group(pid: int, number: signal.Signals) -> None:
    """Signal the process and those of its group; gone already is fine."""
    with suppress(ProcessLookupError):
        os.killpg(pid, number)


class Child:
    """One program, started and ended at will; what it says is in `log`."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The running process. Raises RuntimeError when there is none."""
        if self._process is None:
            raise RuntimeError(f"{self.program.name} is not running.")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def open(self) -> None:
        """Start the process. It need not be ready yet."""
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._process = open_child(self.program, descriptor)
        finally:
            os.close(descriptor)
        leftovers.note(self.log.with_suffix(".started"), self.pid, self.program.stop_signal)

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def stop(self, seconds: float = 10) -> None:
        """End it in its own way; kill it after `seconds`."""
        if self.running:
            os.kill(self.pid, self.program.stop_signal)
            try:
                until(lambda: not self.running, seconds, f"the end of {self.program.name}")
            except NotInTime:
                self.kill()
        self._process = None
        self.log.with_suffix(".started").unlink(missing_ok=True)

    def kill(self) -> None:
        """End it at once, as a crash would, with the processes of its group."""
        if self._process is not None:
            signal_group(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None
        self.log.with_suffix(".started").unlink(missing_ok=True)
