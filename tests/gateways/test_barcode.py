"""The geometry of the bars; that they can be read is proved with the label."""

import pytest

from pharmacy.gateways.barcode import MODULE, UnencodableText, code_128

POINTS_PER_MILLIMETRE = 72 / 25.4


def test_the_narrowest_bar_is_a_quarter_of_a_millimetre() -> None:
    assert min(modules for _, modules in code_128("12345678").bars) == 1
    assert MODULE / POINTS_PER_MILLIMETRE >= 0.25


def test_a_symbol_has_eleven_modules_for_each_letter_and_for_each_two_digits() -> None:
    # Start, check and stop take 35 (ISO/IEC 15417).
    assert code_128("ABCDEFGHIJKL").modules == 12 * 11 + 35
    assert code_128("123456789012345678901234").modules == 12 * 11 + 35


def test_bars_begin_and_end_the_symbol() -> None:
    symbol = code_128("LABEL-1")

    assert symbol.bars[0][0] == 0
    assert sum(symbol.bars[-1]) == symbol.modules


@pytest.mark.parametrize("text", ["", "tab\there", "naïve", "line\n"])
def test_a_text_that_a_scanner_might_change_is_refused(text: str) -> None:
    with pytest.raises(UnencodableText):
        code_128(text)
