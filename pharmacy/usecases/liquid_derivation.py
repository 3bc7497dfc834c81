"""The batch behind a line of oral liquid: drug weighed for the whole volume, vehicle up to the mark, and how long it lasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from pharmacy.domain.batch_calculation import LiquidAsked
from pharmacy.domain.bench import ApiLot
from pharmacy.domain.beyond_use import Limit, beyond_use_date
from pharmacy.domain.dose_text import strength_text
from pharmacy.domain.errors import Unfit
from pharmacy.domain.liquids import LiquidBatch, liquid_batch, volume_to_make
from pharmacy.domain.lots import in_turn
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.supply import SupplyLine
from pharmacy.usecases.bench_stock import BenchStock, LotIds, NotEquipped
from pharmacy.usecases.option import LineBatch
from pharmacy.usecases.reference import Reference


def derive_liquid(
    line: SupplyLine, stock: BenchStock, last_dose_on: date, basis: StrengthBasis, reference: Reference
) -> LineBatch:
    """The batch from today's lots: the powder whose turn it is, and a vehicle of the liquid's beyond-use category."""
    try:
        vehicle, *_ = stock.vehicles_for(reference.liquid.category, last_dose_on)
    except NotEquipped as missing:
        return refused(line, str(missing))
    api, *_ = in_turn(stock.api_lots, last_dose_on)
    needed = liquid_asked(line, line.capsules, basis, reference)
    asked = replace(needed, volume_ml=_to_make(needed, api.lot, stock))
    try:
        batch = liquid_batch(
            asked.concentration_mg_per_ml, asked.volume_ml, api.lot, stock.balance, asked.basis
        )
    except Unfit as refusal:
        return refused(line, str(refusal))
    limits = (
        Limit(api.lot.expires_on, f"expiry of lot {api.lot.number}"),
        Limit(vehicle.lot.expires_on, f"expiry of vehicle lot {vehicle.lot.number}"),
    )
    beyond_use = beyond_use_date(reference.on, asked.category, limits)
    return LineBatch(
        line=line,
        batch=batch,
        beyond_use=beyond_use,
        lots=LotIds(api_lot_id=api.id, filler_lot_id=vehicle.id, triturate_id=None),
        refusal=None,
        covers_last_dose=last_dose_on <= beyond_use.on,
    )


def batch_asked(
    line: SupplyLine, marks: int, basis: StrengthBasis, made: LiquidBatch, reference: Reference
) -> LiquidAsked:
    """The batch for so many marks of the line: as large as `made` was derived where that is more than they are."""
    needed = liquid_asked(line, marks, basis, reference)
    return replace(needed, volume_ml=max(needed.volume_ml, made.volume_ml))


def _to_make(needed: LiquidAsked, lot: ApiLot, stock: BenchStock) -> Decimal:
    return volume_to_make(needed.concentration_mg_per_ml, needed.volume_ml, lot, stock.balance, needed.basis)


def liquid_asked(line: SupplyLine, marks: int, basis: StrengthBasis, reference: Reference) -> LiquidAsked:
    """So many marks of the line, as the bench is asked for them; ValueError for a line of capsules."""
    if line.unit_ml is None:
        raise ValueError("Capsules are not asked for in millilitres.")
    return LiquidAsked(
        concentration_mg_per_ml=concentration(line),
        volume_ml=line.unit_ml * marks,
        basis=basis,
        category=reference.liquid.category,
    )


def concentration(line: SupplyLine) -> Decimal:
    """Milligrams in a millilitre."""
    return line.strength.in_milligrams().value / (line.unit_ml or Decimal(1))


def strength_words(line: SupplyLine) -> str:
    """What is in the line: "4.5 mg", or "1 mg/mL"."""
    return strength_text(line.strength, line.unit_ml)


def refused(line: SupplyLine, refusal: str) -> LineBatch:
    """The line that cannot be made today, and why."""
    return LineBatch(
        line=line, batch=None, beyond_use=None, lots=None, refusal=refusal, covers_last_dose=False
    )
