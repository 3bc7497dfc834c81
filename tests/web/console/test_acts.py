"""Acting on an order through forms: what they ask, what they refuse, and what a stale page is told."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.store import audit
from tests.books import Clock
from tests.builders import an_order
from tests.web.console.pages import Console, words
from tests.work import Work

S = OrderStatus
_People = Callable[[str], Console]


def test_two_people_walk_an_order_from_its_arrival_to_shipping(
    work: Work, tess: Console, paul: Console
) -> None:
    order_id = work.submit()
    work.carry_out()
    number = str(work.order(order_id).number)
    steps = [
        (tess, Act.START_REVIEW, {}, S.IN_REVIEW),
        (paul, Act.APPROVE, {}, S.AWAITING_PAYMENT),
        (tess, Act.RECORD_PAYMENT, {}, S.QUEUED),
        (tess, Act.START_COMPOUNDING, {}, S.COMPOUNDING),
        (tess, Act.FINISH_LABELLING, {}, S.LABELLED),
        (paul, Act.VERIFY, {"typed": number}, S.VERIFIED),
        (tess, Act.SHIP, {"typed": f"Rx {number}"}, S.SHIPPED),
    ]

    for who, act, typed, reached in steps:
        if act is Act.FINISH_LABELLING:
            work.carry_out()
            work.work_off(order_id)
        answer = who.act(order_id, act, **typed)
        assert (answer.status_code, answer.location) == (303, f"/console/orders/{order_id}"), act
        assert work.order(order_id).status is reached


def test_whoever_acts_on_a_stale_page_is_told_and_shown_the_order_as_it_is(
    work: Work, tess: Console, paul: Console
) -> None:
    order_id = work.submit()
    seen = tess.hidden(f"/orders/{order_id}")
    paul.act(order_id, Act.START_REVIEW)

    answer = tess.client.post(f"/console/orders/{order_id}/acts/hold", data={**seen, "reason": "No capsules"})

    assert answer.status_code == 409
    assert "Somebody has changed this order since you opened it." in words(answer)
    assert "In review" in words(answer)
    assert "No capsules</textarea>" in answer.text
    assert work.order(order_id).status is S.IN_REVIEW


@pytest.mark.parametrize("version", ["", "x", "-1", "٣", "9" * 40])
def test_a_form_without_a_readable_version_is_stale(work: Work, tess: Console, version: str) -> None:
    order_id = work.submit()

    answer = tess.post(f"/orders/{order_id}/acts/start_review", version=version)

    assert answer.status_code == 409
    assert work.order(order_id).status is S.RECEIVED


@pytest.mark.parametrize("typed", ["", "100000000", "Rx", "verify"])
def test_verifying_asks_for_the_number_and_keeps_what_was_typed(
    work: Work, paul: Console, typed: str
) -> None:
    order_id = work.bring_to(S.LABELLED)

    answer = paul.act(order_id, Act.VERIFY, typed=typed)

    assert answer.status_code == 422
    assert f"To verify, type the Rx number of this order: {work.order(order_id).number}." in words(answer)
    assert 'href="#typed-verify"' in answer.text
    assert f'value="{typed}" aria-invalid="true"' in answer.text
    assert work.order(order_id).status is S.LABELLED


@pytest.mark.parametrize(
    ("act", "status"), [(Act.REJECT, S.IN_REVIEW), (Act.CANCEL, S.QUEUED), (Act.HOLD, S.QUEUED)]
)
def test_ending_or_holding_an_order_asks_for_a_reason_that_stays_on_record(
    work: Work, paul: Console, act: Act, status: OrderStatus
) -> None:
    order_id = work.bring_to(status)

    assert paul.act(order_id, act, reason="  ").status_code == 422
    assert work.order(order_id).status is status

    assert paul.act(order_id, act, reason="The patient has moved").status_code == 303
    with work.sessions.read() as session:
        assert audit.of_subject(session, order_id)[-1].detail["reason"] == "The patient has moved"
    assert "The patient has moved" in words(paul.order(order_id))


def test_a_dangerous_act_says_what_it_will_do(work: Work, paul: Console) -> None:
    order_id = work.bring_to(S.LABELLED)

    page = words(paul.order(order_id))

    assert "You answer for it that 3 vials hold what this order says. Your name goes on record." in page
    assert "capsules that were made are destroyed, never restocked." in page


def test_an_impossible_act_stays_visible_with_its_reason(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.COMPOUNDING)

    page = words(tess.order(order_id))
    assert re.search(r"Finish labelling Batch B261123-\d+ is lots assigned", page)
    work.work_off(order_id)
    page = words(tess.order(order_id))

    assert "Finish labelling Waits for 3 of 3 labels" in page
    assert "Verify Only a pharmacist may verify" in page
    assert "Ship Waits for final verification" in page


def test_whoever_compounded_sees_why_another_must_verify(work: Work, at_work: _People) -> None:
    order_id = work.bring_to(S.QUEUED)
    work.act(order_id, Act.START_COMPOUNDING, Role.PHARMACIST)
    work.carry_out()
    work.act(order_id, Act.FINISH_LABELLING)
    paul = at_work("paul")

    assert "Verify Whoever compounded an order may not verify it" in words(paul.order(order_id))
    forced = paul.act(order_id, Act.VERIFY, typed=str(work.order(order_id).number))
    assert forced.status_code == 409
    assert work.order(order_id).status is S.LABELLED


def test_what_a_role_may_never_do_is_refused_whatever_is_sent(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.IN_REVIEW)

    answer = tess.act(order_id, Act.APPROVE)

    assert answer.status_code == 403
    assert "Only a pharmacist may approve." in words(answer)


def test_acts_and_orders_that_do_not_exist_are_not_found(work: Work, tess: Console) -> None:
    order_id = work.submit()
    nowhere = "00000000-0000-0000-0000-000000000000"

    for path in (f"/orders/{order_id}/acts/burn", f"/orders/{nowhere}/acts/ship", f"/orders/{nowhere}/start"):
        answer = tess.post(path, started_on="2026-11-23")
        assert answer.status_code == 404, path
        assert "There is no such order." in words(answer)


def test_a_held_order_says_where_it_goes_on(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.QUEUED)
    tess.act(order_id, Act.HOLD, reason="Out of capsules")

    assert "then goes on as queued" in words(tess.order(order_id))
    assert tess.act(order_id, Act.RESUME).status_code == 303
    assert work.order(order_id).status is S.QUEUED


def test_the_start_is_confirmed_and_the_calendar_moves(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.SHIPPED)
    assert "assumed from shipping" in words(tess.order(order_id))

    answer = tess.client.post(
        f"/console/orders/{order_id}/start",
        data={**tess.hidden(f"/orders/{order_id}"), "started_on": "2026-11-24"},
    )

    assert answer.status_code == 303
    assert "Day 1 is Tue 24 Nov 2026 (tomorrow), confirmed." in words(tess.order(order_id))


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ("", 422, "Give the day on which the first capsule was taken."),
        ("soon", 422, "Give the day on which the first capsule was taken."),
        ("2026-11-22", 422, "The first day lies between"),
        ("2027-01-01", 422, "The first day lies between"),
    ],
)
def test_a_start_that_cannot_be_is_refused_beside_its_field(
    work: Work, tess: Console, typed: str, status: int, sentence: str
) -> None:
    order_id = work.bring_to(S.SHIPPED)

    answer = tess.client.post(
        f"/console/orders/{order_id}/start", data={**tess.hidden(f"/orders/{order_id}"), "started_on": typed}
    )

    assert answer.status_code == status
    assert words(answer).count(sentence) == 2
    assert 'aria-describedby="started_on-hint fault-start" aria-invalid="true"' in answer.text


def test_a_start_is_not_confirmed_on_a_stale_page_or_by_an_auditor(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.SHIPPED)

    assert tess.post(f"/orders/{order_id}/start", version="1", started_on="2026-11-23").status_code == 409
    assert work.order(order_id).start_confirmed_at is None


def test_overriding_what_blocks_asks_with_whom_the_pharmacist_spoke(work: Work, paul: Console) -> None:
    order_id = work.bring_to(S.IN_REVIEW, an_order(opioid_last_14_days="yes"))
    work.carry_out()
    assert "Spoke with (name and time)" in words(paul.order(order_id))

    refused = paul.act(order_id, Act.APPROVE, reason="Last dose 20 days ago", contact="nobody")

    assert refused.status_code == 422
    assert words(refused).count("say with whom you spoke and when") == 2
    assert 'href="#contact-approve"' in refused.text
    assert "Last dose 20 days ago</textarea>" in refused.text
    assert 'value="nobody" aria-invalid="true"' in refused.text
    done = paul.act(
        order_id, Act.APPROVE, reason="Last dose 20 days ago", contact="Dr. Example, 23 Nov, 14:05"
    )
    assert done.status_code == 303
    page = words(paul.order(order_id))
    assert "approved the order: Last dose 20 days ago (spoke with Dr. Example, 23 Nov, 14:05)" in page


def test_a_reason_of_one_character_is_refused_beside_its_field(work: Work, paul: Console) -> None:
    order_id = work.bring_to(S.QUEUED)

    answer = paul.act(order_id, Act.CANCEL, reason=".")

    assert answer.status_code == 422
    assert words(answer).count("Give the reason in at least 10 characters.") == 2
    assert ">.</textarea>" in answer.text


def test_why_an_order_cannot_be_approved_or_verified_is_said_before_anybody_tries(
    work: Work, paul: Console, clock: Clock
) -> None:
    unproved = work.bring_to(S.IN_REVIEW)
    assert "Approve Waits for 3 of 3 proofs" in words(paul.order(unproved))

    labelled = work.bring_to(S.LABELLED)
    clock.now += timedelta(days=120)
    number = str(work.order(labelled).number)
    paul.sign_in("paul")
    page = words(paul.order(labelled))
    assert re.search(
        r"Verify Line 1 may be used until \w+ \d+ \w+ 20\d\d, before its last planned dose on", page
    )
    forced = paul.act(labelled, Act.VERIFY, typed=number)
    assert forced.status_code == 409
    assert "before its last planned dose on" in words(forced)
