"""What was written against the plan holds an order until a pharmacist has spoken to the prescriber."""

import pytest

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.screening import ContactMissing
from pharmacy.usecases.act_on_order import ActNotOpen, ReasonMissing
from pharmacy.usecases.answer_questions import Confirmation, WordedAnswer
from tests.builders import an_order
from tests.work import Work

CONTRADICTION = {
    "/prescription/as_written": {"text": "2 mg at bedtime", "quantity": 51, "unit_strength_mg": "1.5"}
}


def test_a_contradiction_is_asked_at_once_and_approved_only_with_a_reason_and_the_person_spoken_to(
    work: Work,
) -> None:
    order_id = work.submit(an_order(CONTRADICTION))
    with pytest.raises(ActNotOpen):
        work.act(order_id, Act.START_REVIEW)
    told = Confirmation(who="Dr. Rosa Example", when="23 November 10:05", how="by telephone")
    answer = WordedAnswer(code="C-DIRECTIONS", answer="The steps are right.", told=told)
    work.answer(order_id, worded=(answer,))
    work.act(order_id, Act.RESUME, Role.PHARMACIST)
    work.act(order_id, Act.START_REVIEW)
    work.carry_out()

    with pytest.raises(ReasonMissing):
        work.act(order_id, Act.APPROVE)
    with pytest.raises(ContactMissing):
        work.act(order_id, Act.APPROVE, reason="The steps are right; quantity was a slip.")
    approved = work.act(
        order_id,
        Act.APPROVE,
        reason="The steps are right; quantity was a slip.",
        contact="Dr. Rosa Example, by telephone, 23 November 10:05",
    )

    assert approved.status is OrderStatus.AWAITING_PAYMENT
    kept = {finding.code: (finding.expected, finding.found) for finding in approved.findings}
    assert kept["W-QUANTITY"] == ("69", "51")
    assert approved.prescription.as_written["quantity"] == 51
