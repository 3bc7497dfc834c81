"""A recall of an oral liquid: traced, called about, given back, and every figure of it in millilitres."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store.reference import ComponentLot
from tests.benching import a_vehicle
from tests.builders import a_plan, an_order
from tests.callers import StaffApi
from tests.web.api.answers import kind, pointers
from tests.web.api.courses import Course
from tests.work import Work

Begin = Callable[..., Course]
# 4 mL a day for two weeks, then 4.5 mL: 128 mL for 30 days.
OPEN = a_plan(("4", 14), ("4.5", None))
LIQUID = an_order(plan=OPEN, days=30, dosage_form="oral_liquid", supply_option=None)


@pytest.fixture
def vehicle_id(work: Work) -> str:
    number = a_vehicle(work, "MCT-2601", "medium-chain triglycerides")
    with work.sessions.read() as session:
        return str(session.scalars(select(ComponentLot.id).where(ComponentLot.number == number)).one())


def recalled(staff: StaffApi, vehicle_id: str, **changes: Any) -> dict[str, Any]:
    answer = staff.post(
        "/recalls",
        {
            "subject": "component_lot",
            "subject_id": vehicle_id,
            "reason": "The maker withdrew the oil.",
            **changes,
        },
    )
    assert answer.status_code == 201, answer.text
    recall: dict[str, Any] = answer.get_json()
    return recall


def test_what_is_left_of_a_bottle_is_told_in_millilitres_with_the_dose_of_the_day(
    course: Begin, vehicle_id: str
) -> None:
    made = course(LIQUID, day=17)

    (held,) = made.staff.get(f"/component-lots/{vehicle_id}/trace").get_json()["holdings"]

    assert (held["strength_mg"], held["capsules"], held["capsules_left"]) == (None, None, None)
    # Of 128 mL fourteen times 4 mL and twice 4.5 mL are taken.
    assert (held["concentration_mg_per_ml"], held["volume_ml"], held["volume_left_ml"]) == ("1", "128", "63")
    assert held["doses_ml"] == [{"time_of_day": "bedtime", "dose_ml": "4.5"}]


def test_after_a_step_back_the_bottle_is_reckoned_by_the_plan_in_force(
    course: Begin, vehicle_id: str
) -> None:
    made = course(LIQUID, day=16)
    made.adjust({"kind": "step_back", "from_day": 17, "reason": "Insomnia on the third day of 4.5 mg."})
    made.go_to_day(19)

    (held,) = made.staff.get(f"/component-lots/{vehicle_id}/trace").get_json()["holdings"][:1]

    # Fourteen times 4 mL, twice 4.5 mL, and two days stepped back to 4 mL.
    assert (held["volume_left_ml"], held["doses_ml"][0]["dose_ml"]) == ("55", "4")


def test_whoever_calls_reads_millilitres_and_the_dose_and_no_capsules(course: Begin, vehicle_id: str) -> None:
    made = course(LIQUID, day=17)

    recall = recalled(made.staff, vehicle_id)

    (patient,) = recall["patients"]
    assert (patient["capsules"], patient["capsules_left"]) == (None, None)
    assert (patient["volume_ml"], patient["volume_left_ml"]) == ("128", "63")
    report = recall["report"]
    assert (report["capsules_dispensed"], report["capsules_left"]) == (0, 0)
    assert (report["ml_dispensed"], report["ml_left"], report["ml_in_house"]) == ("128", "63", "0")
    tasks = made.staff.get("/tasks").get_json()["tasks"]
    words = [task["wording"] for task in tasks if task["kind"].startswith("recall.")]
    number = made.work.order(made.order_id).number
    assert (
        f"Recall: call the patient of order {number}; 63 mL may be left (a dose is 4.5 mL at bedtime)."
        in words
    )
    assert not any("capsule" in each for each in words)


@pytest.mark.parametrize(
    ("given", "status", "returned"),
    [
        ({"returned_ml": "62.5"}, 200, "62.5"),
        ({"returned_ml": "128"}, 200, "128"),
        ({"returned_ml": "128.01"}, 422, None),
        ({"returned_ml": "62.505"}, 422, None),
        ({"capsules_returned": 63}, 422, None),
        ({}, 422, None),
        ({"returned_ml": "-1"}, 400, None),
    ],
    ids=[
        "some",
        "all",
        "more than was sent",
        "between two marks",
        "capsules",
        "nothing said",
        "less than none",
    ],
)
def test_a_bottle_that_comes_back_is_measured(
    course: Begin, vehicle_id: str, given: dict[str, Any], status: int, returned: str | None
) -> None:
    made = course(LIQUID, day=17)
    recall = recalled(made.staff, vehicle_id)
    body = {"order_id": str(made.order_id), "answer": "returned", "note": "Brought back.", **given}

    answer = made.staff.post(f"/recalls/{recall['id']}/responses", body)

    assert answer.status_code == status, answer.text
    if returned is None:
        assert pointers(answer) == ["/returned_ml"]
    else:
        (patient,) = answer.get_json()["patients"]
        assert (patient["returned_ml"], patient["capsules_returned"]) == (returned, None)


def test_capsules_that_come_back_are_not_measured(staff_api: Callable[[Role], StaffApi], work: Work) -> None:
    order_id = work.bring_to(OrderStatus.SHIPPED)
    with work.sessions.read() as session:
        lot_id = session.scalars(select(ComponentLot.id).where(ComponentLot.number == "MCC-2601")).one()
    pharmacist = staff_api(Role.PHARMACIST)
    recall = recalled(pharmacist, str(lot_id))
    body = {"order_id": str(order_id), "answer": "returned", "note": "Brought back.", "returned_ml": "7"}

    answer = pharmacist.post(f"/recalls/{recall['id']}/responses", body)

    assert kind(answer, 422) == "return-uncounted"
    assert "up to the 30 capsules dispensed" in answer.text


def test_the_record_of_the_batch_tells_what_orders_were_promised_in_millilitres(
    course: Begin, vehicle_id: str
) -> None:
    made = course(LIQUID, day=17)
    trace = made.staff.get(f"/component-lots/{vehicle_id}/trace").get_json()

    record = made.staff.get(f"/batches/{trace['batches'][0]['id']}/worksheet").get_json()

    assert record["capsules_allocated"] is None
    assert [(each["capsules"], each["volume_ml"]) for each in record["allocations"]] == [(None, "128")]
