"""How long a prescription may be filled, and whose state says so."""

from datetime import date

import pytest

from pharmacy.domain.pricing import Delivery
from pharmacy.domain.validity import ValidityTable, valid_through

WRITTEN = date(2026, 1, 31)


def table(pharmacy_state: str = "NY", without_limit: int = 12) -> ValidityTable:
    return ValidityTable(
        pharmacy_state=pharmacy_state,
        usual_months=12,
        months_without_limit=without_limit,
        by_state={"IL": 15, "CA": None, "NY": None},
    )


@pytest.mark.parametrize(
    ("pharmacy", "patient", "delivery", "months_later"),
    [
        ("TX", "TX", Delivery.MAIL, date(2027, 1, 31)),
        ("IL", "IL", Delivery.MAIL, date(2027, 4, 30)),
        ("IL", "AK", Delivery.MAIL, date(2027, 1, 31)),
        ("IL", "AK", Delivery.PICK_UP, date(2027, 4, 30)),
        ("AK", "IL", Delivery.MAIL, date(2027, 1, 31)),
        ("NY", "CA", Delivery.MAIL, date(2027, 1, 31)),
    ],
)
def test_the_earlier_of_two_states_counts_for_what_is_mailed(pharmacy, patient, delivery, months_later):
    assert valid_through(WRITTEN, patient, delivery, table(pharmacy)) == months_later


def test_where_the_law_sets_no_limit_the_house_does():
    assert valid_through(WRITTEN, "NY", Delivery.MAIL, table(without_limit=24)) == date(2028, 1, 31)
    assert valid_through(WRITTEN, "TX", Delivery.MAIL, table(without_limit=24)) == date(2027, 1, 31)
