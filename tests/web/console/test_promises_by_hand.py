"""Capsules promised to orders by hand on the page of a batch: a part, never none, and taken back until labels are on."""

import re
from uuid import UUID

import pytest
from sqlalchemy import Connection

from pharmacy.domain.orders import OrderStatus
from pharmacy.store import batches
from tests.books import row_counts
from tests.web.console.pages import Console, words
from tests.work import Work


@pytest.fixture
def order_id(work: Work) -> UUID:
    """An order in the queue: 7, 7 and 16 capsules of 1.5, 3 and 4.5 mg."""
    return work.bring_to(OrderStatus.QUEUED)


@pytest.fixture
def path(order_id: UUID, tess: Console) -> str:
    """A batch that was planned by hand for the sixteen, and nobody is promised any of it."""
    answer = tess.post("/batches", kind="capsules", strength_mg="4.5", capsules="16")
    return str(answer.location.removeprefix("/console"))


def lines(work: Work, order_id: UUID) -> list[UUID]:
    return [line.id for line in sorted(work.order(order_id).lines, key=lambda line: line.position)]


def promised(work: Work, path: str) -> int:
    with work.sessions.read() as session:
        return batches.numbered(session, path.rpartition("/")[2]).capsules_allocated


def test_a_part_is_promised_then_the_rest_and_the_order_moves_on(
    work: Work, order_id: UUID, path: str, tess: Console
) -> None:
    line = str(lines(work, order_id)[2])
    number = work.order(order_id).number
    page = words(tess.get(path))
    assert "16 capsules are left." in page
    assert f"Rx {number}-3: lacks 16 of 16, promised" in page

    part = tess.post(f"{path}/allocate", order_line_id=line, capsules="10")
    halfway = words(tess.get(path))
    rest = tess.post(f"{path}/allocate", order_line_id=line, capsules="6")
    whole = words(tess.get(path))

    assert (part.status_code, rest.status_code) == (303, 303)
    assert f"Rx {number} : 10 capsules Take back" in halfway
    assert f"Rx {number}-3: lacks 6 of 16" in halfway
    assert f"Rx {number} : 16 capsules Take back" in whole
    assert "No capsule is left to promise." in whole
    assert promised(work, path) == 16
    assert work.order(order_id).status is OrderStatus.QUEUED, "two lines are not covered yet"


def test_the_last_line_that_is_covered_moves_the_order_to_the_bench(
    work: Work, order_id: UUID, path: str, tess: Console
) -> None:
    made = {"1.5": "7", "3": "7"}
    paths = [
        tess.post("/batches", kind="capsules", strength_mg=strength, capsules=count).location.removeprefix(
            "/console"
        )
        for strength, count in made.items()
    ]

    for address, line, count in zip((*paths, path), lines(work, order_id), ("7", "7", "16"), strict=True):
        assert tess.post(f"{address}/allocate", order_line_id=str(line), capsules=count).status_code == 303

    assert work.order(order_id).status is OrderStatus.COMPOUNDING
    assert "No order lacks capsules of this strength." in words(
        tess.get(path)
    ) or "No capsule is left" in words(tess.get(path))


@pytest.mark.parametrize(
    ("line", "capsules", "status", "because"),
    [
        (2, "0", 422, "One capsule at least is promised."),
        (2, "", 422, "The number of capsules is a number"),
        (2, "-1", 422, "The number of capsules is a number"),
        (2, "17", 409, "1 too many"),
        (0, "7", 422, "does not hold capsules of 1.5 mg"),
        (None, "7", 422, "One of the lines that lack capsules is due here."),
    ],
)
def test_what_cannot_be_promised_is_refused_in_words_and_nothing_is_promised(
    work: Work, order_id: UUID, path: str, tess: Console, connection: Connection,
    line: int | None, capsules: str, status: int, because: str,
) -> None:  # fmt: skip
    line_id = "" if line is None else str(lines(work, order_id)[line])
    before = row_counts(connection)

    answer = tess.post(f"{path}/allocate", order_line_id=line_id, capsules=capsules)

    assert answer.status_code == status
    assert because in words(answer)
    assert re.search(rf'id="allocate-capsules"[^>]*value="{re.escape(capsules)}"', answer.text)
    changed = {name for name, count in row_counts(connection).items() if count != before[name]}
    assert changed == {"audit", "audit_unsealed"}
    assert promised(work, path) == 0


def test_a_promise_is_taken_back_until_labels_are_on(
    work: Work, order_id: UUID, path: str, tess: Console, sam: Console
) -> None:
    line = str(lines(work, order_id)[2])
    tess.post(f"{path}/allocate", order_line_id=line, capsules="16")

    not_sams = sam.post(f"{path}/withdraw", order_line_id=line)
    taken_back = tess.post(f"{path}/withdraw", order_line_id=line)
    twice = tess.post(f"{path}/withdraw", order_line_id=line)

    assert (not_sams.status_code, taken_back.status_code, twice.status_code) == (403, 303, 404)
    assert promised(work, path) == 0


def test_a_promise_to_an_order_whose_labels_are_on_stays_and_says_why(work: Work, tess: Console) -> None:
    labelled = work.bring_to(OrderStatus.LABELLED)
    line = lines(work, labelled)[0]
    with work.sessions.read() as session:
        (batch,) = batches.of_lines(session, [line]).values()

    page = words(tess.get(f"/batches/{batch.number}"))
    refused = tess.post(f"/batches/{batch.number}/withdraw", order_line_id=str(line))

    assert "Stays: The order is labelled." in page
    assert "Take back" not in page
    assert refused.status_code == 409
    assert "this one is labelled" in words(refused)
