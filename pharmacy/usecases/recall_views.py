"""A recall as its readers see it."""

from __future__ import annotations

from typing import Any

from pharmacy.domain.dose_text import amount_text
from pharmacy.store.recalls import Recall, RecallPatient, RecallPractice


def recall_document(recall: Recall) -> dict[str, Any]:
    """The recall with everybody it concerns and how far it has come with each."""
    return {
        "id": recall.id,
        "subject": recall.subject,
        "subject_id": recall.component_lot_id or recall.batch_id,
        "drill": recall.is_drill,
        "reason": recall.reason,
        "report": recall.report,
        "elapsed_ms": recall.elapsed_ms,
        "opened_at": recall.opened_at,
        "closed_at": recall.closed_at,
        "outcome": recall.outcome,
        "patients": [_patient(patient) for patient in recall.patients],
        "practices": [_practice(practice) for practice in recall.practices],
    }


def _patient(row: RecallPatient) -> dict[str, Any]:
    return {
        "order_id": row.order_id,
        "order_number": row.order.number,
        "patient_id": row.patient_id,
        "patient": row.patient.full_name,
        "phone": row.patient.phone,
        "unit_ml": row.unit_ml,
        "capsules": row.capsules,
        "amount": amount_text(row.capsules, row.unit_ml),
        "capsules_left": row.capsules_left,
        "amount_left": amount_text(row.capsules_left, row.unit_ml),
        "step_position": row.step_position,
        "answer": row.answer,
        "answered_at": row.answered_at,
        "note": row.note,
        "capsules_returned": row.capsules_returned,
        "amount_returned": None
        if row.capsules_returned is None
        else amount_text(row.capsules_returned, row.unit_ml),
    }


def _practice(row: RecallPractice) -> dict[str, Any]:
    return {
        "practice_id": row.practice_id,
        "practice": row.practice.name,
        "told_at": row.told_at,
        "told_whom": row.told_whom,
    }
