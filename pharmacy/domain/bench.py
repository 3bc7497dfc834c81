"""What lies on the bench: the lots, the balance and the packing statistics of one calculation.

Potency belongs to a lot, and packing statistics to a lot, a shell and a machine; so a bench is one value, and
another lot is another bench and another calculation. It can be hashed, so that a calculation can be kept by it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pharmacy.domain.overage import OverageTier
from pharmacy.domain.potency import Certificate
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.triturates import require_fraction
from pharmacy.domain.weighing import Balance


class FillerMethod(StrEnum):
    """How the filler is found: by packing statistics, or by a constant fill weight."""

    DISPLACEMENT = "displacement"
    CONSTANT_FILL = "constant_fill"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingStatistics:
    """How much of each pure powder fills one shell; measured per lot, shell and machine."""

    shell: str
    filler: Milligrams
    api: Milligrams
    triturate: Milligrams

    def __post_init__(self) -> None:
        if not all(isinstance(mass, Milligrams) for mass in (self.filler, self.api, self.triturate)):
            raise TypeError("Packing statistics are Milligrams.")
        if min(self.filler, self.api, self.triturate).value == 0:
            raise ValueError("Packing statistics are above zero.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiLot:
    """A lot of naltrexone powder; usable through `expires_on`."""

    number: str
    certificate: Certificate
    expires_on: date

    @property
    def source(self) -> str:
        return f"lot {self.number}, certificate of analysis"


@dataclass(frozen=True, slots=True, kw_only=True)
class TabletLot:
    """A lot of manufactured tablets to crush, used through `expires_on`; `mean_mass` is that of twenty weighed."""

    number: str
    label: Milligrams
    mean_mass: Milligrams
    expires_on: date

    @property
    def source(self) -> str:
        return f"tablets, lot {self.number}: label and mean mass of twenty"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriturateLot:
    """A released triturate; `strength` is the unrounded mass fraction of naltrexone hydrochloride."""

    number: str
    strength: Decimal
    beyond_use_on: date

    def __post_init__(self) -> None:
        require_fraction(self.strength, "The strength of a triturate")


@dataclass(frozen=True, slots=True, kw_only=True)
class FillerLot:
    """A lot of filler; usable through `expires_on`."""

    name: str
    number: str
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Everything a batch is calculated from, besides strength and count.

    `target_fill` is the constant fill weight, and None when the filler is found by displacement.
    """

    api_lot: ApiLot | TabletLot
    triturate_lot: TriturateLot | None
    filler_lot: FillerLot
    balance: Balance
    packing: PackingStatistics
    overage_tiers: tuple[OverageTier, ...]
    filler_method: FillerMethod
    target_fill: Milligrams | None

    def __post_init__(self) -> None:
        if self.target_fill is not None and not isinstance(self.target_fill, Milligrams):
            raise TypeError("A fill weight is Milligrams.")
        if (self.filler_method is FillerMethod.CONSTANT_FILL) != (self.target_fill is not None):
            raise ValueError("A constant fill, and only that, has a target fill weight.")

    @property
    def powder(self) -> ApiLot:
        """The lot of powder; a TypeError where tablets lie in its place."""
        if not isinstance(self.api_lot, ApiLot):
            raise TypeError("Tablets lie on this bench, and no powder.")
        return self.api_lot
