"""Every shape of plan that is prescribed goes through simulate, quote and order."""

from typing import Any

import pytest

from tests.builders import a_plan, a_supply, an_order
from tests.callers import Api


def _step(days: int | None, **doses: str) -> dict[str, Any]:
    """A step with intakes: _step(7, morning="1.5", bedtime="3")."""
    return {
        "intakes": [{"time_of_day": time, "dose_mg": dose} for time, dose in doses.items()],
        "duration_days": days,
    }


def _mcg_twice(*steps: tuple[str, int | None]) -> dict[str, Any]:
    return {"steps": [_step(days, morning=dose, bedtime=dose) for dose, days in steps]}


# name: plan, days asked for, capsules with own strengths, milligrams in all
SCHEDULES = {
    "standard": (a_plan(("1.5", 7), ("3", 7), ("4.5", None)), 30, 30, "103.5"),
    "ten-day steps": (a_plan(("1.5", 10), ("3", 10), ("4.5", None)), 40, 40, "135"),
    "a milligram a week": (a_plan(("1", 7), ("2", 7), ("3", 7), ("4", 7), ("4.5", None)), 35, 35, "101.5"),
    "half a milligram a week": (a_plan(*[(f"{n / 2:g}", 7) for n in range(1, 10)]), None, 63, "157.5"),
    "half a milligram a fortnight": (a_plan(*[(f"{n / 2:g}", 14) for n in range(1, 5)]), None, 56, "70"),
    "Hashimoto": (a_plan(("0.25", 7), ("0.5", 7), ("1", 7), ("1.5", None)), 28, 28, "22.75"),
    "straight to target": (a_plan(("4.5", None)), 30, 30, "135"),
    "monthly": (a_plan(("1", 30), ("2", 30), ("3", None)), 90, 90, "180"),
    "a step down": (a_plan(("3", 7), ("1.5", 7), ("3", None)), 30, 30, "79.5"),
    "a pause": (a_plan(("3", 7), ("0", 7), ("1.5", None)), 30, 23, "45"),
    "morning and night": (
        {"steps": [_step(7, bedtime="1.5"), _step(23, morning="1.5", bedtime="3")]},
        30,
        53,
        "114",
    ),
    "twice-daily micrograms": (_mcg_twice(("0.001", 4), ("0.002", 4), ("0.004", None)), 30, 60, "0.2"),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_is_simulated_quoted_and_ordered_alike(api: Api, name: str) -> None:
    plan, days, capsules, milligrams = SCHEDULES[name]
    asked = {"plan": plan, "days": days or 63 if name != "half a milligram a fortnight" else 56}
    asked["supply_option"] = "one_strength_per_step"

    simulated = api.post("/titrations/simulate", asked)
    quoted = api.post("/quotes", asked)
    ordered = api.post("/orders", an_order(**asked, quote_id=quoted.get_json()["id"]))

    assert [answer.status_code for answer in (simulated, quoted, ordered)] == [200, 201, 201]
    (option,) = simulated.get_json()["options"]
    assert option["capsules"] == capsules
    assert simulated.get_json()["total_mg"] == milligrams
    order = ordered.get_json()
    assert order["total_usd"] == option["total_usd"] == quoted.get_json()["total_usd"]
    assert sum(line["capsules"] for line in order["lines"]) == capsules
    assert [len(step["intakes"]) for step in order["plan"]["steps"]] == [
        len(step.get("intakes", "1")) for step in plan["steps"]
    ]


def test_morning_and_night_amounts_are_two_lines_each_with_its_own_vial(api: Api) -> None:
    plan = {"steps": [_step(None, morning="1.5", bedtime="3")]}

    order = api.order(an_order(plan=plan, days=30, supply_option=None))

    assert [(line["strength_mg"], line["capsules"], len(line["vials"])) for line in order["lines"]] == [
        ("1.5", 30, 1),
        ("3", 30, 1),
    ]
    assert order["plan"]["steps"] == [
        {
            "position": 1,
            "duration_days": None,
            "intakes": [
                {"time_of_day": "morning", "dose_mg": "1.5"},
                {"time_of_day": "bedtime", "dose_mg": "3"},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("step", "pointer"),
    [
        ({"duration_days": 7}, "/plan/steps/0/dose_mg"),
        ({"dose_mg": "1.5", "duration_days": 7}, "/plan/steps/0/time_of_day"),
        ({**_step(7, bedtime="1.5"), "dose_mg": "1.5"}, "/plan/steps/0/dose_mg"),
        ({**_step(7, bedtime="1.5"), "time_of_day": "bedtime"}, "/plan/steps/0/time_of_day"),
        ({"intakes": [], "duration_days": 7}, "/plan/steps/0/intakes"),
        (
            {"intakes": [{"time_of_day": "bedtime", "dose_mg": "1"}] * 2, "duration_days": 7},
            "/plan/steps/0/intakes",
        ),
    ],
)
def test_a_step_has_exactly_one_of_the_two_forms(api: Api, step: dict[str, Any], pointer: str) -> None:
    refused = api.post("/titrations/simulate", a_supply(plan={"steps": [step]}))

    assert refused.status_code == 400
    assert pointer in [fault["pointer"] for fault in refused.get_json()["errors"]]


def test_both_amounts_of_a_day_count_against_the_limit(api: Api) -> None:
    refused = api.post("/titrations/simulate", {"plan": {"steps": [_step(7, morning="5.5", bedtime="5")]}})

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "/plan/steps/0/intakes"


SLOW = a_plan(*[(f"{n / 2:g}", 7) for n in range(1, 10)])


def test_sets_between_one_and_many_strengths_are_offered_with_their_reasons(api: Api) -> None:
    simulated = api.post("/titrations/simulate", {"plan": SLOW}).get_json()

    sets = {
        tuple(option["strengths_mg"]): (option["capsules"], option["most_capsules_per_dose"])
        for option in simulated["options"]
    }
    assert sets["0.5", "1.5"] == (147, 4)
    assert len(sets) <= 5
    assert all(option["reasons"] for option in simulated["options"])
    (too_many,) = simulated["not_offered"]
    assert (too_many["strengths_mg"], too_many["capsules"]) == (["0.5"], 315)
    assert too_many["because"] == "A line holds 1 to 300 capsules, not 315."
    # Nine capsules on each of the last days: 61 days take 297.
    assert too_many["days_that_fit"] == 61


def test_a_quoted_set_is_ordered_without_naming_it_again(api: Api) -> None:
    chosen = {"plan": SLOW, "supply_option": "strength_set", "strengths_mg": ["2", "0.5", "1.5"]}

    quote = api.post("/quotes", chosen).get_json()
    order = api.order(an_order(plan=SLOW, days=63, supply_option=None, quote_id=quote["id"]))

    assert (order["total_usd"], order["supply_option"]) == (quote["total_usd"], "strength_set")
    assert [line["strength_mg"] for line in order["lines"]] == ["0.5", "1.5", "2"]
    assert sum(line["capsules"] for line in order["lines"]) == 112
    third = order["lines"][0]["vials"][2]["steps"][0]
    assert third["beside"] == [{"strength_mg": "2", "capsules": 1}]


@pytest.mark.parametrize(
    ("asked", "status", "pointer"),
    [
        ({"supply_option": "strength_set"}, 400, "/strengths_mg"),
        ({"strengths_mg": ["1.5"]}, 400, "/strengths_mg"),
        ({"supply_option": "strength_set", "strengths_mg": ["1.5", "0.7"]}, 422, "/strengths_mg/0"),
        ({"supply_option": "strength_set", "strengths_mg": ["3", "4.5"]}, 422, "/plan/steps/0/dose_mg"),
    ],
)
def test_a_set_is_named_whole_and_from_the_formulary(
    api: Api, asked: dict[str, Any], status: int, pointer: str
) -> None:
    refused = api.post("/quotes", a_supply(**asked))

    assert refused.status_code == status
    assert refused.get_json()["errors"][0]["pointer"] == pointer


def test_a_set_whose_strengths_another_quote_has_is_refused(api: Api) -> None:
    chosen = {"plan": a_plan(), "supply_option": "strength_set", "strengths_mg": ["1.5", "4.5"]}
    quote = api.post("/quotes", chosen).get_json()

    refused = api.post(
        "/orders",
        an_order(supply_option="strength_set", strengths_mg=["1.5", "3"], quote_id=quote["id"]),
    )

    assert refused.get_json()["type"].endswith("quote-is-for-another")
