"""The days without a dose before a fill: after too many of them a titration begins at step 1, with authority.

Nobody who has taken nothing for weeks goes on with the dose of before because a refill was left (retitration after
more than 14 days off: house policy, after LDN Research Trust). The fill is filed with the finding, and a pharmacist
asks the prescriber before it is approved.
"""

from __future__ import annotations

from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.pricing import Delivery
from pharmacy.usecases.derivation import assumed_start
from pharmacy.usecases.fill_dates import newest_dates
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.standing_course import StandingCourse

RETITRATE = "D-RETITRATE"


def gap_found(standing: StandingCourse, delivery: Delivery, reference: Reference) -> tuple[Finding, ...]:
    """That the next fill comes after too many days without a dose; nothing where it comes in time."""
    if not standing.handed:
        return ()
    run_out_on = newest_dates(standing, reference).run_out_on
    days_off = (assumed_start(delivery, reference) - run_out_on).days
    if days_off <= reference.course.most_days_off:
        return ()
    because = (
        f"The supply ended on {run_out_on.isoformat()}, {days_off} days before this fill can be there; after more than"
        f" {reference.course.most_days_off} days without a dose the titration restarts at step 1: ask the prescriber."
    )
    return (Finding(RETITRATE, Severity.OVERRIDE, because),)
