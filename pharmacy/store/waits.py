"""What the database says when two want the same thing at once, in our own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import errors as postgres
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Nothing waits longer than this for a lock, and no statement runs longer than that.
LONGEST_WAIT_SECONDS = 5
LONGEST_STATEMENT_SECONDS = 30


def connection_options() -> str:
    """What every connection of ours begins with."""
    return (
        f"-c timezone=UTC -c lock_timeout={LONGEST_WAIT_SECONDS}s"
        f" -c statement_timeout={LONGEST_STATEMENT_SECONDS}s"
    )


class StillRunning(Exception):
    """Somebody else holds what was asked for, and did not let go in time."""


class AlreadyThere(Exception):
    """A row with the same unique key has been filed in the meantime; `constraint` names the key."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class BooksUnavailable(Exception):
    """The database cannot be reached, or has no connection to spare."""


@contextmanager
def told_apart() -> Iterator[None]:
    """Raises StillRunning, AlreadyThere or BooksUnavailable for what the database reports; the rest passes."""
    try:
        yield
    except PoolTimeout as full:
        raise BooksUnavailable from full
    except DBAPIError as failure:
        cause = failure.orig
        if isinstance(cause, postgres.LockNotAvailable):
            raise StillRunning from failure
        if isinstance(cause, postgres.UniqueViolation):
            raise AlreadyThere(cause.diag.constraint_name or "") from failure
        if isinstance(failure, OperationalError):
            raise BooksUnavailable from failure
        raise
