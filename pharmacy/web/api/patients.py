"""Patients, for staff: read, revised, and held against records alike. Every reading is on record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.store import patient_links
from pharmacy.store import patients as books
from pharmacy.store.pages import page_of
from pharmacy.store.patient_links import LinkKind
from pharmacy.store.sessions import Session
from pharmacy.usecases.known_profile import possible_matches
from pharmacy.usecases.link_patients import Linking, link_patients
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.revise_patient import Revision, revise_patient
from pharmacy.web.api.patient_shapes import (
    LinkInput,
    MatchesOutput,
    PatientPage,
    PatientRecord,
    PatientsQuery,
    RevisionInput,
)
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_reading, staff_writing

blueprint = Blueprint("patients", __name__, url_prefix="/api/v1/patients", description="Patients, for staff")
_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_STAFF = (*_PHARMACISTS, Role.TECHNICIAN, Role.SHIPPING, Role.AUDITOR)


def reference_today(session: Session) -> Reference:
    """What the pharmacy works with today."""
    pharmacy = the_pharmacy()
    return pharmacy.reference.current(session, local_day(pharmacy.clock(), pharmacy.zone))


@blueprint.get("")
@needs_staff(*_STAFF)
@blueprint.arguments(PatientsQuery(), location="query")
@blueprint.response(200, PatientPage)
def listing(asked: dict[str, Any]) -> Any:
    """Patients of every practice, newest first, by name and birth date."""
    bookmark = read_bookmark(asked["page"])
    with staff_reading() as (session, _):
        page = page_of(
            session, books.newest_first(asked["name"], asked["birth_on"]), asked["limit"], bookmark
        )
    return {"patients": page.records, "next_page": sign_bookmark(page.next_bookmark)}


@blueprint.get("/<uuid:patient_id>")
@needs_staff(*_STAFF)
@blueprint.response(200, PatientRecord)
def show(patient_id: UUID) -> Any:
    """One record, with what screening knows of the patient."""
    with staff_reading() as (session, _):
        return books.get(session, patient_id)


@blueprint.patch("/<uuid:patient_id>")
@needs_staff(*_PHARMACISTS, Role.TECHNICIAN)
@blueprint.arguments(RevisionInput())
@blueprint.response(200, PatientRecord)
def revise(asked: dict[str, Any], patient_id: UUID) -> Any:
    """The record as revised; orders that are still here have been screened again."""
    with staff_writing() as (session, actor):
        revision = Revision(**asked, reference=reference_today(session))
        revise_patient(session, patient_id, revision, by=actor, now=the_pharmacy().clock())
        return books.reread(session, patient_id)


@blueprint.get("/<uuid:patient_id>/matches")
@needs_staff(*_STAFF)
@blueprint.response(200, MatchesOutput)
def matches(patient_id: UUID) -> Any:
    """Records that may be of the same person, and what was decided about them."""
    with staff_reading() as (session, _):
        patient = books.get(session, patient_id)
        decisions = patient_links.about(session, patient_id)
        possible = possible_matches(session, patient, decisions, on=reference_today(session).on)
        return {
            "possible": books.of_ids(session, [each.id for each in possible]),
            "merged": books.merged_with(session, patient),
            "decisions": decisions,
        }


@blueprint.post("/<uuid:patient_id>/merge")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(LinkInput())
@blueprint.response(200, PatientRecord)
def merge(asked: dict[str, Any], patient_id: UUID) -> Any:
    """The two records are one person from now on; each keeps what it says."""
    return _decided(patient_id, asked, LinkKind.MERGED)


@blueprint.post("/<uuid:patient_id>/unmerge")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(LinkInput())
@blueprint.response(200, PatientRecord)
def unmerge(asked: dict[str, Any], patient_id: UUID) -> Any:
    """This record stands alone again, as it was."""
    return _decided(patient_id, asked, LinkKind.UNMERGED)


@blueprint.post("/<uuid:patient_id>/tell-apart")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(LinkInput())
@blueprint.response(200, PatientRecord)
def tell_apart(asked: dict[str, Any], patient_id: UUID) -> Any:
    """The two records are of two people, and are not screened together any more."""
    return _decided(patient_id, asked, LinkKind.TOLD_APART)


def _decided(patient_id: UUID, asked: dict[str, Any], kind: LinkKind) -> Any:
    with staff_writing() as (session, actor):
        linking = Linking(patient_id=patient_id, kind=kind, reference=reference_today(session), **asked)
        link_patients(session, linking, by=actor, now=the_pharmacy().clock())
        return books.reread(session, patient_id)
