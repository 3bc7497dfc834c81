"""`make run`: the whole pharmacy on this machine, started by one command and ended by one key.

Servers first, then the migrations and the demo data, then web, worker, beat and mailbox side
by side. The sockets that people and programs call are bound here and handed on, so that a
caller waits while a crashed process starts again, and nobody else takes the port meanwhile.
"""

import argparse
import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path

from local import leftovers
from local.console import Console
from local.data_folder import DataFolder, Taken
from local.environment import Surroundings
from local.programs import Program, output_of
from local.servers import Postgres, Unprepared, Valkey
from local.supervisor import Failed, Supervisor

ROOT = Path(__file__).parent.parent
_WEB_PORT = 8000
_MAILBOX_PORT = 8025
_NEIGHBOURS = 50
"""How many ports after the wanted one are tried."""
_ANSWERS_WITHIN = 5
# The worker is right that production must not run as root; on this machine it is what was asked for.
_AS_ROOT = {"PYTHONWARNINGS": "ignore::UserWarning:celery.platforms"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The sockets that are called from outside, bound and listening."""

    web: socket.socket
    page: socket.socket
    mail: socket.socket

    @property
    def public_url(self) -> str:
        return address(self.web)


def address(door: socket.socket) -> str:
    """How a browser calls it."""
    return f"http://127.0.0.1:{door.getsockname()[1]}"


def open_door(port: int, name: str, console: Console) -> socket.socket:
    """A socket that listens on the port, or on the next free one, which is then said."""
    for tried in (*range(port, port + _NEIGHBOURS), 0):
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", tried))
            door.listen(512)
        except OSError:
            door.close()
            continue
        if tried != port:
            console.shout(f"Port {port} is busy: {name} listens on {door.getsockname()[1]} instead.")
        return door
    raise Failed(f"No free port was found for {name}.")


def answers(door: socket.socket) -> Callable[[int], bool]:
    """Whether somebody behind the door answers a request, be it with a refusal."""
    where = door.getsockname()

    def ready(_pid: int) -> bool:
        try:
            with socket.create_connection(where, timeout=_ANSWERS_WITHIN) as line:
                line.sendall(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                with line.makefile("rb") as answer:
                    return answer.read().startswith(b"HTTP/")
        except OSError:
            return False

    return ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Pharmacy:
    """The programs of the pharmacy, as they are run in production too."""

    root: Path
    """The folder whose `pharmacy` and `workers` are run."""
    doors: Doors
    mail: Path
    environment: Mapping[str, str]

    def step(self, *words: str) -> Program:
        """One command of the pharmacy that runs to its end."""
        return self._python(words[0], "-m", "pharmacy.cli", *words)

    def web(self) -> Program:
        door = self.doors.web.fileno()
        return self._python(
            "web",
            *(
                "-m",
                "gunicorn",
                "--bind",
                f"fd://{door}",
                "--worker-class",
                "gthread",
                "--workers",
                "2",
                "--threads",
                "8",
                # The application is loaded once and shared; no connection is opened before the processes part.
                "--preload",
            ),
            *("--graceful-timeout", "8", "--no-control-socket", "pharmacy.app:from_environment()"),
            handed_on=(door,),
        )

    def worker(self) -> Program:
        return self._python("worker", "-m", "workers", "--quiet", "worker")

    def beat(self) -> Program:
        return self._python("beat", "-m", "workers", "--quiet", "beat")

    def mailbox(self) -> Program:
        mail, page = self.doors.mail.fileno(), self.doors.page.fileno()
        return self._python(
            "mailbox",
            *("-m", "local.mailbox", "--folder", str(self.mail)),
            *("--mail-descriptor", str(mail), "--page-descriptor", str(page)),
            handed_on=(mail, page),
        )

    def _python(self, name: str, *words: str, handed_on: tuple[int, ...] = ()) -> Program:
        return Program(
            name=name,
            argv=(sys.executable, *words),
            folder=self.root,
            environment={**self.environment, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)},
            handed_on=handed_on,
        )


async def serve(root: Path, data: DataFolder, doors: Doors, console: Console) -> None:
    """Start everything and keep it running until cancelled. Raises Failed or Unprepared."""
    postgres = Postgres(data.postgres)
    valkey = Valkey(data.valkey, append_only=True)
    if not postgres.prepared:
        console.say(f"Making the database in {postgres.home}, once ...")
        await asyncio.to_thread(postgres.prepare)
    try:
        async with Supervisor(data.notes, console) as servers:
            await asyncio.gather(
                servers.keep(postgres.program, postgres.ready),
                servers.keep(valkey.program, valkey.ready),
            )
            kept = data.secrets()
            surroundings = Surroundings(
                database_url=await asyncio.to_thread(postgres.create_database),
                redis_url=valkey.url,
                state=data.state,
                public_url=doors.public_url,
                mail_port=doors.mail.getsockname()[1],
                page_port=doors.page.getsockname()[1],
                secret_key=kept["secret_key"],
                audit_key=kept["audit_key"],
            )
            environment = {**surroundings.variables(), **_AS_ROOT}
            pharmacy = Pharmacy(root=root, doors=doors, mail=data.mail, environment=environment)
            await _serve_pharmacy(pharmacy, servers, console)
    finally:
        postgres.forget_sockets()


async def _serve_pharmacy(pharmacy: Pharmacy, servers: Supervisor, console: Console) -> None:
    """Bring the books up to date, open, and stay open until cancelled."""
    console.say("Bringing the books up to date ...")
    # One process for both: loading the program takes longer than either.
    await servers.run(pharmacy.step("migrate", "demo"))
    console.say("Opening ...")
    logins = asyncio.create_task(asyncio.to_thread(output_of, pharmacy.step("logins")))
    async with servers.dependants() as programs:
        await asyncio.gather(
            programs.keep(pharmacy.mailbox, answers(pharmacy.doors.page)),
            programs.keep(pharmacy.web, answers(pharmacy.doors.web)),
            programs.keep(pharmacy.worker),
            programs.keep(pharmacy.beat),
        )
        _tell(pharmacy.doors, await logins, console)
        await asyncio.Event().wait()


def _tell(doors: Doors, logins: str, console: Console) -> None:
    console.say()
    console.shout("The pharmacy is open.")
    console.say(f"  Console    {doors.public_url}/console")
    console.say(f"  API        {doors.public_url}/api/docs")
    console.say(f"  Mailbox    {address(doors.page)}/")
    console.say()
    for login in logins.splitlines():
        console.say(f"  {login}")
    console.say()
    console.say("  Ctrl-C ends everything; the data stays. `make run RESET=1` starts afresh.")
    console.say()


async def until_told(serving: Coroutine[None, None, None], console: Console) -> None:
    """Serve until Ctrl-C, SIGTERM or the terminal's end; a second signal changes nothing."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores it.
            loop.add_signal_handler(number, told.set)
    work = asyncio.create_task(serving)
    waiting = asyncio.create_task(told.wait())
    await asyncio.wait([work, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if told.is_set():
        console.say("\nClosing ...")
        work.cancel()
    try:
        await work
    except asyncio.CancelledError:
        console.say("Closed; nothing is left running.")


def main() -> int:
    """The status to exit with: 0 after being told to end."""
    asked = argparse.ArgumentParser(prog="make run", description=__doc__)
    asked.add_argument("--data", type=Path, default=ROOT / ".data")
    asked.add_argument("--root", type=Path, default=ROOT)
    asked.add_argument("--port", type=int, default=_WEB_PORT)
    asked.add_argument("--mailbox-port", type=int, default=_MAILBOX_PORT)
    asked.add_argument("--reset", action="store_true")
    given = asked.parse_args()
    console = Console()
    data = DataFolder(given.data)
    try:
        with data.taken():
            if ended := leftovers.end(data.notes.glob("*.started")):
                console.say(f"Ended {ended} processes that an earlier start had left behind.")
            if given.reset:
                data.forget()
            doors = Doors(
                web=open_door(given.port, "the pharmacy", console),
                page=open_door(given.mailbox_port, "the mailbox page", console),
                mail=open_door(0, "the mailbox", console),
            )
            asyncio.run(until_told(serve(given.root, data, doors, console), console))
    except (Failed, Taken, Unprepared, PermissionError) as refusal:
        console.shout(f"\n{refusal}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
