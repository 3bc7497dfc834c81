"""Prescriptions as they were sent, for those that came as a document of another system.

The document is kept as text, so that every decimal reads back as it was written. Its identifiers are the sender's:
one of them names one prescription of a practice and no other, so that what is sent twice is ordered once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.store.base import Model
from pharmacy.store.side_by_side import Listing


class SubmittedDocument(Model):
    __tablename__ = "submitted_documents"
    prescription_id: Mapped[UUID] = mapped_column(ForeignKey("prescriptions.id"), primary_key=True)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"), index=True)
    # The whole request, and the prescription in it as it is read back.
    sent: Mapped[str]
    worded: Mapped[str]
    received_at: Mapped[datetime]


class SubmittedIdentifier(Model):
    __tablename__ = "submitted_identifiers"
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"), primary_key=True)
    system: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    prescription_id: Mapped[UUID] = mapped_column(ForeignKey("prescriptions.id"), index=True)


def prescription_called(session: Session, practice_id: UUID, system: str, value: str) -> UUID | None:
    """The practice's prescription that carries that identifier."""
    return session.scalar(
        select(SubmittedIdentifier.prescription_id).where(
            SubmittedIdentifier.practice_id == practice_id,
            SubmittedIdentifier.system == system,
            SubmittedIdentifier.value == value,
        )
    )


def worded(session: Session, prescription_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The prescriptions that came as documents, as they are read back."""
    rows = session.execute(
        select(SubmittedDocument.prescription_id, SubmittedDocument.worded).where(
            SubmittedDocument.prescription_id.in_(prescription_ids)
        )
    )
    return dict(rows.all())


def listing_of(prescription_id: UUID) -> Listing:
    """The document that the prescription came as, if it came so, for whoever asks other things too."""
    return Listing(
        SubmittedDocument,
        SubmittedDocument.prescription_id == prescription_id,
        [SubmittedDocument.prescription_id],
    )


def keep(session: Session, document: SubmittedDocument, identifiers: Iterable[tuple[str, str]]) -> None:
    """The document stands beside its prescription, findable by its identifiers."""
    session.add(document)
    session.add_all(
        SubmittedIdentifier(
            practice_id=document.practice_id,
            system=system,
            value=value,
            prescription_id=document.prescription_id,
        )
        for system, value in identifiers
    )
