"""What the person at the terminal reads: lines with the name of who speaks before them.

Colours only where they can be seen; https://no-color.org is honoured. Addresses and
explanations are printed through here too, so that nothing is torn apart.
"""

import os
import sys
from contextlib import suppress
from typing import TextIO

_COLOURS = {"postgres": 34, "valkey": 31, "web": 32, "worker": 33, "beat": 35, "mailbox": 36}
_BRIGHT = 1
_FAINT = 2


class Console:
    """A terminal, or a file that is read later."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._coloured = "NO_COLOR" not in os.environ and ("FORCE_COLOR" in os.environ or out.isatty())
        self._width = max(map(len, _COLOURS))

    def line(self, speaker: str, text: str) -> None:
        """One line of what a process says."""
        self._write(f"{self._paint(f'{speaker:>{self._width}} │', _COLOURS.get(speaker, _FAINT))} {text}")

    def say(self, text: str = "") -> None:
        """A line of our own."""
        self._write(text)

    def shout(self, text: str) -> None:
        """A line of our own that should not be missed."""
        self._write(self._paint(text, _BRIGHT))

    def _paint(self, text: str, colour: int) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._coloured else text

    def _write(self, text: str) -> None:
        with suppress(BrokenPipeError):  # Nobody reads any more; the processes go on.
            self._out.write(text + "\n")
            self._out.flush()
