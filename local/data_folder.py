"""The folder in which `make run` keeps everything: books, queue, mail, secrets.

One supervisor at a time has it. Deleting it starts the pharmacy afresh; only this folder and
what it had to keep elsewhere for the servers' sake are ever deleted.
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.places import forget_server_folder

_SECRETS = ("secret_key", "audit_key")


class Taken(Exception):
    """Another supervisor has the folder; the text says which process."""


class DataFolder:
    """The paths inside it."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.postgres = self.path / "postgres"
        self.valkey = self.path / "valkey"
        self.mail = self.path / "mail"
        self.state = self.path / "state"
        self.notes = self.path / "running"

    @contextmanager
    def taken(self) -> Iterator[None]:
        """It is ours alone inside the block. Raises Taken."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o711)  # The servers' account passes through; it cannot look around.
        with (self.path / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise Taken(
                    f"The pharmacy of this folder runs already (process {lock.read().strip()}): use that one, or end it first."
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            self._make()
            yield

    def forget(self) -> None:
        """Delete all that was kept, except the lock."""
        forget_server_folder(self.postgres)
        forget_server_folder(self.valkey)
        for path in self.path.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != "lock":
                path.unlink()
        self._make()

    def secrets(self) -> dict[str, str]:
        """The secrets of this pharmacy: made by chance at first, the same ever after."""
        kept = self.path / "secrets.json"
        if not kept.exists():
            fresh = self.path / "secrets.new"
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump({name: secrets.token_hex(32) for name in _SECRETS}, file)
            fresh.rename(kept)
        found: dict[str, str] = json.loads(kept.read_text())
        return found

    def _make(self) -> None:
        for folder in (self.mail, self.state, self.notes):
            folder.mkdir(mode=0o700, exist_ok=True)
