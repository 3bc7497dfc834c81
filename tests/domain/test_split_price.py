"""A fill in parts costs what the whole does, however it is cut and whatever is cancelled on the way."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.money import Money
from pharmacy.domain.price_parts import Charge, as_further_part
from pharmacy.domain.pricing import HOUSE_PRICES, Delivery, LineKind, price
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


@given(
    amounts=st.lists(st.integers(0, 50_000), min_size=1, max_size=4),
    once=st.integers(0, 5_000),
    tax=st.integers(0, 2_000),
)
def test_a_further_part_pays_everything_but_what_was_paid_with_the_first(
    amounts: list[int], once: int, tax: int
) -> None:
    goods = [
        Charge(LineKind.INGREDIENTS, f"line {place}", Money(cents)) for place, cents in enumerate(amounts)
    ]
    fees = [Charge(LineKind.FEES, "Script fee", Money(once)), Charge(LineKind.TAX, "Tax, NY", Money(tax))]

    further = as_further_part([*goods, *fees])

    taxed = [each.amount.cents for each in further.charges if each.kind is LineKind.TAX]
    assert further.total.cents == sum(amounts) + sum(taxed)
    assert LineKind.FEES not in {each.kind for each in further.charges}
    # Within a cent of its share, and never more than the tax of the whole.
    share = Decimal(tax) * sum(amounts) / max(sum(amounts) + once, 1)
    assert 0 <= sum(taxed) <= tax
    assert abs(sum(taxed) - share) < 1
