"""The shapes that come in. Strict: unknown fields are refused, nothing is coerced, nothing is defaulted that
would decide a dose. `@post_load` makes the command; no schema knows the books or the caller.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from pharmacy.domain.consistency import AsWritten
from pharmacy.domain.diagnoses import DIAGNOSIS_SHAPE
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.notice_rules import ConsentChannel
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.screening import OpioidAnswer
from pharmacy.domain.supply import MOST_DAYS, SupplyMethod
from pharmacy.usecases.commands import (
    Authorization,
    ConsentGiven,
    DosageForm,
    NewPatient,
    SigningPrescriber,
    Submission,
    SupplyRequest,
)
from pharmacy.web.api.as_written_shapes import AsWrittenInput
from pharmacy.web.api.envelope_shapes import EnvelopeInput
from pharmacy.web.api.plan_shapes import PlanInput, StrengthsMg, require_strengths_with_their_set
from pharmacy.web.api.shapes import Asked, AskedOften
from pharmacy.web.api.statement_shapes import allergy, condition, medicine
from pharmacy.web.fields import (
    CalendarDay,
    EmailAddress,
    Flag,
    Identifier,
    Instant,
    Npi,
    OneOf,
    QueryWhole,
    Telephone,
    Text,
    TimeZoneName,
    Whole,
)
from pharmacy.web.states import State

MOST_LISTED = 50


class AuthorizationKind(StrEnum):
    E_SIGNATURE = "e_signature"
    WRITTEN = "written"
    VERBAL = "verbal"


def surcharges_field() -> fields.List[str]:
    """Codes of surcharges that the price book offers, such as a rush."""
    return fields.List(
        Text(most=40),
        load_default=list,
        validate=[validate.Length(max=5), _each_once],
        metadata={"description": "Codes of surcharges that the price book offers.", "uniqueItems": True},
    )


def _each_once(codes: list[str]) -> None:
    if len(set(codes)) != len(codes):
        raise ValidationError("Each surcharge is named once.")


class SupplyInput(Asked):
    """What `simulate` and `quotes` take: a plan and how it is to be supplied, and nothing about a patient."""

    plan = fields.Nested(PlanInput, required=True)
    days = Whole(
        least=1,
        most=MOST_DAYS,
        load_default=None,
        metadata={"description": "Days to fill; may be left out for a plan that ends."},
    )
    supply_option = OneOf(SupplyMethod, load_default=None)
    strengths_mg = StrengthsMg(load_default=None)
    dosage_form = OneOf(DosageForm, load_default=DosageForm.CAPSULE)
    delivery = OneOf(Delivery, load_default=Delivery.MAIL)
    strength_basis = OneOf(StrengthBasis, load_default=StrengthBasis.NALTREXONE_HYDROCHLORIDE)
    surcharges = surcharges_field()
    ship_to_state = OneOf(
        State, load_default=None, metadata={"description": "The state whose sales tax is due, if it has one."}
    )

    @validates_schema
    def strengths_with_their_set(self, given: dict[str, Any], **_: Any) -> None:
        require_strengths_with_their_set(given)

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> SupplyRequest:
        return supply_request(given, given.get("as_written"))


class SimulationInput(AskedOften, SupplyInput):
    """What `simulate` takes besides: what came written beside the plan, to be held against it."""

    as_written = fields.Nested(AsWrittenInput, load_default=None, allow_none=True)


def supply_request(given: dict[str, Any], as_written: AsWritten | None) -> SupplyRequest:
    return SupplyRequest(
        plan=given["plan"],
        days=given["days"],
        method=given["supply_option"],
        delivery=given["delivery"],
        strength_basis=given["strength_basis"],
        strengths=given["strengths_mg"],
        ship_to_state=given.get("ship_to_state"),
        surcharges=tuple(given["surcharges"]),
        dosage_form=given["dosage_form"],
        as_written=as_written,
    )


class AddressInput(Asked):
    line = Text(required=True)
    city = Text(most=100, required=True)
    state = OneOf(State, required=True)
    postal_code = Text(
        least=5,
        most=10,
        required=True,
        validate=validate.Regexp(r"^[0-9]{5}(-[0-9]{4})?$", error="This is not a ZIP code."),
    )


class ConsentInput(Asked):
    channel = OneOf(ConsentChannel, required=True)
    text_version = Text(most=50, required=True)
    consented_at = Instant(required=True)
    source = Text(most=100, required=True)

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> ConsentGiven:
        return ConsentGiven(**given)


class ContactInput(Asked):
    time_zone = TimeZoneName(required=True)
    language = OneOf(Language, load_default=Language.ENGLISH)
    consents = fields.List(
        fields.Nested(ConsentInput), load_default=list, validate=validate.Length(max=len(ConsentChannel))
    )

    @validates_schema
    def each_channel_once(self, given: dict[str, Any], **_: Any) -> None:
        channels = [consent.channel for consent in given.get("consents", [])]
        if len(set(channels)) < len(channels):
            raise ValidationError("A channel has at most one consent.", "consents")


class PatientInput(Asked):
    full_name = Text(least=2, most=120, required=True)
    birth_on = CalendarDay(required=True)
    phone = Telephone(required=True)
    email = EmailAddress(load_default=None, allow_none=True)
    address = fields.Nested(AddressInput, required=True)
    contact = fields.Nested(ContactInput, required=True)

    @validates_schema
    def mail_needs_an_address(self, given: dict[str, Any], **_: Any) -> None:
        consents = given.get("contact", {}).get("consents", ())
        if given.get("email") is None and any(
            consent.channel == ConsentChannel.EMAIL for consent in consents
        ):
            raise ValidationError("Consent to e-mail needs an address.", "email")

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> NewPatient:
        address, contact = given.pop("address"), given.pop("contact")
        return NewPatient(
            **given,
            address_line=address["line"],
            city=address["city"],
            state=address["state"],
            postal_code=address["postal_code"],
            time_zone=contact["time_zone"],
            language=contact["language"],
            consents=tuple(contact["consents"]),
        )


class PrescriberInput(Asked):
    npi = Npi(required=True)
    full_name = Text(least=2, most=120, required=True)
    phone = Telephone(required=True)
    address = Text(required=True)
    licence_number = Text(most=40, required=True)
    licence_state = OneOf(State, required=True)

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> SigningPrescriber:
        licence, state = given.pop("licence_number"), given.pop("licence_state")
        return SigningPrescriber(**given, licence=licence, licence_state=state)


class AuthorizationInput(Asked):
    kind = OneOf(AuthorizationKind, required=True)
    signer_npi = Npi(required=True)
    signed_at = Instant(required=True)
    agent = Text(most=120, load_default=None, allow_none=True)

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> Authorization:
        return Authorization(**given)


class PrescriptionInput(Asked):
    written_on = CalendarDay(required=True)
    refills = Whole(least=0, most=11, required=True)
    purpose = Text(most=60, load_default=None, allow_none=True)
    diagnosis_codes = fields.List(
        Text(
            most=8,
            validate=validate.Regexp(f"^{DIAGNOSIS_SHAPE.pattern}$", error="This is no code of ICD-10-CM."),
        ),
        load_default=list,
        validate=validate.Length(max=12),
    )
    envelope = fields.Nested(
        EnvelopeInput,
        load_default=None,
        allow_none=True,
        metadata={"description": "Within it a pharmacist may adjust the plan without asking."},
    )
    as_written = fields.Nested(AsWrittenInput, load_default=None, allow_none=True)


class OrderInput(Asked):
    """The whole submission in one call. What may be missing makes the order wait in clarification."""

    patient = fields.Nested(PatientInput, required=True)
    prescriber = fields.Nested(PrescriberInput, required=True)
    authorization = fields.Nested(AuthorizationInput, load_default=None)
    prescription = fields.Nested(PrescriptionInput, required=True)
    plan = fields.Nested(PlanInput, required=True)
    days = Whole(least=1, most=MOST_DAYS, load_default=None)
    supply_option = OneOf(SupplyMethod, load_default=None)
    strengths_mg = StrengthsMg(load_default=None)
    dosage_form = OneOf(DosageForm, load_default=DosageForm.CAPSULE)
    quote_id = Identifier(load_default=None)
    delivery = OneOf(Delivery, load_default=Delivery.MAIL)
    strength_basis = OneOf(StrengthBasis, load_default=StrengthBasis.NALTREXONE_HYDROCHLORIDE)
    surcharges = surcharges_field()
    opioid_last_14_days = OneOf(OpioidAnswer, load_default=None)
    opioid_detail = Text(load_default=None, allow_none=True)
    opioid_agent = medicine()
    opioid_last_dose_on = CalendarDay(load_default=None, allow_none=True)
    opioid_exception = Text(
        most=400,
        load_default=None,
        allow_none=True,
        metadata={"description": "Why the prescriber orders sooner than the washout ends, in their words."},
    )
    allergies = fields.List(allergy(), load_default=None, validate=validate.Length(max=MOST_LISTED))
    no_known_allergies = Flag(load_default=False)
    medicines = fields.List(medicine(), load_default=None, validate=validate.Length(max=MOST_LISTED))
    conditions = fields.List(condition(), load_default=list, validate=validate.Length(max=MOST_LISTED))

    @validates_schema
    def strengths_with_their_set(self, given: dict[str, Any], **_: Any) -> None:
        require_strengths_with_their_set(given)

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> Submission:
        prescription = given["prescription"]
        return Submission(
            patient=given["patient"],
            prescriber=given["prescriber"],
            authorization=given["authorization"],
            written_on=prescription["written_on"],
            refills=prescription["refills"],
            purpose=prescription["purpose"],
            envelope=prescription["envelope"],
            supply=replace(
                supply_request(given, prescription["as_written"]), ship_to_state=given["patient"].state
            ),
            quote_id=given["quote_id"],
            opioid_last_14_days=given["opioid_last_14_days"],
            opioid_detail=given["opioid_detail"],
            opioid_agent=given.get("opioid_agent"),
            opioid_last_dose_on=given["opioid_last_dose_on"],
            opioid_exception=given["opioid_exception"],
            conditions=tuple(given["conditions"]),
            diagnosis_codes=tuple(prescription["diagnosis_codes"]),
            allergies=None if given["allergies"] is None else tuple(given["allergies"]),
            no_known_allergies=given["no_known_allergies"],
            medicines=None if given["medicines"] is None else tuple(given["medicines"]),
        )


class OrdersQuery(Asked):
    status = OneOf(OrderStatus, load_default=None)
    page = Text(most=400, load_default=None, metadata={"description": "The bookmark of a page."})
    limit = QueryWhole(least=1, most=100, load_default=20)


class ScheduleFormat(StrEnum):
    JSON = "json"
    ICS = "ics"
    PDF = "pdf"


class ScheduleQuery(Asked):
    format = OneOf(ScheduleFormat, load_default=ScheduleFormat.JSON)
