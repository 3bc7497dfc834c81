"""What the DataMatrix on a container says, and that what is not understood is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.gs1 import SEPARATOR, BadScan, Scan, parse_scan

TODAY = date(2026, 11, 23)
GTIN = "09506000134352"


def test_gtin_expiry_lot_and_serial_are_read() -> None:
    scan = parse_scan(f"]d201{GTIN}17280229{'10NTX-2601'}{SEPARATOR}21SN/7", TODAY)

    assert scan == Scan(
        gtin=GTIN, expires_on=date(2028, 2, 29), expires_by_month=False, lot="NTX-2601", serial="SN/7"
    )


@pytest.mark.parametrize(
    ("printed", "ends_on"),
    [("280200", date(2028, 2, 29)), ("270200", date(2027, 2, 28)), ("281200", date(2028, 12, 31))],
)
def test_a_day_of_zero_means_the_end_of_the_month(printed: str, ends_on: date) -> None:
    scan = parse_scan(f"17{printed}10A", TODAY)

    assert (scan.expires_on, scan.expires_by_month) == (ends_on, True)


@pytest.mark.parametrize(
    ("today", "printed", "year"),
    [
        (TODAY, "760101", 2076),
        (TODAY, "770101", 1977),
        (date(2099, 1, 1), "010101", 2101),
        (date(2051, 1, 1), "010101", 2101),
    ],
)
def test_the_century_is_that_of_the_standard(today: date, printed: str, year: int) -> None:
    scan = parse_scan(f"17{printed}10A", today)

    assert scan.expires_on is not None
    assert scan.expires_on.year == year


def test_elements_that_do_not_matter_are_read_past() -> None:
    scan = parse_scan(f"11260101{'3103001500'}24099-1{SEPARATOR}10A{SEPARATOR}", TODAY)

    assert (scan.lot, scan.expires_on, scan.gtin, scan.serial) == ("A", None, None, None)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "no lot"),
        (f"01{GTIN}17280200", "no lot"),
        ("0109506000134353" + "10A", "check digit"),
        ("01095060001343" + "10A", "not known here"),
        ("0109506000134", "not whole"),
        ("10" + "A" * 21, "not whole"),
        ("10", "not whole"),
        ("1010\u00e4", "not whole"),
        ("17281301" + "10A", "is no day"),
        ("17270229" + "10A", "is no day"),
        ("1728ab00" + "10A", "more than digits"),
        ("17\u0662\u0668\u0660\u0662\u0660\u0660" + "10A", "not whole"),
        ("9910A", "not known here"),
        (f"10A{SEPARATOR}10B", "twice"),
        ("10" + "A" * 300, "longer than"),
        ("(10)A", "not known here"),
    ],
)  # fmt: skip
def test_what_is_no_symbol_is_refused(text: str, because: str) -> None:
    with pytest.raises(BadScan, match=because):
        parse_scan(text, TODAY)


@given(st.text(max_size=60) | st.text("0127]d\x1d()A", max_size=60))
def test_whatever_is_scanned_is_read_or_refused(text: str) -> None:
    try:
        scan = parse_scan(text, TODAY)
    except BadScan:
        return
    assert scan.lot


_values = st.text("ABCabc0123456789-/.", min_size=1, max_size=20)


@given(
    lot=_values,
    serial=_values,
    digits=st.text("0123456789", min_size=13, max_size=13),
    ends_on=st.dates(date(1977, 1, 1), date(2076, 12, 31)),
    order=st.permutations(["01", "17", "10", "21"]),
)
def test_what_was_printed_is_what_is_read_in_any_order(
    lot: str, serial: str, digits: str, ends_on: date, order: list[str]
) -> None:
    weighted = sum(int(digit) * (3, 1)[at % 2] for at, digit in enumerate(digits[::-1]))
    gtin = f"{digits}{-weighted % 10}"
    printed = {
        "01": f"01{gtin}",
        "17": f"17{ends_on:%y%m%d}",
        "10": f"10{lot}{SEPARATOR}",
        "21": f"21{serial}{SEPARATOR}",
    }

    scan = parse_scan("".join(printed[each] for each in order), TODAY)

    assert scan == Scan(gtin=gtin, expires_on=ends_on, expires_by_month=False, lot=lot, serial=serial)
