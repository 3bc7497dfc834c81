"""By what two records are looked at together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.identity import name_key, phone_key, zip_code


@pytest.mark.parametrize(
    "name", ["Anna Sample", "SAMPLE, Anna", "Ánna  Sample", "Anna M. Sample", "Dr. Anna Sample Jr."]
)
def test_a_name_is_found_however_it_is_written(name: str):
    assert name_key(name) == "anna sample"


def test_another_name_is_another_key():
    assert name_key("Anna Samples") != name_key("Anna Sample")


@given(st.text(max_size=60))
def test_a_key_is_the_key_of_itself(name: str):
    assert name_key(name_key(name)) == name_key(name)


def test_a_telephone_is_the_same_with_and_without_its_country():
    assert phone_key("(555) 010-0123") == phone_key("+1 555 010 0123") == "5550100123"


def test_the_post_office_is_named_by_five_digits():
    assert zip_code("12207-1234") == zip_code("12207") == "12207"
