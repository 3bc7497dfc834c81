"""The queue: what waits for whom, in which order, and how an order is found."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from html import unescape

import pytest

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.store import order_queue
from pharmacy.store.labels import LabelKind
from pharmacy.store.order_queue import QueueOrder, QueueRequest
from pharmacy.store.pages import page_of
from pharmacy.web.console.queue import ROWS_PER_PAGE
from tests.builders import GONE, an_order
from tests.web.console.pages import Console, words
from tests.work import Work

S = OrderStatus
_Counting = Callable[[], AbstractContextManager[list[str]]]


def _named(name: str) -> dict[str, object]:
    return an_order({"/patient/full_name": name})


@pytest.mark.parametrize(
    ("username", "seen", "unseen"),
    [
        ("tess", {"Rita Received", "Quinn Queued"}, {"Lara Labelled", "Vera Verified-Not"}),
        ("paul", {"Rita Received", "Quinn Queued", "Lara Labelled"}, set()),
        ("sam", set(), {"Rita Received", "Quinn Queued", "Lara Labelled"}),
    ],
)
def test_today_shows_what_waits_for_me(
    work: Work, at_work: Callable[[str], Console], username: str, seen: set[str], unseen: set[str]
) -> None:
    work.bring_to(S.RECEIVED, _named("Rita Received"))
    work.bring_to(S.QUEUED, _named("Quinn Queued"))
    work.bring_to(S.LABELLED, _named("Lara Labelled"))

    page = words(at_work(username).get("/orders"))

    assert all(name in page for name in seen)
    assert not any(name in page for name in unseen)


def test_what_i_compounded_does_not_wait_for_my_verification(
    work: Work, at_work: Callable[[str], Console]
) -> None:
    order_id = work.bring_to(S.QUEUED)
    work.act(order_id, Act.START_COMPOUNDING, Role.PHARMACIST)
    work.carry_out()
    work.act(order_id, Act.FINISH_LABELLING)

    assert "Nothing waits for you." in words(at_work("paul").get("/orders"))
    assert "Anna Sample" in words(at_work("iris").get("/orders"))


def test_an_empty_room_says_why_and_what_comes_there(tess: Console) -> None:
    assert "An order comes here once it is paid." in words(tess.get("/orders?room=bench"))
    assert "submit them through the API" in words(tess.get("/orders?room=all"))


def test_states_are_filters_in_the_address_with_their_counts(work: Work, tess: Console) -> None:
    work.bring_to(S.RECEIVED, _named("Rita Received"))
    work.bring_to(S.IN_REVIEW, _named("Ines Review"))

    everything = words(tess.get("/orders?room=review"))
    received = words(tess.get("/orders?room=review&state=received"))

    assert "All 2 Received 1 In review 1" in everything
    assert "Rita Received" in received
    assert "Ines Review" not in received


def test_unknown_rooms_states_and_sortings_are_passed_over(work: Work, tess: Console) -> None:
    work.submit()

    answer = tess.get("/orders?room=cellar&state=lost&first=loudest")

    assert answer.status_code == 200
    assert "Anna Sample" in words(answer)


@pytest.mark.parametrize(
    ("first", "order"),
    [
        ("oldest", ["Xavier Ada", "Ximena Ben", "Xu Cyd"]),
        ("newest", ["Xu Cyd", "Ximena Ben", "Xavier Ada"]),
        ("promised", ["Ximena Ben", "Xavier Ada", "Xu Cyd"]),
    ],
)
def test_the_queue_can_be_sorted(work: Work, tess: Console, first: str, order: list[str]) -> None:
    work.bring_to(S.RECEIVED, _named("Xavier Ada"))
    work.bring_to(S.QUEUED, _named("Ximena Ben"))
    work.bring_to(S.RECEIVED, _named("Xu Cyd"))

    page = words(tess.get(f"/orders?room=all&first={first}"))

    assert sorted(order, key=page.index) == order


@pytest.mark.parametrize("first", list(QueueOrder))
def test_every_sorting_goes_on_by_key_where_the_page_before_ended(work: Work, first: QueueOrder) -> None:
    filed = {work.bring_to(status) for status in (S.RECEIVED, S.QUEUED, S.RECEIVED, S.QUEUED, S.RECEIVED)}
    wanted = order_queue.queue(QueueRequest(statuses=frozenset(OrderStatus), first=first))

    seen, bookmark = [], None
    with work.sessions.read() as session:
        for most in (2, 2, 1):
            page = page_of(session, wanted, 2, bookmark)
            assert len(page.records) == most
            seen += [order.id for order in page.records]
            bookmark = page.next_bookmark

    assert bookmark is None
    assert (len(seen), set(seen)) == (5, filed)


@pytest.mark.slow
def test_a_long_queue_has_a_next_page(work: Work, tess: Console) -> None:
    for _ in range(ROWS_PER_PAGE + 1):
        work.submit()

    page = tess.get("/orders?room=review")
    link = page.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    following = tess.client.get(link)

    assert words(page).count("Anna Sample") == ROWS_PER_PAGE
    assert words(following).count("Anna Sample") == 1
    assert "Next orders" not in words(following)
    assert "Back to the first" in words(following)


def test_a_tampered_bookmark_is_refused_in_words(tess: Console) -> None:
    answer = tess.get("/orders?room=all&page=forged")

    assert answer.status_code == 400
    assert "This bookmark does not belong to this list." in words(answer)


def test_the_queue_costs_the_same_however_long_it_is(
    work: Work, tess: Console, count_queries: _Counting
) -> None:
    work.submit()
    with count_queries() as few:
        tess.get("/orders?room=all")
    for _ in range(4):
        work.submit()
    with count_queries() as more:
        tess.get("/orders?room=all")

    assert len(more) == len(few)


@pytest.mark.parametrize("written", ["{}", "Rx {}", "rx{}", "RX-{}", "#{}", "Rx {}-2"])
def test_a_number_leads_straight_to_its_order(work: Work, tess: Console, written: str) -> None:
    order_id = work.submit()
    number = work.order(order_id).number

    answer = tess.get("/search", query_string={"q": written.format(number)})

    assert (answer.status_code, answer.location) == (303, f"/console/orders/{order_id}")


def test_a_scanned_label_leads_to_its_order(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.LABELLED)
    label = next(label for label in work.labels(order_id) if label.kind is LabelKind.DISPENSING)

    assert tess.get("/search", query_string={"q": label.barcode}).location == f"/console/orders/{order_id}"
    forged = str(label.barcode)[:-1] + ("0" if str(label.barcode)[-1] != "0" else "1")
    assert "No order has this number" in words(tess.get("/search", query_string={"q": forged}))
    assert tess.post("/search", q=str(label.barcode)).location == f"/console/orders/{order_id}"


def test_a_scanned_bag_leads_to_its_order(work: Work, tess: Console) -> None:
    order_id = work.submit()
    code = work.pharmacy.imprint.codes.code_for_order(work.order(order_id).number)

    assert tess.post("/search", q=code).location == f"/console/orders/{order_id}"
    forged = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert "No order has this number" in words(tess.post("/search", q=forged))


@pytest.mark.parametrize(
    ("asked", "is_found"), [("sampl", True), ("ANNA", True), ("Zoe", False), ("%", False), ("_", False)]
)
def test_a_patient_is_found_by_any_part_of_the_name(
    work: Work, tess: Console, asked: str, is_found: bool
) -> None:
    work.submit()

    answer = tess.post("/search", q=asked)
    page = words(answer)

    assert answer.status_code == 200
    assert ("Anna Sample" in page) is is_found
    assert ("no patient's name holds these letters" in page) is not is_found


@pytest.mark.parametrize("asked", ["9" * 9, "9" * 30, "٣٣", "  ", "<script>"])
def test_odd_searches_find_nothing_and_break_nothing(tess: Console, asked: str) -> None:
    form = tess.hidden("/orders") | {"q": asked}
    for answer in (
        tess.get("/search", query_string={"q": asked}, follow_redirects=True),
        tess.client.post("/console/search", data=form, follow_redirects=True),
    ):
        assert answer.status_code == 200
        assert "<script>" not in answer.text.partition("<body")[2]


def test_nobody_is_found_by_a_name_in_an_address(work: Work, tess: Console) -> None:
    work.submit()

    page = tess.get("/search", query_string={"q": "Anna"})

    assert "Anna" not in page.text
    assert "A patient is found by name with the search above." in words(page)


@pytest.mark.slow
def test_pages_after_the_first_of_a_search_keep_the_name_out_of_the_address(
    work: Work, tess: Console
) -> None:
    for _ in range(ROWS_PER_PAGE + 1):
        work.submit()

    first = tess.post("/search", q="Anna")
    page = re.findall(r'name="page" value="([^"]*)"', first.text)[0]
    second = tess.post("/search", q="Anna", page=unescape(page))

    assert "q=Anna" not in first.text
    assert words(first).count("Anna Sample") == ROWS_PER_PAGE
    assert words(second).count("Anna Sample") == 1
    assert 'name="page"' not in second.text


def test_an_order_that_waits_for_an_answer_says_so_and_for_whom(work: Work, tess: Console) -> None:
    work.submit(an_order({"/opioid_last_14_days": GONE}))

    page = words(tess.get("/orders?room=resting"))

    assert "Clarification" in page
    assert "1 block" in page
    assert "Waits for the prescriber's answer; then goes on as received" in page


def test_by_promise_all_orders_are_those_that_are_still_owed(work: Work, tess: Console) -> None:
    gone = work.order(work.bring_to(OrderStatus.SHIPPED)).number
    owed = work.order(work.submit()).number

    page = words(tess.get("/orders?room=all&first=promised"))

    assert str(owed) in page
    assert str(gone) not in page
