"""The National Provider Identifier and its check digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.identifiers import InvalidNpi, is_valid_npi, luhn_sum, validate_npi
from tests.domain.cases import case, ids_of

# A valid number that was not given to anybody: none that begins with 2 had been issued by 2024.
NOBODYS_NPI = "2234567891"


@pytest.mark.parametrize("case_id", ids_of("NPI"))
def test_an_identifier_is_judged_as_the_authority_judges_it(case_id):
    judged = case(case_id)

    assert is_valid_npi(judged.inputs["npi"]) is judged.expected["valid"]


@pytest.mark.parametrize("case_id", ["NPI-01", "NPI-02", "NPI-03", "NPI-04", "NPI-05"])
def test_the_luhn_sum_is_the_published_one(case_id):
    judged = case(case_id)

    assert luhn_sum("80840" + judged.inputs["npi"]) == judged.expected["luhn_sum_with_80840"]
    assert luhn_sum(judged.inputs["npi"]) + 24 == judged.expected["sum_without_prefix_plus_24"]


def test_the_check_digit_does_not_see_09_written_for_90():
    blind_spot = case("NPI-11")

    assert is_valid_npi(blind_spot.inputs["transposed"]) is blind_spot.expected["transposed_valid"]


@pytest.mark.parametrize(
    ("case_id", "reason"),
    [
        ("NPI-06", "check digit"),
        ("NPI-07", "check digit"),
        ("NPI-08", "9 digits, not 10"),
        ("NPI-09", "first digit"),
        ("NPI-10", "digits only"),
    ],
)
def test_the_reason_tells_what_is_wrong(case_id, reason):
    with pytest.raises(InvalidNpi, match=reason):
        validate_npi(case(case_id).inputs["npi"])


def test_spaces_and_hyphens_are_taken_out():
    assert validate_npi(" 2234-567 891 ") == NOBODYS_NPI


@pytest.mark.parametrize("text", ["", "٢٢٣٤٥٦٧٨٩١", "2234567891\n", "²²³⁴⁵⁶⁷⁸⁹¹", "22345678910"])
def test_only_ten_plain_digits_are_an_identifier(text):
    assert not is_valid_npi(text)


@given(position=st.integers(0, 9), digit=st.sampled_from("0123456789"))
def test_every_single_wrong_digit_is_found(position, digit):
    changed = NOBODYS_NPI[:position] + digit + NOBODYS_NPI[position + 1 :]

    assert is_valid_npi(changed) is (changed == NOBODYS_NPI)
