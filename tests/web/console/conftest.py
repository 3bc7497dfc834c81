"""People at their browsers."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.web.console.pages import Console


@pytest.fixture
def stranger(app: Flask) -> Console:
    """A browser in which nobody has signed in."""
    return Console(app.test_client())


@pytest.fixture
def at_work(app: Flask) -> Callable[[str], Console]:
    """`at_work("tess")` is the browser of that person, signed in."""

    def signed_in(username: str) -> Console:
        console = Console(app.test_client())
        assert console.sign_in(username).status_code == 303
        return console

    return signed_in


@pytest.fixture
def tess(at_work: Callable[[str], Console]) -> Console:
    """The technician."""
    return at_work("tess")


@pytest.fixture
def paul(at_work: Callable[[str], Console]) -> Console:
    """The pharmacist."""
    return at_work("paul")
