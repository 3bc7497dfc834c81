"""Mixing, loads, shells, tablets, liquids and the one calculation, by the worked cases and by properties."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.batch_calculation import (
    CapsulesAsked,
    LiquidAsked,
    PlainBench,
    TriturateAsked,
    as_weighed,
    calculate,
)
from pharmacy.domain.bench import TriturateLot
from pharmacy.domain.beyond_use import Category, beyond_use_date
from pharmacy.domain.capsules import ActiveOverfillsShell, Route
from pharmacy.domain.figures import shown
from pharmacy.domain.liquids import LiquidStep, lasts_as, volume_of_doses
from pharmacy.domain.mixing import geometric_dilution, machine_loads
from pharmacy.domain.potency import StrengthBasis, hydrochloride_content
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.shells import NoShellHolds, Shell, choose_shell
from pharmacy.domain.tablets import Tablets, crushed_tablets
from pharmacy.domain.weighing import NoAliquotFits, TooSmallToWeigh
from pharmacy.domain.weighing_plan import (
    BelowMinimum,
    NothingSuchToWeigh,
    OffTheGrid,
    OutOfTolerance,
    WeighingStep,
    accept_reading,
    require_next,
)
from tests.domain.benches import a_balance, a_bench, a_triturate_lot, an_api_lot, dose, mg
from tests.domain.cases import case

HYDROCHLORIDE = StrengthBasis.NALTREXONE_HYDROCHLORIDE
TABLE_A = [
    Shell(size=size, volume_ml=Decimal(volume))
    for size, volume in (
        ("000", "1.37"), ("00", "0.95"), ("0", "0.68"), ("1", "0.50"), ("2", "0.37"), ("3", "0.30"), ("4", "0.21"),
    )
]  # fmt: skip


def capsules(strength, required, **changes):
    usual = {"basis": HYDROCHLORIDE, "route": None, "portion": None, "plate": 100}
    return CapsulesAsked(strength=dose(strength), required=required, **{**usual, **changes})


def plain(source=None, **changes):
    bench = a_bench()
    usual = PlainBench(source=source or an_api_lot(), filler_lot=bench.filler_lot, balance=bench.balance)
    return replace(usual, **changes)


def test_cap_14_every_round_doubles_what_is_mixed():
    worked = case("CAP-14")

    rounds = geometric_dilution(mg("4298"), mg("122730"))

    assert [shown(each.added.value / 1000, 3) for each in rounds] == worked.expected["additions_g"]
    assert [shown(each.total.value / 1000, 3) for each in rounds] == worked.expected["running_total_g"]


def test_cap_15_loads_are_even():
    worked = case("CAP-15")

    assert [
        list(machine_loads(row["capsules"], row["plate"])) for row in worked.inputs["rows"]
    ] == worked.expected["loads"]


@given(st.integers(1, 5000), st.integers(1, 300))
def test_loads_hold_every_capsule_and_differ_by_one_at_most(count, plate):
    loads = machine_loads(count, plate)

    assert sum(loads) == count
    assert max(loads) <= plate
    assert max(loads) - min(loads) <= 1


@given(st.decimals("1", "500", places=1), st.decimals("0", "5000", places=1))
def test_mixing_loses_nothing_and_never_more_than_doubles(active, filler):
    rounds = geometric_dilution(Milligrams(active), Milligrams(filler))

    assert sum((each.added.value for each in rounds), Decimal(0)) == filler
    assert all(each.added.value * 2 <= each.total.value for each in rounds)


def test_nothing_is_not_mixed_nor_filled():
    with pytest.raises(ValueError, match="something to dilute"):
        geometric_dilution(mg("0"), mg("1"))
    with pytest.raises(ValueError, match="holes to fill"):
        machine_loads(0, 100)


def test_cap_13_the_smallest_shell_that_holds_the_fill():
    worked = case("CAP-13")

    choice = choose_shell(mg("250"), Decimal("0.60"), TABLE_A)

    told = [figure.text for figure in choice.figures]
    assert [choice.shell.size, *told] == [
        worked.expected["size_table_a"], worked.expected["volume_ml"], worked.expected["fill_fraction_pct"],
    ]  # fmt: skip
    with pytest.raises(NoShellHolds, match=r"2\.500 mL"):
        choose_shell(mg("1500"), Decimal("0.60"), TABLE_A)
    with pytest.raises(ValueError, match="above zero"):
        choose_shell(mg("1"), Decimal(0), TABLE_A)


def test_cap_12_tablets_are_taken_by_their_label_and_diluted_where_too_little():
    worked = case("CAP-12")
    source = Tablets(label=mg("50"), mean_mass=mg("312"))

    made = crushed_tablets(mg("12"), source, mg("1000"), a_balance())

    assert made.figures[0].number == Decimal(worked.expected["powder_mg"])
    assert made.tablets == worked.expected["tablets_to_crush"]
    assert made.diluent is not None
    assert made.diluent.figure.text == worked.expected["diluent_for_one_tablet_mg"]
    assert made.weighing.target == mg(worked.expected["aliquot_mg"])
    assert crushed_tablets(mg("24"), source, mg("1000"), a_balance()).tablets is None
    with pytest.raises(ValueError, match="no more than it weighs"):
        Tablets(label=mg("400"), mean_mass=mg("312"))


def test_cap_16_the_volume_of_a_liquid_and_how_long_one_bottle_serves():
    worked = case("CAP-16")
    steps = [
        LiquidStep(dose=dose(text), days=days)
        for text, days in zip(worked.inputs["doses_mg"], worked.inputs["days"], strict=True)
    ]

    assert volume_of_doses(steps, Decimal(1)).text == worked.expected["volume_ml"]
    days = worked.expected["days"]
    assert [lasts_as(category, days) for category in (Category.AQUEOUS, Category.AQUEOUS_PRESERVED)] == [
        False,
        False,
    ]
    assert lasts_as(Category.ORAL_NON_AQUEOUS, days)
    with pytest.raises(ValueError, match="above zero"):
        volume_of_doses(steps, Decimal(0))


def test_a_liquid_is_weighed_for_its_whole_volume():
    asked = LiquidAsked(
        concentration_mg_per_ml=Decimal(1),
        volume_ml=Decimal(163),
        basis=HYDROCHLORIDE,
        category=Category.AQUEOUS,
    )

    made = calculate(asked, plain())

    assert made.weighings[0].weighing.figure.text == "170"
    assert as_weighed(made, {WeighingStep.ACTIVE: mg("170")})[0].text == "100.25"
    with pytest.raises(TypeError, match="made of powder"):
        calculate(asked, plain(a_triturate_lot()))
    with pytest.raises(TypeError, match="bench with shells"):
        calculate(asked, a_bench())
    with pytest.raises(ValueError, match="volume is above zero"):
        calculate(replace(asked, volume_ml=Decimal(0)), plain())


def test_e10_an_aliquot_carries_its_diluent_into_the_capsules():
    made = calculate(capsules("1.5", 7, route=Route.ALIQUOT, portion=mg("150")), a_bench())

    assert [(each.step.value, each.weighing.figure.text) for each in made.weighings] == [
        ("aliquot_powder", "125"), ("aliquot_diluent", "1375"), ("active", "150"), ("filler", "955"),
    ]  # fmt: skip
    assert made.number("aliquot_pure") == Decimal("12.0156")
    with pytest.raises(ActiveOverfillsShell):
        calculate(capsules("1.5", 7, route=Route.ALIQUOT, portion=mg("1400")), a_bench())


READINGS = st.decimals("-0.9", "0.9", places=1)


@given(st.sampled_from(["0.5", "1.5", "3", "4.5"]), st.integers(60, 300), READINGS)
def test_potency_is_counted_once_on_every_path(strength, required, off_pct):
    """The pure drug in the capsules is what was weighed times the powder's content, once, whatever the path."""
    lot = an_api_lot()
    content = hydrochloride_content(lot.certificate, lot.source).number
    for asked in (
        capsules(strength, required, route=Route.DIRECT),
        capsules(strength, required, route=Route.ALIQUOT),
    ):
        try:
            made = calculate(asked, a_bench())
        except (TooSmallToWeigh, NoAliquotFits):
            continue
        read = {
            each.step: Milligrams((each.weighing.target.value * (100 + off_pct) / 100).quantize(Decimal(1)))
            for each in made.weighings
        }
        _, _, delivered = as_weighed(made, read)
        powder = read[WeighingStep.ACTIVE].value
        if WeighingStep.ALIQUOT_POWDER in read:
            mixed = read[WeighingStep.ALIQUOT_POWDER].value, read[WeighingStep.ALIQUOT_DILUENT].value
            powder = powder * mixed[0] / sum(mixed)
        expected = powder * content * 100 / (dose(strength).in_milligrams().value * made.prepared)
        assert abs(delivered.number - expected) < Decimal("1e-20")


@given(READINGS, READINGS)
def test_through_two_triturates_potency_is_still_counted_once(first_off, second_off):
    lot, balance = an_api_lot(), a_balance(sensitivity_requirement=mg("1"), readability=mg("0.1"))
    content = hydrochloride_content(lot.certificate, lot.source).number
    drug, source = Decimal(1), lot
    for fraction, off in ((Decimal("0.01"), first_off), (Decimal("0.0001"), second_off)):
        made = calculate(TriturateAsked(fraction=fraction, total=mg("20000")), plain(source, balance=balance))
        read = {
            each.step: Milligrams((each.weighing.target.value * (100 + off) / 100).quantize(Decimal("0.1")))
            for each in made.weighings
        }
        (strength,) = as_weighed(made, read)
        taken, added = read[WeighingStep.ACTIVE].value, read[WeighingStep.FILLER].value
        drug = drug * taken / (taken + added)
        source = TriturateLot(number="T", strength=strength.number, beyond_use_on=lot.expires_on)
    assert abs(source.strength - drug * content) < Decimal("1e-24")


@given(st.dates(date(2026, 1, 1), date(2026, 7, 3)))
def test_a_batch_never_outlives_its_shortest_component(on):
    made = calculate(capsules("1.5", 7), a_bench())

    beyond = beyond_use_date(on, Category.SOLID, made.limits).on

    assert beyond <= min(a_triturate_lot().beyond_use_on, a_bench().filler_lot.expires_on)
    assert (beyond - on).days < 180


def test_a_triturate_needs_its_diluent():
    asked = TriturateAsked(fraction=Decimal("0.1"), total=mg("10000"))

    with pytest.raises(TypeError, match="has a diluent"):
        calculate(asked, plain(filler_lot=None))


def test_a_reading_is_next_on_the_grid_above_the_minimum_and_near_its_target():
    planned = calculate(capsules("1.5", 7), a_bench()).weighings
    active = require_next(planned, [], WeighingStep.ACTIVE)

    assert accept_reading(active, mg("121"), a_balance(), Decimal(1)) == Decimal(100) / 120
    with pytest.raises(NothingSuchToWeigh, match="next weighing of this batch is active, not filler"):
        require_next(planned, [], WeighingStep.FILLER)
    with pytest.raises(NothingSuchToWeigh, match="Every weighing of this batch is done"):
        require_next(planned, [WeighingStep.ACTIVE, WeighingStep.FILLER], WeighingStep.ACTIVE)
    for read, refusal in (("120.4", OffTheGrid), ("119", BelowMinimum), ("124", OutOfTolerance)):
        with pytest.raises(refusal, match="B1"):
            accept_reading(active, mg(read), a_balance(), Decimal(1))
