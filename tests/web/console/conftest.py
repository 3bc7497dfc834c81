"""People at their browsers."""

from collections.abc import Callable

import pytest
from flask import Flask

from pharmacy.bootstrap import Pharmacy
from pharmacy.store import staff
from pharmacy.store.staff import StaffSession
from pharmacy.usecases.sign_in import hash_of
from tests.web.console.pages import Console


@pytest.fixture
def stranger(app: Flask) -> Console:
    """A browser in which nobody has signed in."""
    return Console(app.test_client())


@pytest.fixture
def at_work(app: Flask, pharmacy: Pharmacy) -> Callable[[str], Console]:
    """`at_work("tess")` is the browser of that person, signed in."""

    def signed_in(username: str) -> Console:
        console = Console(app.test_client())
        key = f"the key of {username}"
        with pharmacy.sessions.write() as session:
            member = staff.member_named(session, username)
            assert member is not None
            now = pharmacy.clock()
            session.add(
                StaffSession(
                    key_hash=hash_of(key),
                    staff_member_id=member.id,
                    started_at=now,
                    last_seen_at=now,
                    proved_at=now,
                )
            )
        console.client.set_cookie("console_key", key, path="/console")
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


@pytest.fixture
def sam(at_work: Callable[[str], Console]) -> Console:
    """The browser of Sam, who ships."""
    return at_work("sam")


@pytest.fixture
def iris(at_work: Callable[[str], Console]) -> Console:
    """The browser of Iris, the pharmacist in charge."""
    return at_work("iris")
