"""Orders are screened against everything the pharmacy knows, each look is on record, and overrides too."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from pharmacy.domain.findings import Severity
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.screening import ContactMissing, ReasonTooShort
from pharmacy.store import orders
from pharmacy.store import screening as books
from pharmacy.store.orders import Order
from pharmacy.store.patients import Patient
from pharmacy.store.screening import FindingOverride, Occasion, Screening, ScreeningRuleRow
from pharmacy.store.tasks import Task
from pharmacy.usecases.act_on_order import ActNotOpen
from pharmacy.usecases.screen_order import Look, screen_order
from tests.books import MORNING, Clock
from tests.builders import an_order
from tests.work import Work

S = OrderStatus
OXYCODONE = {"text": "oxycodone 5 mg", "system": "rxnorm", "code": "7804"}


def _found(order: Order) -> list[tuple[str, Severity, int | None]]:
    return [
        (each.code, each.severity, each.rule_version) for each in order.findings if each.code.startswith("S-")
    ]


def _screenings(work: Work, order_id: UUID) -> list[Screening]:
    with work.sessions.read() as session:
        return list(books.of_order(session, order_id))


def _learn(work: Work, order_id: UUID, **facts: Any) -> None:
    """The patient's record says this from now on, without anybody having screened it."""
    with work.sessions.write() as session:
        patient = session.get_one(Patient, orders.get(session, order_id).patient_id)
        patient.profile = {**patient.profile, **facts}
        patient.profile_changed_at = work.pharmacy.clock()


def _screen(work: Work, order_id: UUID) -> None:
    with work.sessions.write() as session:
        order = orders.get_for_update(session, order_id)
        look = Look(reference=work.reference(session), occasion=Occasion.PROFILE)
        screen_order(session, order, look, by=work.pharmacy.clockwork, now=work.pharmacy.clock())


def test_a_submission_is_screened_and_the_look_is_kept_with_what_it_was_made_from(work: Work) -> None:
    order_id = work.submit(an_order(medicines=[OXYCODONE, "vitamin D"]))

    assert _found(work.order(order_id)) == [("S-OPIOID-CURRENT", Severity.BLOCK, 1)]
    (look,) = _screenings(work, order_id)
    assert (look.occasion, look.at) == ("submission", MORNING)
    assert look.inputs["medicines"][0] == {
        "text": "oxycodone 5 mg", "system": "rxnorm", "code": "7804", "origin": "order",
    }  # fmt: skip
    assert [(each["code"], each["rule_version"]) for each in look.findings] == [("S-OPIOID-CURRENT", 1)]
    assert look.findings[0]["inputs"]["ingredients"] == "oxycodone"


def test_the_washout_is_computed_from_the_stated_agent_and_day(work: Work, clock: Clock) -> None:
    body = an_order(opioid_last_14_days="yes", opioid_agent="hydrocodone", opioid_last_dose_on="2026-11-20")
    order_id = work.submit(body)

    order = work.order(order_id)
    assert _found(order) == [("S-OPIOID-RECENT", Severity.BLOCK, 1)]
    assert "may be dispensed from 2026-11-30" in order.findings[0].because
    assert order.answers["opioid_detail"] == "hydrocodone, last dose 2026-11-20"
    clock.now += timedelta(days=7)
    _screen(work, order_id)
    assert _found(work.order(order_id)) == []


def test_a_change_of_a_rule_counts_from_now_on_and_is_visible_in_old_results(work: Work) -> None:
    order_id = work.submit(an_order({"/patient/birth_on": "2012-01-01"}))
    with work.sessions.write() as session:
        old = books.versions_of(session, "S-AGE-UNDER-18")[0]
        session.add(
            ScreeningRuleRow(
                code=old.code,
                version=2,
                severity=Severity.BLOCK,
                source=old.source,
                numbers={},
                owner="pharmacist-in-charge",
                reason="no minors here",
                set_at=MORNING,
            )
        )

    _screen(work, order_id)

    first, second = _screenings(work, order_id)
    assert (first.findings[0]["rule_version"], first.findings[0]["severity"]) == (1, "override")
    assert (second.findings[0]["rule_version"], second.findings[0]["severity"]) == (2, "block")
    assert _found(work.order(order_id)) == [("S-AGE-UNDER-18", Severity.BLOCK, 2)]


def test_screenings_and_overrides_are_never_changed(work: Work) -> None:
    order_id = work.submit()

    for statement in ("UPDATE screenings SET occasion = 'refill'", "DELETE FROM screenings"):
        with pytest.raises(Exception, match="never changed or removed"), work.sessions.write() as session:
            session.execute(text(statement))
    assert len(_screenings(work, order_id)) == 1


def test_an_approval_leaves_a_record_of_each_override(work: Work) -> None:
    order_id = work.bring_to(
        S.IN_REVIEW, an_order({"/patient/birth_on": "2012-01-01"}, medicines=[OXYCODONE])
    )
    work.carry_out()
    reason, contact = "spoke with the prescriber", "Dr. Example, 23 Nov, 14:05"

    with pytest.raises(ContactMissing):
        work.act(order_id, Act.APPROVE, reason=reason)
    with pytest.raises(ReasonTooShort):
        work.act(order_id, Act.APPROVE, reason="ok", contact=contact)
    work.act(order_id, Act.APPROVE, reason=reason, contact=contact)

    with work.sessions.read() as session:
        kept = list(session.scalars(select(FindingOverride).order_by(FindingOverride.code)))
    assert [(each.code, each.rule_version, each.severity) for each in kept] == [
        ("S-AGE-UNDER-18", 1, Severity.OVERRIDE), ("S-OPIOID-CURRENT", 1, Severity.BLOCK),
    ]  # fmt: skip
    assert {(each.reason, each.contact, each.overridden_at) for each in kept} == {(reason, contact, MORNING)}
    assert {each.overridden_by for each in kept} == {work.member(Role.PHARMACIST).id}
    assert kept[1].inputs["ingredients"] == "oxycodone"


def test_final_verification_wants_a_look_newer_than_the_last_change(work: Work, clock: Clock) -> None:
    order_id = work.bring_to(S.LABELLED)
    clock.now += timedelta(hours=1)
    _learn(work, order_id, medicines=[{"text": "sertraline"}])

    with pytest.raises(ActNotOpen, match="has changed since the order was screened"):
        work.act(order_id, Act.VERIFY)
    _screen(work, order_id)
    assert work.act(order_id, Act.VERIFY).status is S.VERIFIED
    assert _screenings(work, order_id)[-1].occasion == "verification"


def test_what_is_found_after_approval_keeps_the_capsules_until_it_is_overridden(
    work: Work, clock: Clock
) -> None:
    order_id = work.bring_to(S.LABELLED)
    clock.now += timedelta(hours=1)
    _learn(work, order_id, medicines=[OXYCODONE])
    _screen(work, order_id)

    with pytest.raises(ActNotOpen, match="S-OPIOID-CURRENT stand against it"):
        work.act(order_id, Act.VERIFY)


def test_what_was_overridden_at_approval_is_not_asked_again_at_verification(work: Work) -> None:
    order_id = work.submit(an_order({"/patient/birth_on": "2012-01-01"}))
    work.carry_out()
    work.act(order_id, Act.START_REVIEW)
    work.act(order_id, Act.APPROVE, reason="consultant's letter on file", contact="Dr. Example, 14:05")
    for act in (Act.RECORD_PAYMENT, Act.START_COMPOUNDING):
        work.act(order_id, act)
    work.carry_out()
    work.act(order_id, Act.FINISH_LABELLING)

    assert work.act(order_id, Act.VERIFY).status is S.VERIFIED


def test_a_record_alike_is_screened_with_the_order_and_put_before_staff(work: Work) -> None:
    work.submit(an_order(medicines=[OXYCODONE]))

    second = work.submit(an_order({"/patient/full_name": "SAMPLE, Anna B."}))

    assert _found(work.order(second)) == [
        ("S-OPIOID-CURRENT", Severity.BLOCK, 1),
        ("S-DUPLICATE-ORDER", Severity.WARN, 1),
        ("S-PATIENT-MATCH", Severity.INFO, 1),
    ]
    with work.sessions.read() as session:
        (task,) = session.scalars(select(Task)).all()
    assert (task.kind, task.order_id) == ("patient.match", second)


@pytest.mark.parametrize(
    "changes",
    [
        {"/patient/birth_on": "1984-05-07"},
        {"/patient/full_name": "Anne Sample"},
        {"/patient/phone": "(555) 010-9999", "/patient/address/postal_code": "10001"},
    ],
    ids=["another birthday", "another name", "neither telephone nor ZIP code"],
)
def test_who_differs_is_nobody_else(work: Work, changes: dict[str, Any]) -> None:
    work.submit(an_order(medicines=[OXYCODONE]))

    assert _found(work.order(work.submit(an_order(changes)))) == []
