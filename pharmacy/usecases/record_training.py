"""Somebody was trained in one competency, and another person has assessed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import months_after
from pharmacy.domain.errors import NotAllowed, NotFound, Unfit
from pharmacy.domain.readiness import Competency, lapsed_on, training_in_force_until
from pharmacy.store import audit, training
from pharmacy.store.base import new_id
from pharmacy.store.corrections import require_correctable
from pharmacy.store.reference import settings_in_force
from pharmacy.store.staff import StaffMember
from pharmacy.store.training import TrainingRecord


@dataclass(eq=False)
class NobodyOfThatId(NotFound):
    def __str__(self) -> str:
        return "Nobody of that identifier works here."


@dataclass(eq=False)
class OwnTraining(NotAllowed):
    def __str__(self) -> str:
        return "Nobody assesses their own training."


@dataclass(eq=False)
class TrainingUnfit(Unfit):
    because: str

    def __str__(self) -> str:
        return self.because


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTraining:
    """Who was trained in what; `expires_on` None means as long as the house allows."""

    staff_member_id: UUID
    competency: Competency
    trained_on: date
    expires_on: date | None
    method: str
    corrects_id: UUID | None
    today: date


def record_training(session: Session, new: NewTraining, *, by: Actor, now: datetime) -> TrainingRecord:
    """The training is on record, assessed by whoever records it.

    Raises NobodyOfThatId, OwnTraining, TrainingUnfit, NothingToCorrect and AlreadyCorrected.
    """
    if session.get(StaffMember, new.staff_member_id) is None:
        raise NobodyOfThatId
    if new.staff_member_id == by.id:
        raise OwnTraining
    require_correctable(session, TrainingRecord, new.corrects_id)
    row = TrainingRecord(
        id=new_id(),
        staff_member_id=new.staff_member_id,
        competency=new.competency,
        trained_on=new.trained_on,
        training_expires_on=_expires_on(session, new),
        method=new.method,
        corrects_id=new.corrects_id,
        recorded_at=now,
        assessed_by=by.id,
    )
    session.add(row)
    audit.record(
        session,
        "training.recorded",
        new.staff_member_id,
        by=by,
        at=now,
        competency=new.competency.value,
        expires_on=row.training_expires_on.isoformat(),
    )
    return row


def _expires_on(session: Session, new: NewTraining) -> date:
    if new.trained_on > new.today:
        raise TrainingUnfit("A training is recorded once it was done.", where=("trained_on",))
    latest = months_after(new.trained_on, settings_in_force(session)["training_months"])
    expires_on = new.expires_on or latest
    if not new.trained_on < expires_on <= latest:
        raise TrainingUnfit(
            f"A training lasts beyond its day and until {latest.isoformat()} at most.",
            where=("training_expires_on",),
        )
    return expires_on


def trainings_today(session: Session, today: date) -> list[dict[str, Any]]:
    """Everybody who works here, with every competency and whether all of them are in force today."""
    return [
        {
            "staff_member_id": member.id,
            "full_name": member.full_name,
            "role": member.role.value,
            "is_trained_today": not lapsed_on(expires_on, today),
            "trained_until": training_in_force_until(expires_on),
            "competencies": [
                {"competency": each, "training_expires_on": expires_on.get(each)} for each in Competency
            ],
        }
        for member, expires_on in training.everybody(session)
    ]
