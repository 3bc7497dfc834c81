"""A load of a fixed number of connections, bounded in requests, on loopback only.

Requests are bytes made beforehand and answers are read as bytes, so that the client costs little beside what
it measures.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came of it: answers by status, seconds in all, and each answer's milliseconds in order."""

    answers: Counter[int]
    seconds: float
    milliseconds: tuple[float, ...]

    @property
    def per_second(self) -> float:
        return sum(self.answers.values()) / self.seconds

    def percentile(self, share: float) -> float:
        """The milliseconds within which that share of the answers came."""
        return self.milliseconds[min(len(self.milliseconds) - 1, int(share * len(self.milliseconds)))]


def run(port: int, request: Callable[[int], bytes], *, requests: int, connections: int = 8) -> Load:
    """Every request is sent once, over so many connections at a time. What goes wrong on one of them is raised."""
    numbers, guard = iter(range(requests)), threading.Lock()

    def due() -> int | None:
        with guard:
            return next(numbers, None)

    with ThreadPoolExecutor(connections) as hands:
        begun = time.perf_counter()
        sent = [hands.submit(_one_connection, port, request, due) for _ in range(connections)]
        told = [each for connection in sent for each in connection.result()]
        seconds = time.perf_counter() - begun
    return Load(
        answers=Counter(status for status, _ in told),
        seconds=seconds,
        milliseconds=tuple(sorted(milliseconds for _, milliseconds in told)),
    )


def _one_connection(
    port: int, request: Callable[[int], bytes], due: Callable[[], int | None]
) -> list[tuple[int, float]]:
    """Status and milliseconds of every request that this connection sent, until none is due."""
    mine = []
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        while (number := due()) is not None:
            begun = time.perf_counter()
            line.sendall(request(number))
            mine.append((_status(line), (time.perf_counter() - begun) * 1000))
    return mine


def post(path: str, body: bytes, token: str, key: str = "") -> bytes:
    """The bytes of one POST on a kept connection."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *([f"Idempotency-Key: {key}"] if key else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _status(line: socket.socket) -> int:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(line)
    head, _, rest = received.partition(b"\r\n\r\n")
    length = next(
        int(each.split(b":")[1])
        for each in head.split(b"\r\n")
        if each.lower().startswith(b"content-length:")
    )
    missing = length - len(rest)
    while missing > 0:
        missing -= len(_more(line))
    return int(head.split(b" ", 2)[1])


def _more(line: socket.socket) -> bytes:
    received = line.recv(65536)
    if not received:
        raise ConnectionError("The server hung up.")
    return received
