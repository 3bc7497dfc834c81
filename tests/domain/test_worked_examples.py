"""The worked examples E1 to E16 of the compounding reference, in its own numbers.

Common lot: assay 99.2 % anhydrous, water 3.1 %; size 3 shells packing 138 mg of cellulose and 150 mg of drug.
Each row is what the example states, as text, against what the rules show.
"""

from decimal import Decimal

import pytest

from pharmacy.domain.capsules import (
    HOUSE_OVERAGE,
    FillerMethod,
    capsule_batch,
    prepared_capsules,
    triturate_batch,
)
from pharmacy.domain.figures import shown
from pharmacy.domain.potency import (
    ApiForm,
    AssayBasis,
    StrengthBasis,
    adjustment_factor,
    hydrate_factor,
    hydrochloride_content,
    potency,
    salt_factor,
)
from pharmacy.domain.triturates import serial_dilution, stock_triturate, triturate_holding
from pharmacy.domain.weighing import aliquot, minimum_weighable, usp41_minimum
from tests.domain.benches import a_balance, a_bench, a_certificate, dose, mg

HYDROCHLORIDE = StrengthBasis.NALTREXONE_HYDROCHLORIDE
LOT = "lot NTX-2601"
P = potency(a_certificate(), LOT)


def worksheet(batch, *keys):
    """What the batch shows for these figures."""
    figures = {figure.key: figure.text for figure in batch.figures}
    return [figures[key] for key in keys]


def from_triturate(strength, required):
    batch = triturate_batch(dose(strength), required, a_bench(), HYDROCHLORIDE)
    return worksheet(
        batch, "prepared", "triturate_exact", "triturate_target", "filler_target", "theoretical_fill"
    )


def e2():
    as_is = potency(a_certificate(assay_pct=Decimal("97.9"), basis=AssayBasis.AS_IS), LOT)
    return [shown(Decimal("76.5") / as_is.number, 3)]


def e3():
    factor = salt_factor(StrengthBasis.NALTREXONE_BASE)
    needed = Decimal("4.5") * factor.number
    return [factor.text, shown(needed, 4), shown(needed / P.number, 4)]


def e4():
    lot = a_certificate(assay_pct=Decimal(100), form=ApiForm.HYDROCHLORIDE_DIHYDRATE, water_pct=None)
    return [hydrate_factor(lot).text, shown(Decimal("4.5") / hydrochloride_content(lot, LOT).number, 4)]


def e6():
    rows = (("0.1", "0.04"), ("1", "0.3"), ("0.1", "0.09"))
    return [shown(usp41_minimum(mg(readability), mg(deviation)).value) for readability, deviation in rows]


def e8():
    stock = stock_triturate(Decimal("0.1"), mg("10000"), P, a_balance())
    return [stock.api.figure.text, stock.diluent.figure.text, shown(stock.strength * 100, 4)]


def e10():
    mixed = aliquot(mg("12"), P, a_balance(), portion=mg("150"))
    return [str(mixed.multiple), mixed.powder.figure.text, mixed.diluent.figure.text, mixed.pure.text]


def e11():
    _, second = serial_dilution([Decimal("0.01"), Decimal("0.0001")], mg("10000"))
    return [shown(triturate_holding(mg("0.032"), Decimal("0.0001")).value), shown(second.number)]


def e12():
    batch = capsule_batch(dose("4.5"), 900, a_bench(), HYDROCHLORIDE)
    return worksheet(
        batch, "prepared", "api_target", "filler_target", "blend", "theoretical_fill", "delivered_pct"
    )


def e13():
    bench = a_bench(filler_method=FillerMethod.CONSTANT_FILL, target_fill=mg("138.0"))
    batch = capsule_batch(dose("4.5"), 900, bench, HYDROCHLORIDE)
    return worksheet(batch, "filler_per_capsule", "filler_target")


EXAMPLES = {
    "E1": (
        lambda: [P.text, adjustment_factor(P).text, shown(Decimal("4.5") / P.number, 4)],
        ["0.961248", "1.040314", "4.6814"],
    ),
    "E2": (e2, ["78.141"]),
    "E3": (e3, ["1.10676", "4.9804", "5.1812"]),
    "E4": (e4, ["1.09535", "4.9291"]),
    "E5": (
        lambda: [
            minimum_weighable(a_balance(sensitivity_requirement=mg(requirement))).text
            for requirement in ("6", "10", "4", "1")
        ],
        ["120.0", "200.0", "80.0", "20.0"],
    ),
    "E6": (e6, ["82", "820", "180"]),
    "E7": (
        lambda: [prepared_capsules(count, HOUSE_OVERAGE).text for count in (7, 16, 30, 76, 90, 300, 900)],
        ["8", "17", "32", "80", "95", "309", "918"],
    ),
    "E8": (e8, ["1040", "8960", "9.9970"]),
    "E9": (lambda: from_triturate("1.5", 7), ["8", "120.036", "120", "984", "138.00"]),
    "E10": (e10, ["10", "125", "1375", "12.0156"]),
    "E11": (e11, ["320", "100"]),
    "E12": (e12, ["918", "4298", "122730", "127028", "138.37", "100.01"]),
    "E13": (e13, ["133.319", "122386"]),
    "E14 second": (lambda: from_triturate("3", 7), ["8", "240.073", "240", "864", "138.00"]),
    "E14 third": (lambda: from_triturate("4.5", 16), ["17", "765.231", "765", "1581", "138.00"]),
    "E15 third": (lambda: from_triturate("4.5", 30), ["32", "1440.435", "1440", "2976", "138.00"]),
    "E16": (lambda: from_triturate("1.5", 69), ["73", "1095.331", "1095", "8979", "138.00"]),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_worked_example_comes_out_as_printed(example):
    compute, printed = EXAMPLES[example]

    assert compute() == printed
