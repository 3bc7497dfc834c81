"""Logs are corrected by rows of their own: which row may be corrected, and which stand.

The records have an `id` and a `corrects_id` that names the row they take the place of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased

from pharmacy.domain.errors import Conflict, NotFound


@dataclass(eq=False)
class NothingToCorrect(NotFound):
    def __str__(self) -> str:
        return "There is no such entry to correct."


@dataclass(eq=False)
class AlreadyCorrected(Conflict):
    def __str__(self) -> str:
        return "This entry was corrected already; correct the newer one."


def require_correctable(session: Session, records: type[Any], corrects_id: UUID | None) -> None:
    """Raises NothingToCorrect or AlreadyCorrected when a row is named that cannot be corrected."""
    if corrects_id is None:
        return
    if session.scalar(select(records.id).where(records.id == corrects_id)) is None:
        raise NothingToCorrect
    if session.scalar(select(records.id).where(records.corrects_id == corrects_id)) is not None:
        raise AlreadyCorrected


def standing(records: type[Any]) -> Select[Any]:
    """The rows that no later one corrects."""
    correction = aliased(records)
    return select(records).where(~exists().where(correction.corrects_id == records.id))
