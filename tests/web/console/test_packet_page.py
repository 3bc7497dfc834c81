"""The room of the inspector's packet."""

from collections.abc import Callable

import pypdfium2 as pdfium
import pytest

from pharmacy.domain.orders import OrderStatus
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.web.console.pages import Console, words
from tests.work import Work

_REASON = "Yearly inspection."


@pytest.fixture
def auditor(at_work: Callable[[str], Console]) -> Console:
    return at_work("otto")


def test_a_prescription_is_found_by_the_number_on_the_vial(auditor: Console, work: Work) -> None:
    order = work.order(work.bring_to(OrderStatus.SHIPPED))

    answer = auditor.post(
        "/packet",
        subject="prescription",
        number=f"Rx {order.number}",
        form="pdf",
        reason=_REASON,
        signature=DEMO_PASSWORD,
    )

    assert answer.content_type == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert len(pdfium.PdfDocument(answer.data)) > 2


def test_what_was_typed_stays_and_each_fault_stands_at_its_field(auditor: Console) -> None:
    unsigned = auditor.post("/packet", subject="batch", number="B1", form="csv", reason=_REASON)
    wrong = auditor.post(
        "/packet",
        subject="component_lot",
        number="L-404",
        form="csv",
        reason=_REASON,
        signature=DEMO_PASSWORD,
    )
    empty = auditor.post("/packet", subject="days", form="csv", reason="short")

    assert unsigned.status_code == 422
    assert "Sign with your password." in words(unsigned)
    assert 'value="B1"' in unsigned.text
    assert wrong.status_code == 404
    assert "There is no such component lot." in words(wrong)
    assert "A day is due here." in words(empty)
    assert "why it is read" in words(empty)


def test_a_pharmacist_is_told_whose_room_it_is(paul: Console) -> None:
    assert paul.get("/packet").status_code == 403
