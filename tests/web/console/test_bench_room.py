"""A batch at the bench, step by step, by two people with the forms of the console."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import Connection

from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store import batches, bench_work, orders
from pharmacy.store.batches import BatchStatus
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from pharmacy.usecases.plan_batch import scanned_of
from tests.books import row_counts
from tests.web.console.pages import Console, words
from tests.work import Work

AtWork = Callable[[str], Console]


@pytest.fixture
def numbers(work: Work) -> list[str]:
    """The batches of an order that is being compounded, nothing weighed yet."""
    order_id = work.bring_to(OrderStatus.QUEUED)
    work.act(order_id, Act.START_COMPOUNDING)
    return numbers_of(work, order_id)


def numbers_of(work: Work, order_id: UUID) -> list[str]:
    with work.sessions.read() as session:
        lines = [line.id for line in orders.get(session, order_id).lines]
        made = batches.of_lines(session, lines)
        return [made[line].number for line in lines]


def step(console: Console, number: str, name: str, **form: str) -> int:
    return console.post(f"/batches/{number}/{name}", **form).status_code


def target(console: Console, number: str) -> tuple[str, str]:
    """The weighing that is due on the page, and its target."""
    page = console.get(f"/batches/{number}").text
    due = re.search(r'name="weighing" value="([^"]+)"', page)
    shown = re.search(r'class="target"><b>([^<]+)</b>', page)
    assert due is not None
    assert shown is not None
    return due[1], shown[1]


def test_two_people_bring_a_batch_from_its_first_weighing_to_its_release(
    work: Work, numbers: list[str], tess: Console, paul: Console
) -> None:
    number = numbers[0]
    for expected in ("120", "984"):
        weighing, milligrams = target(tess, number)
        assert milligrams == expected
        form = {"weighing": weighing, "read_mg": milligrams, "balance": balance_of(work, number)}
        assert step(tess, number, "weigh", **form) == 303
        assert "Waits for somebody else to sign the weighing" in words(tess.get(f"/batches/{number}"))
        assert step(paul, number, "sign", weighing=weighing) == 303
    assert step(tess, number, "blend", appearance="white, even powder") == 303
    assert step(tess, number, "fill", capsules="7") == 303
    weights = {"gross_mg": " ".join(["186"] * 7), "shell_mg": "48"}
    assert step(paul, number, "check", **weights) == 303
    counted = {"released": "7", "rejected": "0", "retained": "0", "waste_mg": "138"}
    assert step(paul, number, "count", **counted) == 303
    assert "Waits for a pharmacist" in words(tess.get(f"/batches/{number}"))
    assert step(paul, number, "release", signature=DEMO_PASSWORD) == 303

    assert "Nothing is due at the bench: the batch is released." in words(tess.get(f"/batches/{number}"))
    with work.sessions.read() as session:
        assert batches.numbered(session, number).status is BatchStatus.RELEASED


def balance_of(work: Work, number: str) -> str:
    with work.sessions.read() as session:
        return scanned_of(session, batches.numbered(session, number)).balance or ""


def test_what_is_refused_says_why_keeps_what_was_typed_and_changes_nothing(
    work: Work, numbers: list[str], tess: Console, connection: Connection
) -> None:
    weighing, _ = target(tess, numbers[0])
    balance = balance_of(work, numbers[0])
    before = row_counts(connection)

    for read, because in (
        ("12O", "The reading: a number is due"),
        ("1e9", "The reading: a number is due"),
        ("60", "120 mg"),
    ):
        form = {"weighing": weighing, "read_mg": read, "balance": balance}
        answer = tess.post(f"/batches/{numbers[0]}/weigh", **form)
        assert answer.status_code in {409, 422}
        assert because in words(answer)
        assert f'value="{read}"' in answer.text

    # That it was refused is on record, and nothing else.
    changed = {name for name, count in row_counts(connection).items() if count != before[name]}
    assert changed == {"audit", "audit_unsealed"}
    with work.sessions.read() as session:
        assert bench_work.weighings_of(session, batches.numbered(session, numbers[0]).id) == []


def test_whoever_weighed_may_not_sign_it(work: Work, numbers: list[str], tess: Console) -> None:
    weighing, milligrams = target(tess, numbers[0])
    balance = balance_of(work, numbers[0])
    step(tess, numbers[0], "weigh", weighing=weighing, read_mg=milligrams, balance=balance)

    answer = tess.post(f"/batches/{numbers[0]}/sign", weighing=weighing)

    assert answer.status_code in {403, 409, 422}
    assert "second person" in words(answer)


def test_the_bench_is_for_the_bench(
    numbers: list[str], at_work: AtWork, tess: Console, stranger: Console
) -> None:
    sam = at_work("sam")

    assert sam.get(f"/batches/{numbers[0]}").status_code == 200
    assert "Waits for the bench" in words(sam.get(f"/batches/{numbers[0]}"))
    assert step(sam, numbers[0], "blend", appearance="white") == 403
    assert stranger.get(f"/batches/{numbers[0]}").status_code == 303
    assert tess.get("/batches/B000000-99").status_code == 404
    assert step(tess, "B000000-99", "blend", appearance="white") == 404
    assert step(tess, numbers[0], "bless") == 404
    forged = tess.client.post(f"/console/batches/{numbers[0]}/blend", data={"appearance": "white"})
    assert forged.status_code == 400


def test_the_order_leads_to_its_batches(work: Work, tess: Console) -> None:
    order_id = work.bring_to(OrderStatus.QUEUED)
    work.act(order_id, Act.START_COMPOUNDING)

    page = tess.order(order_id).text

    assert all(f"/console/batches/{number}" in page for number in numbers_of(work, order_id))
