"""Component lots as they are told: with what is on hand, and why one may not be used today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from pharmacy.domain.components import ComponentKind, FillerRefused, require_fit_as_filler
from pharmacy.domain.gs1 import parse_scan
from pharmacy.domain.lots import first_to_use
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.stock import mass_text, why_not_usable
from pharmacy.store import component_lots as books
from pharmacy.store.components import Component
from pharmacy.store.reference import ComponentLot
from pharmacy.usecases.take_shells import shells_left


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnShelf:
    lot: ComponentLot
    last_on: date
    on_hand_ug: int


def component_view(row: Component) -> dict[str, Any]:
    """A component, and why it may not fill a capsule."""
    refused = None
    try:
        require_fit_as_filler(row.name, row.known_tags())
    except FillerRefused as refusal:
        refused = refusal.because
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "tags": row.tags,
        "cas_number": row.cas_number,
        "refused_as_filler": refused,
    }


def lot_view(session: Session, lot: ComponentLot, today: date) -> dict[str, Any]:
    """One lot as it is told today."""
    return lot_views(session, [lot], today)[0]


def lot_views(session: Session, lots: Sequence[ComponentLot], today: date) -> list[dict[str, Any]]:
    """Lots as they are told today; what is on hand is read in one query, shells by their number too."""
    on_hand = books.on_hand_of(session, [lot.id for lot in lots])
    return [
        {
            **_view(lot, on_hand.get(lot.id, 0), today),
            "shells_on_hand": None
            if lot.shell_id is None
            else shells_left(session, lot.id, on_hand.get(lot.id, 0)),
        }
        for lot in lots
    ]


def _view(lot: ComponentLot, on_hand_ug: int, today: date) -> dict[str, Any]:
    told = {column.key: getattr(lot, column.key) for column in ComponentLot.__table__.columns}
    because = _why_not(lot, on_hand_ug, today)
    return {**told, "on_hand_mg": on_hand_ug, "why_not": because}


def _why_not(lot: ComponentLot, on_hand_ug: int, today: date) -> str | None:
    because = why_not_usable(lot.status, lot.expires_on, today)
    return because or (None if on_hand_ug else "has nothing on hand")


def scan_view(session: Session, scan: str, today: date) -> dict[str, Any]:
    """What the symbol says, whether that lot is here, and what came under that trade item before. Raises BadScan."""
    said = parse_scan(scan, today)
    here = None if said.lot is None else books.lot_numbered(session, said.lot)
    before = None if said.gtin is None else books.newest_under_gtin(session, said.gtin)
    known = here or before
    return {
        "gtin": said.gtin,
        "expires_on": said.expires_on,
        "expires_by_month": said.expires_by_month,
        "lot": said.lot,
        "serial": said.serial,
        "received_as": None if here is None else here.id,
        "component_id": None if known is None else known.component_id,
    }


def choice_of_lot(
    session: Session, kind: ComponentKind, need: Micrograms, beyond_use_on: date | None, today: date
) -> dict[str, Any]:
    """The lot to use today, and for each other lot why it was left."""
    stocked = [
        _OnShelf(lot=lot, last_on=lot.expires_on, on_hand_ug=ug) for lot, ug in books.of_kind(session, kind)
    ]
    usable = [each for each in stocked if _why_not(each.lot, each.on_hand_ug, today) is None]
    chosen = first_to_use(usable, need.value, beyond_use_on)
    left_out = [
        {"number": each.lot.number, "because": _left(each, need, beyond_use_on, today)}
        for each in stocked
        if each is not chosen
    ]
    return {
        "lot_id": None if chosen is None else chosen.lot.id,
        "number": None if chosen is None else chosen.lot.number,
        "expires_on": None if chosen is None else chosen.last_on,
        "left_out": left_out,
    }


def _left(each: _OnShelf, need: Micrograms, beyond_use_on: date | None, today: date) -> str:
    because = _why_not(each.lot, each.on_hand_ug, today)
    if because is not None:
        return because
    if each.on_hand_ug < need.value:
        return f"has {mass_text(each.on_hand_ug)} on hand, less than is needed"
    if beyond_use_on is not None and each.last_on < beyond_use_on:
        return f"ends on {each.last_on.isoformat()}, before the beyond-use date that is wanted"
    return f"ends later, on {each.last_on.isoformat()}"
