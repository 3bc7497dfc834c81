"""Capsules from crushed tablets: the label is the drug, excipients are filler, and too little is diluted first."""

from dataclasses import replace
from datetime import date

import pytest

from pharmacy.domain.batch_calculation import CapsulesAsked, as_weighed, calculate
from pharmacy.domain.bench import TabletLot
from pharmacy.domain.capsules import Route, direct_batch
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.tablet_capsules import NoTabletsOnBench, tablet_batch
from pharmacy.domain.weighing import TooSmallToWeigh
from pharmacy.domain.weighing_plan import WeighingStep
from tests.domain.benches import a_balance, a_bench, dose, mg

HCL = StrengthBasis.NALTREXONE_HYDROCHLORIDE
# Example E17: tablets of 50 mg, twenty of which weigh 312 mg each in the mean.
TABLETS = TabletLot(number="TAB-1", label=mg("50"), mean_mass=mg("312"), expires_on=date(2027, 5, 31))


def tablets_on(balance=None, **changes):
    return replace(a_bench(api_lot=TABLETS, triturate_lot=None, **changes), balance=balance or a_balance())


def test_e17_a_part_of_one_diluted_tablet_holds_twelve_milligrams() -> None:
    batch = tablet_batch(dose("1.5"), 7, tablets_on(), HCL)

    weighed = {each.step: each.weighing.target for each in batch.weighings}
    assert weighed[WeighingStep.ALIQUOT_POWDER] == mg("312")
    assert weighed[WeighingStep.ALIQUOT_DILUENT] == mg("688")
    assert weighed[WeighingStep.ACTIVE] == mg("240")
    assert (batch.route, batch.prepared) == (Route.TABLETS, 8)
    # Displacement: 138 mg x (8 - 74.88 / 150), less the 165.12 mg of diluent that the part brings along.
    assert weighed[WeighingStep.FILLER] == mg("870")
    assert batch.delivered_pct == 100


def test_e17_on_a_finer_balance_the_powder_is_weighed_directly() -> None:
    fine = a_balance(name="B2", readability=mg("0.1"), sensitivity_requirement=mg("1"))

    batch = tablet_batch(dose("1.5"), 7, tablets_on(fine), HCL)

    assert [each.step for each in batch.weighings] == [WeighingStep.ACTIVE, WeighingStep.FILLER]
    assert batch.active.target == mg("74.9")
    assert batch.active.exact == mg("74.88")


def test_no_certificate_corrects_what_the_label_says() -> None:
    keys = [figure.key for figure in tablet_batch(dose("1.5"), 7, tablets_on(), HCL).figures]

    assert "potency" not in keys
    assert keys.count("tablet_content") == 1


def test_a_calculation_takes_tablets_wherever_they_lie_and_ends_with_what_was_weighed() -> None:
    asked = CapsulesAsked(
        strength=dose("1.5"), required=7, basis=HCL, route=None, portion=mg("2000"), plate=100
    )
    calculation = calculate(asked, tablets_on())
    read = {each.step: each.weighing.target for each in calculation.weighings}
    _, _, delivered = as_weighed(calculation, read)
    assert read[WeighingStep.ALIQUOT_DILUENT] == mg("1688")
    assert read[WeighingStep.ACTIVE] == mg("480")
    assert delivered.number == 100
    # A milligram more of the tablets on the pan is more drug in every capsule.
    more = {**read, WeighingStep.ALIQUOT_POWDER: mg("315")}
    assert as_weighed(calculation, more)[-1].number > 100


def test_tablets_that_nobody_scanned_are_not_crushed() -> None:
    with pytest.raises(NoTabletsOnBench):
        tablet_batch(dose("1.5"), 7, a_bench(), HCL)


def test_what_is_too_little_says_from_how_many_capsules_on_pooling_cures_it() -> None:
    bench = a_bench(triturate_lot=None)

    with pytest.raises(TooSmallToWeigh) as refusal:
        direct_batch(dose("1.5"), 7, bench, HCL)

    least = refusal.value.pool_from
    assert least is not None
    assert f"Pooled to {least} capsules it is weighed directly." in str(refusal.value)
    assert direct_batch(dose("1.5"), least, bench, HCL).active.target >= mg("120")
    with pytest.raises(TooSmallToWeigh):
        direct_batch(dose("1.5"), least - 1, bench, HCL)


@pytest.mark.parametrize("strength", ["0.001", "0.1", "0.5", "1.5", "3", "4.5"])
@pytest.mark.parametrize("required", [1, 7, 16])
def test_pooling_to_the_count_that_is_named_always_cures(strength: str, required: int) -> None:
    bench = a_bench(triturate_lot=None)

    with pytest.raises(TooSmallToWeigh) as refusal:
        direct_batch(dose(strength), required, bench, HCL)

    assert refusal.value.pool_from is not None
    assert direct_batch(dose(strength), refusal.value.pool_from, bench, HCL).active.target >= mg("120")
