"""Diagnosis codes: their shape, whether they were billable on the day, and which go together."""

from datetime import date

import pytest

from pharmacy.domain.diagnoses import DIAGNOSIS_SHAPE, DiagnosisCode, diagnoses_found

TODAY = date(2026, 3, 2)
LEAF = DiagnosisCode(display="a leaf", is_header=False)
TABLE = {
    "M79.7": LEAF,
    "R53.82": LEAF,
    "G93.32": LEAF,
    "U09.9": LEAF,
    "G35": DiagnosisCode(display="Multiple sclerosis", is_header=True, billable_through=date(2025, 9, 30)),
    "G35.A": DiagnosisCode(display="Relapsing", is_header=False, billable_from=date(2025, 10, 1)),
    "G90.51": DiagnosisCode(display="CRPS of upper limb", is_header=True),
}


def found(*codes: str, written_on: date = date(2026, 3, 1)) -> list[str]:
    return [finding.code for finding in diagnoses_found(codes, written_on, TODAY, TABLE)]


@pytest.mark.parametrize("code", ["M79.7", "G90.A", "G35.B0", "QA0.8", "G90.511", "L43"])
def test_codes_have_letters_anywhere_after_the_first_place(code: str):
    assert DIAGNOSIS_SHAPE.fullmatch(code)


@pytest.mark.parametrize("code", ["", "m79.7", "M7", "M79.", "M79.12345", "79.7", "M79-7"])
def test_what_has_another_shape_is_no_code(code: str):
    assert not DIAGNOSIS_SHAPE.fullmatch(code)


def test_a_billable_code_is_accepted_without_a_word():
    assert found("M79.7") == []
    assert found("G35.A") == []


def test_a_retired_code_of_an_old_order_is_accepted_and_flagged():
    assert found("G35", written_on=date(2025, 9, 30)) == ["V-DIAGNOSIS-RETIRED"]


@pytest.mark.parametrize(
    ("code", "written_on"),
    [("G35", date(2025, 10, 1)), ("G90.51", date(2026, 3, 1)), ("G35.A", date(2025, 9, 30))],
)
def test_a_header_and_a_code_that_is_not_in_force_are_not_billable(code: str, written_on: date):
    assert found(code, written_on=written_on) == ["V-DIAGNOSIS-NOT-BILLABLE"]


def test_a_code_that_the_table_does_not_hold_is_said_and_no_more():
    assert found("Z00.00") == ["V-DIAGNOSIS-UNKNOWN"]


def test_codes_that_exclude_each_other_and_codes_that_want_another_first_are_told():
    assert found("R53.82", "G93.32") == ["V-DIAGNOSES-EXCLUDE"]
    assert found("U09.9") == ["V-DIAGNOSIS-CODE-FIRST"]
    assert found("U09.9", "M79.7") == []
