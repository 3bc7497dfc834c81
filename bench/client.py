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
    """Every request is sent once, over so many connections at a time."""
    answers: Counter[int] = Counter()
    took: list[float] = []
    numbers = iter(range(requests))
    guard = threading.Lock()

    def one_connection() -> None:
        mine: list[tuple[int, float]] = []
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            while True:
                with guard:
                    number = next(numbers, None)
                if number is None:
                    break
                begun = time.perf_counter()
                line.sendall(request(number))
                mine.append((_status(line), (time.perf_counter() - begun) * 1000))
        with guard:
            for status, milliseconds in mine:
                answers[status] += 1
                took.append(milliseconds)

    threads = [threading.Thread(target=one_connection) for _ in range(connections)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(answers=answers, seconds=time.perf_counter() - begun, milliseconds=tuple(sorted(took)))


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
