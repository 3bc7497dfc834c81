"""Commands of the set-up, run with a sign of life.

A command says what it is for, how long it has been at it, and, only when it fails, what it
had to say. Standard library only: nothing is installed yet when this runs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_SIGN_OF_LIFE = 10
"""Seconds between two signs where nobody watches a terminal."""


class Refused(Exception):
    """The set-up cannot go on; the text is the one sentence that helps."""


def step(what: str, words: list[str], *, folder: Path = _ROOT, otherwise: str = "") -> None:
    """Run a command to its end. Raises Refused with its last words and the sentence `otherwise`."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            _wait(process, what, began)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
        if process.returncode:
            said.seek(0)
            sys.stdout.write(said.read().decode(errors="replace")[-4000:])
            raise Refused(otherwise or f"This failed: {' '.join(words)}")


def _wait(process: subprocess.Popen[bytes], what: str, began: float) -> None:
    watched = sys.stdout.isatty()
    _say(f"· {what} ...", ends=not watched)
    pause = 1 if watched else _SIGN_OF_LIFE
    while True:
        try:
            process.wait(timeout=pause)
        except subprocess.TimeoutExpired:
            seconds = f"{time.monotonic() - began:.0f} s"
            _say(f"\r· {what} ... {seconds}" if watched else f"  {seconds} ...", ends=not watched)
        else:
            break
    done = f"{'done' if process.returncode == 0 else 'failed'} after {time.monotonic() - began:.1f} s"
    _say(f"\r· {what} ... {done}" if watched else f"  {done}", ends=True)


def _say(text: str, *, ends: bool) -> None:
    sys.stdout.write(text + ("\n" if ends else ""))
    sys.stdout.flush()
