"""The README is true: its commands exist, its request is sent as it stands there, its answer is what comes back."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from werkzeug.serving import make_server

from local.servers import Cluster
from pharmacy.app import create_app
from pharmacy.bootstrap import build
from pharmacy.domain.actors import CLOCKWORK
from pharmacy.domain.calendar import local_day
from pharmacy.usecases.open_demo import open_demo
from tests.books import config_for
from tests.documents.compose_file import ROOT
from tests.documents.markdown import fenced

README = (ROOT / "README.md").read_text(encoding="utf-8")
MADE, REQUEST = fenced(README, "sh")
SHOWN = json.loads(fenced(README, "json")[0])
ADDRESS = "http://127.0.0.1:8000"
STAND_IN = Path(__file__).with_name("curl_standin.py")
# Where the machine has no curl, the stand-in alone must do.
CURLS = [found for found in (shutil.which("curl"), str(STAND_IN)) if found]


@pytest.fixture(scope="module")
def served(cluster: Cluster, database_url: str, run_folder: Path) -> Iterator[str]:
    """The address of a pharmacy with the demonstration of today: the README goes by the real calendar."""
    name = f"{make_url(database_url).database}_readme"
    pharmacy = build(config_for(cluster.create_database(name, template="template_books"), run_folder))
    now = pharmacy.clock()
    with pharmacy.sessions.write() as session:
        open_demo(session, by=CLOCKWORK, today=local_day(now, pharmacy.zone), now=now)
    server = make_server("127.0.0.1", 0, create_app(pharmacy), threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()
    server.server_close()
    pharmacy.close()
    cluster.drop_database(name)


@pytest.mark.parametrize("curl", CURLS, ids=lambda curl: Path(curl).name)
def test_the_request_is_answered_as_shown(served: str, curl: str, tmp_path: Path) -> None:
    answer = json.loads(_run(REQUEST.replace(ADDRESS, served), _programs(tmp_path, curl)))

    assert _differences(SHOWN, answer) == []


def test_the_request_goes_to_where_the_pharmacy_is_served_by_default() -> None:
    assert REQUEST.count(ADDRESS) == 1


def test_the_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))

    named = set(re.findall(r"\bmake ([a-z]+)\b", "\n".join([MADE, *re.findall("`([^`\n]+)`", README)])))

    assert {"run", "test"} <= named <= targets


def test_everything_that_is_said_to_be_somewhere_is_there() -> None:
    tree = fenced(README, "text")[0]
    parent = ""
    missing = []
    for line in tree.splitlines():
        names = [name for name in re.split(r"\s{2,}", line.strip())[0].split() if name]
        parent = "" if not line.startswith(" ") else parent
        missing += [parent + name for name in names if not (ROOT / (parent + name)).exists()]
        parent = names[0] if not line.startswith(" ") else parent

    assert missing == []


def test_every_picture_and_page_that_is_linked_is_there() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", README)

    assert linked
    assert [path for path in linked if not (ROOT / path).exists()] == []


def _programs(folder: Path, curl: str) -> Path:
    """A folder with the programs that the README calls: `curl` and `python3` are those of the test."""
    for name, program in (("curl", curl), ("python3", sys.executable)):
        words = f'"{sys.executable}" "{program}"' if program.endswith(".py") else f'"{program}"'
        shim = folder / name
        shim.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        shim.chmod(0o700)
    return folder


def _run(script: str, programs: Path) -> str:
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "no_proxy": "*"}
    done = subprocess.run(
        ["sh", "-euc", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _differences(shown: Any, real: Any, path: str = "") -> list[str]:
    """Where what is shown is not what came; objects may show fewer members, lists are shown whole."""
    if isinstance(shown, dict) and isinstance(real, dict):
        missing = [f"{path}/{name} did not come" for name in shown.keys() - real.keys()]
        return missing + [
            difference
            for name in shown.keys() & real.keys()
            for difference in _differences(shown[name], real[name], f"{path}/{name}")
        ]
    if isinstance(shown, list) and isinstance(real, list) and len(shown) == len(real):
        return [
            difference
            for place, (ours, theirs) in enumerate(zip(shown, real, strict=True))
            for difference in _differences(ours, theirs, f"{path}/{place}")
        ]
    return [] if shown == real else [f"{path} is {real!r}, not {shown!r}"]
