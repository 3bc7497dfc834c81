"""Weight variation, acceptance value and reconciliation, by the worked cases and by what must always hold."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.figures import shown
from pharmacy.domain.quality import (
    LighterThanShell,
    WeightLimits,
    WrongSample,
    acceptance_of,
    acceptance_value,
    sample_due,
    stated,
    weight_check,
)
from pharmacy.domain.reconciliation import (
    CapsuleCount,
    CountsDoNotBalance,
    PowderCount,
    YieldPolicy,
    reconcile,
)
from tests.domain.benches import mg
from tests.domain.cases import case

HOUSE = WeightLimits(least_pct=Decimal(90), most_pct=Decimal(110), most_deviation_pct=Decimal(5))
POLICY = YieldPolicy(judged_from=100, least_pct=Decimal(95), most_pct=Decimal(105), powder_pct=Decimal(2))


def texts(check):
    return {figure.key: figure.text for figure in check.figures}


@pytest.mark.parametrize("case_id", ["QC-01", "QC-02"])
def test_each_capsule_is_judged_by_itself(case_id):
    worked = case(case_id)
    gross = [mg(each) for each in worked.inputs["gross_mg"]]

    check = weight_check(
        gross, mg(worked.inputs["mean_empty_shell_mg"]), mg(worked.inputs["theoretical_fill_mg"]), HOUSE
    )

    told = texts(check)
    assert told["net_mean"] == worked.expected["net_mean_mg"]
    assert told["net_rsd_pct"] == worked.expected["rsd_pct"]
    assert told["net_mean_pct"] == worked.expected["mean_pct_of_theoretical"]
    assert (told["net_least_pct"], told["net_most_pct"]) == (
        worked.expected["min_pct"],
        worked.expected["max_pct"],
    )
    assert check.passed == (worked.expected["result"] == "PASS")


def test_a_group_that_weighs_right_together_fails_by_its_two_wrong_capsules():
    worked = case("QC-02")

    check = weight_check([mg(each) for each in worked.inputs["gross_mg"]], mg("48"), mg("150"), HOUSE)

    assert check.faults == (
        "Capsule 8 holds 112.0 % of the theoretical fill; 90 to 110 % are allowed.",
        "Capsule 9 holds 89.3 % of the theoretical fill; 90 to 110 % are allowed.",
        "The relative standard deviation is 5.47 %; 5 % are allowed.",
    )


def test_the_acceptance_values_of_qc_03():
    worked = case("QC-03")
    for row, value, verdict in zip(
        worked.inputs["rows"], worked.expected["av"], worked.expected["stage1"], strict=True
    ):
        mean = stated("content_mean", "Mean", Decimal(row["mean_pct"]), "%")
        check = acceptance_of(mean, stated("content_sd", "Deviation", Decimal(row["sd"]), "%"))

        assert texts(check)["acceptance_value"] == value
        assert check.passed == (verdict == "pass")


@given(st.lists(st.decimals("90", "110", places=2), min_size=10, max_size=10))
def test_an_acceptance_value_is_never_below_the_distance_of_the_mean(contents):
    mean = sum(contents, Decimal(0)) / 10

    value = next(each for each in acceptance_value(contents).figures if each.key == "acceptance_value").number

    assert value >= max(Decimal("98.5") - mean, mean - Decimal("101.5"), Decimal(0))


@given(
    st.lists(st.decimals("100", "400", places=1), min_size=1, max_size=10), st.decimals("80", "300", places=1)
)
def test_a_check_passes_exactly_when_no_capsule_and_no_scatter_is_out(nets, theoretical):
    check = weight_check([mg(str(each + 48)) for each in nets], mg("48"), mg(str(theoretical)), HOUSE)

    mean = sum(nets, Decimal(0)) / len(nets)
    squares = sum(((each - mean) ** 2 for each in nets), Decimal(0))
    scatter = (squares / (len(nets) - 1)).sqrt() * 100 / mean if len(nets) > 1 else Decimal(0)
    within = all(theoretical * 90 <= each * 100 <= theoretical * 110 for each in nets)
    assert check.passed == (within and scatter <= 5)


def test_ten_are_weighed_or_all_and_none_lighter_than_its_shell():
    assert [sample_due(filled) for filled in (7, 10, 900)] == [7, 10, 10]
    with pytest.raises(LighterThanShell, match="Capsule 2"):
        weight_check([mg("186"), mg("48")], mg("48"), mg("138"), HOUSE)
    with pytest.raises(WrongSample):
        acceptance_value([Decimal(100)] * 9)
    with pytest.raises(ValueError, match="mean is of something"):
        weight_check([], mg("48"), mg("138"), HOUSE)


def _count(**changes):
    usual = {"required": 900, "prepared": 918, "filled": 908, "released": 900, "rejected": 3, "retained": 5}
    return CapsuleCount(**{**usual, **changes})


def test_everything_of_qc_04_is_accounted_for():
    worked = case("QC-04")
    powder = PowderCount(blend=mg("127028"), mean_fill=mg("138.37"), waste=mg("1100"))

    check = reconcile(_count(), powder, POLICY)

    told = texts(check)
    assert told["yield_pct"] == worked.expected["yield_pct"]
    assert shown(Decimal(told["powder_unaccounted"]) / 1000, 3) == worked.expected["unaccounted_g"]
    assert told["powder_unaccounted_pct"] == worked.expected["unaccounted_pct"]
    assert check.passed


def test_seven_of_eight_pass_and_six_do_not():
    powder = PowderCount(blend=mg("1104"), mean_fill=mg("138"), waste=mg("138"))
    small = {"required": 7, "prepared": 8, "rejected": 0, "retained": 0}

    assert reconcile(_count(filled=7, released=7, **small), powder, POLICY).passed
    short = reconcile(_count(filled=6, released=6, **small), powder, POLICY)
    assert short.faults[0] == "6 capsules were filled and 7 are required."


@given(st.integers(0, 400), st.integers(0, 50), st.integers(0, 50), st.integers(-3, 3))
def test_counts_balance_exactly_or_nothing_is_reconciled(released, rejected, retained, off):
    count = _count(
        filled=max(0, released + rejected + retained + off),
        released=released,
        rejected=rejected,
        retained=retained,
    )
    powder = PowderCount(blend=mg("127028"), mean_fill=mg("138"), waste=mg("0"))
    if count.filled == released + rejected + retained:
        reconcile(count, powder, POLICY)
    else:
        with pytest.raises(CountsDoNotBalance):
            reconcile(count, powder, POLICY)


def test_a_large_batch_is_judged_in_per_cent_and_by_its_powder():
    powder = PowderCount(blend=mg("127028"), mean_fill=mg("138.37"), waste=mg("0"))

    check = reconcile(_count(filled=860, released=852), powder, POLICY)

    assert check.faults == (
        "The yield is 93.68 %; 95 to 105 % are allowed.",
        "8029.8 mg of powder are unaccounted for; 2540.6 mg are allowed.",
    )
    with pytest.raises(ValueError, match="zero or more"):
        _count(rejected=-1)
