"""The anticipatory limit as the books have it today: what left the house, and what lies or is being made unreserved."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from pharmacy.domain.anticipation import Allowance, allowance, busiest_window
from pharmacy.domain.quantities import Micrograms
from pharmacy.store import batch_plans
from pharmacy.store import reference as books
from pharmacy.usecases.reference import Reference


def allowance_today(session: Session, strength: Micrograms, reference: Reference) -> Allowance:
    """How many capsules of that strength may be made without a prescription.

    What is being made without one counts like what lies on the shelf: else the limit could be used up daily.
    """
    setting = books.settings_in_force(session)["anticipation"]
    window, look_back = setting["window_days"], setting["look_back_days"]
    dispensed = batch_plans.dispensed_by_day(
        session, strength.value, reference.on - timedelta(days=look_back - 1)
    )
    busiest = busiest_window(dispensed, reference.on, window=window, look_back=look_back)
    return allowance([busiest], batch_plans.unreserved(session, strength.value, reference.on))
