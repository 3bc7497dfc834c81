"""The shapes of refills, renewals, transfers, the start and missed days."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from pharmacy.domain.pricing import Delivery
from pharmacy.domain.screening import OpioidAnswer
from pharmacy.domain.screening.statements import OpioidStatement
from pharmacy.domain.supply import MOST_DAYS, SupplyMethod
from pharmacy.store.renewals import RenewalState
from pharmacy.usecases.patient_facts import fill_answers
from pharmacy.usecases.renew_prescription import RenewalAnswer
from pharmacy.web.api.input_schemas import MOST_LISTED, AuthorizationInput
from pharmacy.web.api.plan_shapes import PlanInput
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.api.statement_shapes import allergy, medicine
from pharmacy.web.fields import (
    CalendarDay,
    Flag,
    OneOf,
    Telephone,
    Text,
    Whole,
)


class RefillInput(Asked):
    """What may be missing makes the refill wait in clarification, as with a first order."""

    days = Whole(
        least=1,
        most=MOST_DAYS,
        load_default=None,
        metadata={
            "description": "As many as the first fill unless fewer; the rest stays on the same refill."
        },
    )
    supply_option = OneOf(SupplyMethod, load_default=None)
    delivery = OneOf(Delivery, load_default=None)
    opioid_last_14_days = OneOf(OpioidAnswer, load_default=None)
    opioid_detail = Text(load_default=None, allow_none=True)
    opioid_agent = medicine()
    opioid_last_dose_on = CalendarDay(load_default=None, allow_none=True)
    opioid_exception = Text(most=400, load_default=None, allow_none=True)
    allergies = fields.List(allergy(), load_default=None, validate=validate.Length(max=MOST_LISTED))
    no_known_allergies = Flag(load_default=False)
    medicines = fields.List(medicine(), load_default=None, validate=validate.Length(max=MOST_LISTED))


def answers_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The answers in the shape in which an order keeps them."""
    opioid = OpioidStatement(
        answer=asked["opioid_last_14_days"],
        agent=asked.get("opioid_agent"),
        last_dose_on=asked["opioid_last_dose_on"],
        exception=asked["opioid_exception"],
    )
    return fill_answers(
        opioid,
        detail=asked["opioid_detail"],
        allergies=asked["allergies"],
        no_known_allergies=asked["no_known_allergies"],
        medicines=asked["medicines"],
    )


class RenewalReplyInput(Asked):
    """The prescriber's answer; what each needs is said where it lacks."""

    answer = OneOf(RenewalAnswer, required=True)
    written_on = CalendarDay(load_default=None)
    refills = Whole(least=0, most=11, load_default=None)
    plan = fields.Nested(PlanInput, load_default=None)
    authorization = fields.Nested(AuthorizationInput, load_default=None)
    reason = Text(most=400, load_default=None)


class RenewalOutput(Answered):
    id = fields.UUID()
    prescription_id = fields.UUID()
    state = OneOf(RenewalState)
    asked_at = fields.AwareDateTime()
    needed_on = fields.Date()
    answered_at = fields.AwareDateTime(allow_none=True)
    reason = fields.String(allow_none=True)
    renewed_prescription_id = fields.UUID(attribute="renewed_id", allow_none=True)


class TransferInput(Asked):
    pharmacy = Text(most=200, required=True)
    pharmacist = Text(least=2, most=120, required=True)
    phone = Telephone(required=True)
    reason = Text(most=400, required=True)


class TransferOutput(Answered):
    prescription_id = fields.UUID(attribute="id")
    transferred_at = fields.AwareDateTime()
    refills_transferred = fields.Integer(attribute="transfer.refills")
    pharmacy = fields.String(attribute="transfer.pharmacy")
    pharmacist = fields.String(attribute="transfer.pharmacist")
    our_pharmacist = fields.String(attribute="transfer.our_pharmacist")


class StartInput(Asked):
    started_on = CalendarDay(required=True)


class MissedDaysInput(Asked):
    first_on = CalendarDay(required=True)
    days = Whole(least=1, most=366, required=True)


class CourseOutput(Answered):
    """Where the course is now: its plan version, the date of its first day, and how far what was supplied carries."""

    prescription_id = fields.UUID()
    plan_version = fields.Integer()
    start_on = fields.Date()
    supplied_through_day = fields.Integer()
    is_paused = fields.Boolean()
