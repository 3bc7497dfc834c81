"""A text gateway says what became of a message, or nobody can know: never a guess."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

import pytest

from local.sms_gateway import Gateway
from pharmacy.gateways.sms_http import SmsGateway
from pharmacy.usecases.ports import NotDelivered, OutgoingSms, Refused, Stage, Uncertain, Unreachable

SECRET = "the secret of a gateway, 32 characters"
MESSAGE = OutgoingSms(to="(555) 010-0123", body="Your parcel is on its way.", key=UUID(int=5))
Behaviour = Callable[[socket.socket], None]


@contextmanager
def a_gateway(behave: Behaviour) -> Iterator[int]:
    """Does that to everybody who calls; its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with line, suppress(OSError):
                behave(line)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _heard(line: socket.socket) -> tuple[dict[str, str], bytes]:
    """Headers and body of one request."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += line.recv(4096)
    head, _, body = said.partition(b"\r\n\r\n")
    headers = dict(row.split(": ", 1) for row in head.decode().split("\r\n")[1:])
    while len(body) < int(headers["Content-Length"]):
        body += line.recv(4096)
    return headers, body


def answering(status: int, body: bytes = b"{}") -> Behaviour:
    def behave(line: socket.socket) -> None:
        _heard(line)
        line.sendall(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)

    return behave


def silent(line: socket.socket) -> None:
    _heard(line)
    line.recv(1)


def dripping(line: socket.socket) -> None:
    _heard(line)
    for letter in b"HTTP/1.1 201 Created\r\n" * 1000:
        line.sendall(bytes([letter]))
        threading.Event().wait(0.05)


def hanging_up(line: socket.socket) -> None:
    _heard(line)


def gateway(port: int, **options: float) -> SmsGateway:
    limits = {"timeout_seconds": 0.5, "limit_seconds": 1.0, **options}
    return SmsGateway(url=f"http://127.0.0.1:{port}/sms", secret=SECRET, sender="+15550100000", **limits)


def test_a_message_is_handed_over_once_under_its_key() -> None:
    kept: list[bytes] = []
    takes = Gateway(SECRET, lambda content: kept.append(content) or f"kept-{len(kept)}")  # type: ignore[func-returns-value]

    def behave(line: socket.socket) -> None:
        status, said = takes.take(*_heard(line))
        line.sendall(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(said)) + said)

    with a_gateway(behave) as port:
        assert [gateway(port).send(MESSAGE) for _ in range(2)] == ["kept-1", "kept-1"]
    assert len(kept) == 1
    assert b"To: +15550100123" in kept[0]
    assert b"Your parcel is on its way." in kept[0]


@pytest.mark.parametrize(
    ("behave", "meaning", "code"),
    [
        (answering(400), Refused, 400),
        (answering(404), Refused, 404),
        (answering(422), Refused, 422),
        (answering(401), Unreachable, 401),
        (answering(429), Unreachable, 429),
        (answering(503), Unreachable, 503),
        (answering(500), Uncertain, 500),
        (answering(302), Uncertain, 302),
        (silent, Uncertain, None),
        (dripping, Uncertain, None),
        (hanging_up, Uncertain, None),
    ],
)
def test_what_is_not_a_yes_is_told_apart(
    behave: Behaviour, meaning: type[NotDelivered], code: int | None
) -> None:
    with a_gateway(behave) as port, pytest.raises(meaning) as told:
        gateway(port).send(MESSAGE)
    assert (type(told.value), told.value.code) == (meaning, code)


def test_nobody_there_has_nothing() -> None:
    with pytest.raises(Unreachable) as told:
        gateway(9).send(MESSAGE)
    assert told.value.stage is Stage.CONNECTING


@pytest.mark.parametrize(
    ("to", "body"),
    [
        ("(555) 010-0123", "x" * 161),
        ("(555) 010-0123", "\N{SNOWMAN}"),
        ("+44 20 7946 0000", "x"),
        ("123", "x"),
    ],
)
def test_what_no_gateway_could_send_leaves_us_not_at_all(to: str, body: str) -> None:
    with pytest.raises(Refused) as told:
        gateway(9).send(OutgoingSms(to=to, body=body, key=UUID(int=1)))
    assert told.value.stage is Stage.COMPOSING


def test_a_yes_without_a_name_is_a_yes() -> None:
    with a_gateway(answering(202, b"ok")) as port:
        assert gateway(port).send(MESSAGE) == ""


def test_the_secret_is_in_no_description() -> None:
    assert SECRET not in repr(gateway(9))


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Authorization": "Bearer other"}, b"{}", 401),
        ({"Authorization": f"Bearer {SECRET}"}, b"{}", 400),
        ({"Authorization": f"Bearer {SECRET}", "Idempotency-Key": "k"}, b"not json", 400),
        (
            {"Authorization": f"Bearer {SECRET}", "Idempotency-Key": "k"},
            json.dumps({"to": "1", "from": "2", "body": "x" * 161, "reference": "k"}).encode(),
            422,
        ),
    ],
)
def test_the_gateway_of_the_demonstration_is_as_strict_as_a_real_one(
    headers: dict[str, str], body: bytes, status: int
) -> None:
    assert Gateway(SECRET, lambda _: "kept").take(headers, body)[0] == status
