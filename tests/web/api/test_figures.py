"""Figures by the API: the same documents as the console's, for whoever may read them."""

from collections.abc import Callable

from pharmacy.domain.orders import Role
from tests.callers import StaffApi


def test_a_technician_reads_no_revenue(staff_api: Callable[[Role], StaffApi]) -> None:
    assert staff_api(Role.TECHNICIAN).get("/figures/orders").status_code == 403


def test_days_that_run_backwards_or_too_far_are_refused_at_the_last_day(
    staff_api: Callable[[Role], StaffApi],
) -> None:
    auditor = staff_api(Role.AUDITOR)

    for days in ("first_on=2026-11-02&last_on=2026-11-01", "first_on=2020-01-01"):
        refused = auditor.get(f"/figures/orders?{days}")
        assert refused.status_code == 422
        assert "366 days" in refused.text


def test_thirty_days_through_today_are_looked_at_where_none_is_named(
    staff_api: Callable[[Role], StaffApi],
) -> None:
    figure = staff_api(Role.AUDITOR).get("/figures/orders").get_json()

    assert (figure["first_on"], figure["last_on"]) == ("2026-10-25", "2026-11-23")
    assert len(figure["days"]) == 30
