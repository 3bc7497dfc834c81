"""The bench of the worked examples, and builders around it.

Lot of example E1 (assay 99.2 % anhydrous, water 3.1 %), triturate of E8 at its unrounded strength, balance with
sensitivity requirement 6 mg at 5 % and 1 mg readability, size 3 shells packing 138 mg filler and 150 mg drug.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from pharmacy.domain.capsules import (
    HOUSE_OVERAGE,
    ApiLot,
    Bench,
    FillerLot,
    FillerMethod,
    PackingStatistics,
    TriturateLot,
)
from pharmacy.domain.potency import ApiForm, AssayBasis, Certificate
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.weighing import MAX_ERROR_PCT, Balance

E1_POTENCY = Decimal("0.961248")
E8_STRENGTH = Decimal("1.040") * E1_POTENCY / 10


def mg(text: str) -> Milligrams:
    return Milligrams(Decimal(text))


def dose(text: str) -> Micrograms:
    """A strength written in milligrams."""
    return Micrograms.from_milligrams(Decimal(text))


def a_certificate(**changes: Any) -> Certificate:
    """The certificate of E1."""
    e1 = Certificate(
        assay_pct=Decimal("99.2"),
        basis=AssayBasis.ANHYDROUS,
        form=ApiForm.HYDROCHLORIDE,
        water_pct=Decimal("3.1"),
        solvents_pct=Decimal(0),
    )
    return replace(e1, **changes)


def a_balance(**changes: Any) -> Balance:
    """The balance of the examples: it weighs 120 mg and more."""
    usual = Balance(
        name="B1",
        readability=mg("1"),
        sensitivity_requirement=mg("6"),
        max_error_pct=MAX_ERROR_PCT,
        certificate_minimum=None,
    )
    return replace(usual, **changes)


def an_api_lot(**changes: Any) -> ApiLot:
    """The lot of E1."""
    lot = ApiLot(number="NTX-2601", certificate=a_certificate(), expires_on=date(2027, 5, 31))
    return replace(lot, **changes)


def a_triturate_lot(**changes: Any) -> TriturateLot:
    """The triturate of E8, unrounded."""
    return replace(
        TriturateLot(number="TR-10", strength=E8_STRENGTH, beyond_use_on=date(2026, 7, 3)), **changes
    )


def a_bench(**changes: Any) -> Bench:
    """The bench of E9, E14 and E16: displacement, size 3."""
    usual = Bench(
        api_lot=an_api_lot(),
        triturate_lot=a_triturate_lot(),
        filler_lot=FillerLot(name="microcrystalline cellulose", number="MCC-7", expires_on=date(2028, 2, 29)),
        balance=a_balance(),
        packing=PackingStatistics(shell="size 3", filler=mg("138"), api=mg("150"), triturate=mg("138")),
        overage_tiers=HOUSE_OVERAGE,
        filler_method=FillerMethod.DISPLACEMENT,
        target_fill=None,
    )
    return replace(usual, **changes)
