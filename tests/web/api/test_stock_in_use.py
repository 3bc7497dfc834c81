"""Containers, transfers, counts that fall due, and lots that are used up."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from pharmacy.usecases.counts_due import counts_due, deplete_lots
from tests.books import Clock
from tests.callers import StaffApi
from tests.web.api.answers import kind
from tests.web.api.stock_bodies import a_lot_body
from tests.web.api.test_component_lots import received, released

StaffByRole = Callable[[Role], StaffApi]


@pytest.fixture
def technician(staff_api: StaffByRole) -> StaffApi:
    return staff_api(Role.TECHNICIAN)


@pytest.fixture
def pharmacist(staff_api: StaffByRole) -> StaffApi:
    return staff_api(Role.PHARMACIST)


def test_another_container_of_a_lot_is_added_and_stock_is_moved_to_another_room(
    technician: StaffApi, pharmacist: StaffApi, pharmacy: Pharmacy
) -> None:
    lot = received(technician, a_lot_body(pharmacy))

    added = technician.post(f"/component-lots/{lot['id']}/containers", {"mass_mg": "5000", "serial": "2"})
    moved = technician.post(
        f"/stock/{lot['id']}/transfers", {"way": "out", "mass_mg": "30000", "reason": "to the other room"}
    )
    too_much = technician.post(
        f"/stock/{lot['id']}/transfers", {"way": "out", "mass_mg": "1", "reason": "to the other room"}
    )
    back = technician.post(
        f"/stock/{lot['id']}/transfers", {"way": "in", "mass_mg": "12.5", "reason": "from the other room"}
    )

    assert (added.get_json()["change_mg"], added.get_json()["on_hand_after_mg"]) == ("5000", "30000")
    assert (moved.get_json()["change_mg"], moved.get_json()["on_hand_after_mg"]) == ("-30000", "0")
    assert kind(too_much, 409) == "stock-short"
    assert back.get_json()["on_hand_after_mg"] == "12.5"


def test_a_lot_that_is_used_up_says_so_and_another_container_of_it_is_reviewed_again(
    technician: StaffApi, pharmacist: StaffApi, pharmacy: Pharmacy
) -> None:
    lot = released(pharmacist, received(technician, a_lot_body(pharmacy)))
    technician.post(
        f"/stock/{lot['id']}/transfers", {"way": "out", "mass_mg": "25000", "reason": "to the other room"}
    )
    with pharmacy.sessions.write() as session:
        assert deplete_lots(session, by=pharmacy.clockwork, now=pharmacy.clock()) == 1

    told = technician.get(f"/component-lots/{lot['id']}").get_json()
    technician.post(f"/component-lots/{lot['id']}/containers", {"mass_mg": "1000"})
    later = technician.get(f"/component-lots/{lot['id']}").get_json()

    assert told["status"] == "depleted"
    assert later["status"] == "quarantined"
    assert released(pharmacist, later)["on_hand_mg"] == "1000"


def test_a_count_falls_due_a_month_after_receipt_and_after_every_count(
    technician: StaffApi, pharmacist: StaffApi, pharmacy: Pharmacy, clock: Clock
) -> None:
    lot = released(pharmacist, received(technician, a_lot_body(pharmacy)))

    def due(days: int) -> bool:
        with pharmacy.sessions.write() as session:
            now = clock.now + timedelta(days=days)
            counts_due(session, pharmacy.zone, by=pharmacy.clockwork, now=now)
        tasks = technician.get("/tasks?kind=stock.count").get_json()["tasks"]
        return any(task["subject_id"] == lot["id"] for task in tasks)

    assert not due(29)
    assert due(30)
    technician.post(f"/stock/{lot['id']}/counts", {"counted_mg": "25000"})
    assert not due(29)
    assert due(30)
