"""Labels on paper, at the door for staff."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, update

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store.labels import LabelKind
from pharmacy.store.patients import Patient
from tests.books import row_counts
from tests.callers import StaffApi
from tests.gateways.printed import read
from tests.work import Work

REASON = "The first one was torn."
ComeIn = Callable[[Role], StaffApi]


@pytest.fixture
def label_id(work: Work) -> str:
    """A dispensing label at the bench, made and never printed."""
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    work.carry_out()
    labels = [label for label in work.labels(order_id) if label.kind is LabelKind.DISPENSING]
    return str(labels[0].id)


def test_a_label_is_printed_from_the_browser_with_its_copy_number(label_id: str, staff_api: ComeIn) -> None:
    staff = staff_api(Role.TECHNICIAN)
    staff.post(f"/labels/{label_id}/prints", {"printer": "browser"})
    again = staff.post(f"/labels/{label_id}/reprints", {"printer": "browser", "reason": REASON})

    file = staff.get(f"/labels/{label_id}/prints/{again.get_json()['id']}/file")

    assert again.status_code == 201
    assert (again.get_json()["number"], again.get_json()["reason"]) == (1, REASON)
    assert "REPRINT 1" in read(file.data)[0].flat_text


def test_the_same_request_sent_twice_prints_once(label_id: str, staff_api: ComeIn) -> None:
    staff = staff_api(Role.TECHNICIAN)
    answers = [staff.post(f"/labels/{label_id}/prints", {"printer": "bench"}, key="once") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json() == answers[1].get_json()


@pytest.mark.parametrize(
    ("path", "body", "code", "pointer"),
    [
        ("prints", {"printer": "attic"}, 422, "/printer"),
        ("prints", {"printer": "bench", "template": "9x9"}, 400, "/template"),
        ("prints", {"printer": "bench", "colour": "red"}, 400, "/colour"),
        ("reprints", {"printer": "bench"}, 400, "/reason"),
        ("reprints", {"printer": "bench", "reason": "x"}, 400, "/reason"),
        ("reprints", {"printer": "bench", "reason": REASON}, 409, None),
    ],
)
def test_what_cannot_be_printed_is_said_and_leaves_nothing(
    label_id: str,
    staff_api: ComeIn,
    connection: Connection,
    path: str,
    body: dict[str, str],
    code: int,
    pointer: str | None,
) -> None:
    staff = staff_api(Role.TECHNICIAN)
    before = row_counts(connection)

    answer = staff.post(f"/labels/{label_id}/{path}", body)

    assert answer.status_code == code
    if pointer:
        assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]
    after = row_counts(connection)
    assert {name for name in after if after[name] != before[name]} <= {"audit", "audit_unsealed"}


def test_a_label_that_is_no_longer_true_is_void_although_its_print_is_refused(
    label_id: str, staff_api: ComeIn, work: Work
) -> None:
    staff = staff_api(Role.TECHNICIAN)
    with work.sessions.write() as session:
        session.execute(update(Patient).values(full_name="Anna Other"))

    answer = staff.post(f"/labels/{label_id}/prints", {"printer": "bench"})

    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith("label-is-void")
    replaced = staff_api(Role.PHARMACIST).post(
        f"/labels/{label_id}/replacements", {"reason": "Her name changed."}
    )
    assert replaced.status_code == 201


def test_printing_is_for_the_bench(label_id: str, staff_api: ComeIn) -> None:
    answer = staff_api(Role.SHIPPING).post(f"/labels/{label_id}/prints", {"printer": "bench"})

    assert answer.status_code == 403


def test_a_technician_voids_no_label(label_id: str, staff_api: ComeIn) -> None:
    assert staff_api(Role.TECHNICIAN).post(f"/labels/{label_id}/void", {"reason": REASON}).status_code == 403
