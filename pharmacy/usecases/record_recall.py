"""What came of the calls: patients notified, their answers and what they returned, practices told, recall closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.recalls import (
    NotAllReached,
    RecallAnswer,
    RecallClosed,
    RecallNotFound,
    ReturnUncounted,
    answered,
    whole_marks,
)
from pharmacy.store import audit, recalls
from pharmacy.store.recalls import Recall, RecallPatient
from pharmacy.store.tasks import close_about
from pharmacy.usecases.open_recall import PHONE, PRACTICE


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientAnswer:
    """How far it has come with the patient of one order.

    `capsules_returned` for returned ones and only those; `returned_ml` in its place where a liquid was dispensed.
    """

    recall_id: UUID
    order_id: UUID
    answer: RecallAnswer
    note: str
    capsules_returned: int | None = None
    returned_ml: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeTold:
    recall_id: UUID
    practice_id: UUID
    told_whom: str


def record_recall(session: Session, given: PatientAnswer, *, by: Actor, now: datetime) -> Recall:
    """The patient's row says so, and the call is off the list once the patient was reached.

    Raises RecallNotFound, RecallClosed, NoStepBack, and ReturnUncounted when capsules and answer disagree.
    """
    recall = _open_one(session, given.recall_id)
    patient = next((each for each in recall.patients if each.order_id == given.order_id), None)
    if patient is None:
        raise RecallNotFound
    returned = _returned(given, patient)
    patient.answer = answered(patient.answer, given.answer)
    patient.answered_at, patient.answered_by = now, by.id
    patient.note, patient.capsules_returned = given.note, returned
    audit.record(session, f"recall.{given.answer}", recall.id, by=by, at=now, order=str(given.order_id))
    if given.answer is not RecallAnswer.UNREACHABLE:
        close_about(session, PHONE, patient.id, given.note, by=by, now=now)
    return recall


def practice_told(session: Session, given: PracticeTold, *, by: Actor, now: datetime) -> Recall:
    """The practice knows, on record with whom was spoken. Raises RecallNotFound and RecallClosed."""
    recall = _open_one(session, given.recall_id)
    practice = next((each for each in recall.practices if each.practice_id == given.practice_id), None)
    if practice is None:
        raise RecallNotFound
    practice.told_at, practice.told_by, practice.told_whom = now, by.id, given.told_whom
    audit.record(session, "recall.practice_told", recall.id, by=by, at=now, practice=str(given.practice_id))
    close_about(session, PRACTICE, practice.id, given.told_whom, by=by, now=now)
    return recall


def close_recall(session: Session, recall_id: UUID, outcome: str, *, by: Actor, now: datetime) -> Recall:
    """The recall is closed with its outcome; what is recalled stays recalled.

    Raises RecallNotFound, RecallClosed, and NotAllReached while somebody has not been called.
    """
    recall = _open_one(session, recall_id)
    waiting = sum(each.answer is RecallAnswer.TO_NOTIFY for each in recall.patients)
    waiting += sum(each.told_at is None for each in recall.practices)
    if waiting:
        raise NotAllReached(waiting)
    recall.closed_at, recall.closed_by, recall.outcome = now, by.id, outcome
    audit.record(session, "recall.closed", recall.id, by=by, at=now, outcome=outcome)
    return recall


def _open_one(session: Session, recall_id: UUID) -> Recall:
    recall = recalls.get_for_update(session, recall_id)
    if recall.is_drill or recall.closed_at is not None:
        raise RecallClosed
    return recall


def _returned(given: PatientAnswer, patient: RecallPatient) -> int | None:
    """How many capsules, or marks of a liquid, came back; None for every other answer. Raises ReturnUncounted."""
    unit_ml, counted, measured = patient.unit_ml, given.capsules_returned, given.returned_ml
    where = "capsules_returned" if unit_ml is None else "returned_ml"
    refusal = ReturnUncounted(patient.capsules, unit_ml, where=(where,))
    if (measured if unit_ml is None else counted) is not None:
        raise refusal
    if unit_ml is not None:
        counted = None if measured is None else whole_marks(measured, unit_ml)
        if measured is not None and counted is None:
            raise refusal
    if (given.answer is RecallAnswer.RETURNED) != (counted is not None) or (counted or 0) > patient.capsules:
        raise refusal
    return counted
