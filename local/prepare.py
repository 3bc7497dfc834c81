"""The set-up that `make run`, `make test` and `make check` do before anything else.

Run by the machine's own Python, standard library only. Each part looks whether it is done
already, from the same locks, and then costs nothing. What is missing on the machine is said
in one sentence.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from local.assets import prepare_assets
from local.browser import NoBrowser, find_browser, installing
from local.steps import Refused, step

ROOT = Path(__file__).resolve().parent.parent
_OLDEST = (3, 11)
_NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
_COMPILE = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-header",
    "--no-emit-index-url",
    "--quiet",
]
_LOCKS = (
    # The largest first: the others take its versions.
    ("dev", ["pyproject.toml", "--extra", "local", "--extra", "dev"]),
    ("run", ["pyproject.toml", "--extra", "local", "-c", "requirements/dev.txt"]),
    ("production", ["pyproject.toml", "-c", "requirements/dev.txt"]),
    ("node", ["requirements/node.in"]),
    ("uv", ["requirements/uv.in"]),
)


def check_python() -> None:
    """Go on under a Python that is new enough. Raises Refused when there is none."""
    if sys.version_info < _OLDEST:
        newer = next(filter(None, map(shutil.which, _NEWER)), None)
        if newer is None:
            found = ".".join(map(str, sys.version_info[:2]))
            raise Refused(
                f"Python 3.11 or newer is needed; {sys.executable} is {found}. Install one, then run make again."
            )
        os.execv(newer, [newer, "-m", "local.prepare", *sys.argv[1:]])
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        version = ".".join(map(str, sys.version_info[:2]))
        raise Refused(
            f"Python's venv is incomplete on this machine: install it (Debian: sudo apt-get install python{version}-venv), "
            "then run make again."
        )


def prepare_environment(root: Path) -> None:
    """A virtual environment with uv in it; a broken one is made again."""
    environment = root / ".venv"
    uv = environment / "bin" / "uv"
    if not _works(
        [str(environment / "bin" / "python"), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    ):
        if environment.exists():
            shutil.rmtree(environment)
        step("Making a Python environment in .venv", [sys.executable, "-m", "venv", str(environment)])
    wanted = _digest(root / "requirements" / "uv.txt")
    stamp = environment / "uv.sha256"
    if not (uv.exists() and stamp.exists() and stamp.read_text() == wanted):
        step(
            "Fetching the installer",
            [
                *(
                    str(environment / "bin" / "python"),
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                ),
                *("--require-hashes", "-r", str(root / "requirements" / "uv.txt")),
            ],
            otherwise="The installer could not be fetched: check the connection, then run make again.",
        )
        stamp.write_text(wanted)


def prepare_packages(root: Path, kind: str) -> None:
    """The locked packages for `kind`, run or dev; those for dev serve for run too."""
    stamp = root / ".venv" / "installed.json"
    if _installed(stamp) in [
        {part: _digest(root / "requirements" / f"{part}.txt")} for part in {kind, "dev"}
    ]:
        return
    stamp.unlink(missing_ok=True)
    lock = root / "requirements" / f"{kind}.txt"
    count = sum("==" in line for line in lock.read_text().splitlines())
    step(
        f"Installing about {count} packages into .venv",
        [*_uv(root), "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)],
        otherwise="The packages could not be installed: check the connection and the disk, then run make again.",
    )
    stamp.write_text(json.dumps({kind: _digest(lock)}))


def prepare_browser() -> None:
    """A Chromium is on this machine. Raises Refused with the sentence that helps."""
    try:
        find_browser()
    except NoBrowser as missing:
        for what, words in installing():
            step(what, words, otherwise=str(missing))
        try:
            find_browser()
        except NoBrowser as still_missing:
            raise Refused(str(still_missing)) from None


def lock(root: Path, *, upgrade: bool) -> None:
    """Write all locks anew; versions that still fit are kept unless `upgrade`."""
    for name, sources in _LOCKS:
        words = [*_COMPILE, *sources, "-o", f"requirements/{name}.txt", *(["--upgrade"] if upgrade else [])]
        step(f"Locking {name}", [*_uv(root), "pip", "compile", *words], folder=root)


def _uv(root: Path) -> list[str]:
    """uv of our environment, working on our environment, whatever else is active."""
    python = str(root / ".venv" / "bin" / "python")
    return ["env", "-u", "VIRTUAL_ENV", f"UV_PYTHON={python}", str(root / ".venv" / "bin" / "uv")]


def _works(words: list[str]) -> bool:
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _installed(stamp: Path) -> object:
    try:
        return json.loads(stamp.read_text())
    except (OSError, ValueError):
        return None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One set-up at a time in one folder; a second one waits for the first."""
    (root / "build").mkdir(exist_ok=True)
    with (root / "build" / "prepare.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(root: Path, what: str, *, upgrade: bool = False) -> None:
    """Everything that the make target `what` needs is there afterwards. Raises Refused."""
    check_python()
    with _alone(root):
        prepare_environment(root)
        if what == "lock":
            lock(root, upgrade=upgrade)
            return
        prepare_packages(root, "run" if what == "run" else "dev")
        if what != "check":
            prepare_assets(root, uv=_uv(root))
        if what == "test":
            prepare_browser()


def main() -> int:
    """The status to exit with."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("what", choices=("run", "test", "check", "lock"))
    asked.add_argument("--upgrade", action="store_true")
    given = asked.parse_args()
    try:
        prepare(ROOT, given.what, upgrade=given.upgrade)
    except Refused as refusal:
        print(refusal)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
