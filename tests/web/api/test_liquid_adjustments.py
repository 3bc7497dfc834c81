"""An adjusted oral liquid stays one: the difference, its labels and what is made anew are told in millilitres."""

from collections.abc import Callable
from typing import Any

import pytest

from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.supply import SupplyMethod
from tests.benching import a_vehicle
from tests.builders import a_plan, an_order
from tests.web.api.courses import Course
from tests.work import Work

Begin = Callable[..., Course]
# 4 mL a day for two weeks, then 4.5 mL: 128 mL for 30 days.
LIQUID = an_order(
    plan=a_plan(("4", 14), ("4.5", None)), days=30, dosage_form="oral_liquid", supply_option=None
)
BACK = {"kind": "step_back", "from_day": 17, "reason": "Insomnia on the third day of 4.5 mg."}


@pytest.fixture(autouse=True)
def vehicle(work: Work) -> str:
    return a_vehicle(work, "MCT-2601", "medium-chain triglycerides")


def differs(made: Course, asked: dict[str, Any]) -> dict[str, Any]:
    answer = made.ask({**asked, "authorization": made.signed()})
    assert answer.status_code == 201, answer.text
    difference: dict[str, Any] = answer.get_json()["difference"]
    return difference


def test_labels_that_hold_no_longer_speak_of_millilitres(course: Begin) -> None:
    made = course(LIQUID, day=16)

    found = differs(made, BACK)

    (row,) = found["capsules"]
    assert (row["strength_mg"], row["at_home"], row["to_make"]) == (None, None, None)
    # Of 128 mL fourteen times 4 mL and twice 4.5 mL are taken; what is at home serves, and only ends sooner or later.
    assert (row["concentration_mg_per_ml"], row["at_home_ml"], row["to_make_ml"]) == ("1", "63", "0")
    (outdated,) = found["labels"]["outdated"]
    assert (outdated["strength_mg"], outdated["concentration_mg_per_ml"]) == (None, "1")
    assert outdated["directions"] == [
        "Days 1 to 14: take 4 mL by mouth at bedtime.",
        "Days 15 to 30: take 4.5 mL by mouth at bedtime.",
    ]


def test_a_liquid_that_is_adjusted_before_it_leaves_is_made_anew_as_a_liquid(course: Begin) -> None:
    made = course(LIQUID, status=OrderStatus.QUEUED, day=None)

    adjusted = made.adjust({"kind": "slower", "days": 28, "reason": "A sensitive patient."})

    found = adjusted["difference"]
    (row,) = found["capsules"]
    # 28 days of 4 mL and 16 of 4.5 mL: as far as the fill would have gone, moved as the plan moved.
    assert (row["strength_mg"], row["to_make"], row["to_make_ml"]) == (None, None, "184")
    assert (found["to_make"]["capsules"], found["to_make"]["volume_ml"]) == (None, "184")
    (to_come,) = found["labels"]["to_come"]
    assert to_come["directions"] == [
        "Days 1 to 28: take 4 mL by mouth at bedtime.",
        "Days 29 to 44: take 4.5 mL by mouth at bedtime.",
    ]
    assert made.work.order(made.order_id).status is OrderStatus.CANCELLED
    anew = made.api.get(f"/orders/{adjusted['order_id']}").get_json()
    assert anew["supply_option"] == SupplyMethod.LIQUID.value
    assert [line["volume_ml"] for line in anew["lines"]] == ["184"]


def test_multiples_of_one_strength_that_are_adjusted_before_they_leave_stay_multiples(course: Begin) -> None:
    body = an_order(plan=a_plan(("1.5", 7), ("3", None)), days=30, supply_option="multiples_of_one_strength")
    made = course(body, status=OrderStatus.QUEUED, day=None)

    adjusted = made.adjust({"kind": "slower", "days": 14, "reason": "A sensitive patient."})

    (line,) = made.api.get(f"/orders/{adjusted['order_id']}").get_json()["lines"]
    # 14 days of one capsule and 23 of two.
    assert (line["strength_mg"], line["capsules"]) == ("1.5", 60)
