"""How long a prescription may be filled: the table of states, and which state counts.

A drug that is not controlled may be filled for 12 months in most states, 15 in Illinois (225 ILCS 85); eight
states set no limit, among them California, Massachusetts and New York, and there house policy sets one. The
pharmacy's state counts, for what is mailed the patient's as well, and then the earlier of the two (house
policy). The last day is the same day of the month so many months later, clipped to the month's end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pharmacy.domain.pricing import Delivery
from pharmacy.domain.refills import last_fill_on


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidityTable:
    """Months by state; None is no limit by law, and then `months_without_limit` counts."""

    pharmacy_state: str
    usual_months: int
    months_without_limit: int
    by_state: Mapping[str, int | None]

    def months_in(self, state: str) -> int:
        """How many months a prescription is valid in that state."""
        months = self.by_state.get(state, self.usual_months)
        return self.months_without_limit if months is None else months


def valid_through(written_on: date, patient_state: str, delivery: Delivery, table: ValidityTable) -> date:
    """The last day on which the prescription may be filled, included."""
    months = table.months_in(table.pharmacy_state)
    if delivery is Delivery.MAIL:
        months = min(months, table.months_in(patient_state))
    return last_fill_on(written_on, months)
