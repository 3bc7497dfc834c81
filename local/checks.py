"""`make check`: what can be said about the source without running it, each check by its name.

All of them run, so that one reading shows everything there is to mend.
"""

import subprocess
import sys
import time
from pathlib import Path

_PROGRAMS = Path(sys.executable).parent

_CHECKS = (
    ("format", "ruff", "format", "--check", "."),
    ("style", "ruff", "check", "."),
    ("types", "mypy"),
    ("layers", "lint-imports", "--no-cache"),
    ("dependencies", "deptry", "."),
)


def main() -> int:
    """The number of checks that found something."""
    failed = [name for name, program, *words in _CHECKS if not _passes(name, program, words)]
    print(f"\nTo mend: {', '.join(failed)}." if failed else "\nAll checks pass.")
    return len(failed)


def _passes(name: str, program: str, words: list[str]) -> bool:
    """What the check says is shown when it finds something."""
    began = time.monotonic()
    print(f"{name:14} {program} {' '.join(words)} ", end="", flush=True)
    done = subprocess.run([_PROGRAMS / program, *words], capture_output=True, text=True, check=False)
    print(f"{'ok' if done.returncode == 0 else 'FOUND'} ({time.monotonic() - began:.1f} s)")
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
