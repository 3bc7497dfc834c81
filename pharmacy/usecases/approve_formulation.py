"""A pharmacist who did not write it approves a formulation; from its day on it is compounded by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.formulations import AlreadyApproved, SamePersonTwice, require_takes_effect
from pharmacy.store import audit, formulations
from pharmacy.store.formulations import Formulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    formulation_id: UUID
    effective_on: date
    today: date


def approve_formulation(session: Session, approval: Approval, *, by: Actor, now: datetime) -> Formulation:
    """The version is approved, takes effect on its day, and never changes again.

    Raises FormulationNotFound, AlreadyApproved, SamePersonTwice and FormulationUnfit.
    """
    row = formulations.formulation_for_update(session, approval.formulation_id)
    if row.approved_at is not None:
        raise AlreadyApproved(row.code, row.version)
    if row.written_by == by.id:
        raise SamePersonTwice
    require_takes_effect(approval.effective_on, approval.today)
    row.approved_by, row.approved_at, row.effective_on = by.id, now, approval.effective_on
    audit.record(
        session,
        "formulation.approved",
        row.id,
        by=by,
        at=now,
        code=row.code,
        version=row.version,
        effective_on=approval.effective_on.isoformat(),
    )
    return row
