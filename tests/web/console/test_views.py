"""What is late and why, what waits at the counter for too long, and views of the queue that people save."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store import console_desk
from pharmacy.store.console_desk import MOST_VIEWS
from pharmacy.store.orders import Order
from tests.books import MORNING, Clock
from tests.builders import an_order
from tests.web.console.pages import Console, words
from tests.work import Work

S = OrderStatus


def _named(name: str, **fields: object) -> dict[str, object]:
    return an_order({"/patient/full_name": name}, **fields)


def _since(work: Work, order_id: UUID, days: int) -> None:
    with work.sessions.write() as session:
        at = MORNING - timedelta(days=days)
        session.execute(update(Order).where(Order.id == order_id).values(status_at=at))


def test_what_is_late_is_shown_first_with_where_it_stays(work: Work, tess: Console) -> None:
    late = work.bring_to(S.QUEUED, _named("Lena Late"))
    work.bring_to(S.QUEUED, _named("Pia Punctual"))
    with work.sessions.write() as session:
        promised = (MORNING - timedelta(days=2)).date()
        session.execute(update(Order).where(Order.id == late).values(promised_on=promised))

    today, narrowed = words(tess.get("/orders")), words(tess.get("/orders?room=today&late=yes"))

    assert "Late 1" in today
    assert today.index("Lena Late") < today.index("Pia Punctual")
    assert "late queued since Mon 23 Nov 2026" in today
    assert "Lena Late" in narrowed
    assert "Pia Punctual" not in narrowed


def test_bags_that_nobody_takes_for_two_weeks_are_listed(work: Work, tess: Console) -> None:
    waiting, fresh, exactly = (
        work.bring_to(S.VERIFIED, _named(name, delivery="pick_up"))
        for name in ("Wanda Waiting", "Frida Fresh", "Emma Exactly")
    )
    _since(work, waiting, 15)
    _since(work, exactly, 14)

    page = words(tess.get("/orders?room=ship&days=14"))

    assert "Waiting longer than 14 days" in words(tess.get("/orders?room=ship"))
    assert "Wanda Waiting" in page
    assert "Frida Fresh" not in page
    assert "Emma Exactly" not in page
    assert work.order(fresh).status is S.VERIFIED
    by_mail = words(tess.get("/orders?room=ship&delivery=mail"))
    assert "Wanda Waiting" not in by_mail


def test_a_view_is_kept_for_one_person_and_forgotten_by_that_person_alone(
    work: Work, tess: Console, paul: Console
) -> None:
    kept = tess.post("/views", name="Late at the bench", query="room=bench&late=yes&evil=<script>")

    assert (kept.status_code, kept.location) == (303, "/console/orders?room=bench&late=yes")
    assert "Late at the bench" in words(tess.get("/orders"))
    assert "Late at the bench" not in words(paul.get("/orders"))
    with work.sessions.read() as session:
        technician = work.member_in(session, Role.TECHNICIAN)
        (view,) = console_desk.views_of(session, technician.id)
    assert view.query == "room=bench&late=yes"
    assert paul.post(f"/views/{view.id}/forget").status_code == 404
    assert tess.post(f"/views/{view.id}/forget").status_code == 303
    assert "Late at the bench" not in words(tess.get("/orders"))


def test_a_view_without_a_name_is_refused_and_the_thirteenth_too(tess: Console) -> None:
    assert "Give the view a name." in words(tess.post("/views", name=" ", query="room=all"))
    for number in range(MOST_VIEWS):
        assert tess.post("/views", name=f"View {number}", query="room=all").status_code == 303
    assert tess.post("/views", name="View 0", query="room=ship").status_code == 303

    refused = tess.post("/views", name="One more", query="room=all")

    assert refused.status_code == 409
    assert "forget one first" in words(refused)


def test_the_rail_renews_its_counts_and_keeps_nobody_signed_in(
    work: Work, tess: Console, clock: Clock
) -> None:
    work.submit()

    rail = tess.get("/rail?here=review")

    assert "Review , waiting for me: 1" in words(rail)
    assert 'aria-current="page">Review' in rail.text.replace("\n", "")
    for _ in range(4):
        clock.now += timedelta(minutes=9)
        rail = tess.get("/rail")
    assert rail.status_code == 303
