"""Which days figures are asked for: those that are named, or the thirty days through today."""

from __future__ import annotations

from datetime import date, timedelta

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.domain.periods import Period
from pharmacy.usecases.figures import Asked
from pharmacy.web.current import the_pharmacy

USUAL_DAYS = 30
FIGURE_READERS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE, Role.ADMINISTRATOR, Role.AUDITOR)


def days_asked(first_on: date | None, last_on: date | None) -> Asked:
    """Both days belong to the span. Raises PeriodUnfit."""
    pharmacy = the_pharmacy()
    today = local_day(pharmacy.clock(), pharmacy.zone)
    last = last_on or today
    first = first_on or last - timedelta(days=USUAL_DAYS - 1)
    return Asked(period=Period(first, last), today=today, zone=pharmacy.zone)
