"""1.5 mg for a week, 3 mg for a week, 4.5 mg for 16 days: what the API answers to the case it is made for."""

from copy import deepcopy
from typing import Any

from sqlalchemy import Connection, text

from tests.builders import a_plan, a_supply, an_order
from tests.callers import Api
from tests.web.api.answers import prices, weighed


def without_worksheets_and_labels(order: dict[str, Any]) -> dict[str, Any]:
    """The order without what the answer to a submission does not have yet."""
    plain = deepcopy(order)
    for batch in plain["batches"]:
        for name in ("figures", "instructions"):
            batch.pop(name, None)
    for line in plain["lines"]:
        for vial in line["vials"]:
            del vial["labels"]
    return plain


def test_each_strength_is_weighed_from_the_triturate_as_in_the_worked_example(api: Api) -> None:
    order = api.order(an_order())

    assert weighed(order, "strength_mg") == ["1.5", "3", "4.5"]
    assert weighed(order, "capsules_required") == [7, 7, 16]
    assert weighed(order, "capsules_prepared") == [8, 8, 17]
    assert weighed(order, "route") == ["triturate"] * 3
    assert weighed(order, "active_mg") == ["120", "240", "765"]
    assert weighed(order, "filler_mg") == ["984", "864", "1581"]
    assert weighed(order, "theoretical_fill_mg") == ["138.00"] * 3
    assert weighed(order, "refusal") == [None] * 3


def test_the_price_is_itemised_and_its_lines_sum_to_the_total(api: Api) -> None:
    order = api.order(an_order())

    assert prices(order) == {
        "ingredients": "8.22",
        "labour": "31.50",
        "script_and_vial_fees": "16.00",
        "packaging": "2.55",
        "rounding": "0.23",
        "shipping": "6.95",
    }
    assert order["total_usd"] == "65.45"


def test_multiples_of_one_strength_take_more_capsules_and_cost_less(api: Api) -> None:
    order = api.order(an_order(supply_option="multiples_of_one_strength"))

    assert [line["capsules"] for line in order["lines"]] == [69]
    assert weighed(order, "strength_mg") == ["1.5"]
    assert weighed(order, "capsules_prepared") == [73]
    assert order["total_usd"] == "51.95"


def test_each_step_has_its_own_vial_and_days(api: Api) -> None:
    order = api.order(an_order())

    steps = [vial["steps"] for line in order["lines"] for vial in line["vials"]]
    assert [(step["position"], step["first_day"], step["last_day"]) for (step,) in steps] == [
        (1, 1, 7),
        (2, 8, 14),
        (3, 15, 30),
    ]


def test_the_answer_to_the_submission_is_what_is_read_afterwards(api: Api) -> None:
    submitted = api.order(an_order())

    read = api.get(f"/orders/{submitted['id']}").get_json()

    assert without_worksheets_and_labels(read) == without_worksheets_and_labels(submitted)


def test_a_reader_gets_every_figure_with_its_formula(api: Api) -> None:
    submitted = api.order(an_order())

    read = api.get(f"/orders/{submitted['id']}").get_json()

    for batch in read["batches"]:
        assert batch["instructions"]
        assert batch["figures"]
        assert all(figure["formula"] and figure["value"] for figure in batch["figures"])


def test_dates_in_two_zones_name_the_same_instants_in_both_answers(api: Api) -> None:
    order = api.order(an_order())

    assert order["created_at"] == order["status_at"] == "2026-11-23T15:00:00+00:00"


def test_simulation_quote_and_order_agree(api: Api) -> None:
    simulated = api.post("/titrations/simulate", a_supply()).get_json()
    quoted = api.post("/quotes", a_supply()).get_json()
    ordered = api.order(an_order(supply_option=None))

    own, one, pair = simulated["options"]
    assert own["total_usd"] == quoted["total_usd"] == ordered["total_usd"] == "65.45"
    assert one["total_usd"] == quoted["other_options"][0]["total_usd"] == "51.95"
    assert (pair["strengths_mg"], pair["capsules"]) == (["1.5", "4.5"], 37)
    assert own["price_lines"] == quoted["offer"]["price_lines"] == ordered["price_lines"]
    assert simulated["total_mg"] == "103.5"


def test_no_dose_is_ever_written_with_a_trailing_zero(api: Api) -> None:
    order = api.order(an_order())
    prescription = order["prescription"]["id"]

    answers = [
        api.post("/titrations/simulate", a_supply()),
        api.post("/quotes", a_supply()),
        api.post("/orders", an_order()),
        api.get(f"/orders/{order['id']}"),
        api.get(f"/orders/{order['id']}/timeline"),
        api.get(f"/prescriptions/{prescription}/schedule"),
        api.get(f"/prescriptions/{prescription}/schedule?format=ics"),
    ]

    for answer in answers:
        assert answer.status_code in {200, 201}
        assert "3.0" not in answer.text.replace("13.0", "")


def test_a_simulation_keeps_nothing_and_needs_no_key(api: Api) -> None:
    answer = api.post("/titrations/simulate", a_supply())

    assert answer.status_code == 200
    assert [step["first_on"] for step in answer.get_json()["schedule"]] == [
        "2026-11-30",
        "2026-12-07",
        "2026-12-14",
    ]


def test_an_open_ended_plan_is_filled_for_the_days_that_are_asked_for(api: Api) -> None:
    open_ended = an_order({"/plan/steps/2/duration_days": None}, days=30)

    assert [line["capsules"] for line in api.order(open_ended)["lines"]] == [7, 7, 16]


def test_a_fill_longer_than_the_plan_ends_with_the_plan_and_says_so(api: Api) -> None:
    order = api.order(an_order({"/prescription/refills": 0}, days=45))

    assert order["days"] == 30
    assert [(each["code"], each["pointer"]) for each in order["findings"]] == [("F-PLAN-ENDS", "/days")]


def test_without_a_triturate_small_strengths_say_why_they_cannot_be_weighed(
    api: Api, connection: Connection
) -> None:
    connection.execute(text("UPDATE batches SET status = 'depleted' WHERE kind = 'triturate'"))

    order = api.order(an_order({"/prescription/refills": 0}))

    assert all(batch["refusal"] and "active_mg" not in batch for batch in order["batches"])
    assert [each["code"] for each in order["findings"]] == ["F-LINE-CANNOT-BE-WEIGHED"] * 3
    read = api.get(f"/orders/{order['id']}").get_json()
    assert without_worksheets_and_labels(read) == without_worksheets_and_labels(order)


def test_simulation_and_quote_offer_first_what_can_be_made_and_say_what_cannot(api: Api) -> None:
    small = a_supply(plan=a_plan(("0.5", 14), ("1", 14), ("1.5", None)), days=30)
    own = {**small, "supply_option": "one_strength_per_step"}

    simulated, quoted = (api.post(path, small).get_json() for path in ("/titrations/simulate", "/quotes"))

    offered = [option["supply_option"] for option in simulated["options"]]
    assert offered == ["multiples_of_one_strength", "one_strength_per_step", "strength_set"]
    assert [len(option["findings"]) for option in simulated["options"]] == [0, 2, 1]
    assert simulated["findings"] == quoted["offer"]["findings"] == []
    assert quoted["supply_option"] == "multiples_of_one_strength"

    simulated, quoted = (api.post(path, own).get_json() for path in ("/titrations/simulate", "/quotes"))

    assert [each["code"] for each in simulated["findings"]] == ["F-LINE-CANNOT-BE-WEIGHED"] * 2
    assert {each["pointer"] for each in simulated["findings"]} == {"/supply_option"}
    assert quoted["offer"]["findings"] == simulated["findings"]
    assert api.get(f"/quotes/{quoted['id']}").get_json()["offer"]["findings"] == simulated["findings"]
