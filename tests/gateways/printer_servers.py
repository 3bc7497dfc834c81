"""Thermal printers on a free port of this machine, each with the manners of its kind."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

QUERY = b"~HS\n"


def status(*, paper_out: bool = False, paused: bool = False, head_open: bool = False) -> bytes:
    """What a printer answers to how it is: three lines between STX and ETX."""
    first = f"030,{paper_out:d},{paused:d},0406,000,0,0,0,000,0,0,0"
    second = f"000,0,{head_open:d},0,0,2,4,0,00000000,1,000"
    return b"".join(b"\x02" + line + b"\x03\r\n" for line in (first.encode(), second.encode(), b"1234,0"))


@dataclass
class PrinterServer:
    """What came in, and where the printer listens."""

    port: int
    heard: bytearray = field(default_factory=bytearray)

    @property
    def labels(self) -> bytes:
        """What would have come out on paper."""
        return bytes(self.heard).replace(QUERY, b"")


Manners = Callable[[socket.socket, PrinterServer], None]


@contextmanager
def printing(manners: Manners, patience: float = 20) -> Iterator[PrinterServer]:
    """A printer that serves one caller after another, until the test is over or nobody calls for so many seconds."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(patience)
        server = PrinterServer(door.getsockname()[1])

        def serve() -> None:
            with suppress(OSError):
                while True:
                    line, _ = door.accept()
                    with line, suppress(OSError):
                        line.settimeout(20)
                        manners(line, server)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server
        with suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)
    thread.join(20)


def obliging(answer: bytes = status(), *, answers: int = 100) -> Manners:  # A constant.
    """Answers every question up to that many, and hears everything."""

    def manners(line: socket.socket, server: PrinterServer) -> None:
        left = answers
        asked = 0
        while more := line.recv(4096):
            server.heard += more
            while bytes(server.heard).count(QUERY) > asked and left:
                asked, left = asked + 1, left - 1
                line.sendall(answer)

    return manners


def hanging_up_after_the_first_answer(line: socket.socket, server: PrinterServer) -> None:
    """Ready, and gone as soon as the label begins."""
    server.heard += line.recv(len(QUERY))
    line.sendall(status())
    server.heard += line.recv(10)


def dripping(line: socket.socket, server: PrinterServer) -> None:
    """A byte of an answer that never ends, for as long as the caller listens."""
    gone = threading.Event()
    while not gone.wait(0.05):
        line.sendall(b",")
