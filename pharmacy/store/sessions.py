"""The one place where a transaction begins and ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session, sessionmaker

__all__ = ["Session", "Sessions"]


class Sessions:
    """Opens the books, for writing or for reading.

    `write()` commits on a clean exit and rolls back on any exception; `read()` is a transaction in which
    PostgreSQL itself refuses to write. Loaded rows stay usable after both. `glance()` is for one statement that is
    its own transaction: beginning and ending one around it would take three more ways to the server and back.
    """

    def __init__(self, bind: Engine | Connection, **options: Any) -> None:
        self._make = sessionmaker(bind, expire_on_commit=False, **options)
        self._alone = (
            bind.execution_options(isolation_level="AUTOCOMMIT") if isinstance(bind, Engine) else None
        )

    def write(self) -> AbstractContextManager[Session]:
        return self._make.begin()

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._make() as session:
            # Under a test's savepoint the outer transaction has already written: READ ONLY then
            # applies to the savepoint only, which is all we want of it.
            session.execute(text("SET TRANSACTION READ ONLY"))
            yield session

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """Open for a single SELECT. On a connection that somebody else holds it is a reading like every other."""
        if self._alone is None:
            with self.read() as session:
                yield session.connection()
        else:
            with self._alone.connect() as connection:
                yield connection
