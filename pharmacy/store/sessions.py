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
    PostgreSQL itself refuses to write. Loaded rows stay usable after both.
    """

    def __init__(self, bind: Engine | Connection, **options: Any) -> None:
        self._make = sessionmaker(bind, expire_on_commit=False, **options)

    def write(self) -> AbstractContextManager[Session]:
        return self._make.begin()

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._make() as session:
            # Under a test's savepoint the outer transaction has already written: READ ONLY then
            # applies to the savepoint only, which is all we want of it.
            session.execute(text("SET TRANSACTION READ ONLY"))
            yield session
