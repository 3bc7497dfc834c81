"""One complaint or adverse event as a file: what was reported, and all that was found out and done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.store import quality_logs
from pharmacy.store.quality_logs import Incident, IncidentEntryKind


def incident_file(session: Session, incident_id: UUID) -> dict[str, Any]:
    """The incident with its entries, oldest first; closed while its last entry is an outcome."""
    row = quality_logs.incident(session, incident_id)
    entries = quality_logs.entries_of(session, incident_id)
    told = {column.key: getattr(row, column.key) for column in Incident.__table__.columns}
    is_closed = bool(entries) and entries[-1].kind is IncidentEntryKind.OUTCOME
    return {**told, "entries": entries, "is_closed": is_closed}
