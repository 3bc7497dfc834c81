"""A price is the sum of its lines, and its steps sum to the lines they share."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.money import Money, total
from pharmacy.domain.pricing import HOUSE_PRICES, Delivery, LineKind, StrengthCount, price
from tests.domain.benches import dose
from tests.domain.cases import case
from tests.domain.strategies_compounding import strength_counts

SHARED_BY_STEPS = (LineKind.INGREDIENTS, LineKind.LABOUR, LineKind.PACKAGING)


def count_of(strength, capsules, **vials):
    return StrengthCount(strength=dose(strength), capsules=capsules, **({"vials": 1} | vials))


def price_of_case(case_id):
    """The case's order; PRC-03 takes a tenth of its stock batch."""
    inputs = case(case_id).inputs
    delivery = Delivery.PICK_UP if inputs.get("ship") == "False" else Delivery.MAIL
    if "share" not in inputs:
        strengths = tuple(count_of(each["mg"], each["capsules"]) for each in inputs["strengths"])
        return price(HOUSE_PRICES, strengths, inputs["days"], delivery)
    stock = inputs["strengths"][0]
    taken = int(stock["capsules"] * Decimal(inputs["share"]))
    # House prices mark this strength and count as stock, with the case's batch.
    (marked,) = HOUSE_PRICES.stock_prices
    assert (marked.capsules, marked.batch_capsules) == (taken, stock["capsules"])
    return price(HOUSE_PRICES, (count_of(stock["mg"], taken),), inputs["days"], delivery)


def amounts_of(found):
    return {line.kind.value: line.amount.text for line in found.lines}


def inputs_of(found, key):
    line = next(line for line in found.lines if line.figure.key == key)
    return {each.name: each.value for each in line.figure.inputs}


@pytest.mark.parametrize("case_id", [f"PRC-{number:02}" for number in range(1, 6)])
def test_the_price_of_the_worked_cases(case_id):
    expected = case(case_id).expected

    found = price_of_case(case_id)

    amounts = amounts_of(found)
    for kind in ("ingredients", "labour", "script_and_vial_fees", "packaging"):
        assert amounts[kind] == expected[kind]
    for name in ("subtotal", "discount", "rx_price", "shipping", "total", "per_30_days"):
        assert getattr(found, name).text == expected[name]
    ingredients = inputs_of(found, "ingredients")
    assert ingredients["powder"] == f"{expected['api_g']} g"
    assert ingredients["filler"] == f"{expected['filler_g']} g"
    assert ingredients["shells"] == str(expected["prepared"])
    assert inputs_of(found, "labour")["minutes"] == str(expected["minutes"])


@pytest.mark.parametrize("case_id", ["PRC-01"])
def test_rounding_is_a_line_of_the_titration(case_id):
    assert [line.amount.text for line in price_of_case(case_id).lines] == [
        "8.22",
        "31.50",
        "16.00",
        "2.55",
        "0.23",
        "6.95",
    ]


@pytest.mark.parametrize("case_id", ["PRC-05"])
def test_rounding_comes_before_the_minimum_and_both_are_lines(case_id):
    found = price_of_case(case_id)

    amounts = amounts_of(found)
    assert (found.subtotal.text, amounts["rounding"], amounts["minimum"]) == ("31.37", "0.13", "3.50")
    assert "shipping" not in amounts


@pytest.mark.parametrize("case_id", ["PRC-03"])
def test_the_discount_is_a_line_below_zero(case_id):
    assert amounts_of(price_of_case(case_id))["discount"] == "-4.39"
    assert inputs_of(price_of_case(case_id), "labour")["share of the stock batch"] == "90 of 900 capsules"


def test_the_discount_starts_with_the_eighty_fourth_day():
    def discount(days):
        return price(HOUSE_PRICES, (count_of("4.5", days),), days, Delivery.MAIL).discount

    assert discount(83) == Money(0)
    assert discount(84) > Money(0)


@pytest.mark.parametrize(
    ("vials", "packaging", "fees"),
    [
        ({"capsules": 75}, "0.85", "12.00"),
        ({"capsules": 76}, "1.10", "12.00"),
        ({"capsules": 200}, "1.10", "12.00"),
        ({"capsules": 201, "vials": 2, "per_vial": (200, 1)}, "1.95", "14.00"),
        ({"capsules": 243, "vials": 2, "per_vial": (198, 45)}, "1.95", "14.00"),
        ({"capsules": 276, "vials": 2, "per_vial": (200, 76)}, "2.20", "14.00"),
        ({"capsules": 83, "vials": 2}, "1.70", "14.00"),
        ({"capsules": 83, "vials": 2, "per_vial": (7, 76)}, "1.95", "14.00"),
    ],
)
def test_every_vial_is_paid_by_its_size_and_every_further_one_its_fee(vials, packaging, fees):
    amounts = amounts_of(price(HOUSE_PRICES, (count_of("1.5", **vials),), 60, Delivery.MAIL))

    assert (amounts["packaging"], amounts["script_and_vial_fees"]) == (packaging, fees)


def test_a_vial_that_no_vial_of_the_price_book_is_has_no_price():
    with pytest.raises(ValueError, match="No vial of price book house-1 holds 201 capsules"):
        price(HOUSE_PRICES, (count_of("1.5", 201),), 60, Delivery.MAIL)


def test_a_month_costs_what_thirty_days_of_a_longer_supply_do():
    order = (count_of("4.5", 90),)

    found = price(HOUSE_PRICES, order, 90, Delivery.MAIL)

    assert found.month == found.total.dollars / 3


@pytest.mark.parametrize("case_id", ["PRC-05"])
def test_a_week_is_not_compared_with_the_mark_by_what_four_of_them_would_cost(case_id):
    found = price_of_case(case_id)

    assert found.per_30_days.text == "150.00"
    assert found.month == Decimal("35.00")


def test_a_line_opens_to_its_inputs_and_the_price_book():
    line = price_of_case("PRC-01").lines[1]

    assert line.text == "Labour, 35 minutes"
    assert line.figure.formula == "minutes x rate"
    assert [(each.name, each.value) for each in line.figure.inputs] == [
        ("minutes", "35"),
        ("rate", "0.90 USD/minute"),
    ]
    assert all("price book house-1" in each.source for each in line.figure.inputs)


def test_a_rate_finer_than_a_cent_is_shown_whole():
    fine = replace(HOUSE_PRICES, shell=Decimal("0.0525"))

    found = price(fine, (count_of("4.5", 30),), 30, Delivery.MAIL)

    assert inputs_of(found, "ingredients")["price of a shell"] == "0.0525 USD"


@given(
    strengths=strength_counts(),
    days=st.integers(1, 90),
    delivery=st.sampled_from(Delivery),
    step=st.sampled_from(["0.01", "0.50", "1.00", "5.00"]),
)
def test_lines_sum_to_the_total_and_steps_sum_to_their_lines(strengths, days, delivery, step):
    found = price(replace(HOUSE_PRICES, round_up_to=Decimal(step)), strengths, days, delivery)

    lines = {line.kind: line.amount for line in found.lines}
    assert total([line.amount for line in found.lines]) == found.total == found.rx_price + found.shipping
    for kind in SHARED_BY_STEPS:
        assert total([getattr(each, kind.value) for each in found.steps]) == lines[kind]
    assert total([each.amount for each in found.steps]) == total([lines[kind] for kind in SHARED_BY_STEPS])


@given(strengths=strength_counts(), days=st.integers(1, 90))
def test_a_price_is_never_under_the_minimum_nor_off_the_step(strengths, days):
    found = price(HOUSE_PRICES, strengths, days, Delivery.PICK_UP)

    assert found.rx_price >= Money(3500)
    assert found.rx_price.cents % 50 == 0


@given(strengths=strength_counts(), days=st.integers(1, 90))
def test_every_amount_is_its_figure_rounded_to_the_cent(strengths, days):
    found = price(HOUSE_PRICES, strengths, days, Delivery.MAIL)

    for line in found.lines:
        assert line.figure.text == line.amount.text
        assert line.figure.formula
        assert line.figure.inputs


@pytest.mark.parametrize(
    "wrong",
    [
        {"capsules": 0},
        {"capsules": 7, "vials": 0},
        {"capsules": 7, "vials": 8},
        {"capsules": 7, "vials": 2, "per_vial": (3, 3)},
        {"capsules": 7, "vials": 2, "per_vial": (7,)},
    ],
)
def test_vials_hold_the_capsules(wrong):
    with pytest.raises(ValueError, match="vial"):
        count_of("1.5", **wrong)


@pytest.mark.parametrize("wrong", [{"strength": 1.5}, {"capsules": 7.0}, {"vials": 1.0}])
def test_counts_and_strengths_are_never_floats(wrong):
    right = {"strength": dose("1.5"), "capsules": 7, "vials": 1}

    with pytest.raises(TypeError):
        StrengthCount(**(right | wrong))


def test_an_order_of_nothing_or_of_one_strength_twice_has_no_price():
    week = count_of("1.5", 7)

    for strengths, days in (((), 7), ((week, week), 7), ((week,), 0)):
        with pytest.raises(ValueError, match="is for one"):
            price(HOUSE_PRICES, strengths, days, Delivery.MAIL)
    with pytest.raises(TypeError, match="whole number"):
        price(HOUSE_PRICES, (week,), 7.0, Delivery.MAIL)


@pytest.mark.parametrize("name", ["api_per_gram", "script_fee", "potency_fraction", "small_vial_capsules"])
def test_a_price_book_refuses_floats(name):
    with pytest.raises(TypeError):
        replace(HOUSE_PRICES, **{name: 1.5})


@pytest.mark.parametrize(
    "wrong",
    [
        {"shipping": Decimal(-1)},
        {"small_vial_capsules": 0},
        {"potency_fraction": Decimal(0)},
        {"discount_share": Decimal("1.1")},
        {"round_up_to": Decimal(0)},
        {"round_up_to": Decimal("0.005")},
        {"filler_packing_mg": Decimal(0)},
        {"small_vial_capsules": 201},
    ],
)
def test_a_price_book_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        replace(HOUSE_PRICES, **wrong)
