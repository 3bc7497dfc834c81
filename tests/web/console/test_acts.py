"""Acting on an order through forms: what they ask, what they refuse, and what a stale page is told."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.store import audit
from pharmacy.store.labels import LabelKind
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.books import Clock
from tests.builders import an_order
from tests.web.console.pages import Console, words
from tests.work import Work

S = OrderStatus
_People = Callable[[str], Console]


def scan_all(console: Console, work: Work, order_id: UUID, room: str) -> None:
    """Every vial of the order is scanned in that room."""
    for label in work.labels(order_id):
        if label.kind is LabelKind.DISPENSING:
            scanned = console.post(f"/orders/{order_id}/{room}/scans", code=label.barcode or "")
            assert (scanned.status_code, scanned.location) == (303, f"/console/orders/{order_id}/{room}")


def test_two_people_walk_an_order_from_its_arrival_to_shipping(
    work: Work, tess: Console, paul: Console
) -> None:
    order_id = work.submit()
    work.carry_out()
    steps = [
        (lambda: tess.act(order_id, Act.START_REVIEW), S.IN_REVIEW),
        (lambda: paul.approve(order_id), S.AWAITING_PAYMENT),
        (lambda: tess.act(order_id, Act.RECORD_PAYMENT), S.QUEUED),
        (lambda: tess.act(order_id, Act.START_COMPOUNDING), S.COMPOUNDING),
        (lambda: tess.act(order_id, Act.FINISH_LABELLING), S.LABELLED),
        (lambda: paul.verify(order_id), S.VERIFIED),
        (lambda: tess.at_counter(order_id, "ship", carrier="usps", tracking_number="9400 1"), S.SHIPPED),
    ]

    for act, reached in steps:
        if reached is S.LABELLED:
            work.carry_out()
            work.work_off(order_id)
        if reached is S.VERIFIED:
            scan_all(paul, work, order_id, "verification")
        if reached is S.SHIPPED:
            scan_all(tess, work, order_id, "counter")
            offered = tess.at_counter(
                order_id, "counselling", way="in_writing", outcome="offered", offered_to="Anna Sample"
            )
            assert offered.status_code == 303
        answer = act()
        assert (answer.status_code, answer.location) == (303, f"/console/orders/{order_id}"), reached
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


@pytest.mark.parametrize(
    ("act", "status"), [(Act.CANCEL, S.IN_REVIEW), (Act.CANCEL, S.QUEUED), (Act.HOLD, S.QUEUED)]
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
    forced = paul.verify(order_id)
    assert forced.status_code == 409
    assert work.order(order_id).status is S.LABELLED


def test_what_a_role_may_never_do_is_refused_whatever_is_sent(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.IN_REVIEW)

    answer = tess.act(order_id, Act.CANCEL, reason="The patient has moved")

    assert answer.status_code == 403
    assert "Only a pharmacist may cancel." in words(answer)
    assert tess.approve(order_id).status_code == 403


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
    why = {"reason": "Last dose 20 days ago", "signature": DEMO_PASSWORD}
    assert "Spoke with (name and time)" in words(paul.get(f"/orders/{order_id}/review"))
    assert paul.approve(order_id, reason=why["reason"], contact="Dr. Example, 14:05").status_code == 422

    refused = paul.approve(order_id, **why, contact="nobody")

    assert refused.status_code == 422
    assert words(refused).count("say with whom you spoke and when") == 2
    assert 'href="#approve-contact"' in refused.text
    assert "Last dose 20 days ago</textarea>" in refused.text
    assert 'value="nobody" aria-invalid="true"' in refused.text
    assert DEMO_PASSWORD not in refused.text
    done = paul.approve(order_id, **why, contact="Dr. Example, 23 Nov, 14:05")
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
    paul.sign_in("paul")
    page = words(paul.order(labelled))
    assert re.search(
        r"Verify Line 1 may be used until \w+ \d+ \w+ 20\d\d, before its last planned dose on", page
    )
    forced = paul.verify(labelled)
    assert forced.status_code == 409
    assert "before its last planned dose on" in words(forced)
