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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from local.environment import Surroundings
from local.servers import Postgres, free_port, postgres
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
    """The rig, stopped afterwards. fsync is on: an accepted order is durable."""
    with throwaway_folder() as folder, postgres(folder / "postgres", fsync=True) as cluster:
        around = Surroundings(
            database_url=cluster.create_database("books"), redis_url="redis://127.0.0.1:9/0", state=folder
        )
        environment = {**os.environ, **around.variables()}
        subprocess.run(
            [sys.executable, "-m", "pharmacy.cli", "migrate", "demo"], cwd=ROOT, env=environment, check=True
        )
        port = free_port()
        web = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "--worker-class", "gthread"),
                *("--workers", str(web_processes), "--threads", "8", "--log-level", "error"),
                "pharmacy.app:from_environment()",
            ],
            cwd=ROOT,
            env=environment,
        )
        try:
            until(lambda: _answers(port), 30, "the web application")
            yield Rig(cluster=cluster, web=web, port=port, environment=environment)
        finally:
            web.terminate()
            web.wait(15)


def typical_order() -> dict[str, Any]:
    """The usual titration, 1.5 to 4.5 mg in weekly steps, as a prescriber's system submits it."""
    today = datetime.now(UTC).date()
    signed_at = f"{today.isoformat()}T00:00:00Z"
    return {
        "patient": {
            "full_name": "Anna Sample",
            "birth_on": "1984-05-06",
            "phone": "(555) 010-0123",
            "email": "anna@patient.example",
            "address": {"line": "12 Elm St", "city": "Albany", "state": "NY", "postal_code": "12207"},
            "contact": {
                "time_zone": "America/New_York",
                "consents": [
                    {
                        "channel": "email",
                        "text_version": "2026-01",
                        "consented_at": signed_at,
                        "source": "practice portal",
                    }
                ],
            },
        },
        "prescriber": {
            "npi": "2234567891",
            "full_name": "Dr. Rosa Example",
            "phone": "(555) 010-0101",
            "address": "1 Clinic Way, Albany, NY 12207",
            "licence_number": "NY-000001",
            "licence_state": "NY",
        },
        "authorization": {"kind": "e_signature", "signer_npi": "2234567891", "signed_at": signed_at},
        "prescription": {"written_on": today.isoformat(), "refills": 2, "purpose": "fibromyalgia"},
        "plan": typical_plan(),
        "supply_option": "one_strength_per_step",
        "opioid_last_14_days": "no",
        "no_known_allergies": True,
        "medicines": [],
    }


def typical_plan() -> dict[str, Any]:
    steps = (("1.5", 7), ("3.0", 7), ("4.5", 16))
    return {
        "steps": [{"dose_mg": dose, "time_of_day": "bedtime", "duration_days": days} for dose, days in steps]
    }


def _used_by(pid: int) -> float:
    root = psutil.Process(pid)
    times = [process.cpu_times() for process in (root, *root.children(recursive=True))]
    return sum(each.user + each.system for each in times) + times[0].children_user + times[0].children_system


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
