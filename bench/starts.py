"""How long a newcomer waits: `make run` in a fresh copy until it serves, cold (nothing installed) and warm.

Nothing is a floor for this but patience; the disk that it takes is printed beside. Each start is stopped as a
person would stop it, by Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.rig import ROOT
from local.servers import free_port
from local.waiting import until

PATIENCE = 600


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ldn-bench-") as folder:
        copy, cache = Path(folder) / "pharmacy", Path(folder) / "cache"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(copy)], check=True)
        Path(folder).chmod(0o755)
        for name in ("cold: nothing installed, caches empty", "warm: second start", "warm: third start"):
            print(f"{name:40}{_start(copy, cache):8.1f} s until it serves")
        for name, taken in (("environment", ".venv"), ("data", ".data")):
            print(f"{name:40}{_megabytes(copy / taken):8.0f} MB of disk")


def _start(copy: Path, cache: Path) -> float:
    """Seconds from the command until the first page is served."""
    port = free_port()
    environment = {
        **os.environ,
        "UV_CACHE_DIR": str(cache / "uv"),
        "PIP_CACHE_DIR": str(cache / "pip"),
        "npm_config_cache": str(cache / "npm"),
    }
    begun = time.perf_counter()
    with _running(["make", "run", f"PORT={port}"], copy, environment) as make:
        until(lambda: _serves(port, make), PATIENCE, "the first page")
        return time.perf_counter() - begun


@contextmanager
def _running(
    command: list[str], folder: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def _serves(port: int, make: subprocess.Popen[bytes]) -> bool:
    if make.poll() is not None:
        raise SystemExit("make run ended before it served.")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _megabytes(folder: Path) -> float:
    """What the folder takes, wherever a link leads."""
    done = subprocess.run(["du", "-smL", str(folder)], capture_output=True, text=True, check=False)
    return float(done.stdout.split()[0]) if done.stdout else 0.0


if __name__ == "__main__":
    main()
