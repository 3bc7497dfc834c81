r"""What a GS1 DataMatrix on a container of a component says.

The symbol is a row of elements, each an application identifier followed by its value: (01) the trade item,
(17) the expiry as YYMMDD, where DD = 00 means the last day of the month, (10) the lot, (21) the serial number
(GS1 General Specifications). Values of variable length end at a group separator (\x1d) or at the end. Scanners
may put "]d2" in front. What is not understood is refused, never guessed: a wrong lot number is worse than none.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pharmacy.domain.beyond_use import month_end
from pharmacy.domain.errors import Unfit

SEPARATOR = "\x1d"
_SYMBOLOGY = "]d2"
LONGEST_SCAN = 200
# Length of the value; a negative one is the most of a value that varies.
_LENGTHS: Mapping[str, int] = {
    "01": 14, "02": 14, "10": -20, "11": 6, "13": 6, "15": 6, "17": 6, "20": 2, "21": -20, "30": -8, "37": -8,
    "240": -30, "241": -30, "400": -30, "00": 18,
}  # fmt: skip
# The net mass and its kin: four digits, the last of which places the decimal point.
_MEASURE = re.compile(r"3[1-6][0-9]{2}")
_MEASURE_LENGTH = 6
_DIGITS_ONLY = frozenset({"00", "01", "02", "11", "13", "15", "17", "20", "30", "37"})
_TEXT = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")
_FAR = 50


@dataclass(eq=False)
class BadScan(Unfit):
    """The scan is not a GS1 symbol that can be received from."""

    because: str

    def __str__(self) -> str:
        return f"This scan cannot be read: {self.because}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the symbol says; `expires_on` is the last day of use, and `expires_by_month` that only a month was given."""

    gtin: str | None
    expires_on: date | None
    expires_by_month: bool
    lot: str | None
    serial: str | None


def parse_scan(text: str, today: date) -> Scan:
    """The elements of the symbol. Raises BadScan for anything that is not one, and for a symbol without a lot.

    `today` places the two-digit year in its century, as the standard does: from 49 years back to 50 ahead.
    """
    if len(text) > LONGEST_SCAN:
        raise BadScan(f"it is longer than {LONGEST_SCAN} characters")
    found: dict[str, str] = {}
    for identifier, value in _elements(text.removeprefix(_SYMBOLOGY).lstrip(SEPARATOR)):
        if found.setdefault(identifier, value) != value:
            raise BadScan(f"({identifier}) is there twice, with different values")
    if "01" in found and _check_digit(found["01"][:-1]) != found["01"][-1]:
        raise BadScan("the check digit of (01) is wrong")
    if "10" not in found:
        raise BadScan("it names no lot, which would be (10)")
    printed = found.get("17")
    return Scan(
        gtin=found.get("01"),
        expires_on=None if printed is None else _day(printed, today),
        expires_by_month=printed is not None and printed.endswith("00"),
        lot=found["10"],
        serial=found.get("21"),
    )


def _elements(text: str) -> Iterator[tuple[str, str]]:
    while text:
        identifier, length = _identifier(text)
        rest = text[len(identifier) :]
        if length > 0:
            value, text = rest[:length], rest[length:].removeprefix(SEPARATOR)
        else:
            value, _, text = rest.partition(SEPARATOR)
        _require_whole(identifier, value, length)
        yield identifier, value


def _identifier(text: str) -> tuple[str, int]:
    for size in (2, 3):
        if text[:size] in _LENGTHS:
            return text[:size], _LENGTHS[text[:size]]
    if _MEASURE.match(text):
        return text[:4], _MEASURE_LENGTH
    raise BadScan("it holds an element that is not known here")


def _require_whole(identifier: str, value: str, length: int) -> None:
    if len(value) > abs(length) or (length > 0 and len(value) < length) or not _TEXT.fullmatch(value):
        raise BadScan(f"the value of ({identifier}) is not whole")
    of_digits = identifier in _DIGITS_ONLY or length == _MEASURE_LENGTH
    if of_digits and not (value.isascii() and value.isdigit()):
        raise BadScan(f"the value of ({identifier}) holds more than digits")


def _check_digit(digits: str) -> str:
    """Threes and ones from the right (GS1, mod 10)."""
    weighted = sum(int(digit) * (1 if at % 2 else 3) for at, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)


def _day(printed: str, today: date) -> date:
    year, month, day = (int(printed[at : at + 2]) for at in (0, 2, 4))
    ahead = year - today.year % 100
    century = today.year // 100 - (ahead > _FAR) + (ahead <= -_FAR)
    try:
        return date(century * 100 + year, month, day) if day else month_end(century * 100 + year, month)
    except ValueError:
        raise BadScan(f"(17) {printed} is no day") from None
