"""What a practice's system reads: lists by page, one order, its timeline, its calendar, its labels."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store.labels import Label
from pharmacy.store.orders import Order
from pharmacy.usecases.make_label import make_proofs
from tests.books import Clock
from tests.builders import GONE, a_plan, an_order
from tests.callers import Api
from tests.rows import another_practice
from tests.web.api.answers import kind, pointers, problem
from tests.work import Work


def test_orders_are_listed_newest_first_and_page_by_page(api: Api, clock: Clock) -> None:
    ids = []
    for _ in range(5):
        clock.now += timedelta(minutes=1)
        ids.append(api.order(an_order())["id"])

    pages, page = [], api.get("/orders?limit=2").get_json()
    pages.append([order["id"] for order in page["orders"]])
    while page["next_page"]:
        page = api.get(f"/orders?limit=2&page={page['next_page']}").get_json()
        pages.append([order["id"] for order in page["orders"]])

    newest = ids[::-1]
    assert pages == [newest[:2], newest[2:4], newest[4:]]


def test_an_order_that_arrives_between_two_pages_shifts_none(api: Api) -> None:
    first, second = (api.order(an_order())["id"] for _ in range(2))
    page = api.get("/orders?limit=1").get_json()
    api.order(an_order())

    following = api.get(f"/orders?limit=1&page={page['next_page']}").get_json()

    assert [order["id"] for order in page["orders"] + following["orders"]] == [second, first]


def test_the_list_is_filtered_by_status(api: Api) -> None:
    received = api.order(an_order())["id"]
    waiting = api.order(an_order(authorization=GONE))["id"]

    def listed(status: str) -> list[str]:
        return [order["id"] for order in api.get(f"/orders?status={status}").get_json()["orders"]]

    assert listed("received") == [received]
    assert listed("clarification") == [waiting]
    assert listed("shipped") == []


def test_a_bookmark_that_was_tampered_with_is_refused(api: Api) -> None:
    for _ in range(2):
        api.order(an_order())
    bookmark = api.get("/orders?limit=1").get_json()["next_page"]

    other = ("B" if bookmark[0] == "A" else "A") + bookmark[1:]
    payload, _, signature = bookmark.rpartition(".")
    for forged in (other, payload, f"{payload}.{signature[::-1]}", f"{payload}."):
        assert pointers(api.get(f"/orders?page={forged}"), 400) == ["/page"]


def test_a_page_of_the_list_takes_the_same_few_queries_however_many_it_holds(
    api: Api, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    for _ in range(3):
        api.order(an_order())

    with count_queries() as queries:
        answer = api.get("/orders?limit=3")

    assert len(answer.get_json()["orders"]) == 3
    # Who asks, the page, and whose facts were shown.
    assert len(queries) <= 3, queries


def test_one_order_takes_the_same_few_queries_however_many_steps_it_has(
    api: Api, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    counts = []
    for plan in (a_plan(("1.5", 30)), a_plan(*[(f"{half / 2:g}", 4) for half in range(2, 9)])):
        order = api.order(an_order(plan=plan))
        with count_queries() as queries:
            assert api.get(f"/orders/{order['id']}").status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12


def test_the_timeline_tells_what_happened_when_and_by_whom(api: Api, work: Work) -> None:
    order = api.order(an_order())
    work.carry_out()

    entries = api.get(f"/orders/{order['id']}/timeline").get_json()["entries"]

    assert entries[0] == {
        "at": "2026-11-23T15:00:00+00:00",
        "action": "order.received",
        "by": "api_client",
        "detail": {"status": "received"},
    }
    assert [entry["action"] for entry in entries[1:]] == ["label.requested"] * 3 + ["label.made"] * 3
    assert {entry["by"] for entry in entries[1:]} == {"system"}


def test_what_staff_write_for_each_other_is_not_told_to_a_practice(api: Api, work: Work) -> None:
    order = api.order(an_order())
    work.act(UUID(order["id"]), Act.HOLD, reason="same person as a patient of Dr. Jones")

    told = api.get(f"/orders/{order['id']}/timeline")

    assert told.get_json()["entries"][-1]["action"] == "order.on_hold"
    assert "Jones" not in told.text
    assert "Tess" not in told.text


def test_the_schedule_says_which_dose_on_which_day_from_an_assumed_start(api: Api) -> None:
    prescription = api.order(an_order())["prescription"]["id"]

    schedule = api.get(f"/prescriptions/{prescription}/schedule").get_json()

    # Three business days to the promise (Friday 27 November, since Thursday is Thanksgiving) and three on
    # the way.
    assert schedule["start"] == {"on": "2026-11-30", "basis": "assumed"}
    assert [(step["first_on"], step["last_on"]) for step in schedule["steps"]] == [
        ("2026-11-30", "2026-12-06"),
        ("2026-12-07", "2026-12-13"),
        ("2026-12-14", "2026-12-29"),
    ]
    assert len(schedule["days"]) == 30
    assert schedule["days"][7] == {
        "day": 8,
        "on": "2026-12-07",
        "step": 2,
        "intakes": [{"time_of_day": "bedtime", "dose_mg": "3"}],
    }


def test_the_calendar_file_names_no_drug_dose_or_condition(api: Api) -> None:
    prescription = api.order(an_order())["prescription"]["id"]

    answer = api.get(f"/prescriptions/{prescription}/schedule?format=ics")

    assert answer.content_type == "text/calendar; charset=utf-8"
    entries = Calendar.from_ical(answer.data).walk("VEVENT")
    assert len(entries) >= 3
    for forbidden in ("naltrexone", "mg", "fibromyalgia", "sample"):
        assert forbidden not in answer.text.lower()


def test_a_label_is_409_until_it_is_made_and_then_a_pdf(api: Api, pharmacy: Pharmacy, work: Work) -> None:
    order = api.order(an_order())
    (message_id,) = work.messages("order.received")
    make_proofs(pharmacy.sessions, message_id, pharmacy.imprint, by=pharmacy.clockwork, now=pharmacy.clock())
    (label,) = api.get(f"/orders/{order['id']}").get_json()["lines"][0]["vials"][0]["labels"]
    assert label["made_at"] is None
    assert kind(api.get(f"/labels/{label['id']}"), 409) == "label-not-made"

    work.carry_out()

    answer = api.get(f"/labels/{label['id']}")
    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF-")


def test_an_order_answers_with_a_tag_that_changes_with_what_it_tells(api: Api, work: Work) -> None:
    order = api.order(an_order())
    address = f"/orders/{order['id']}"
    tag = api.get(address).headers["ETag"]

    unchanged = api.get(address, headers={"If-None-Match": tag})
    work.carry_out()
    changed = api.get(address, headers={"If-None-Match": tag})

    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


@pytest.mark.parametrize("exists", [True, False])
def test_another_practices_things_look_like_things_that_are_not_there(
    api: Api, pharmacy: Pharmacy, work: Work, exists: bool
) -> None:
    order = api.order(an_order())
    quote = api.post("/quotes", {"plan": a_plan()}).get_json()
    work.carry_out()
    with pharmacy.sessions.write() as session:
        another_practice(session, "another-token")
        label_id = session.scalars(select(Label.id)).first()
    stranger = Api(api.client, "another-token")

    def there(real: object) -> object:
        return real if exists else uuid4()

    answers = {
        "order": stranger.get(f"/orders/{there(order['id'])}"),
        "timeline": stranger.get(f"/orders/{there(order['id'])}/timeline"),
        "schedule": stranger.get(f"/prescriptions/{there(order['prescription']['id'])}/schedule"),
        "label": stranger.get(f"/labels/{there(label_id)}"),
        "quote": stranger.get(f"/quotes/{there(quote['id'])}"),
        "citing": stranger.post("/orders", an_order(quote_id=str(there(quote["id"])))),
    }

    assert {name: problem(answer, 404)["detail"] for name, answer in answers.items()} == {
        "order": "There is no such order.",
        "timeline": "There is no such order.",
        "schedule": "There is no such prescription.",
        "label": "There is no such label.",
        "quote": "There is no such quote.",
        "citing": "There is no such quote.",
    }
    assert stranger.get("/orders").get_json()["orders"] == []


def test_an_order_shows_where_it_stands(api: Api, pharmacy: Pharmacy) -> None:
    order = api.order(an_order())
    with pharmacy.sessions.write() as session:
        session.execute(update(Order).where(Order.id == UUID(order["id"])).values(status=OrderStatus.QUEUED))

    assert api.get(f"/orders/{order['id']}").get_json()["status"] == "queued"
