"""Printers: a thermal printer on its raw port (9100), and a folder that somebody else's software empties.

The raw port says nothing by itself: bytes go in, and whether paper comes out nobody tells. So the printer is asked
how it is (~HS) before the label and after it. No answer before, paper out, head open or paused: it has nothing and may
take it later. An answer after the label: it has read it to its end. Silence after the first byte of the label: nobody
can know. The whole conversation has a limit, because a printer that drips bytes keeps every single read alive.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pharmacy.usecases.ports import PrintJob, Refused, Stage, Uncertain, Unreachable

_HOW_ARE_YOU = b"~HS\n"
# The answer: three lines, each between STX and ETX.
_LINES, _END_OF_LINE = 3, b"\x03"
_LONGEST_ANSWER = 1000
_NOT_READY = b"1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPrinter:
    """A thermal printer at that address; `limit_seconds` bounds the whole conversation."""

    host: str
    port: int = 9100
    limit_seconds: float = 15.0

    def take(self, job: PrintJob) -> None:
        """The printer was ready, was given the label, and has answered after it."""
        ends_at = time.monotonic() + self.limit_seconds
        try:
            line = socket.create_connection((self.host, self.port), timeout=self.limit_seconds)
        except OSError as error:
            raise Unreachable(Stage.CONNECTING) from error
        with line:
            try:
                answer = _asked(line, ends_at)
            except OSError as error:
                raise Unreachable(Stage.ADDRESSING) from error
            if not _is_ready(answer):
                raise Unreachable(Stage.ADDRESSING)
            try:
                _limited(line, ends_at).sendall(job.content)
                _asked(line, ends_at)
            except OSError as error:
                raise Uncertain(Stage.SENDING) from error
            # It has the label; a quarrel about the goodbye changes nothing.
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True)
class FolderPrinter:
    """A folder; each job is a file that appears whole, once, under the job's key."""

    folder: Path
    suffix: str

    def take(self, job: PrintJob) -> None:
        """The file is there. A job that was given before is there already and is not written again."""
        place = self.folder / f"{job.key}.{self.suffix}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as file:
                draft = Path(file.name)
                file.write(job.content)
                file.flush()
                os.fsync(file.fileno())
            try:
                with suppress(FileExistsError):
                    os.link(draft, place)
            finally:
                draft.unlink()
        except PermissionError as error:
            raise Refused(Stage.ADDRESSING) from error
        except OSError as error:
            raise Unreachable(Stage.SENDING) from error


def _limited(line: socket.socket, ends_at: float) -> socket.socket:
    """The line, with what is left of the time; TimeoutError when nothing is."""
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError
    line.settimeout(left)
    return line


def _asked(line: socket.socket, ends_at: float) -> list[bytes]:
    """The lines of the printer's answer to how it is. Raises OSError when it hangs up, drips or babbles."""
    _limited(line, ends_at).sendall(_HOW_ARE_YOU)
    heard = b""
    while heard.count(_END_OF_LINE) < _LINES:
        more = _limited(line, ends_at).recv(_LONGEST_ANSWER)
        heard += more
        if not more or len(heard) > _LONGEST_ANSWER:
            raise ConnectionAbortedError
    return [part.strip(b"\r\n\x02") for part in heard.split(_END_OF_LINE)[:_LINES]]


def _is_ready(answer: list[bytes]) -> bool:
    """Paper in, not paused (fields 2 and 3 of the first line), head closed, ribbon in (3 and 4 of the second)."""
    first, second, _ = (line.split(b",") for line in answer)
    return not any(flag == _NOT_READY for flag in (*first[1:3], *second[2:4]))
