"""Quantity tiers, stock prices, surcharges, shipping and tax: lines of the price like every other."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.money import Money, to_cents, total
from pharmacy.domain.price_parts import Charge, in_parts
from pharmacy.domain.price_rules import QuantityTier, StateTax, StockPrice, Surcharge, SurchargeUnknown
from pharmacy.domain.pricing import HOUSE_PRICES, Delivery, LineKind, StrengthCount, Terms, price
from pharmacy.usecases.price_book import facts_of, rules_from
from tests.domain.benches import dose
from tests.domain.strategies_compounding import strength_counts

TAXED = replace(
    HOUSE_PRICES,
    taxes=(StateTax(state="IL", share=Decimal("0.01")), StateTax(state="NY", share=Decimal("0.04"))),
    surcharges=(
        Surcharge(code="rush", wording="Rush", amount=Decimal("15.00")),
        Surcharge(code="filler", wording="Another filler", amount=Decimal("4.50")),
    ),
    quantity_tiers=(
        QuantityTier(from_capsules=60, share=Decimal("0.03")),
        QuantityTier(from_capsules=90, share=Decimal("0.12")),
    ),
    home_state="NY",
)


def capsules(count, strength="1.5"):
    return (StrengthCount(strength=dose(strength), capsules=count, vials=-(-count // 200)),)


def amounts(found):
    return {line.kind.value: line.amount.text for line in found.lines}


def terms(state="IL", *surcharges):
    return Terms(ship_to_state=state, surcharges=surcharges)


@pytest.mark.parametrize(
    ("count", "days", "text"),
    [
        (59, 59, None),
        (60, 60, "Discount from 60 capsules"),
        (89, 89, "Discount from 84 days"),
        (90, 30, "Discount from 90 capsules"),
        (90, 90, "Discount from 90 capsules"),
    ],
)
def test_the_larger_of_two_discounts_is_given_and_never_both(count, days, text):
    found = price(TAXED, capsules(count), days, Delivery.MAIL)

    assert [line.text for line in found.lines if line.kind is LineKind.DISCOUNT] == ([text] if text else [])


def test_tax_is_that_of_the_state_on_the_rounded_taxable_sum():
    found = price(TAXED, capsules(30), 30, Delivery.MAIL, terms("IL"))

    assert amounts(found)["tax"] == to_cents(found.rx_price.dollars * Decimal("0.01")).text
    assert found.lines[-1].text == "Tax, IL"
    assert "tax" not in amounts(price(TAXED, capsules(30), 30, Delivery.MAIL, terms("TX")))


def test_shipping_is_taxed_only_where_the_price_book_says_so():
    with_shipping = replace(TAXED, shipping_is_taxable=True)

    found = price(with_shipping, capsules(30), 30, Delivery.MAIL, terms("NY"))

    taxable = found.rx_price + found.shipping
    assert amounts(found)["tax"] == to_cents(taxable.dollars * Decimal("0.04")).text


def test_at_the_counter_the_tax_is_that_of_the_pharmacys_own_state():
    found = price(TAXED, capsules(30), 30, Delivery.PICK_UP, terms("IL"))

    assert found.lines[-1].text == "Tax, NY"


def test_surcharges_are_lines_of_their_own_after_rounding_and_taxed():
    found = price(TAXED, capsules(30), 30, Delivery.MAIL, terms("IL", "rush", "filler"))

    assert [line.text for line in found.lines if line.kind is LineKind.SURCHARGE] == [
        "Rush",
        "Another filler",
    ]
    taxable = found.rx_price.dollars + Decimal("19.50")
    assert amounts(found)["tax"] == to_cents(taxable * Decimal("0.01")).text


def test_a_surcharge_that_the_price_book_lacks_is_refused_where_it_stands():
    with pytest.raises(SurchargeUnknown, match="no surcharge slow") as refused:
        price(TAXED, capsules(30), 30, Delivery.MAIL, terms("IL", "rush", "slow"))

    assert refused.value.where == ("surcharges", 1)


def test_shipping_is_nothing_from_the_price_at_which_it_is_free():
    dear = price(HOUSE_PRICES, capsules(30), 30, Delivery.MAIL).rx_price

    assert price(
        replace(TAXED, free_shipping_from=dear.dollars), capsules(30), 30, Delivery.MAIL
    ).shipping == Money(0)
    above = replace(TAXED, free_shipping_from=dear.dollars + Decimal("0.01"))
    assert price(above, capsules(30), 30, Delivery.MAIL).shipping == Money(695)


def test_a_count_that_is_not_marked_as_stock_is_made_to_order():
    marked = price(HOUSE_PRICES, capsules(90, "4.5"), 90, Delivery.MAIL)

    for other in (capsules(89, "4.5"), capsules(90, "3"), capsules(90, "4.5") + capsules(7)):
        assert price(HOUSE_PRICES, other, 90, Delivery.MAIL).total > marked.total


@given(
    strengths=strength_counts(),
    days=st.integers(1, 90),
    state=st.sampled_from(["IL", "NY", "TX", None]),
    surcharges=st.lists(st.sampled_from(["rush", "filler"]), unique=True).map(tuple),
    shipping_is_taxable=st.booleans(),
    share=st.decimals(Decimal("0.001"), Decimal("0.99"), places=4),
)
def test_lines_sum_to_the_total_whatever_is_added(
    strengths, days, state, surcharges, shipping_is_taxable, share
):
    rules = replace(
        TAXED, shipping_is_taxable=shipping_is_taxable, taxes=(StateTax(state="IL", share=share),)
    )
    found = price(rules, strengths, days, Delivery.MAIL, Terms(ship_to_state=state, surcharges=surcharges))

    assert total([line.amount for line in found.lines]) == found.total
    for line in found.lines:
        assert line.figure.text == line.amount.text
    for kind in (LineKind.INGREDIENTS, LineKind.LABOUR, LineKind.PACKAGING):
        line = next(line for line in found.lines if line.kind is kind)
        assert total([getattr(step, kind.value) for step in found.steps]) == line.amount


@given(
    strengths=strength_counts(),
    days=st.integers(1, 90),
    parts=st.lists(st.integers(1, 300), min_size=1, max_size=4),
)
def test_parts_of_a_fill_sum_to_its_price_line_by_line_with_one_script_fee_and_one_shipping(
    strengths, days, parts
):
    found = price(TAXED, strengths, days, Delivery.MAIL, terms("NY", "rush"))
    lines = [Charge(line.kind, line.text, line.amount) for line in found.lines]

    shared = in_parts(lines, parts)

    assert total([part.total for part in shared]) == found.total
    for line in lines:
        its = [each.amount for part in shared for each in part.charges if each.wording == line.wording]
        assert total(its) == line.amount
    once = {LineKind.FEES, LineKind.SHIPPING, LineKind.SURCHARGE}
    assert not [each for part in shared[1:] for each in part.charges if each.kind in once]


def test_two_equal_parts_cost_alike_but_for_what_is_paid_once():
    lines = [
        Charge(LineKind.INGREDIENTS, "Ingredients", Money(1001)),
        Charge(LineKind.FEES, "Script fee", Money(1200)),
        Charge(LineKind.DISCOUNT, "Discount", Money(-101)),
    ]

    first, second = in_parts(lines, (15, 15))

    assert [each.amount.cents for each in first.charges] == [501, 1200, -50]
    assert [each.amount.cents for each in second.charges] == [500, -51]
    with pytest.raises(ValueError, match="one part or more"):
        in_parts(lines, (30, 0))


def test_a_price_book_is_read_back_as_it_was_written():
    whole = replace(TAXED, free_shipping_from=Decimal("100.00"), shipping_is_taxable=True)

    assert rules_from(whole.version, facts_of(whole)) == whole


def test_a_price_book_from_before_these_tables_says_nothing_of_them():
    older = {
        name: fact
        for name, fact in facts_of(HOUSE_PRICES).items()
        if name not in {"taxes", "surcharges", "quantity_tiers", "stock_prices", "home_state"}
    }

    assert rules_from("house-1", older) == replace(HOUSE_PRICES, stock_prices=())


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: QuantityTier(from_capsules=0, share=Decimal("0.1")),
        lambda: QuantityTier(from_capsules=30, share=Decimal(0)),
        lambda: StockPrice(strength=dose("4.5"), capsules=90, batch_capsules=89),
        lambda: Surcharge(code="a b", wording="x", amount=Decimal(1)),
        lambda: Surcharge(code="rush", wording="x", amount=Decimal(0)),
        lambda: StateTax(state="NY", share=Decimal(1)),
        lambda: replace(TAXED, taxes=TAXED.taxes * 2),
        lambda: replace(TAXED, free_shipping_from=Decimal(-1)),
    ],
)
def test_tables_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        wrong()
