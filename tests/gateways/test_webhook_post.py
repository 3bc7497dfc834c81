"""A subscriber is told over a real line, and nobody is led into our own networks."""

import socket
import threading
from collections.abc import Iterator

import pytest

from pharmacy.gateways.webhook_post import WebhookPost
from pharmacy.usecases.ports import OutgoingWebhook, Refused, Unreachable
from tests.gateways.subscribers import Subscriber, subscriber

HERE = WebhookPost(may_be_private=True, timeout_seconds=1, limit_seconds=1)


@pytest.fixture
def listening() -> Iterator[Subscriber]:
    with subscriber() as server:
        yield server


def message(url: str) -> OutgoingWebhook:
    return OutgoingWebhook(url=url, headers={"webhook-id": "1"}, body=b"{}")


def test_the_subscriber_gets_body_and_headers(listening: Subscriber) -> None:
    assert HERE.tell(message(listening.url)) == 204

    ((headers, body),) = listening.told
    assert body == b"{}"
    assert headers["webhook-id"] == "1"
    assert headers["host"] == f"127.0.0.1:{listening.port}"


@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_redirect_is_not_followed(listening: Subscriber, status: int) -> None:
    listening.answers.append(status)

    assert HERE.tell(message(listening.url)) == status
    assert len(listening.told) == 1


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example/", "https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https:///"],
)
def test_without_leave_neither_plain_lines_nor_this_machine_are_spoken_to(url: str) -> None:
    with pytest.raises(Refused):
        WebhookPost(lookup=lambda host, _: ["127.0.0.1"] if host != "[::1]" else ["::1"]).tell(message(url))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    post = WebhookPost(lookup=lambda *_: ["8.8.8.8", "169.254.169.254"])

    with pytest.raises(Refused):
        post.tell(message("https://hooks.example/"))


def test_a_name_is_looked_up_once_and_the_checked_address_is_spoken_to(listening: Subscriber) -> None:
    asked: list[str] = []

    def rebinds(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    post = WebhookPost(may_be_private=True, lookup=rebinds)

    # Nobody but our look-up knows this name: were it looked up again, nothing would be reached.
    assert post.tell(message(f"http://hooks.invalid:{listening.port}/")) == 204
    assert asked == ["hooks.invalid"]


def test_a_name_that_nobody_knows_is_tried_again() -> None:
    def unknown(*_: object) -> list[str]:
        raise socket.gaierror

    with pytest.raises(Unreachable):
        WebhookPost(lookup=unknown).tell(message("https://hooks.example/"))


def test_nobody_listening_is_tried_again(listening: Subscriber) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(Unreachable):
        HERE.tell(message(f"http://127.0.0.1:{port}/"))


def test_a_subscriber_that_drips_is_hung_up_on() -> None:
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            line, _ = server.accept()
            with line:
                while not ended.wait(0.1):
                    try:
                        line.sendall(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            with pytest.raises(Unreachable):
                HERE.tell(message(f"http://127.0.0.1:{server.getsockname()[1]}/"))
        finally:
            ended.set()
            thread.join(5)
