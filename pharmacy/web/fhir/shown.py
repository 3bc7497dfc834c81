"""Prescriptions as they are read back: as they were sent, with the plan and the standing of today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pharmacy.store import prescription_search as books
from pharmacy.store import submitted_documents as documents
from pharmacy.store.pages import page_of
from pharmacy.store.prescription_search import Wanted
from pharmacy.store.prescriptions import Prescription, PrescriptionNotFound
from pharmacy.store.sessions import Session
from pharmacy.web.fhir.exact import read
from pharmacy.web.fhir.plan_told import MadeAs
from pharmacy.web.fhir.resources import Standing, to_medication_request, worded_from


def shown(session: Session, practice_id: UUID, prescription_id: UUID) -> dict[str, Any]:
    """One prescription of that practice; PrescriptionNotFound otherwise."""
    wanted = Wanted(practice_id=practice_id, prescription_id=prescription_id)
    found = page_of(session, books.matching(wanted), 1, None).records
    if not found:
        raise PrescriptionNotFound
    return all_shown(session, found)[0]


def all_shown(session: Session, prescriptions: Sequence[Prescription]) -> list[dict[str, Any]]:
    """Each of them, in the same order."""
    ids = [each.id for each in prescriptions]
    worded, standings = documents.worded(session, ids), books.standings(session, ids)
    concentrations = books.micrograms_per_ml(session, ids)
    resources = []
    for each in prescriptions:
        newest = max(each.plan_versions, key=lambda version: version.version)
        plan = newest.plan()
        text = worded.get(each.id)
        standing, since = standings[each.id]
        made_as = MadeAs(concentrations.get(each.id))
        resources.append(
            to_medication_request(
                worded_from(each, plan, made_as) if text is None else read(text),
                Standing(
                    prescription_id=each.id,
                    patient_id=each.patient_id,
                    standing=standing,
                    status_at=since,
                    changed_plan=plan if newest.version > 1 else None,
                    made_as=made_as,
                ),
            )
        )
    return resources
