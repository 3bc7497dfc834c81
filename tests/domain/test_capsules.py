"""Capsule batches: the worked examples, the routes, and what must hold for every bench."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given

from pharmacy.domain.beyond_use import Limit
from pharmacy.domain.capsules import (
    ActiveOverfillsShell,
    FillerMethod,
    PackingStatistics,
    Route,
    TriturateLot,
    capsule_batch,
    component_limits,
    direct_batch,
    triturate_batch,
)
from pharmacy.domain.errors import Unfit
from pharmacy.domain.potency import ApiForm, AssayBasis, StrengthBasis
from pharmacy.domain.weighing import RoundingTooCoarse, TooSmallToWeigh
from tests.domain.benches import a_balance, a_bench, a_certificate, a_triturate_lot, an_api_lot, dose, mg
from tests.domain.cases import case
from tests.domain.strategies_compounding import benches, counts, strengths

HYDROCHLORIDE = StrengthBasis.NALTREXONE_HYDROCHLORIDE
BASE = StrengthBasis.NALTREXONE_BASE


def batch_of(strength, required, **changes):
    return capsule_batch(dose(strength), required, a_bench(**changes), HYDROCHLORIDE)


def figures_of(batch):
    return {figure.key: figure for figure in batch.figures}


def assert_case_step(batch, expected):
    """The batch is the one of a titration case, in every number the case states."""
    figures = figures_of(batch)
    assert batch.prepared == expected["prepared"]
    assert figures["pure_drug"].value == Decimal(expected["pure_mg"])
    assert figures["triturate_exact"].text == expected["triturate_mg_exact"]
    assert batch.active.target == mg(expected["triturate_weigh_mg"])
    assert figures["filler_per_capsule"].text == expected["filler_mg_per_capsule"]
    assert batch.filler.target == mg(expected["filler_weigh_mg"])
    assert batch.blend == mg(expected["blend_mg"])
    assert figures["theoretical_fill"].text == expected["fill_weight_mg"]
    assert figures["delivered_pct"].text == expected["delivered_pct_of_label"]


@pytest.mark.parametrize("case_id", ["CAP-06"])
def test_a_tiny_batch_comes_from_the_triturate(case_id):  # E9
    batch = batch_of("1.5", 7)

    assert batch.route is Route.TRITURATE
    assert_case_step(batch, case(case_id).expected)


@pytest.mark.parametrize(
    ("case_id", "place"), [(case_id, place) for case_id in ("CAP-09", "CAP-10") for place in range(3)]
)
def test_a_titration_from_one_triturate(case_id, place):  # E14, E15
    step = case(case_id).inputs["steps"][place]

    batch = triturate_batch(dose(step["strength_mg"]), step["required"], a_bench(), HYDROCHLORIDE)

    assert_case_step(batch, case(case_id).expected["steps"][place])


@pytest.mark.parametrize("case_id", ["CAP-09"])
def test_the_thirty_day_titration_takes_the_triturate_for_every_step_of_itself(case_id):  # E14
    steps, totals = case(case_id).inputs["steps"], case(case_id).expected["totals"]

    batches = [batch_of(step["strength_mg"], step["required"]) for step in steps]

    assert {batch.route for batch in batches} == {Route.TRITURATE}
    assert sum(batch.prepared for batch in batches) == totals["capsules_prepared"]
    assert sum(batch.active.target.value for batch in batches) == Decimal(totals["triturate_mg"])
    assert sum(batch.filler.target.value for batch in batches) == Decimal(totals["filler_mg"])


@pytest.mark.parametrize("case_id", ["CAP-11"])
def test_the_same_titration_in_one_strength(case_id):  # E16
    expected = case(case_id).expected

    batch = batch_of("1.5", expected["capsules"])

    assert batch.prepared == expected["prepared"]
    assert batch.active.target == mg(expected["triturate_weigh_mg"])
    assert batch.filler.target == mg(expected["filler_weigh_mg"])


@pytest.mark.parametrize("case_id", ["CAP-07"])
def test_a_big_batch_is_weighed_directly(case_id):  # E12
    expected = case(case_id).expected

    batch = batch_of("4.5", 900)

    figures = figures_of(batch)
    assert batch.route is Route.DIRECT
    assert batch.prepared == expected["prepared"]
    assert figures["pure_drug"].value == Decimal(expected["pure_mg"])
    assert figures["api_exact"].text == expected["api_as_is_mg"]
    assert batch.active.target == mg(expected["api_weigh_g"]).times(1000)
    assert figures["filler_per_capsule"].text == expected["filler_mg_per_capsule"]
    assert batch.filler.target == mg(expected["filler_weigh_g"]).times(1000)
    assert batch.blend == mg(expected["blend_g"]).times(1000)
    assert batch.theoretical_fill.value == pytest.approx(
        Decimal(expected["fill_weight_mg"]), abs=Decimal("0.001")
    )
    assert figures["delivered_pct"].text == expected["delivered_pct_of_label"]


@pytest.mark.parametrize("case_id", ["CAP-08"])
def test_a_constant_fill_takes_the_drug_out_of_the_filler(case_id):  # E13
    inputs, expected = case(case_id).inputs, case(case_id).expected
    constant = {"filler_method": FillerMethod.CONSTANT_FILL, "target_fill": mg(inputs["fill_weight_mg"])}

    batch = batch_of("4.5", inputs["required"], **constant)

    assert figures_of(batch)["filler_per_capsule"].text == expected["filler_mg_per_capsule"]
    assert batch.filler.target == mg(expected["filler_g"]).times(1000)
    displacement = batch_of("4.5", inputs["required"])
    assert (displacement.filler.target - batch.filler.target).value == Decimal(
        expected["difference_vs_displacement_g"]
    ) * 1000


def test_the_worksheet_opens_every_figure_in_order():
    batch = batch_of("4.5", 900)

    assert [figure.key for figure in batch.figures] == [
        "potency",
        "adjustment_factor",
        "salt_factor",
        "hydrate_factor",
        "prepared",
        "pure_drug",
        "minimum_weighable",
        "api_exact",
        "api_target",
        "filler_exact",
        "filler_per_capsule",
        "filler_target",
        "blend",
        "theoretical_fill",
        "delivered_pct",
    ]
    assert all(figure.formula and figure.inputs for figure in batch.figures)


def test_the_triturate_worksheet_shows_the_weighing_that_was_refused():
    figures = figures_of(batch_of("1.5", 7))

    assert figures["api_if_direct"].text == "12.484"
    assert figures["triturate_strength"].text == "0.099969792"
    assert figures["triturate_target"].rounding == "half-up to 1 mg, -0.03 % from exact"
    assert figures["filler_target"].text == "984"


def test_the_instructions_name_lots_balance_and_loss_allowance():
    assert batch_of("1.5", 7).instructions == (
        "Weigh 120 mg of triturate, lot TR-10, on balance B1.",
        "Weigh 984 mg of microcrystalline cellulose, lot MCC-7, on balance B1.",
        "Mix by geometric dilution: add filler in portions equal to what is already mixed.",
        "Fill 7 capsules, shell size 3, with 138.00 mg each; there is powder for 8, and the rest is loss allowance.",
    )


def test_without_a_triturate_the_refusal_says_what_would_help():
    with pytest.raises(
        TooSmallToWeigh, match="assign a released triturate, pool it into a larger batch, or take an aliquot"
    ):
        batch_of("1.5", 7, triturate_lot=None)


def test_a_triturate_that_is_too_strong_asks_for_a_weaker_one():
    strong = a_triturate_lot(strength=Decimal("0.5"))

    with pytest.raises(TooSmallToWeigh, match="assign a weaker triturate"):
        batch_of("1.5", 7, triturate_lot=strong)


def test_rounding_too_coarse_also_leads_to_the_triturate():
    coarse = a_balance(readability=mg("5"), sensitivity_requirement=mg("4"))  # weighs 80 mg and more

    batch = batch_of("4.5", 17, balance=coarse)  # 84.267 mg of powder would become 85 mg, 0.87 % off

    assert batch.route is Route.TRITURATE


def test_direct_weighing_can_be_asked_for_and_refuses_by_itself():
    assert direct_batch(dose("4.5"), 900, a_bench(), HYDROCHLORIDE).route is Route.DIRECT
    with pytest.raises(TooSmallToWeigh):
        direct_batch(dose("1.5"), 7, a_bench(), HYDROCHLORIDE)


def test_a_triturate_cannot_be_asked_of_a_bench_without_one():
    with pytest.raises(ValueError, match="no triturate"):
        triturate_batch(dose("1.5"), 7, a_bench(triturate_lot=None), HYDROCHLORIDE)


@pytest.mark.parametrize("case_id", ["CAP-03"])
def test_a_strength_as_base_needs_more_powder(case_id):  # E3
    batch = capsule_batch(dose("4.5"), 900, a_bench(), BASE)

    per_capsule = batch.active.exact.value / batch.prepared
    assert per_capsule == pytest.approx(
        Decimal(case(case_id).expected["api_as_is_mg"]), abs=Decimal("0.0001")
    )
    assert figures_of(batch)["delivered_pct"].text == "99.99"  # 4756 mg for 4756.382 mg


@pytest.mark.parametrize("case_id", ["CAP-04"])
def test_a_dihydrate_without_its_water_needs_more_powder(case_id):  # E4
    certificate = a_certificate(assay_pct=Decimal(100), form=ApiForm.HYDROCHLORIDE_DIHYDRATE, water_pct=None)

    batch = batch_of("4.5", 900, api_lot=an_api_lot(certificate=certificate))

    per_capsule = batch.active.exact.value / batch.prepared
    assert per_capsule == pytest.approx(Decimal(case(case_id).expected["api_mg"]), abs=Decimal("0.0001"))


def test_filler_that_does_not_fit_is_refused():
    weak = TriturateLot(number="TR-1", strength=Decimal("0.01"), beyond_use_on=date(2026, 7, 3))

    with pytest.raises(ActiveOverfillsShell, match=r"150\.0 mg for a capsule of 1\.5 mg leave no room"):
        batch_of("1.5", 7, triturate_lot=weak)


def test_too_little_filler_is_refused():
    nearly_full = replace(a_bench().packing, filler=mg("20"), triturate=mg("20"))

    with pytest.raises(TooSmallToWeigh, match="microcrystalline cellulose"):
        batch_of("1.5", 7, packing=nearly_full)


def test_what_goes_in_caps_the_beyond_use_date():
    filler = Limit(date(2028, 2, 29), "expiry of filler lot MCC-7")

    assert component_limits(a_bench(), Route.TRITURATE) == (
        Limit(date(2026, 7, 3), "beyond-use date of triturate lot TR-10"),
        filler,
    )
    assert component_limits(a_bench(), Route.DIRECT) == (
        Limit(date(2027, 5, 31), "expiry of lot NTX-2601"),
        filler,
    )


@pytest.mark.parametrize("strength", [1.5, Decimal("1.5"), 1500])
def test_a_strength_is_micrograms(strength):
    with pytest.raises(TypeError, match="Micrograms"):
        capsule_batch(strength, 7, a_bench(), HYDROCHLORIDE)


def test_a_capsule_of_nothing_is_not_made():
    with pytest.raises(ValueError, match="more than nothing"):
        batch_of("0", 7)


def test_a_bench_refuses_floats_and_a_fill_weight_without_its_method():
    with pytest.raises(TypeError, match="Milligrams"):
        a_bench(target_fill=138.0)
    with pytest.raises(ValueError, match="constant fill"):
        a_bench(target_fill=mg("138"))
    with pytest.raises(TypeError, match="Milligrams"):
        PackingStatistics(shell="size 3", filler=138.0, api=mg("150"), triturate=mg("138"))
    with pytest.raises(ValueError, match="above zero"):
        PackingStatistics(shell="size 3", filler=mg("0"), api=mg("150"), triturate=mg("138"))
    with pytest.raises(TypeError, match="must be a Decimal"):
        a_triturate_lot(strength=0.1)


def test_equal_benches_are_one_key():
    assert len({a_bench(), a_bench()}) == 1


def made(strength, required, bench, basis=HYDROCHLORIDE):
    """The batch; an example whose bench refuses it is set aside."""
    try:
        return capsule_batch(strength, required, bench, basis)
    except Unfit:
        assume(False)


@given(strength=strengths(), required=counts(), bench=benches())
def test_every_batch_delivers_its_label_within_the_rounding_of_its_weighing(strength, required, bench):
    batch = made(strength, required, bench)

    assert batch.prepared > required
    assert abs(batch.delivered_pct - 100 - batch.active.error_pct) < Decimal("1e-18")
    assert abs(batch.delivered_pct - 100) <= bench.balance.rounding_limit_pct + Decimal("1e-18")


@given(strength=strengths(), required=counts(), bench=benches())
def test_every_weigh_target_lies_on_the_grid_and_the_fill_is_what_was_weighed(strength, required, bench):
    batch = made(strength, required, bench)

    for weighing in (batch.active, batch.filler):
        assert weighing.target.value % bench.balance.readability.value == 0
    assert batch.blend == batch.active.target + batch.filler.target
    assert abs(batch.theoretical_fill.value * batch.prepared - batch.blend.value) < Decimal("1e-18")


def weighed_of_triturate(strength, required, bench):
    """The masses weighed, or the kind of refusal."""
    try:
        batch = triturate_batch(strength, required, bench, HYDROCHLORIDE)
    except Unfit as refusal:
        return type(refusal)
    return batch.active.target, batch.filler.target


@given(strength=strengths(), required=counts(), bench=benches())
def test_the_potency_of_the_lot_never_touches_what_is_weighed_of_a_triturate(strength, required, bench):
    pure_powder = a_certificate(assay_pct=Decimal(100), basis=AssayBasis.AS_IS)
    other_lot = replace(bench, api_lot=an_api_lot(certificate=pure_powder))

    assert weighed_of_triturate(strength, required, bench) == weighed_of_triturate(
        strength, required, other_lot
    )


def test_a_rounding_refusal_without_a_triturate_names_its_cure():
    coarse = a_balance(readability=mg("5"), sensitivity_requirement=mg("4"))

    with pytest.raises(RoundingTooCoarse, match="assign a released triturate"):
        batch_of("4.5", 17, balance=coarse, triturate_lot=None)
