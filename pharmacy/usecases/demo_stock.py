"""What the demonstration works with at the bench: lots, their ledgers, shells, a balance, trained people.

The lots are the worked example of the trade: a naltrexone lot of 99.2 % (anhydrous basis) with 3.1 % water, its
1:10 triturate at the unrounded strength, size 3 shells, a balance of 6 mg sensitivity requirement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.beyond_use import Category, DayCounting, category_limit
from pharmacy.domain.calendar import months_after
from pharmacy.domain.components import ComponentKind, ComponentTag
from pharmacy.domain.lots import LotStatus, PrintedExpiry
from pharmacy.domain.potency import ApiForm, AssayBasis
from pharmacy.domain.readiness import Competency
from pharmacy.domain.stock import Movement, MovementKind
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch, BatchKind, BatchStatus
from pharmacy.store.components import Component
from pharmacy.store.equipment import Calibration, Shell, ShellMaterial
from pharmacy.store.reference import HOUSE, BalanceRow, ComponentLot, PackingStatistic
from pharmacy.store.staff import StaffMember
from pharmacy.store.training import TrainingRecord
from pharmacy.usecases.demo_formulations import approved_formulations
from pharmacy.usecases.sign_in import actor_of

SHELL = "3"
UG_PER_GRAM = 1_000_000
_POWDER_G, _TRITURATE_G = Decimal("1.040"), Decimal(10)
_API, _FILLER = "naltrexone hydrochloride", "microcrystalline cellulose"
_T = ComponentTag
_CATALOGUE: tuple[tuple[str, ComponentKind, tuple[ComponentTag, ...]], ...] = (
    (_API, ComponentKind.API, ()),
    (_FILLER, ComponentKind.FILLER, ()),
    ("lactose monohydrate", ComponentKind.FILLER, (_T.LACTOSE, _T.ANIMAL)),
    ("calcium carbonate", ComponentKind.FILLER, (_T.CALCIUM,)),
    ("hypromellose K100M", ComponentKind.FILLER, (_T.GELLING,)),
    ("purified water", ComponentKind.VEHICLE, (_T.AQUEOUS,)),
    ("preserved oral vehicle", ComponentKind.VEHICLE, (_T.AQUEOUS, _T.PRESERVED)),
    ("medium-chain triglycerides", ComponentKind.VEHICLE, ()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipping:
    """Who equips the bench, and when: the day it stood, and the instant it is entered."""

    technician: StaffMember
    pharmacist: StaffMember
    in_charge: StaffMember
    on: date
    now: datetime

    @property
    def by(self) -> Actor:
        return actor_of(self.pharmacist)


def equip_bench(session: Session, equipping: Equipping) -> None:
    """Everything that capsules are made from stands there, received, reviewed, measured and accounted for."""
    catalogue = _catalogue(equipping)
    session.add_all(catalogue.values())
    session.flush()  # Lots name their components.
    api, filler = _api_lot(catalogue[_API], equipping), _filler_lot(catalogue[_FILLER], equipping)
    session.add_all([api, filler])
    session.flush()  # The triturate names both lots.
    triturate = _triturate(api, filler, equipping)
    session.add(triturate)
    session.flush()  # Its packing statistic names it.
    session.add_all(_packing(api, filler, triturate, equipping))
    _account(session, (api, filler, triturate), equipping)
    _equipment(session, equipping)
    session.add_all(_trainings(equipping))
    session.add_all(
        approved_formulations(
            catalogue, equipping.pharmacist, equipping.in_charge, equipping.on, equipping.now
        )
    )


def _catalogue(equipping: Equipping) -> dict[str, Component]:
    return {
        name: Component(
            id=new_id(),
            name=name,
            kind=kind,
            tags=[tag.value for tag in tags],
            cas_number="16676-29-2" if name == _API else None,
            added_at=equipping.now,
            added_by=equipping.pharmacist.id,
        )
        for name, kind, tags in _CATALOGUE
    }


def _api_lot(component: Component, equipping: Equipping) -> ComponentLot:
    return _received(
        component,
        equipping,
        number="NTX-2601",
        expires_on=equipping.on + timedelta(days=540),
        form=ApiForm.HYDROCHLORIDE,
        assay_pct=Decimal("99.2"),
        assay_basis=AssayBasis.ANHYDROUS,
        water_pct=Decimal("3.1"),
        solvents_pct=Decimal(0),
        certificate_number="COA-NTX-2601",
        identity_confirmed=True,
        maker_is_registered=True,
    )


def _filler_lot(component: Component, equipping: Equipping) -> ComponentLot:
    return _received(component, equipping, number="MCC-2601", expires_on=equipping.on + timedelta(days=720))


def _received(component: Component, equipping: Equipping, **said: object) -> ComponentLot:
    return ComponentLot(
        id=new_id(),
        kind=component.kind,
        name=component.name,
        component_id=component.id,
        status=LotStatus.RELEASED,
        vendor="Example Chemicals",
        manufacturer="Example Works",
        grade="USP",
        storage="tight container, room temperature",
        printed_expiry=PrintedExpiry.DAY,
        received_on=equipping.on,
        received_by=equipping.technician.id,
        reviewed_at=equipping.now,
        reviewed_by=equipping.pharmacist.id,
        **said,
    )


def _triturate(api: ComponentLot, filler: ComponentLot, equipping: Equipping) -> Batch:
    # 1.040 g weighed, at a potency of 0.992 x 0.969, in 10 g: the strength is kept unrounded.
    strength = _POWDER_G * Decimal("0.961248") / _TRITURATE_G
    return Batch(
        id=new_id(),
        number="TRIT-2601",
        kind=BatchKind.TRITURATE,
        status=BatchStatus.RELEASED,
        status_at=equipping.now,
        status_by=equipping.pharmacist.id,
        compounded_on=equipping.on,
        compounded_by=equipping.pharmacist.id,
        beyond_use_on=category_limit(equipping.on, Category.SOLID, DayCounting.DAY_ONE),
        beyond_use_limited_by="category limit",
        strength_fraction=strength,
        api_lot_id=api.id,
        filler_lot_id=filler.id,
        worksheet={"figures": [], "instructions": []},
    )


def _packing(
    api: ComponentLot, filler: ComponentLot, triturate: Batch, equipping: Equipping
) -> list[PackingStatistic]:
    # Size 3: 0.30 mL at 0.460 g/mL for the filler and its triturate; the powder's is assumed.
    of = {"shell": SHELL, "measured_on": equipping.on}
    return [
        PackingStatistic(component_lot_id=api.id, mass_mg=Decimal("150.0"), **of),
        PackingStatistic(component_lot_id=filler.id, mass_mg=Decimal("138.0"), **of),
        PackingStatistic(batch_id=triturate.id, mass_mg=Decimal("138.0"), **of),
    ]


def _account(
    session: Session, stocked: tuple[ComponentLot, ComponentLot, Batch], equipping: Equipping
) -> None:
    """What was bought, and what of it went into the triturate, microgram by microgram."""
    api, filler, triturate = stocked
    by, now = equipping.by, equipping.now
    ledger.open_for_lot(session, api.id)
    ledger.open_for_lot(session, filler.id)
    ledger.open_for_triturate(session, triturate.id)
    for lot, bought, into_triturate in ((api, 100, _POWDER_G), (filler, 1000, _TRITURATE_G - _POWDER_G)):
        received = _moved(lot.id, bought, MovementKind.RECEIVE, lot.id, equipping.on)
        ledger.receive(session, received, by=by, now=now)
        weighed = _moved(lot.id, into_triturate, MovementKind.WEIGH, triturate.id, equipping.on)
        ledger.take(session, weighed, by=by, now=now)
    made = _moved(triturate.id, _TRITURATE_G, MovementKind.RECEIVE, triturate.id, equipping.on)
    ledger.receive(session, made, by=by, now=now)


def _moved(stock_id: UUID, grams: Decimal | int, kind: MovementKind, subject_id: UUID, on: date) -> Movement:
    ug = int(grams * UG_PER_GRAM)
    return Movement(stock_id=stock_id, ug=ug, kind=kind, subject_id=subject_id, on=on)


def _equipment(session: Session, equipping: Equipping) -> None:
    due_on = equipping.on + timedelta(days=365)
    balance = BalanceRow(
        id=new_id(),
        name="Class III, balance 1",
        readability_mg=Decimal(1),
        sensitivity_requirement_mg=Decimal(6),
        max_error_pct=Decimal(5),
        calibration_due_on=due_on,
        in_use=True,
    )
    session.add(balance)
    session.add(
        Shell(
            size=SHELL,
            vendor=HOUSE,
            material=ShellMaterial.GELATIN,
            volume_ml=Decimal("0.30"),
            empty_mg=Decimal(48),
            tags=[],
            source="vendor's table",
            added_at=equipping.now,
            added_by=equipping.pharmacist.id,
        )
    )
    session.flush()  # The calibration names the balance.
    session.add(
        Calibration(
            balance_id=balance.id,
            calibrated_on=equipping.on,
            has_passed=True,
            due_on=due_on,
            performed_by="Example Calibration Service",
            certificate="CAL-2601",
            recorded_at=equipping.now,
            recorded_by=equipping.pharmacist.id,
        )
    )


def _trainings(equipping: Equipping) -> Sequence[TrainingRecord]:
    """Everybody at the bench is trained in everything, each assessed by another."""
    assessed = (
        (equipping.technician, equipping.pharmacist),
        (equipping.pharmacist, equipping.in_charge),
        (equipping.in_charge, equipping.pharmacist),
    )
    return [
        TrainingRecord(
            staff_member_id=member.id,
            competency=competency,
            trained_on=equipping.on,
            training_expires_on=months_after(equipping.on, 12),
            method="observed at work, written test",
            recorded_at=equipping.now,
            assessed_by=assessor.id,
        )
        for member, assessor in assessed
        for competency in Competency
    ]
