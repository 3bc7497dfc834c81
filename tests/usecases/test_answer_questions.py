"""What an order was asked is answered by a pharmacist, or the order goes nowhere."""

from typing import Any

import pytest
from sqlalchemy import update

from pharmacy.domain.errors import NotAllowed
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.screening import OpioidAnswer
from pharmacy.store import audit
from pharmacy.store.orders import Order
from pharmacy.usecases.act_on_order import ActNotOpen, SomebodyElseWasFaster
from pharmacy.usecases.answer_questions import AnswerUnfit, Confirmation, NotAsked, NothingAnswered
from tests.builders import GONE, a_plan, an_order
from tests.work import Work

S = OrderStatus
UNANSWERED = {"/opioid_last_14_days": "unknown", "/medicines": GONE}
BY_TELEPHONE = Confirmation(who="Dr. Example", when="23 Nov, 10:00", how="by telephone")


def _codes(order: Order) -> list[str]:
    """What is asked and found about the patient; the typical plan has more refills than days."""
    return [finding.code for finding in order.findings if finding.code != "F-REFILLS-AFTER-PLAN"]


def test_an_order_with_open_questions_never_comes_to_the_bench(work: Work) -> None:
    order_id = work.submit(an_order(UNANSWERED))
    work.carry_out()

    with pytest.raises(ActNotOpen, match="Waits for answers to 2 questions"):
        work.act(order_id, Act.RESUME, Role.PHARMACIST, reason="asked the prescriber")
    # Even where it had got out of clarification before, nobody approves it, nor takes money or powder for it.
    for status, act in (
        (S.IN_REVIEW, Act.APPROVE),
        (S.AWAITING_PAYMENT, Act.RECORD_PAYMENT),
        (S.QUEUED, Act.START_COMPOUNDING),
    ):
        with work.sessions.write() as session:
            moved = update(Order).where(Order.id == order_id)
            session.execute(moved.values(status=status, resumes_to=None))
        with pytest.raises(ActNotOpen, match="Waits for answers to 2 questions"):
            work.act(order_id, act, reason="asked the prescriber")


def test_answers_come_one_by_one_and_then_the_order_begins(work: Work) -> None:
    order_id = work.submit(an_order(UNANSWERED))

    work.answer(order_id, opioid_last_14_days=OpioidAnswer.NO)
    assert _codes(work.order(order_id)) == ["C-MEDICINES"]
    with pytest.raises(ActNotOpen, match="Waits for answers to 1 question"):
        work.act(order_id, Act.RESUME, Role.PHARMACIST)
    work.answer(order_id, medicines=("sertraline 50 mg",))

    order = work.order(order_id)
    assert _codes(order) == []
    assert order.answers["opioid_last_14_days"] == "no"
    assert order.answers["medicines"] == ["sertraline 50 mg"]
    assert work.act(order_id, Act.RESUME, Role.PHARMACIST).status is S.RECEIVED


def test_an_answered_order_is_screened_again_and_what_was_asked_stays(work: Work) -> None:
    order_id = work.submit(an_order(UNANSWERED, plan=a_plan(("1.5", 7), ("4.5", 23))))
    (about_plan,) = [code for code in _codes(work.order(order_id)) if not code.startswith("C-")]

    work.answer(
        order_id,
        opioid_last_14_days=OpioidAnswer.YES,
        opioid_detail="tramadol, yesterday",
        medicines=("tramadol 50 mg",),
    )

    order = work.order(order_id)
    assert _codes(order) == ["S-OPIOID-RECENT", about_plan, "S-MEDICINE-OPIOID"]
    assert [finding.position for finding in order.findings] == [1, 2, 3, 4]
    assert order.findings[3].pointer == "/medicines/0"
    first, second = order.answers["answered"]
    assert (first["code"], first["answer"], first["by"]) == (
        "C-OPIOID-ANSWER", "yes, tramadol, yesterday", "Paul Pharmacist",
    )  # fmt: skip
    assert first["asked"].startswith("It is not known whether")
    assert (second["code"], second["answer"]) == ("C-MEDICINES", "tramadol 50 mg")
    with work.sessions.read() as session:
        entry = audit.of_subject(session, order_id)[-1]
    assert (entry.action, entry.detail) == (
        "order.answered", {"questions": ["C-MEDICINES", "C-OPIOID-ANSWER"]},
    )  # fmt: skip
    assert entry.actor_id == work.member(Role.PHARMACIST).id


@pytest.mark.parametrize(("said", "kept"), [((), ([], True)), (("lactose",), (["lactose"], False))])
def test_allergies_are_listed_or_none_are_known(work: Work, said: tuple[str, ...], kept: Any) -> None:
    order_id = work.submit(an_order({"/no_known_allergies": GONE}))

    work.answer(order_id, allergies=said)

    answers = work.order(order_id).answers
    assert (answers["allergies"], answers["no_known_allergies"]) == kept
    assert _codes(work.order(order_id)) == []


def test_who_confirmed_an_authorisation_when_and_how_is_kept(work: Work) -> None:
    order_id = work.submit(an_order(authorization=GONE))

    work.answer(order_id, authorisation=BY_TELEPHONE)

    order = work.order(order_id)
    assert order.answers["authorisation_confirmed"] == {
        "who": "Dr. Example", "when": "23 Nov, 10:00", "how": "by telephone",
    }  # fmt: skip
    assert order.answers["answered"][0]["answer"] == "Dr. Example, 23 Nov, 10:00, by telephone"
    assert _codes(order) == []


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"opioid_last_14_days": OpioidAnswer.UNKNOWN}, ("opioid_last_14_days",)),
        ({"authorisation": Confirmation(who=".", when="23 Nov", how="by fax")}, ("authorisation", "who")),
        ({"authorisation": Confirmation(who="Dr. X", when="now", how="by fax")}, ("authorisation", "when")),
        ({"roster": Confirmation(who="Dr. X", when="23 Nov", how="")}, ("roster", "how")),
    ],
)
def test_an_answer_that_says_nothing_is_refused_at_its_place(
    work: Work, given: dict[str, Any], where: tuple[str, ...]
) -> None:
    order_id = work.submit(an_order(UNANSWERED, authorization=GONE))
    before = work.order(order_id)

    with pytest.raises(AnswerUnfit) as refusal:
        work.answer(order_id, **given)

    assert refusal.value.where == where
    assert str(refusal.value)
    assert work.order(order_id).version == before.version


def test_what_is_not_asked_is_not_answered_and_nothing_is_no_answer(work: Work) -> None:
    order_id = work.submit(an_order(UNANSWERED))

    with pytest.raises(NotAsked, match="C-ALLERGIES, C-ROSTER"):
        work.answer(order_id, allergies=(), roster=BY_TELEPHONE)
    with pytest.raises(NothingAnswered, match="at least one"):
        work.answer(order_id)


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.SHIPPING])
def test_only_a_pharmacist_answers(work: Work, role: Role) -> None:
    order_id = work.submit(an_order(UNANSWERED))

    with pytest.raises(NotAllowed, match="Only a pharmacist may answer questions"):
        work.answer(order_id, role, opioid_last_14_days=OpioidAnswer.NO)
    with pytest.raises(NotAllowed, match="Only a pharmacist may answer questions"):
        work.answer(order_id, work.pharmacy.clockwork, opioid_last_14_days=OpioidAnswer.NO)


def test_answers_given_on_a_stale_page_or_after_the_end_are_refused(work: Work) -> None:
    order_id = work.submit(an_order(UNANSWERED))
    seen = work.order(order_id).version
    work.answer(order_id, opioid_last_14_days=OpioidAnswer.NO)

    with pytest.raises(SomebodyElseWasFaster):
        work.answer(order_id, medicines=(), seen_version=seen)
    work.act(order_id, Act.CANCEL, reason="the prescriber withdrew it")
    with pytest.raises(ActNotOpen, match="The order is cancelled"):
        work.answer(order_id, medicines=())
