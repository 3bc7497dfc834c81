"""One way to supply a plan, and the batch behind each of its lines."""

from __future__ import annotations

from dataclasses import dataclass

from pharmacy.domain.beyond_use import BeyondUse
from pharmacy.domain.capsules import CapsuleBatch
from pharmacy.domain.findings import Finding
from pharmacy.domain.liquids import LiquidBatch
from pharmacy.domain.pricing import Price
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import Supply, SupplyLine
from pharmacy.usecases.bench_stock import LotIds


@dataclass(frozen=True, slots=True, kw_only=True)
class LineBatch:
    """The batch one line would be made from today, and its lots; or why there can be none."""

    line: SupplyLine
    batch: CapsuleBatch | LiquidBatch | None
    beyond_use: BeyondUse | None
    lots: LotIds | None
    refusal: str | None
    covers_last_dose: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPart:
    """The most days of an option that today's lots serve to the last dose, and the batches for them.

    The rest of the fill comes from a later batch; `because` says so to whoever reads it.
    """

    supply: Supply
    batches: tuple[LineBatch, ...]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to supply the window, with what follows from it."""

    supply: Supply
    batches: tuple[LineBatch, ...]
    price: Price
    findings: tuple[Finding, ...]
    # What it is best at among the options it is offered with.
    reasons: tuple[str, ...] = ()
    # Where no lot carries the whole window to its last dose, but one a week of it or more.
    first_part: FirstPart | None = None

    @property
    def strengths(self) -> tuple[Micrograms, ...]:
        """The strengths that are made for it, each a line."""
        return tuple(line.strength for line in self.supply.lines)

    @property
    def can_be_made(self) -> bool:
        """Whether today's lots serve every line to its last dose."""
        return all(each.covers_last_dose for each in self.batches)
