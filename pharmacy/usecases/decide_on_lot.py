"""A pharmacist decides about a lot: released after review, rejected, or back into quarantine.

The level of the lot is held first, as by everybody who weighs from it: a decision and a weighing follow one
another, and nothing is weighed from a lot that was rejected a moment ago. To recall a lot is to open a recall.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.components import ComponentKind, require_fit_as_filler
from pharmacy.domain.lots import (
    LOT_ACTS,
    LotAct,
    LotActRefused,
    LotStatus,
    NotFitForRelease,
    Papers,
    release_faults,
)
from pharmacy.domain.potency import Certificate
from pharmacy.store import audit
from pharmacy.store import component_lots as books
from pharmacy.store import components as catalogue
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.reference import ComponentLot
from pharmacy.store.tasks import close_about


@dataclass(frozen=True, slots=True, kw_only=True)
class LotDecision:
    """What is decided about which lot, why, and on which day of the pharmacy."""

    lot_id: UUID
    act: LotAct
    reason: str
    on: date


def decide_on_lot(session: Session, decision: LotDecision, *, by: Actor, now: datetime) -> ComponentLot:
    """The lot stands as decided, with the reason on record.

    Raises LotNotFound, LotActRefused, and NotFitForRelease or FillerRefused when it may not be released.
    """
    books.lot(session, decision.lot_id)
    ledger.hold(session, [decision.lot_id])
    lot = books.lot_for_update(session, decision.lot_id)
    leaves, to = LOT_ACTS[decision.act]
    if lot.status not in leaves:
        raise LotActRefused(lot.number, decision.act, lot.status)
    if to is LotStatus.RELEASED:
        _require_fit_for_release(session, lot, decision.on)
    before, lot.status, lot.status_reason = lot.status, to, decision.reason
    if decision.act in {LotAct.RELEASE, LotAct.REJECT}:
        lot.reviewed_at, lot.reviewed_by = now, by.id
        close_about(session, "lot.review", lot.id, f"{decision.act}: {decision.reason}", by=by, now=now)
    audit.record(
        session,
        f"lot.{to}",
        lot.id,
        by=by,
        at=now,
        number=lot.number,
        reason=decision.reason,
        was=before.value,
    )
    return lot


def _require_fit_for_release(session: Session, lot: ComponentLot, on: date) -> None:
    faults = _faults(lot) if lot.kind is ComponentKind.API else ()
    if lot.expires_on < on:
        faults = (*faults, f"it ended on {lot.expires_on.isoformat()}")
    if faults:
        raise NotFitForRelease(lot.number, faults)
    if lot.kind is ComponentKind.FILLER and lot.component_id is not None:
        component = catalogue.component(session, lot.component_id)
        require_fit_as_filler(component.name, component.known_tags())


def _faults(lot: ComponentLot) -> tuple[str, ...]:
    if lot.assay_pct is None or lot.assay_basis is None or lot.form is None or lot.solvents_pct is None:
        return ("it has no certificate",)
    certificate = Certificate(
        assay_pct=lot.assay_pct,
        basis=lot.assay_basis,
        form=lot.form,
        water_pct=lot.water_pct,
        solvents_pct=lot.solvents_pct,
    )
    return release_faults(
        Papers(
            certificate=certificate,
            identity_confirmed=bool(lot.identity_confirmed),
            grade=lot.grade or "not stated",
            maker_is_registered=bool(lot.maker_is_registered),
        )
    )
