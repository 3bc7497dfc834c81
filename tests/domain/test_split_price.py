"""A fill in parts costs what the whole does, however it is cut and whatever is cancelled on the way."""

from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.pricing import HOUSE_PRICES, Delivery, price
from pharmacy.domain.supply import Window, own_strength, part_of
from pharmacy.usecases.split_price import part_of_price
from tests.domain.strategies import plans_and_windows
from tests.domain.strategies_compounding import strength_counts


def _lines(found):
    return [
        {"kind": line.kind.value, "wording": line.text, "amount_cents": line.amount.cents}
        for line in found.lines
    ]


@given(
    strengths=strength_counts(),
    days=st.integers(1, 90),
    cut=st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=4),
)
def test_parts_that_are_charged_one_after_the_other_sum_to_the_whole_to_the_cent(strengths, days, cut):
    whole = _lines(price(HOUSE_PRICES, strengths, days, Delivery.MAIL))
    left = sum(each.capsules for each in strengths)
    charged = []

    for wanted, is_cancelled in cut:
        if wanted >= left:
            break
        part = part_of_price(whole, charged, capsules=wanted, others=left - wanted)
        if not is_cancelled:
            charged += part
            left -= wanted
    charged += part_of_price(whole, charged, capsules=left, others=0)

    assert sum(line["amount_cents"] for line in charged) == sum(line["amount_cents"] for line in whole)
    once = [line["kind"] for line in charged if line["kind"] in {"script_and_vial_fees", "shipping"}]
    assert sorted(once) == ["script_and_vial_fees", "shipping"]


@given(plans_and_windows(), st.integers(1, 89))
def test_a_supply_that_is_cut_in_two_loses_no_capsule_of_any_day(given_plan, days):
    plan, window = given_plan
    whole = own_strength(plan, window)
    days = min(days, window.days - 1)
    if days < 1:
        return
    halves = (Window(window.first_day, days), Window(window.first_day + days, window.days - days))

    parts = [part_of(whole, half) for half in halves]

    assert sum(part.capsules for part in parts) == whole.capsules
    assert [_counts(part) for part in parts] == [_counts(own_strength(plan, half)) for half in halves]


def _counts(supply):
    return {line.strength: line.capsules for line in supply.lines}
