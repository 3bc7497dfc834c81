"""Whose facts were shown to whom is on record, at every door where facts of patients are read.

What a reading loads is watched, so that no view has to say whom it showed and none can forget to: patients, and
whatever belongs to one. The entries are written after the reading, in a transaction of their own, and before anything
is answered: what cannot be put on record is not shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event

from pharmacy.domain.actors import Actor
from pharmacy.store import audit
from pharmacy.store.patients import Patient
from pharmacy.store.sessions import Session, Sessions
from pharmacy.store.waits import told_apart


class Shown:
    """Ids of the patients whose facts a session has loaded since it was watched."""

    def __init__(self, session: Session) -> None:
        self.patients: set[UUID] = set()
        event.listen(session, "loaded_as_persistent", self._loaded)

    def _loaded(self, _: Session, loaded: Any) -> None:
        # What was not loaded is not asked for: that would be another query.
        found = loaded.__dict__.get("id" if isinstance(loaded, Patient) else "patient_id")
        if isinstance(found, UUID):
            self.patients.add(found)


class WatchedSessions(Sessions):
    """The same books; whose facts any of their sessions loads is noted in `patients`."""

    def __init__(self, books: Sessions) -> None:
        self._books = books
        self.patients: set[UUID] = set()

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._books.write() as session, self._watching(session):
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._books.read() as session, self._watching(session):
            yield session

    @contextmanager
    def _watching(self, session: Session) -> Iterator[None]:
        shown = Shown(session)
        yield
        self.patients |= shown.patients


def put_readings_on_record(
    sessions: Sessions, shown: Collection[UUID], asked: str, *, by: Actor, now: datetime
) -> None:
    """One entry for each patient, with the operation that was `asked` for; nothing where nobody was shown."""
    if not shown:
        return
    with told_apart(), sessions.write() as session:
        for patient_id in sorted(shown):
            audit.record(session, "patient.shown", patient_id, by=by, at=now, asked=asked)
