"""A lot comes in: on record with its certificate, in quarantine until a pharmacist has reviewed it.

What may never fill a capsule is not let in as a filler, and what has ended already is not let in at all. The
ledger of the lot begins with what was received, to the microgram.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.components import ComponentKind, require_fit_as_filler
from pharmacy.domain.errors import Conflict, Unfit, within
from pharmacy.domain.lots import LotStatus, Printed, last_day
from pharmacy.domain.potency import HUNDRED, ApiForm, AssayBasis
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.stock import Movement, MovementKind
from pharmacy.store import audit, reference
from pharmacy.store import component_lots as books
from pharmacy.store import components as catalogue
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.base import new_id
from pharmacy.store.components import Component
from pharmacy.store.equipment import Shell
from pharmacy.store.reference import ComponentLot
from pharmacy.store.tasks import NewTask, open_task


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCertificate:
    """What the certificate of a lot of naltrexone says, in per cent."""

    number: str
    form: ApiForm
    assay_pct: Decimal
    basis: AssayBasis
    water_pct: Decimal | None
    solvents_pct: Decimal
    identity_confirmed: bool
    maker_is_registered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTablets:
    """What one tablet is labelled to hold, and the mean mass in milligrams of twenty that were weighed."""

    label: Milligrams
    mean_mg: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLot:
    """What was received, as container and papers say; `mass` is above zero.

    Shells are counted instead, and kept by their empty weight. Tablets come with their label and mean mass.
    """

    component_id: UUID
    number: str
    vendor: str
    manufacturer: str
    catalogue_number: str | None
    gtin: str | None
    serial: str | None
    mass: Micrograms | None
    printed: Printed
    received_on: date
    today: date
    grade: str | None
    storage: str
    certificate: NewCertificate | None
    shell_id: UUID | None = None
    shells: int | None = None
    tablets: NewTablets | None = None


@dataclass(eq=False)
class ShellsUncounted(Unfit):
    """Shells are counted, whole boxes of them; and nothing else is."""

    def __str__(self) -> str:
        return "Shells come with which shell they are and how many; everything else with its mass."


@dataclass(eq=False)
class TabletsUnweighed(Unfit):
    def __str__(self) -> str:
        return "Tablets, and only they, come with their label and with the mass of twenty: no tablet holds more than it weighs."


@dataclass(eq=False)
class LotAlreadyReceived(Conflict):
    number: str

    def __str__(self) -> str:
        return f"Lot {self.number} was received before."


@dataclass(eq=False)
class LotEndedAlready(Unfit):
    ended_on: date

    def __str__(self) -> str:
        return f"This lot ended on {self.ended_on.isoformat()} and is not let in."


@dataclass(eq=False)
class NotReceivedYet(Unfit):
    def __str__(self) -> str:
        return "A lot is received today or was received before."


@dataclass(eq=False)
class CertificateUnfit(Unfit):
    because: str

    def __str__(self) -> str:
        return self.because


def receive_lot(session: Session, lot: NewLot, *, by: Actor, now: datetime) -> ComponentLot:
    """The lot is in quarantine with its mass on hand, and a pharmacist is asked to review it.

    Raises ComponentNotFound, NotReceivedYet, FillerRefused, CertificateUnfit, LotEndedAlready, LotAlreadyReceived.
    """
    if lot.received_on > lot.today:
        raise NotReceivedYet(where=("received_on",))
    component = catalogue.component(session, lot.component_id)
    _require_fit(component, lot)
    ug = _received_ug(session, component, lot)
    months = reference.settings_in_force(session)["months_without_expiry"]
    expires_on = last_day(lot.printed, lot.received_on, months)
    if expires_on < lot.received_on:
        raise LotEndedAlready(expires_on, where=("expiry",))
    if books.lot_numbered(session, lot.number) is not None:
        raise LotAlreadyReceived(lot.number, where=("number",))
    row = _row(component, lot, expires_on, by)
    session.add(row)
    session.flush()  # Its ledger names it.
    ledger.open_for_lot(session, row.id)
    received = Movement(
        stock_id=row.id,
        ug=ug,
        kind=MovementKind.RECEIVE,
        subject_id=row.id,
        on=lot.received_on,
    )
    ledger.receive(session, received, by=by, now=now)
    audit.record(session, "lot.received", row.id, by=by, at=now, number=lot.number, ug=ug)
    review = NewTask(
        kind="lot.review",
        subject_id=row.id,
        wording=f"Review lot {lot.number} of {component.name} and its papers.",
        due_on=lot.received_on,
    )
    open_task(session, review, by=by, now=now)
    return row


def _require_fit(component: Component, lot: NewLot) -> None:
    if component.kind is ComponentKind.FILLER:
        with within("component_id"):
            require_fit_as_filler(component.name, component.known_tags())
    _require_tablets(component, lot.tablets)
    certificate = lot.certificate
    if certificate is None:
        if component.kind is ComponentKind.API:
            raise CertificateUnfit("A lot of naltrexone comes with its certificate.", where=("certificate",))
        return
    if component.kind is not ComponentKind.API:
        raise CertificateUnfit("Only naltrexone has an assay to record.", where=("certificate",))
    if (certificate.water_pct or Decimal(0)) + certificate.solvents_pct >= HUNDRED:
        raise CertificateUnfit("Water and solvents are together under 100 %.", where=("certificate",))


def _require_tablets(component: Component, tablets: NewTablets | None) -> None:
    if (component.kind is ComponentKind.TABLET) != (tablets is not None):
        raise TabletsUnweighed(where=("tablets",))
    if tablets is not None and not Decimal(0) < tablets.label.value <= tablets.mean_mg:
        raise TabletsUnweighed(where=("tablets",))


def _received_ug(session: Session, component: Component, lot: NewLot) -> int:
    """Micrograms of what came in: its mass, or for shells so many times their empty weight."""
    if component.kind is not ComponentKind.SHELL:
        if lot.mass is None or lot.shell_id is not None:
            raise ShellsUncounted(where=("mass_mg",))
        return lot.mass.value
    shell = None if lot.shell_id is None else session.get(Shell, lot.shell_id)
    if shell is None or not lot.shells or lot.mass is not None:
        raise ShellsUncounted(where=("shells",))
    return Micrograms.from_milligrams(shell.empty_mg).value * lot.shells


def _row(component: Component, lot: NewLot, expires_on: date, by: Actor) -> ComponentLot:
    return ComponentLot(
        id=new_id(),
        number=lot.number,
        kind=component.kind,
        name=component.name,
        component_id=component.id,
        status=LotStatus.QUARANTINED,
        expires_on=expires_on,
        vendor=lot.vendor,
        manufacturer=lot.manufacturer,
        catalogue_number=lot.catalogue_number,
        gtin=lot.gtin,
        serial=lot.serial,
        grade=lot.grade,
        storage=lot.storage,
        printed_expiry=lot.printed.expiry,
        retest_on=lot.printed.retest_on,
        received_on=lot.received_on,
        received_by=by.id,
        shell_id=lot.shell_id,
        tablet_label_mg=None if lot.tablets is None else lot.tablets.label.value,
        tablet_mean_mg=None if lot.tablets is None else lot.tablets.mean_mg,
        **_certified(lot.certificate),
    )


def _certified(certificate: NewCertificate | None) -> dict[str, Any]:
    if certificate is None:
        return {}
    return {
        "certificate_number": certificate.number,
        "form": certificate.form,
        "assay_pct": certificate.assay_pct,
        "assay_basis": certificate.basis,
        "water_pct": certificate.water_pct,
        "solvents_pct": certificate.solvents_pct,
        "identity_confirmed": certificate.identity_confirmed,
        "maker_is_registered": certificate.maker_is_registered,
    }
