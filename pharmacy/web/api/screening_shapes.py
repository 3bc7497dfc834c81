"""The shapes of screening: looks, overrides, questions, reviews and rules, for staff; answers for practices."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from marshmallow import fields, post_load, validate

from pharmacy.domain.findings import Severity
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.screening import OpioidAnswer, Rejection, StaffQuestion
from pharmacy.store.screening import Occasion
from pharmacy.usecases.answer_questions import Confirmation, WordedAnswer
from pharmacy.web.api.input_schemas import MOST_LISTED, AuthorizationInput
from pharmacy.web.api.patient_shapes import MOST_VERSIONS, reason
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.api.statement_shapes import allergy, medicine
from pharmacy.web.fields import (
    CalendarDay,
    Flag,
    OneOf,
    Text,
    Whole,
)


class ReviewAct(StrEnum):
    """What a review does."""

    START = "start_review"
    APPROVE = "approve"
    REJECT = "reject"


class OpenQuestion(Answered):
    code = fields.String()
    asked = fields.String(attribute="because")


class StandingOutput(Answered):
    """Where the order stands, and what is still asked."""

    order_id = fields.UUID(attribute="id")
    status = OneOf(OrderStatus)
    version = fields.Integer()
    rejection = fields.String(allow_none=True)
    questions = fields.List(fields.Nested(OpenQuestion))


class ScreeningOutput(Answered):
    id = fields.UUID()
    occasion = OneOf(Occasion)
    at = fields.AwareDateTime()
    by = fields.UUID()
    inputs = fields.Dict()
    findings = fields.List(fields.Dict())


class OverrideOutput(Answered):
    code = fields.String()
    rule_version = fields.Integer(allow_none=True)
    severity = OneOf(Severity)
    inputs = fields.Dict()
    overridden_by = fields.UUID()
    overridden_at = fields.AwareDateTime()
    reason = fields.String()
    contact = fields.String()


class ScreeningsOutput(Answered):
    screenings = fields.List(fields.Nested(ScreeningOutput))
    overrides = fields.List(fields.Nested(OverrideOutput))


class VersionInput(Asked):
    version = Whole(least=1, most=MOST_VERSIONS, required=True)


class QuestionInput(VersionInput):
    code = OneOf(StaffQuestion, required=True)
    question = Text(least=5, most=500, required=True)


class OverrideInput(VersionInput):
    codes = fields.List(Text(most=40), required=True, validate=validate.Length(min=1, max=20))
    reason = reason()
    contact = Text(most=200, load_default="")


class ReviewInput(VersionInput):
    act = OneOf(ReviewAct, required=True)
    reason = Text(most=500, load_default="")
    contact = Text(most=200, load_default="")
    rejection = OneOf(Rejection, load_default=Rejection.OTHER)


class ToldInput(Asked):
    """Who told the answer to the pharmacy, when, and how; due where staff write it down."""

    who = Text(most=120, required=True)
    when = Text(most=120, required=True)
    how = Text(most=200, required=True)

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> Confirmation:
        return Confirmation(**given)


class WordedAnswerInput(Asked):
    code = OneOf(StaffQuestion, required=True)
    answer = Text(least=1, most=500, required=True)
    told = fields.Nested(ToldInput, load_default=None, allow_none=True)

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> WordedAnswer:
        return WordedAnswer(**given)


class AnswersInput(Asked):
    """Answers to what the order was asked; what is left out stays asked."""

    opioid_last_14_days = OneOf(OpioidAnswer, load_default=None)
    opioid_detail = Text(load_default=None)
    opioid_agent = medicine()
    opioid_last_dose_on = CalendarDay(load_default=None)
    opioid_exception = Text(most=400, load_default=None)
    allergies = fields.List(allergy(), load_default=None, validate=validate.Length(min=1, max=MOST_LISTED))
    no_known_allergies = Flag(load_default=False)
    medicines = fields.List(medicine(), load_default=None, validate=validate.Length(max=MOST_LISTED))
    authorization = fields.Nested(AuthorizationInput, load_default=None, allow_none=True)
    answers = fields.List(
        fields.Nested(WordedAnswerInput), load_default=list, validate=validate.Length(max=len(StaffQuestion))
    )

    @post_load
    def make(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        allergies = () if given.pop("no_known_allergies") else None
        stated, medicines = given.pop("allergies"), given.pop("medicines")
        return {
            **{name: value for name, value in given.items() if name != "answers"},
            "allergies": allergies if stated is None else tuple(stated),
            "medicines": None if medicines is None else tuple(medicines),
            "worded": tuple(given["answers"]),
        }


class StaffAnswersInput(AnswersInput):
    """What a pharmacist was told: the signature and the roster are confirmed by somebody, somehow, on a day."""

    authorisation = fields.Nested(ToldInput, load_default=None, allow_none=True)
    roster = fields.Nested(ToldInput, load_default=None, allow_none=True)


class RuleOutput(Answered):
    code = fields.String()
    version = fields.Integer()
    severity = OneOf(Severity)
    source = fields.String()
    numbers = fields.Dict()
    owner = fields.String()
    reason = fields.String()
    set_at = fields.AwareDateTime()


class RulesOutput(Answered):
    rules = fields.List(fields.Nested(RuleOutput))


class RuleChangeInput(VersionInput):
    severity = OneOf(Severity, required=True)
    numbers = fields.Dict(keys=fields.String(), required=True)
    source = Text(most=300, required=True)
    reason = reason()
