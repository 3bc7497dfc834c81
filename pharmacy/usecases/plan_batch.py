"""A batch is opened, calculated on proposed lots; at the bench the lots are scanned, or swapped for others.

A planned batch already stands on lots: those whose turn it is. What somebody then scans is what counts, and the
difference to the calculation before is shown. The calculation belongs to the day: lots are scanned on the day of
weighing, since the beyond-use date counts from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batch_calculation import Asked, CapsulesAsked, LiquidAsked, TriturateAsked
from pharmacy.domain.batches import UNWEIGHED, IllegalBatchMove
from pharmacy.domain.bench import Bench
from pharmacy.domain.components import ComponentKind
from pharmacy.domain.errors import PharmacyError, Unfit, Where, within
from pharmacy.domain.formulations import DosageForm, require_serves
from pharmacy.domain.lots import in_turn
from pharmacy.domain.weighing_plan import Ingredient
from pharmacy.store import audit, batches, formulations
from pharmacy.store import reference as books
from pharmacy.store.base import new_id
from pharmacy.store.batch_rows import BatchRows, batch_rows
from pharmacy.store.batches import Batch, BatchKind, BatchStatus
from pharmacy.store.formulations import Formulation
from pharmacy.usecases.batch_worksheet import kept_worksheet
from pharmacy.usecases.bench_stock import BenchStock, NotEquipped
from pharmacy.usecases.calculation_certificate import (
    CalculationInputs,
    Certified,
    certify,
    differences,
    kept_inputs,
)
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.scanned_bench import LotRows, Scanned, bench_of, require_liquid_lots, rows_of

_KINDS: dict[type[Any], BatchKind] = {
    CapsulesAsked: BatchKind.CAPSULES,
    TriturateAsked: BatchKind.TRITURATE,
    LiquidAsked: BatchKind.LIQUID,
}
# A triturate has no formulation of its own: it follows the standard procedure for triturates.
FORM_FOLLOWED: Mapping[BatchKind, DosageForm] = {
    BatchKind.CAPSULES: DosageForm.CAPSULE,
    BatchKind.LIQUID: DosageForm.ORAL_LIQUID,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """What to make; lots that are not named are proposed, such as last until `lasts_until` if there are any.

    `formulation` is the code of the record to make a liquid by; without it the one of its category is followed.
    """

    asked: Asked
    scanned: Scanned
    lasts_until: date | None = None
    formulation: str | None = None


def plan_batch(session: Session, new: NewBatch, reference: Reference, *, by: Actor, now: datetime) -> Batch:
    """The batch is planned, with its worksheet on the proposed lots.

    Raises what the calculation refuses, each refusal naming its cure, and NotEquipped when nothing may be used.
    """
    rows, certified = _calculated(session, new, reference, lots_at=("lots",))
    batch = Batch(
        id=new_id(),
        number=batches.next_number(session, reference.on),
        kind=_KINDS[type(new.asked)],
        status=BatchStatus.PLANNED,
        status_at=now,
        status_by=by.id,
        compounded_by=by.id,
    )
    _lay_down(batch, rows, certified, reference.on)
    _follow(session, batch, new, now)
    session.add(batch)
    audit.record(session, "batch.planned", batch.id, by=by, at=now, number=batch.number)
    return batch


def assign_lots(
    session: Session, batch_id: UUID, scanned: Scanned, reference: Reference, *, by: Actor, now: datetime
) -> tuple[Batch, list[str]]:
    """The batch stands on the scanned lots, calculated anew; and what that changed, figure by figure.

    What is not scanned stays as it was. Raises as `plan_batch`, and IllegalBatchMove once something is weighed.
    """
    batch = batches.get_for_update(session, batch_id)
    if batch.status not in UNWEIGHED:
        raise IllegalBatchMove(batch.number, batch.status, BatchStatus.LOTS_ASSIGNED)
    kept = batch.worksheet
    stood_on = scanned_of(session, batch)
    new = NewBatch(
        asked=inputs_of(batch).asked,
        scanned=_swapped(stood_on, scanned),
        formulation=_record_of_liquid(session, batch),
    )
    rows, certified = _calculated(session, new, reference)
    _lay_down(batch, rows, certified, reference.on)
    _follow(session, batch, new, now)
    batch.compounded_by = by.id
    changed = differences(_figures_by_name(kept), _figures_by_name(batch.worksheet))
    batches.move(
        session, batch, BatchStatus.LOTS_ASSIGNED, by=by, at=now, lots=_names(rows), changed=len(changed)
    )
    return batch, changed


@dataclass(eq=False)
class NoSuchRecord(Unfit):
    """No version of that record is in force for such a liquid."""

    code: str

    def __str__(self) -> str:
        return f"No version of {self.code} is in force for this liquid."


@dataclass(eq=False)
class NotCertified(Unfit):
    """The batch is older than certificates, so that nothing can be worked out again."""

    number: str

    def __str__(self) -> str:
        return f"Batch {self.number} has no certificate of its calculation."


def inputs_of(batch: Batch) -> CalculationInputs:
    """What the batch was calculated from, as its certificate keeps it; NotCertified for one without."""
    if batch.certificate is None:
        raise NotCertified(batch.number)
    return kept_inputs(batch.certificate)


def scanned_of(session: Session, batch: Batch) -> Scanned:
    """What the batch stands on, by the names that are printed on it."""
    return scanned_by(batch, batch_rows(session, batch))


def scanned_by(batch: Batch, rows: BatchRows) -> Scanned:
    """The same, for whoever has just read these rows."""
    api = rows.lots[batch.api_lot_id]
    # Powder that a triturate was made of is not on this bench.
    active = api.number if rows.triturate is None else None
    is_tablets = api.kind is ComponentKind.TABLET
    return Scanned(
        api_lot=None if is_tablets else active,
        filler_lot=rows.lots[batch.filler_lot_id].number,
        triturate=None if rows.triturate is None else rows.triturate.number,
        balance=None if batch.balance_id is None else rows.balances[batch.balance_id],
        tablets=active if is_tablets else None,
    )


def _calculated(
    session: Session, new: NewBatch, reference: Reference, *, lots_at: Where = ()
) -> tuple[LotRows, Certified]:
    """The rows and the calculation on what was scanned; without any lots, on those whose turn it is.

    `lots_at` is where the caller named the lots.
    """
    settings = books.settings_in_force(session)
    category = new.asked.category if isinstance(new.asked, LiquidAsked) else reference.category
    refusal: PharmacyError | None = None
    for scanned in _candidates(new, reference):
        rows = rows_of(session, scanned, reference.on)
        if isinstance(new.asked, LiquidAsked):
            with within(*lots_at):
                require_liquid_lots(session, rows, new.asked.category)
        try:
            return rows, certify(
                new.asked, bench_of(session, rows, new.asked, settings), reference.on, category
            )
        except Unfit as declined:
            refusal = refusal or declined
    raise refusal or NotEquipped("lot")


def _candidates(new: NewBatch, reference: Reference) -> Iterator[Scanned]:
    """What to try: what was scanned, completed by proposals; of triturates one after the other."""
    scanned = new.scanned
    active = scanned.api_lot or scanned.triturate or scanned.tablets
    if scanned.filler_lot and scanned.balance and active:
        yield scanned
        return
    stock = reference.bench_stock()
    if isinstance(new.asked, LiquidAsked):
        yield _liquid_bench(new.asked, scanned, stock, new.lasts_until or reference.on)
        return
    for laid in stock.benches(new.lasts_until or reference.on):
        triturate = None if active else _proposed_triturate(new.asked, laid.bench)
        yield Scanned(
            api_lot=scanned.api_lot or (None if active else laid.bench.api_lot.number),
            filler_lot=scanned.filler_lot or laid.bench.filler_lot.number,
            triturate=scanned.triturate or triturate,
            balance=scanned.balance or stock.balance.name,
            tablets=scanned.tablets,
        )


def _liquid_bench(asked: LiquidAsked, scanned: Scanned, stock: BenchStock, lasts_until: date) -> Scanned:
    """What was scanned, else the powder whose turn it is and a vehicle of the category; NotEquipped without one."""
    active = scanned.api_lot or scanned.triturate or scanned.tablets
    return replace(
        scanned,
        api_lot=scanned.api_lot or (None if active else in_turn(stock.api_lots, lasts_until)[0].lot.number),
        filler_lot=scanned.filler_lot or stock.vehicles_for(asked.category, lasts_until)[0].lot.number,
        balance=scanned.balance or stock.balance.name,
    )


def _proposed_triturate(asked: Asked, bench: Bench) -> str | None:
    """Only capsules are made of a triturate that nobody named."""
    if not isinstance(asked, CapsulesAsked) or bench.triturate_lot is None:
        return None
    return bench.triturate_lot.number


def _lay_down(batch: Batch, rows: LotRows, certified: Certified, on: date) -> None:
    """The batch is what the calculation says, on those lots."""
    calculation = certified.calculation
    batch.compounded_on = on
    batch.beyond_use_on, batch.beyond_use_limited_by = (
        certified.beyond_use.on,
        certified.beyond_use.limited_by,
    )
    batch.api_lot_id, batch.filler_lot_id, batch.balance_id = (
        rows.api_lot.id, rows.filler_lot.id, rows.balance.id,
    )  # fmt: skip
    uses_triturate = Ingredient.TRITURATE in calculation.uses
    batch.triturate_id = rows.triturate.id if uses_triturate and rows.triturate is not None else None
    batch.capsules_prepared = calculation.prepared
    batch.strength_fraction = (
        calculation.number("triturate_strength") if batch.kind is BatchKind.TRITURATE else None
    )
    batch.worksheet, batch.certificate = kept_worksheet(certified), certified.certificate
    asked = kept_inputs(certified.certificate).asked
    if isinstance(asked, CapsulesAsked):
        batch.strength_ug, batch.capsules_required = asked.strength.value, asked.required
        batch.capsules_on_offer = asked.required


def _follow(session: Session, batch: Batch, new: NewBatch, now: datetime) -> None:
    """The batch names the formulation that is in force on its day, and that version is used from now on."""
    followed = followed_by(session, batch, new.asked, new.formulation)
    batch.formulation_id = None if followed is None else followed.id
    if followed is not None and followed.first_used_at is None:
        formulations.mark_used(session, followed.id, now=now)


def followed_by(session: Session, batch: Batch, asked: Asked | None, code: str | None) -> Formulation | None:
    """The version in force on the batch's day: of the record that was named, else of the form, and a liquid's category.

    Raises NoSuchRecord and FormulationUnfit for a record that was named and does not serve.
    """
    if code is not None and isinstance(asked, LiquidAsked):
        return _record_named(session, batch, asked, code)
    form = FORM_FOLLOWED.get(batch.kind)
    category = asked.category if isinstance(asked, LiquidAsked) else None
    return None if form is None else formulations.followed_on(session, form, batch.compounded_on, category)


def _record_named(session: Session, batch: Batch, asked: LiquidAsked, code: str) -> Formulation:
    row = formulations.in_force(session, code, batch.compounded_on)
    if row is None or row.form is not DosageForm.ORAL_LIQUID or row.category is not asked.category:
        raise NoSuchRecord(code, where=("formulation",))
    span = row.contents["strength"]
    require_serves(
        asked.concentration_mg_per_ml, Decimal(span["least_mg"]), Decimal(span["most_mg"]), row.code
    )
    return row


def _record_of_liquid(session: Session, batch: Batch) -> str | None:
    """The record by which a liquid is made, so that it is made by the same one on other lots."""
    if batch.kind is not BatchKind.LIQUID or batch.formulation_id is None:
        return None
    return formulations.formulation(session, batch.formulation_id).code


def _figures_by_name(worksheet: Mapping[str, Any]) -> dict[str, str]:
    """The figures of a worksheet as they are shown, with their units."""
    return {each["name"]: f"{each['value']} {each['unit']}".rstrip() for each in worksheet["figures"]}


def _swapped(before: Scanned, scanned: Scanned) -> Scanned:
    """What was scanned in place of what was there; powder, triturate and tablets take each other's place."""
    active = before if not (scanned.api_lot or scanned.triturate or scanned.tablets) else scanned
    return Scanned(
        api_lot=active.api_lot,
        filler_lot=scanned.filler_lot or before.filler_lot,
        triturate=active.triturate,
        balance=scanned.balance or before.balance,
        tablets=active.tablets,
    )


def _names(rows: LotRows) -> list[str]:
    triturate = [] if rows.triturate is None else [rows.triturate.number]
    return [rows.api_lot.number, rows.filler_lot.number, *triturate, rows.balance.name]
