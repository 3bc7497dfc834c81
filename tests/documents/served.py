"""A pharmacy with the demonstration of today, served as documents describe it, and the programs that they call."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from werkzeug.serving import make_server

from pharmacy.app import create_app
from pharmacy.bootstrap import Pharmacy, build
from pharmacy.domain.actors import CLOCKWORK
from pharmacy.domain.calendar import local_day
from pharmacy.usecases.open_demo import open_demo
from pharmacy.web.current import EXTENSION
from tests.books import config_for

ADDRESS = "http://127.0.0.1:8000"
STAND_IN = Path(__file__).with_name("curl_standin.py")
# Where the machine has no curl, the stand-in alone must do.
CURLS = [found for found in (shutil.which("curl"), str(STAND_IN)) if found]


@dataclass(frozen=True)
class Served:
    """Documents go by the real calendar, and so does this pharmacy."""

    address: str
    pharmacy: Pharmacy


@contextmanager
def served_pharmacy(database_url: str, folder: Path) -> Iterator[Served]:
    """It is served until the block ends."""
    pharmacy = build(config_for(database_url, folder))
    now = pharmacy.clock()
    with pharmacy.sessions.write() as session:
        open_demo(session, by=CLOCKWORK, today=local_day(now, pharmacy.zone), now=now)
    app = create_app(pharmacy)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    # Only now is the address known under which assertions are made out.
    app.extensions[EXTENSION] = replace(pharmacy, public_url=address)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield Served(address, pharmacy)
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
        pharmacy.close()


def programs(folder: Path, curl: str) -> Path:
    """A folder with the programs that documents call: `curl` and `python3` are those of the test."""
    for name, program in (("curl", curl), ("python3", sys.executable)):
        words = f'"{sys.executable}" "{program}"' if program.endswith(".py") else f'"{program}"'
        shim = folder / name
        shim.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        shim.chmod(0o700)
    return folder


def run(script: str, found_in: Path) -> str:
    """What the script says, in a shell that finds those programs first."""
    environment = {**os.environ, "PATH": f"{found_in}{os.pathsep}{os.environ['PATH']}", "no_proxy": "*"}
    done = subprocess.run(
        ["sh", "-euc", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
