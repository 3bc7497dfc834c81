"""Review, screening and questions about one order, for staff; answers from the practice; the rules themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from pharmacy.domain.actors import Actor
from pharmacy.domain.orders import Act, Role
from pharmacy.store import orders
from pharmacy.store import screening as books
from pharmacy.store.screening import Occasion
from pharmacy.store.sessions import Session
from pharmacy.usecases.act_on_order import ActRequest, SomebodyElseWasFaster, Surroundings, act_on_order
from pharmacy.usecases.admission import Admission, first_of_its_key, kept_answer
from pharmacy.usecases.answer_questions import GivenAnswers, answer_questions
from pharmacy.usecases.ask_prescriber import Question, ask_prescriber
from pharmacy.usecases.change_screening_rule import RuleChange, RuleNotFound, change_screening_rule
from pharmacy.usecases.override_findings import NothingToOverride, Override, override_findings
from pharmacy.usecases.screen_order import Look, screen_order
from pharmacy.web.api.patients import reference_today
from pharmacy.web.api.screening_shapes import (
    AnswersInput,
    OverrideInput,
    QuestionInput,
    ReviewInput,
    RuleChangeInput,
    RuleOutput,
    RulesOutput,
    ScreeningsOutput,
    StaffAnswersInput,
    StandingOutput,
    VersionInput,
)
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.door import answer_once
from pharmacy.web.guards import needs_scope, needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint("screenings", __name__, url_prefix="/api/v1", description="Review and screening")
_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_BENCH = (*_PHARMACISTS, Role.TECHNICIAN)
_STANDING = worded_by(StandingOutput())
_RULE = worded_by(RuleOutput())


def flushed(work: Callable[[Session, Actor], Any]) -> Callable[[Session, Actor], Any]:
    """The same work, written down before its answer is worded: that names the version from now on."""

    def done(session: Session, actor: Actor) -> Any:
        made = work(session, actor)
        session.flush()  # As said above.
        return made

    return done


@blueprint.post("/orders/<uuid:order_id>/review")
@needs_staff(*_BENCH)
@blueprint.arguments(ReviewInput())
@blueprint.response(200, StandingOutput)
def review(asked: dict[str, Any], order_id: UUID) -> Any:
    """Review is started, or the order approved, or refused for good with a code."""
    pharmacy = the_pharmacy()
    request = ActRequest(
        order_id=order_id,
        act=Act(asked["act"]),
        seen_version=asked["version"],
        reason=asked["reason"],
        contact=asked["contact"],
        rejection=asked["rejection"],
    )
    with staff_writing() as (session, actor):
        around = Surroundings(reference=reference_today(session), imprint=pharmacy.imprint)
        act_on_order(session, request, around, by=actor, now=pharmacy.clock())
        session.flush()  # The answer names the version that the order has from now on.
        return orders.get(session, order_id)


@blueprint.post("/orders/<uuid:order_id>/clarifications")
@needs_staff(*_BENCH)
@blueprint.arguments(QuestionInput())
@blueprint.response(201, StandingOutput)
def ask(asked: dict[str, Any], order_id: UUID) -> Any:
    """The prescriber is asked; the order waits, and resumes where it was."""
    question = Question(
        order_id=order_id, seen_version=asked["version"], code=asked["code"], wording=asked["question"]
    )
    now = the_pharmacy().clock()
    return staff_answer_once(
        flushed(lambda session, actor: ask_prescriber(session, question, by=actor, now=now)), _STANDING
    )


@blueprint.post("/orders/<uuid:order_id>/answers")
@needs_scope("orders.write")
@blueprint.arguments(AnswersInput())
@blueprint.response(201, StandingOutput)
def answer(asked: dict[str, Any], order_id: UUID) -> Any:
    """The practice answers what its order was asked; staff read it and let the order go on."""
    now = the_pharmacy().clock()
    return answer_once(
        "orders.write",
        lambda session, admission: answer_of_practice(session, order_id, asked, admission, now),
        _STANDING,
    )


def answer_of_practice(
    session: Session, order_id: UUID, asked: dict[str, Any], admission: Admission, now: datetime
) -> str:
    """The answer to the practice, kept beside what it tells of."""
    orders.lock_of_practice(session, order_id, admission.knock.practice_id)
    first_of_its_key(session, admission)
    given = GivenAnswers(seen_version=None, reference=admission.reference, **asked)
    order = answer_questions(session, order_id, given, by=admission.actor, now=now)
    session.flush()  # The answer names the version that the order has from now on.
    return kept_answer(session, admission, order, now)


@blueprint.post("/orders/<uuid:order_id>/answers/by-staff")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(StaffAnswersInput())
@blueprint.response(201, StandingOutput)
def answer_by_staff(asked: dict[str, Any], order_id: UUID) -> Any:
    """A pharmacist writes down what the prescriber has answered."""
    now = the_pharmacy().clock()

    def work(session: Session, actor: Actor) -> Any:
        given = GivenAnswers(seen_version=None, reference=reference_today(session), **asked)
        return answer_questions(session, order_id, given, by=actor, now=now)

    return staff_answer_once(flushed(work), _STANDING)


@blueprint.post("/orders/<uuid:order_id>/screenings")
@needs_staff(*_BENCH)
@blueprint.arguments(VersionInput())
@blueprint.response(201, StandingOutput)
def screen_now(asked: dict[str, int], order_id: UUID) -> Any:
    """The order is screened by the rules of now, against all that is known now."""
    now = the_pharmacy().clock()

    def work(session: Session, actor: Actor) -> Any:
        order = orders.get_for_update(session, order_id)
        if order.version != asked["version"]:
            raise SomebodyElseWasFaster
        look = Look(reference=reference_today(session), occasion=Occasion.REVIEW)
        screen_order(session, order, look, by=actor, now=now)
        return order

    return staff_answer_once(flushed(work), _STANDING)


@blueprint.get("/orders/<uuid:order_id>/screenings")
@needs_staff()
@blueprint.response(200, ScreeningsOutput)
def screenings(order_id: UUID) -> Any:
    """Every look of the rules at the order, with what it was made from, and every override."""
    with staff_reading() as (session, _):
        orders.get(session, order_id)
        return {
            "screenings": books.of_order(session, order_id),
            "overrides": books.overrides_of(session, order_id),
        }


@blueprint.post("/orders/<uuid:order_id>/overrides")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(OverrideInput())
@blueprint.response(201, StandingOutput)
def override(asked: dict[str, Any], order_id: UUID) -> Any:
    """The findings of these codes are set aside, each with a record of its own."""
    now = the_pharmacy().clock()

    def work(session: Session, actor: Actor) -> Any:
        order = orders.get_for_update(session, order_id)
        if order.version != asked["version"]:
            raise SomebodyElseWasFaster
        what = Override(
            order=order, reason=asked["reason"], contact=asked["contact"], codes=tuple(asked["codes"])
        )
        if not override_findings(session, what, by=actor, now=now):
            raise NothingToOverride
        return order

    return staff_answer_once(flushed(work), _STANDING)


@blueprint.get("/screening-rules")
@needs_staff()
@blueprint.response(200, RulesOutput)
def rules() -> Any:
    """The rules in force."""
    with staff_reading() as (session, _):
        return {"rules": session.scalars(books.rules_in_force()).all()}


@blueprint.get("/screening-rules/<code>")
@needs_staff()
@blueprint.response(200, RulesOutput)
def versions(code: str) -> Any:
    """Every version of one rule, newest first."""
    with staff_reading() as (session, _):
        found = books.versions_of(session, code)
    if not found:
        raise RuleNotFound
    return {"rules": found}


@blueprint.post("/screening-rules/<code>/versions")
@needs_staff(Role.PHARMACIST_IN_CHARGE)
@blueprint.arguments(RuleChangeInput())
@blueprint.response(201, RuleOutput)
def change(asked: dict[str, Any], code: str) -> Any:
    """A new version of the rule, in force from now on; old results stay what they were."""
    now = the_pharmacy().clock()
    what = RuleChange(code=code, seen_version=asked.pop("version"), **asked)
    return staff_answer_once(
        flushed(lambda session, actor: change_screening_rule(session, what, by=actor, now=now)), _RULE
    )
