"""A real worker in a thread, on a real Redis-protocol server, over books that every thread sees."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from flask import Flask

from pharmacy.bootstrap import Pharmacy
from tests.books import config_for
from tests.callers import Api
from workers.app import create_celery


@pytest.fixture
def carrier(committed: Pharmacy, valkey_url: str, run_folder: Path) -> Iterator[Celery]:
    """A worker that carries out this pharmacy's work; beat is left to the tests."""
    config = replace(config_for("postgresql+psycopg://", run_folder), redis_url=valkey_url)
    celery = create_celery(committed, config)
    celery.set_default()
    celery.control.purge()
    with start_worker(celery, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        yield celery
    celery.close()


@pytest.fixture
def committed_api(app: Flask, committed: Pharmacy) -> Api:
    """The demonstration practice's system, on books that the worker sees."""
    app.extensions["pharmacy"] = committed
    return Api(app.test_client())
