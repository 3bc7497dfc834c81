"""Masses are rounded once, and what a balance cannot weigh well is refused."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pharmacy.domain.potency import potency
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.weighing import (
    Balance,
    Cure,
    NoAliquotFits,
    RoundingTooCoarse,
    TooSmallToWeigh,
    aliquot,
    minimum_weighable,
    usp41_minimum,
    weigh,
)
from tests.domain.benches import a_balance, a_certificate, mg
from tests.domain.cases import case
from tests.domain.strategies_compounding import balances, masses

CONTENT = potency(a_certificate(), "lot NTX-2601")


@pytest.mark.parametrize("row", case("BAL-01").expected["rows"], ids=lambda row: f"BAL-01 {row['mwq_mg']}")
def test_the_minimum_follows_from_sensitivity_and_error(row):  # E5
    balance = a_balance(sensitivity_requirement=mg(row["sr_mg"]), max_error_pct=Decimal(row["max_error_pct"]))

    assert minimum_weighable(balance).text == row["mwq_mg"]


@pytest.mark.parametrize(
    ("row", "minimum"),
    list(zip(case("BAL-02").inputs["rows"], case("BAL-02").expected["minimum_weight_mg"], strict=True)),
    ids=["BAL-02 a", "BAL-02 b", "BAL-02 c"],
)
def test_the_usp_41_minimum_floors_the_deviation(row, minimum):  # E6
    found = usp41_minimum(mg(row["readability_d_mg"]), mg(row["repeatability_sd_mg"]))

    assert found == mg(minimum)


@pytest.mark.parametrize(("certified", "least"), [("100", "120"), ("150", "150")])
def test_the_stricter_of_two_minima_holds(certified, least):
    assert minimum_weighable(a_balance(certificate_minimum=mg(certified))).value == Decimal(least)


def test_a_certificate_alone_sets_the_minimum():
    balance = a_balance(sensitivity_requirement=None, certificate_minimum=mg("82"))

    assert minimum_weighable(balance).value == 82


def test_a_minimum_without_an_end_is_rounded_up_to_a_nanogram() -> None:
    balance = a_balance(sensitivity_requirement=mg("65.45"), max_error_pct=Decimal("0.90"))

    assert minimum_weighable(balance).value == Decimal("7272.222223")


def test_the_gate_tests_the_rounded_target():
    assert weigh("filler", mg("119.5"), a_balance()).target == mg("120")
    with pytest.raises(TooSmallToWeigh) as refusal:
        weigh("filler", mg("119.4999"), a_balance(), cure=Cure.LARGER_BATCH)

    assert refusal.value.target == mg("119")
    assert str(refusal.value) == (
        "119.500 mg of filler is too small to weigh on B1,"
        " which weighs no less than 120 mg: pool it into a larger batch."
    )


def test_rounding_of_more_than_half_a_per_cent_is_refused():
    coarse = a_balance(readability=mg("2"), sensitivity_requirement=mg("1"))

    with pytest.raises(RoundingTooCoarse, match=r"more than 0\.5 % off: use a finer balance"):
        weigh("filler", mg("101"), coarse)


def test_a_weighing_says_what_rounding_did():
    weighing = weigh("filler", mg("120.036"), a_balance(), key="filler_target")

    assert weighing.figure.key == "filler_target"
    assert weighing.figure.text == "120"
    assert weighing.figure.rounding == "half-up to 1 mg, -0.03 % from exact"


def weighed(exact, balance):
    """The weighing, or the refusal of it."""
    try:
        return weigh("filler", exact, balance)
    except (TooSmallToWeigh, RoundingTooCoarse) as refusal:
        return refusal


@given(exact=masses("0.001", "5000", places=3), balance=balances())
def test_a_mass_is_weighed_on_the_grid_above_the_minimum_and_near_itself_or_refused(exact, balance):
    minimum = minimum_weighable(balance).number

    outcome = weighed(exact, balance)

    changed_pct = abs(outcome.target.value / exact.value - 1) * 100
    assert outcome.target.value % balance.readability.value == 0
    assert abs(outcome.target.value - exact.value) <= balance.readability.value / 2
    assert isinstance(outcome, TooSmallToWeigh) == (outcome.target.value < minimum)
    if not isinstance(outcome, TooSmallToWeigh):
        assert isinstance(outcome, RoundingTooCoarse) == (changed_pct > balance.rounding_limit_pct)


@pytest.mark.parametrize("case_id", ["TRI-02"])
def test_the_classic_aliquot(case_id):  # E10
    expected = case(case_id).expected

    mixed = aliquot(mg("12.0"), CONTENT, a_balance(), portion=mg("150"))

    assert mixed.needed.value == pytest.approx(Decimal(expected["needed_as_is_mg"]), abs=Decimal("0.0001"))
    assert mixed.multiple == expected["min_multiple_factor"]
    assert mixed.powder.target == mg(expected["api_weigh_mg"])
    assert mixed.mixture == mg(expected["total_mixture_mg"])
    assert mixed.diluent.target == mg(expected["diluent_mg"])
    assert mixed.pure.text == expected["aliquot_contains_pure_mg"]
    assert (mixed.pure.number / 12 - 1) * 100 == pytest.approx(
        Decimal(expected["error_pct"]), abs=Decimal("0.005")
    )


def test_an_aliquot_is_the_minimum_rounded_up_to_ten_milligrams():
    balance = a_balance(sensitivity_requirement=mg("5.6"))  # a minimum of 112 mg

    assert aliquot(mg("12"), CONTENT, balance).portion == mg("120")


def test_the_multiple_grows_until_the_diluent_can_be_weighed():
    mixed = aliquot(mg("96.1248"), CONTENT, a_balance())  # 100 mg of powder, taken as 120 mg of mixture

    assert mixed.multiple == 6
    assert mixed.diluent.target == mg("120")


@pytest.mark.parametrize(
    ("pure", "multiple", "powder"),
    # 84.10 mg are read as 84 mg, under the minimum of 84.05; on a balance of 3 mg 103.4 mg as 102 mg, 1.4 % off.
    [(("8.084", "84.05", "1"), 12, "101"), (("33.131", "100", "3"), 4, "138")],
    ids=["below the minimum", "rounded too far"],
)
def test_a_multiple_that_cannot_be_weighed_gives_way_to_the_next_that_can(pure, multiple, powder):
    drug, minimum, readability = pure
    balance = a_balance(
        sensitivity_requirement=None, certificate_minimum=mg(minimum), readability=mg(readability)
    )

    mixed = aliquot(mg(drug), CONTENT, balance, portion=mg("300"))

    assert (mixed.multiple, mixed.powder.target) == (multiple, mg(powder))


def test_a_mass_that_needs_more_than_fifty_aliquots_is_refused():
    with pytest.raises(NoAliquotFits, match="no multiple up to 50"):
        aliquot(mg("0.1"), CONTENT, a_balance())


@given(pure=st.decimals("3", "110", places=2).map(Milligrams))
def test_an_aliquot_holds_what_is_needed_within_the_rounding(pure):
    try:
        mixed = aliquot(pure, CONTENT, a_balance())
    except (NoAliquotFits, RoundingTooCoarse):
        assume(False)

    assert mixed.powder.target + mixed.diluent.target == mixed.mixture
    assert mixed.portion.times(mixed.multiple) == mixed.mixture
    assert abs(mixed.pure.number / pure.value - 1) * 100 <= Decimal("0.5001")


@pytest.mark.parametrize(
    "wrong",
    [
        {"readability": mg("0")},
        {"max_error_pct": Decimal(0)},
        {"rounding_limit_pct": Decimal(0)},
        {"sensitivity_requirement": None},
    ],
)
def test_a_balance_without_its_limits_cannot_exist(wrong):
    with pytest.raises(ValueError, match="balance"):
        a_balance(**wrong)


@pytest.mark.parametrize(
    "field", ["readability", "sensitivity_requirement", "max_error_pct", "rounding_limit_pct"]
)
def test_a_balance_refuses_floats(field):
    with pytest.raises(TypeError):
        a_balance(**{field: 1.5})


def test_a_balance_shows_masses_as_it_reads_them():
    fine = a_balance(readability=mg("0.1"))

    assert isinstance(fine, Balance)
    assert fine.decimals == 1
    assert fine.text(mg("120")) == "120.0 mg"
