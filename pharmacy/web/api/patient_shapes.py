"""The shapes of patients, as staff read and revise them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from pharmacy.domain.label_phrases import Language
from pharmacy.domain.screening import SHORTEST_REASON
from pharmacy.store.patient_links import LinkKind
from pharmacy.web.api.input_schemas import MOST_LISTED
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.api.statement_shapes import allergy, condition, medicine
from pharmacy.web.fields import (
    AsKept,
    CalendarDay,
    EmailAddress,
    Flag,
    Identifier,
    OneOf,
    QueryWhole,
    Telephone,
    Text,
    TimeZoneName,
    Whole,
)
from pharmacy.web.states import State

MOST_VERSIONS = 1_000_000
_LISTS = ("allergies", "medicines", "conditions")
_FIELDS = (
    "full_name", "phone", "email", "address_line", "city", "state", "postal_code", "time_zone", "language",
    "purpose_on_label",
)  # fmt: skip


def reason() -> Text:
    """A reason on record."""
    return Text(least=SHORTEST_REASON, most=500, required=True)


class StatementOutput(Answered):
    may_lack = frozenset({"system", "code", "daily_dose_mg"})

    text = fields.String()
    system = fields.String()
    code = fields.String()
    daily_dose_mg = fields.String()


class ConsentOutput(Answered):
    channel = fields.String()
    text_version = fields.String()
    consented_at = fields.AwareDateTime()
    source = fields.String()
    withdrawn_at = fields.AwareDateTime(allow_none=True)


class PatientSummary(Answered):
    id = fields.UUID()
    practice_id = fields.UUID()
    person_id = fields.UUID(allow_none=True)
    full_name = fields.String()
    birth_on = fields.Date()
    city = fields.String()
    state = fields.String()


class PatientRecord(PatientSummary):
    """One record of a patient, for staff."""

    version = fields.Integer()
    phone = fields.String()
    email = fields.String(allow_none=True)
    address_line = fields.String()
    postal_code = fields.String()
    time_zone = fields.String()
    language = fields.String()
    purpose_on_label = fields.Boolean(
        metadata={"description": "False keeps what the medicine is for off the vial."}
    )
    created_at = fields.AwareDateTime()
    profile_changed_at = fields.AwareDateTime(allow_none=True)
    allergies = fields.List(AsKept(StatementOutput), attribute="profile.allergies", dump_default=list)
    medicines = fields.List(AsKept(StatementOutput), attribute="profile.medicines", dump_default=list)
    conditions = fields.List(AsKept(StatementOutput), attribute="profile.conditions", dump_default=list)
    consents = fields.List(fields.Nested(ConsentOutput))


class PatientPage(Answered):
    patients = fields.List(fields.Nested(PatientSummary))
    next_page = fields.String(allow_none=True)


class PatientsQuery(Asked):
    name = Text(least=2, most=120, load_default=None)
    birth_on = CalendarDay(load_default=None)
    page = Text(most=400, load_default=None)
    limit = QueryWhole(least=1, most=100, load_default=20)


class LinkOutput(Answered):
    patient_id = fields.UUID()
    other_id = fields.UUID()
    kind = OneOf(LinkKind)
    decided_by = fields.UUID()
    decided_at = fields.AwareDateTime()
    reason = fields.String()


class MatchesOutput(Answered):
    """Records that may be of the same person, those that are, and what was decided about them."""

    possible = fields.List(fields.Nested(PatientSummary))
    merged = fields.List(fields.Nested(PatientSummary))
    decisions = fields.List(fields.Nested(LinkOutput))


class LinkInput(Asked):
    other_id = Identifier(required=True)
    reason = reason()


class RevisionInput(Asked):
    """What is to be different; what is left out stays. Lists replace those on record."""

    version = Whole(least=1, most=MOST_VERSIONS, required=True)
    reason = reason()
    full_name = Text(least=2, most=120)
    phone = Telephone()
    email = EmailAddress(allow_none=True)
    address_line = Text()
    city = Text(most=100)
    state = OneOf(State)
    postal_code = Text(
        least=5,
        most=10,
        validate=validate.Regexp(r"^[0-9]{5}(-[0-9]{4})?$", error="This is not a ZIP code."),
    )
    time_zone = TimeZoneName()
    language = OneOf(Language)
    purpose_on_label = Flag()
    allergies = fields.List(allergy(), validate=validate.Length(max=MOST_LISTED))
    medicines = fields.List(medicine(), validate=validate.Length(max=MOST_LISTED))
    conditions = fields.List(condition(), validate=validate.Length(max=MOST_LISTED))

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {
            "seen_version": given["version"],
            "reason": given["reason"],
            "fields": {name: given[name] for name in _FIELDS if name in given},
            "lists": {name: tuple(given[name]) for name in _LISTS if name in given},
        }
