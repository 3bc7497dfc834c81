"""Where an order may go, and who may send it there."""

from datetime import date
from itertools import pairwise

import pytest

from pharmacy.domain.orders import (
    ACTS,
    FINAL,
    RESTS,
    Act,
    IllegalTransition,
    OrderStatus,
    Refusal,
    Role,
    act_allowed,
    advance,
    answering_allowed,
    answers_missing,
    beyond_use_too_early,
    cannot_be_made,
    following,
    labels_missing,
)

S = OrderStatus
USUAL_WAY = [
    S.RECEIVED, S.IN_REVIEW, S.AWAITING_PAYMENT, S.QUEUED, S.COMPOUNDING, S.LABELLED, S.VERIFIED, S.SHIPPED,
    S.COMPLETED,
]  # fmt: skip
PHARMACISTS = {Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE}


def _reachable(avoiding=None):
    """Every state that a walk from `received` reaches, rests remembered, never entering `avoiding`."""
    seen, waiting = set(), [(S.RECEIVED, None)]
    while waiting:
        status, resumes_to = waiting.pop()
        if (status, resumes_to) in seen or status is avoiding:
            continue
        seen.add((status, resumes_to))
        waiting += [(after, status if after in RESTS else None) for after in following(status, resumes_to)]
    return {status for status, _ in seen}


def test_an_order_goes_its_usual_way():
    for current, wanted in pairwise(USUAL_WAY):
        assert advance(current, wanted) is wanted


def test_every_state_can_be_reached():
    assert _reachable() == set(OrderStatus)


def test_review_is_never_skipped():
    beyond = {S.AWAITING_PAYMENT, S.QUEUED, S.COMPOUNDING, S.LABELLED, S.VERIFIED, S.SHIPPED, S.PICKED_UP}

    assert not beyond & _reachable(avoiding=S.IN_REVIEW)


def test_final_verification_is_never_skipped():
    assert not {S.SHIPPED, S.PICKED_UP, S.COMPLETED, S.RETURNED} & _reachable(avoiding=S.VERIFIED)


@pytest.mark.parametrize("status", OrderStatus)
def test_from_everywhere_an_order_comes_to_an_end(status):
    seen, waiting = set(), [status]
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen.add(at)
            waiting += following(at)

    assert seen & FINAL


@pytest.mark.parametrize("status", sorted(FINAL))
def test_what_is_final_moves_no_more(status):
    with pytest.raises(IllegalTransition) as refused:
        advance(status, S.RECEIVED)

    assert (refused.value.current, refused.value.wanted) == (status, S.RECEIVED)
    assert str(refused.value).endswith("cannot become received.")


def test_what_was_handed_over_is_never_restocked_or_cancelled():
    for status in (S.SHIPPED, S.PICKED_UP):
        assert following(status) == {S.COMPLETED, S.RETURNED}


@pytest.mark.parametrize("rest", sorted(RESTS))
def test_out_of_a_rest_an_order_goes_back_to_where_it_was_and_nowhere_else(rest):
    assert advance(rest, S.QUEUED, resumes_to=S.QUEUED) is S.QUEUED
    with pytest.raises(IllegalTransition):
        advance(rest, S.COMPOUNDING, resumes_to=S.QUEUED)
    with pytest.raises(IllegalTransition):
        advance(rest, S.QUEUED)


def test_a_rest_is_no_way_to_a_state_that_cannot_rest_so():
    with pytest.raises(IllegalTransition):
        advance(S.CLARIFICATION, S.VERIFIED, resumes_to=S.VERIFIED)
    with pytest.raises(IllegalTransition):
        advance(S.ON_HOLD, S.SHIPPED, resumes_to=S.SHIPPED)


@pytest.mark.parametrize("act", Act)
def test_every_act_is_a_move_of_the_table(act):
    rule = ACTS[act]

    assert rule.leaves
    assert all(rule.to is None or rule.to in following(status) for status in rule.leaves)


@pytest.mark.parametrize("act", [Act.APPROVE, Act.REJECT, Act.VERIFY, Act.CANCEL])
def test_a_pharmacists_acts_are_open_to_pharmacists_only(act):
    status = min(ACTS[act].leaves)

    assert {role for role in Role if act_allowed(act, status, role) is None} == PHARMACISTS


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_only_reads_or_administers_moves_no_order(act, role):
    assert all(act_allowed(act, status, role) for status in OrderStatus)


@pytest.mark.parametrize(
    ("act", "status", "role", "reason"),
    [
        (Act.VERIFY, S.LABELLED, Role.TECHNICIAN, "Only a pharmacist may verify"),
        (Act.VERIFY, S.COMPOUNDING, Role.PHARMACIST, "Waits for labels"),
        (Act.VERIFY, S.VERIFIED, Role.PHARMACIST, "The order is verified"),
        (Act.START_COMPOUNDING, S.AWAITING_PAYMENT, Role.TECHNICIAN, "Waits for payment"),
        (
            Act.START_COMPOUNDING,
            S.QUEUED,
            Role.SHIPPING,
            "Only a pharmacist or technician may start compounding",
        ),
        (Act.SHIP, S.VERIFIED, Role.AUDITOR, "Only pharmacists, technicians and shipping may ship"),
        (Act.SHIP, S.CANCELLED, Role.SHIPPING, "The order is cancelled"),
        (Act.APPROVE, S.ON_HOLD, Role.PHARMACIST, "The order is on hold"),
        (Act.APPROVE, S.CLARIFICATION, Role.PHARMACIST, "Waits for an answer"),
        (Act.PICK_UP, S.VERIFIED, Role.AUDITOR, "Only pharmacists, technicians and shipping may hand over"),
        (Act.RESUME, S.QUEUED, Role.TECHNICIAN, "The order is queued"),
    ],
)
def test_a_refusal_says_what_is_missing(act, status, role, reason):
    assert act_allowed(act, status, role).reason == reason


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("status", OrderStatus)
def test_the_pharmacist_in_charge_may_do_exactly_what_the_state_allows(act, status):
    is_open = act_allowed(act, status, Role.PHARMACIST_IN_CHARGE) is None

    assert is_open is (status in ACTS[act].leaves)


@pytest.mark.parametrize("role", Role)
def test_an_order_leaves_clarification_by_a_pharmacist_and_a_hold_by_the_bench(role):
    may_leave_a_hold = act_allowed(Act.RESUME, S.ON_HOLD, role) is None
    may_leave_clarification = act_allowed(Act.RESUME, S.CLARIFICATION, role) is None

    assert may_leave_a_hold == (role in PHARMACISTS | {Role.TECHNICIAN})
    assert may_leave_clarification == (role in PHARMACISTS)


@pytest.mark.parametrize("status", OrderStatus)
def test_answers_are_taken_until_a_pharmacist_has_decided(status):
    refusal = answering_allowed(status, Role.PHARMACIST)

    assert (refusal is None) == (status in {S.RECEIVED, S.IN_REVIEW, S.CLARIFICATION})
    assert answering_allowed(status, Role.TECHNICIAN) == Refusal("Only a pharmacist may answer questions")


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (answers_missing(0), None),
        (answers_missing(1), "Waits for answers to 1 question"),
        (answers_missing(2), "Waits for answers to 2 questions"),
        (labels_missing("proof", 0, 3, "No room."), None),
        (labels_missing("proof", 2, 3), "Waits for 2 of 3 proofs"),
        (labels_missing("label", 2, 3, "No room."), "A label cannot be drawn: No room"),
        (cannot_be_made(2, "7 mg is too small."), "Line 2 cannot be made today: 7 mg is too small"),
    ],
)
def test_what_an_order_lacks_is_said_in_words(refusal, words):
    assert (refusal and refusal.reason) == words


def test_the_last_dose_may_fall_on_the_beyond_use_date_and_not_after_it():
    lasting = beyond_use_too_early(1, date(2026, 3, 30), first_dose_on=date(2026, 3, 1), days=30)
    ending = beyond_use_too_early(1, date(2026, 3, 29), first_dose_on=date(2026, 3, 1), days=30)

    assert lasting is None
    assert ending == Refusal(
        "Line 1 may be used until 2026-03-29, before its last planned dose on 2026-03-30"
    )
