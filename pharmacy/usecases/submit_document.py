"""An order that comes as a document of another system: filed as any other, and kept as it was sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.store import submitted_documents as documents
from pharmacy.store.submitted_documents import SubmittedDocument
from pharmacy.usecases.admission import Admission
from pharmacy.usecases.commands import Submission
from pharmacy.usecases.submit_order import submit_order


@dataclass(eq=False)
class AlreadyOrdered(Conflict):
    """Another prescription of the practice carries the same identifier."""

    def __str__(self) -> str:
        return "A prescription with this identifier was submitted already."


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """The request as it came, the prescription in it as it is read back, and the sender's names for it."""

    sent: str
    worded: str
    identifiers: tuple[tuple[str, str], ...]


def submit_document(
    session: Session, submission: Submission, papers: Papers, *, admission: Admission, now: datetime
) -> str:
    """The order is filed and its papers are kept with it; the worded answer comes back.

    Raises AlreadyOrdered where one of the identifiers is taken, and whatever `submit_order` raises.
    """
    by = admission.actor
    practice_id = _practice(by)
    for system, value in papers.identifiers:
        if documents.prescription_called(session, practice_id, system, value) is not None:
            raise AlreadyOrdered(where=("identifier",))
    filed: list[UUID] = []

    def respond(document: Any) -> str:
        filed.append(document["order"]["prescription_id"])
        return admission.respond(document)

    answer = submit_order(session, submission, admission=replace(admission, respond=respond), by=by, now=now)
    document = SubmittedDocument(
        prescription_id=filed[0],
        practice_id=practice_id,
        sent=papers.sent,
        worded=papers.worded,
        received_at=now,
    )
    documents.keep(session, document, papers.identifiers)
    return answer


def _practice(by: Actor) -> UUID:
    if by.practice_id is None:
        raise TypeError("Only a practice's own client submits documents")
    return by.practice_id
