"""What is measured against: real servers in a throw-away folder, the web application as it is served."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from local.environment import Surroundings
from local.servers import Postgres, free_port, postgres, valkey
from local.throwaway import throwaway_folder
from local.waiting import until

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, kw_only=True)
class Rig:
    """A served pharmacy with demonstration data."""

    cluster: Postgres
    web: subprocess.Popen[bytes]
    port: int
    environment: Mapping[str, str]

    def token(self) -> str:
        """A fresh bearer token of the demonstration's client."""
        body = b"grant_type=client_credentials&client_id=demo-practice&client_secret=demo-secret-of-the-demo-practice"
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/oauth/token", body, 10) as answer:
            return str(json.load(answer)["access_token"])

    def processor_seconds(self) -> tuple[float, float]:
        """What the application and the database have used so far, their ended children included."""
        return _used_by(self.web.pid), _used_by(self.cluster.pid)


@contextmanager
def served(*, web_processes: int = 2) -> Iterator[Rig]:
    """The rig, stopped afterwards. fsync is on: an accepted order is durable; Redis counts, as in production."""
    with (
        throwaway_folder() as folder,
        postgres(folder / "postgres", fsync=True) as cluster,
        valkey(folder / "valkey") as counts,
    ):
        around = Surroundings(
            database_url=cluster.create_database("books"), redis_url=counts.url, state=folder
        )
        environment = {**os.environ, **around.variables()}
        subprocess.run(
            [sys.executable, "-m", "pharmacy.cli", "migrate", "demo"], cwd=ROOT, env=environment, check=True
        )
        _open_the_doors_wide(cluster.url("books"))
        port = free_port()
        web = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "--worker-class", "gthread"),
                *("--workers", str(web_processes), "--threads", "8", "--log-level", "error"),
                # Connections that clients have left open are not waited for.
                *("--graceful-timeout", "2"),
                "pharmacy.app:from_environment()",
            ],
            cwd=ROOT,
            env=environment,
        )
        try:
            until(lambda: answers(port, "/healthz"), 30, "the web application")
            yield Rig(cluster=cluster, web=web, port=port, environment=environment)
        finally:
            web.terminate()
            web.wait(15)


def _open_the_doors_wide(url: str) -> None:
    """One client sends all there is to send: what is measured is the work, not the limit."""
    limits = dict.fromkeys(
        ("client_a_minute", "proof_a_minute", "address_a_minute", "refusals_on_record_a_minute"), 10**9
    )
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        connection.execute(
            "INSERT INTO settings (id, name, value, source, owner, reason, set_at) VALUES"
            " (gen_random_uuid(), 'rate_limits', %s, 'bench', 'bench', 'one client sends everything', now())",
            [json.dumps(limits)],
        )


def _used_by(pid: int) -> float:
    root = psutil.Process(pid)
    times = [process.cpu_times() for process in (root, *root.children(recursive=True))]
    return sum(each.user + each.system for each in times) + times[0].children_user + times[0].children_system


def answers(port: int, path: str, body: bytes | None = None) -> bool:
    """Whether a server is there and answers 200; by a plain connection, whose refusal is no news while it starts."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
