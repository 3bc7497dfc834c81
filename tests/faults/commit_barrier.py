"""A line to PostgreSQL that can hold back the answer to a COMMIT.

The database has committed and the application does not know it yet: exactly the moment in which a process
may die between commit and answer. Bytes are passed on unchanged in both directions.
"""

import socket
import threading
from pathlib import Path

_SOCKET_NAME = ".s.PGSQL.5432"


class CommitBarrier:
    """Listens like PostgreSQL in `folder` and passes on to the one in `sockets`."""

    def __init__(self, sockets: Path, folder: Path) -> None:
        self._upstream = next(path for path in sockets.glob(".s.PGSQL.*") if not path.name.endswith(".lock"))
        self.folder = folder
        self._armed = threading.Event()
        self.holding = threading.Event()
        self._released = threading.Event()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / _SOCKET_NAME))
        self._listening.listen()
        self._lines: list[socket.socket] = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self) -> None:
        """From now on the answer to the next COMMIT is held back."""
        self._armed.set()

    def close(self) -> None:
        """Nothing is passed on any more."""
        self._released.set()
        for line in self._lines:
            line.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._upstream))
            self._lines += [client, server]
            threading.Thread(target=self._pass_on, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, from_client: bool) -> None:
        try:
            while received := source.recv(65536):
                if from_client and self._armed.is_set() and b"COMMIT" in received:
                    self._armed.clear()
                    self.holding.set()
                elif not from_client and self.holding.is_set():
                    self._released.wait(30)
                sink.sendall(received)
        except OSError:
            return
        finally:
            sink.close()
