"""A receipt says in its PDF what was charged line by line, and what was paid and given back."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pypdfium2 as pdfium
import pytest

from pharmacy.domain.calendar import local_day
from pharmacy.domain.money import Money
from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.domain.receipts import Receipt, ReceiptLine
from pharmacy.gateways.receipt_pdf import ReceiptPdf
from pharmacy.store.payments import RefundCause, RefundWay
from pharmacy.usecases.decide_refund import Decision
from pharmacy.usecases.ports import UnprintableCharacter
from tests.callers import StaffApi
from tests.usecases.paying import paid, refund, shipped
from tests.web.api.answers import kind
from tests.work import Work


@pytest.fixture
def technician(staff_api: Callable[[Role], StaffApi]) -> StaffApi:
    return staff_api(Role.TECHNICIAN)


def words(pdf: bytes) -> list[str]:
    """The lines of all pages, as a reader sees them."""
    document = pdfium.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_range() for page in document]
    return [" ".join(line.split()) for page in pages for line in page.splitlines()]


def a_receipt(**fields: object) -> Receipt:
    given: dict[str, object] = {
        "number": "100234-1",
        "issued_on": date(2026, 3, 2),
        "pharmacy": ("Example Pharmacy", "1 Main St, Town, NY 10001", "(555) 010-0000"),
        "payer": ("Anna Sample", "12 Elm St", "Albany, NY 12207"),
        "prescription": (("Rx", "100234"), ("Days of supply", "30")),
        "supplied": ("7 x 1.5 mg", "7 x 3 mg"),
        "lines": (ReceiptLine("Ingredients", Money(822)),),
        "movements": (ReceiptLine("Cash", Money(822), date(2026, 3, 2)),),
    }
    return Receipt(**{**given, **fields})  # type: ignore[arg-type]  # Named as the fields are.


def test_a_receipt_has_every_line_and_its_lines_sum_to_what_was_paid(
    work: Work, technician: StaffApi
) -> None:
    order_id = paid(work, "slip 000123")
    shipped(work, order_id)

    answer = technician.get(f"/orders/{order_id}/receipt")

    assert answer.content_type == "application/pdf"
    read = words(answer.data)
    order = work.order(order_id)
    for line in order.price_lines:
        assert f"{line.wording} {Money(line.amount_cents).text}" in read
    amounts = [Decimal(Money(line.amount_cents).text) for line in order.price_lines]
    assert f"Total {sum(amounts)}" in read
    assert "Nov 23, 2026 Card terminal, slip 000123 65.45" in read
    assert "Paid 65.45" in read
    assert f"Rx {order.number}" in read
    assert "Compounded capsules of naltrexone: 7 x 1.5 mg, 7 x 3 mg, 16 x 4.5 mg" in read


def test_what_was_given_back_is_told_and_taken_off(work: Work, technician: StaffApi) -> None:
    order_id = paid(work)
    shipped(work, order_id)
    decision = Decision(
        way=RefundWay.REFUND,
        cause=RefundCause.SPOILED,
        amount=Money(2000),
        reason="two capsules came broken",
        today=local_day(work.pharmacy.clock(), work.pharmacy.zone),
    )
    refund(work, order_id, decision)

    read = words(technician.get(f"/orders/{order_id}/receipt").data)

    assert "Nov 23, 2026 Card terminal, refund \N{MINUS SIGN}20.00" in read
    assert "Paid after refunds 45.45" in read


def test_there_is_no_receipt_before_money_has_moved(work: Work, technician: StaffApi) -> None:
    held = paid(work)
    assert work.order(held).status is OrderStatus.QUEUED

    assert kind(technician.get(f"/orders/{held}/receipt"), 409) == "nothing-paid"


def test_the_same_receipt_is_the_same_bytes_and_tells_nobody_in_its_title() -> None:
    first, second = (ReceiptPdf().render(a_receipt()) for _ in range(2))

    assert first == second
    assert pdfium.PdfDocument(first).get_metadata_dict()["Title"] == "Receipt"
    assert b"Anna" not in first


def test_a_long_receipt_goes_on_and_loses_no_line() -> None:
    lines = tuple(ReceiptLine(f"Line {number}", Money(number)) for number in range(1, 61))

    pdf = ReceiptPdf().render(a_receipt(lines=lines))

    assert len(pdfium.PdfDocument(pdf)) > 1
    read = words(pdf)
    assert [f"Line {n} {Money(n).text}" for n in range(1, 61)] == [
        each for each in read if each.startswith("Line ")
    ]


def test_a_long_name_is_broken_and_a_strange_letter_refused_by_name() -> None:
    long = " ".join(["Maximiliana"] * 12)

    read = " ".join(words(ReceiptPdf().render(a_receipt(payer=(long,)))))

    assert read.count("Maximiliana") == 12
    with pytest.raises(UnprintableCharacter, match="U\\+4E2D"):
        ReceiptPdf().render(a_receipt(payer=("\N{CJK UNIFIED IDEOGRAPH-4E2D}",)))


@pytest.mark.parametrize(
    "wrong",
    [{"lines": ()}, {"movements": ()}, {"movements": (ReceiptLine("Cash, refund", Money(-1)),)}],
)
def test_a_receipt_of_nothing_or_of_less_than_nothing_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"given back|moved"):
        a_receipt(**wrong)
