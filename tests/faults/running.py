"""A whole pharmacy of real processes for one test: servers, web, worker, beat, and a mailbox that counts."""

import http.client
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from aiosmtpd.controller import Controller

from bench.typical import typical_order
from local.environment import Surroundings
from local.programs import Child, Program
from local.servers import Valkey, free_port
from local.waiting import until
from tests.command import ROOT

PATIENCE = 60


class CountingMailbox:
    """Takes every message and remembers its Message-ID."""

    def __init__(self) -> None:
        self.received: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        text = envelope.content.decode()
        self.received += [line for line in text.splitlines() if line.lower().startswith("message-id:")]
        return "250 taken"


@dataclass(kw_only=True)
class Running:
    """The processes and the books behind them; each may be killed and started again."""

    valkey: Valkey
    surroundings: Surroundings
    mailbox: CountingMailbox
    port: int = field(default_factory=free_port)
    more: dict[str, str] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    # One body for all: a retry sends what the first try sent.
    typical: dict[str, Any] = field(default_factory=lambda: typical_order(datetime.now(UTC)))

    @property
    def folder(self) -> Path:
        """Where the processes keep what they must remember, and what they said."""
        return self.surroundings.state

    def start(self, name: str, *, database_url: str | None = None) -> Child:
        """One of web, worker and beat, or a further one ("worker-2"); the web application answers when this returns."""
        environment = {
            **self.surroundings.variables(),
            **self.more,
            "C_FORCE_ROOT": "1",
            "PYTHONWARNINGS": "ignore",
        }
        if name.startswith("beat-"):
            # Each beat writes down when it last did what.
            (self.folder / name).mkdir(exist_ok=True)
            environment["PHARMACY_STATE_DIR"] = str(self.folder / name)
        if database_url is not None:
            environment["PHARMACY_DATABASE_URL"] = database_url
        program = Program(name=name, argv=self._argv(name), folder=ROOT, environment=environment)
        child = Child(program, self.folder / f"{name}.log")
        child.open()
        self.children[name] = child
        if name == "web":
            until(lambda: self._web_answers(child), PATIENCE, "the web application")
        return child

    def kill(self, name: str) -> None:
        """kill -9 for the process and its children."""
        self.children.pop(name).kill()

    def order(self, key: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Status and answer of a submission. OSError when no answer came."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        return self._ask("POST", "/api/v1/orders", json.dumps(body or self.typical), headers)

    @property
    def token(self) -> str:
        """A bearer token, asked for once."""
        known: str = self.__dict__.get("_token", "")
        if not known:
            form = "grant_type=client_credentials&client_id=demo-practice&client_secret=demo-secret-of-the-demo-practice"
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            known = self._ask("POST", "/api/v1/oauth/token", form, headers)[1]["access_token"]
            self.__dict__["_token"] = known
        return known

    def count(self, query: str, *values: Any) -> int:
        """The first number of the query's answer."""
        return int(self.row(query, *values)[0])

    def row(self, query: str, *values: Any) -> tuple[Any, ...]:
        """The first row of the query's answer."""
        address = self.surroundings.database_url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(address, autocommit=True) as connection:
            found = connection.execute(query.encode(), values).fetchone()
        assert found is not None
        return found

    def execute(self, query: str, *values: Any) -> None:
        """A change in the books."""
        address = self.surroundings.database_url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(query.encode(), values)

    def leases_are_over(self) -> None:
        """Whoever was killed with messages in hand has had them for longer than its lease."""
        self.execute(
            "UPDATE outbox SET leased_until = now() - interval '1 second'"
            " WHERE delivered_at IS NULL AND failed_at IS NULL AND leased_until IS NOT NULL"
        )

    def drained(self) -> bool:
        """Whether nothing waits to be carried out."""
        return self.count("SELECT count(*) FROM outbox WHERE delivered_at IS NULL AND failed_at IS NULL") == 0

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
        except http.client.HTTPException as broken:
            raise OSError("The line broke.") from broken
        finally:
            line.close()

    def _web_answers(self, child: Child) -> bool:
        assert child.running, child.last_words()
        with (
            suppress(OSError),
            closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)) as line,
        ):
            line.request("GET", "/healthz")
            return line.getresponse().status == 200
        return False

    def _argv(self, name: str) -> tuple[str, ...]:
        if name == "web":
            return (
                *(
                    sys.executable,
                    "-m",
                    "gunicorn",
                    "-b",
                    f"127.0.0.1:{self.port}",
                    "--worker-class",
                    "gthread",
                ),
                *("--threads", "8", "--log-level", "error", "pharmacy.app:from_environment()"),
            )
        what, _, number = name.partition("-")
        # One of several is a single process, so that a signal meets whoever is at work.
        alone = ("-P", "solo", "-n", f"{name}@%h") if number and what == "worker" else ()
        more = ("-c", "2") if name == "worker" else alone
        return (sys.executable, "-m", "workers", what, *more, "-l", "WARNING")


@contextmanager
def running(
    surroundings: Surroundings,
    valkey: Valkey,
    names: Sequence[str] = ("web", "worker", "beat"),
    mailbox: CountingMailbox | None = None,
) -> Iterator[Running]:
    """Everything runs, or what is named; afterwards everything that was started is gone."""
    mailbox = mailbox or CountingMailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    whole = Running(
        valkey=valkey, surroundings=replace(surroundings, mail_port=controller.port), mailbox=mailbox
    )
    try:
        for name in names:
            whole.start(name)
        yield whole
    finally:
        for child in whole.children.values():
            child.kill()
        controller.stop()


def database_name(url: str) -> str:
    """Which of its server's databases an address means."""
    return unquote(urlsplit(url).path.removeprefix("/"))
