"""The pharmacy's own commands, run as a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

from local.environment import Surroundings

ROOT = Path(__file__).parent.parent


def command(surroundings: Surroundings, *words: str) -> None:
    """`pharmacy.cli` was run with these words. Raises CalledProcessError, with what it said, when it failed."""
    done = subprocess.run(
        [sys.executable, "-m", "pharmacy.cli", *words],
        cwd=ROOT,
        env={**os.environ, **surroundings.variables()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        failed = subprocess.CalledProcessError(done.returncode, done.args)
        failed.add_note(f"{done.stdout}{done.stderr}")
        raise failed
