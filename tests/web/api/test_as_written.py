"""What came written beside the steps: findings in simulate, and on the order for whoever reviews it."""

import pytest

from tests.builders import a_plan, a_supply, an_order
from tests.callers import Api

TAPER = a_plan(("4", 7), ("2", 7), ("1", 7))


def test_a_simulation_finds_fifty_one_tablets_where_forty_nine_are_needed(api: Api) -> None:
    asked = {"plan": TAPER, "as_written": {"quantity": 51, "unit_strength_mg": "1"}}

    findings = api.post("/titrations/simulate", asked).get_json()["findings"]

    assert [each for each in findings if each["code"] == "W-QUANTITY"] == [
        {
            "code": "W-QUANTITY",
            "severity": "block",
            "because": "Quantity: 49 expected from the steps, 51 written.",
            "pointer": "/as_written/quantity",
            "expected": "49",
            "found": "51",
        }
    ]


def test_an_order_keeps_the_disagreement_and_what_was_written(api: Api) -> None:
    written = {
        "text": "1.5 mg at bedtime for 7 to 14 days, then as tolerated",
        "refills": 5,
        "steps": [{}, {"first_day": 8}, {"first_day": 16}],
    }

    order = api.order(an_order({"/prescription/as_written": written, "/prescription/refills": 2}))

    found = [(each["code"], each["pointer"]) for each in order["findings"] if each["code"][0] == "W"]
    assert sorted(found) == [
        ("W-AS-TOLERATED", "/prescription/as_written/text"),
        ("W-DAY", "/prescription/as_written/steps/2/first_day"),
        ("W-RANGE", "/prescription/as_written/text"),
        ("W-REFILLS", "/prescription/as_written/refills"),
    ]
    read = api.get(f"/orders/{order['id']}").get_json()
    assert next(each for each in read["findings"] if each["code"] == "W-DAY")["expected"] == "15"


def test_what_agrees_with_the_plan_is_no_finding(api: Api) -> None:
    written = {"text": "1.5 mg qhs x7d, 3 mg qhs x7d, 4.5 mg qhs x16d", "quantity": 30, "days_supply": 30}

    order = api.order(an_order({"/prescription/as_written": written, "/prescription/refills": 0}))

    assert [each for each in order["findings"] if each["code"][0] == "W"] == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"quantity": 0}, "/as_written/quantity"),
        ({"start_on": "2026-02-30"}, "/as_written/start_on"),
        ({"steps": [{"duration_days": "7"}]}, "/as_written/steps/0/duration_days"),
        ({"colour": "blue"}, "/as_written/colour"),
    ],
)
def test_what_is_out_of_shape_is_refused_with_its_place(api: Api, changes: object, pointer: str) -> None:
    refused = api.post("/titrations/simulate", a_supply(as_written=changes))

    assert refused.status_code == 400
    assert [fault["pointer"] for fault in refused.get_json()["errors"]] == [pointer]
