"""A real Chromium before a real server, with a real worker behind it, over books that all of them see."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from pharmacy.bootstrap import Pharmacy
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from pharmacy.web.current import EXTENSION
from tests.books import config_for
from tests.browser.looking import Album
from tests.work import Work
from workers.app import create_celery

_PICTURES = Path(__file__).parents[2] / "test-output" / "console"
_RELAYED_EVERY_SECONDS = 0.3
# A full-page picture took more than 15 s while two workers and their servers shared two cores.
_PATIENCE_MS = 45_000


class _Silent(WSGIRequestHandler):
    """Tells nobody of every request."""

    def log_request(self, *_: object) -> None:
        return


@contextmanager
def _in_a_thread(run: Callable[[], None], end: Callable[[], None]) -> Iterator[None]:
    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        end()
        thread.join(timeout=10)


@pytest.fixture
def address(app: Flask, committed: Pharmacy) -> Iterator[str]:
    """Where the console is served."""
    app.extensions[EXTENSION] = committed
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    with _in_a_thread(server.serve_forever, server.shutdown):
        yield f"http://127.0.0.1:{server.port}"
    server.server_close()


@pytest.fixture
def carrier(committed: Pharmacy, valkey_url: str, run_folder: Path) -> Iterator[Celery]:
    """A worker at work, and a clock that wakes it for whatever waits in the outbox."""
    config = replace(config_for("postgresql+psycopg://", run_folder), redis_url=valkey_url)
    celery = create_celery(committed, config)
    celery.set_default()
    celery.control.purge()
    stop = Event()

    def tick() -> None:
        while not stop.wait(_RELAYED_EVERY_SECONDS):
            # A round that was not begun in time is not made up for: the next one finds the same.
            celery.send_task("outbox.relay", expires=1)

    with (
        start_worker(celery, pool="solo", perform_ping_check=False, shutdown_timeout=30),
        _in_a_thread(tick, stop.set),
    ):
        yield celery
    celery.close()


@pytest.fixture
def working(committed: Pharmacy) -> Work:
    """The pharmacy at work, seen by every thread."""
    return Work(committed)


@pytest.fixture
def album() -> Album:
    """Keeps a picture of every page that was looked at, in light and dark."""
    _PICTURES.mkdir(parents=True, exist_ok=True)
    return Album(_PICTURES)


@dataclass
class Front:
    """Opens browsers of people; each has a window of its own."""

    address: str
    new_context: Callable[..., BrowserContext]

    def open(self, **options: Any) -> Page:
        """A window in which nobody has signed in."""
        context = self.new_context(base_url=self.address, **options)
        context.set_default_timeout(_PATIENCE_MS)
        return context.new_page()

    def sign_in(self, username: str, **options: Any) -> Page:
        """A window of that person, at their queue."""
        page = self.open(**options)
        page.goto("/")
        page.get_by_label("Name").fill(username)
        page.get_by_label("Password").fill(DEMO_PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Today")).to_be_visible()
        page.wait_for_load_state()  # The keys work once the page is read to its end.
        return page


@pytest.fixture
def front(address: str, new_context: Callable[..., BrowserContext]) -> Front:
    return Front(address, new_context)
