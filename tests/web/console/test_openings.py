"""Two people at one order: the second is told, and each look is on record once."""

from datetime import timedelta

from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store import audit
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.books import Clock
from tests.web.console.pages import Console, words
from tests.work import Work

S = OrderStatus


def _readings(work: Work, order_id: object) -> list[str]:
    patient_id = work.order(order_id).patient_id  # type: ignore[arg-type]  # As the fixtures give it.
    with work.sessions.read() as session:
        entries = audit.of_subject(session, patient_id)
    return [entry.actor_name for entry in entries if entry.action == "patient.shown"]


def test_whoever_comes_second_is_told_who_is_there(work: Work, tess: Console, paul: Console) -> None:
    order_id = work.bring_to(S.IN_REVIEW)
    assert "has this order open" not in words(tess.order(order_id))

    second = words(paul.get(f"/orders/{order_id}/review"))

    assert "Tess Technician has this order open too (Mon 23 Nov 2026, 10:00)." in second
    assert "Paul Pharmacist has this order open too" in words(tess.order(order_id))


def test_whoever_left_the_order_is_soon_not_spoken_of(
    work: Work, tess: Console, paul: Console, clock: Clock
) -> None:
    order_id = work.submit()
    tess.order(order_id)
    clock.now += timedelta(minutes=5)

    assert "has this order open" not in words(paul.order(order_id))


def test_a_page_that_asks_again_tells_who_has_changed_the_order_meanwhile(
    work: Work, tess: Console, paul: Console
) -> None:
    order_id = work.submit()
    seen = tess.hidden(f"/orders/{order_id}")["version"]
    fresh = tess.get(f"/orders/{order_id}/company?version={seen}")
    assert "changed" not in words(fresh)
    paul.act(order_id, Act.START_REVIEW)

    stale = words(tess.get(f"/orders/{order_id}/company?version={seen}"))

    assert "Paul Pharmacist has changed this order since you opened it. Look again" in stale


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(work: Work, tess: Console, clock: Clock) -> None:
    order_id = work.submit()
    tess.sign_in("tess", DEMO_PASSWORD)
    for _ in range(4):
        clock.now += timedelta(minutes=9)
        answer = tess.get(f"/orders/{order_id}/company?version=1")

    assert answer.status_code == 303
    assert answer.location.startswith("/console/sign-in")


def test_every_look_at_an_order_is_on_record_once(work: Work, tess: Console, paul: Console) -> None:
    order_id = work.submit()
    tess.order(order_id)
    paul.get(f"/orders/{order_id}/review")
    tess.order(order_id)
    tess.get(f"/orders/{order_id}/company?version=1")

    assert _readings(work, order_id) == ["Tess Technician", "Paul Pharmacist", "Tess Technician"]
