"""The load of a measurement: every request is answered once, and what goes wrong on a connection is not swallowed."""

import socket
import threading

import pytest

from bench.client import post, run
from bench.rig import answers
from local.servers import free_port

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def test_a_load_that_reaches_nobody_is_refused_and_not_counted_as_nothing() -> None:
    with pytest.raises(ConnectionRefusedError):
        run(free_port(), lambda _: post("/empty", b"{}", ""), requests=3, connections=2)


def test_a_server_that_hangs_up_midway_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:

        def once() -> None:
            line, _ = door.accept()
            with line:
                line.recv(65536)
                line.sendall(ANSWER)

        served = threading.Thread(target=once)
        served.start()
        with pytest.raises(ConnectionError):
            run(door.getsockname()[1], lambda _: post("/", b"{}", ""), requests=2, connections=1)
        served.join()


def test_a_server_that_is_not_there_yet_is_no_fault() -> None:
    assert not answers(free_port(), "/healthz")
