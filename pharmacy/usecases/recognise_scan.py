"""What a scan at the bench is of: a batch, a lot, a balance, or a container that was not received yet.

A scanner types what is printed: our own numbers as they are, a vendor's container as a GS1 symbol. Nothing is
guessed: what is not known exactly is not recognised.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.domain.batches import BatchKind
from pharmacy.domain.components import ComponentKind
from pharmacy.domain.gs1 import LONGEST_SCAN, BadScan, parse_scan
from pharmacy.store import component_lots
from pharmacy.store.batches import Batch
from pharmacy.store.reference import BalanceRow
from pharmacy.usecases.scanned_bench import NothingScanned, Scanned


class ScanKind(StrEnum):
    BATCH = "batch"
    TRITURATE = "triturate"
    LOT = "lot"
    BALANCE = "balance"
    NEW_CONTAINER = "new_container"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What it is, under the number or name that is printed on it; of a new container there is no id."""

    kind: ScanKind
    name: str
    id: UUID | None = None
    component: ComponentKind | None = None


def recognise_scan(session: Session, text: str, today: date) -> Recognised | None:
    """What was scanned; None when nothing here is called that."""
    text = text.strip()
    if not text or len(text) > LONGEST_SCAN:
        return None
    batch = session.execute(select(Batch.id, Batch.kind).where(Batch.number == text)).first()
    if batch is not None:
        kind = ScanKind.TRITURATE if batch.kind is BatchKind.TRITURATE else ScanKind.BATCH
        return Recognised(kind=kind, name=text, id=batch.id)
    lot = _lot(session, text)
    if lot is not None:
        return lot
    balance_id = session.scalar(select(BalanceRow.id).where(BalanceRow.name == text))
    if balance_id is not None:
        return Recognised(kind=ScanKind.BALANCE, name=text, id=balance_id)
    try:
        said = parse_scan(text, today)
    except BadScan:
        return None
    here = None if said.lot is None else _lot(session, said.lot)
    return here or Recognised(kind=ScanKind.NEW_CONTAINER, name=said.lot or "")


def scanned_from(session: Session, texts: Iterable[str], today: date) -> Scanned:
    """Lots, triturate and balance out of what was scanned one after another, in any order.

    Raises NothingScanned for the first that is none of them.
    """
    scanned = Scanned()
    for text in texts:
        found = recognise_scan(session, text, today)
        match found:
            case Recognised(kind=ScanKind.TRITURATE, name=name):
                scanned = replace(scanned, triturate=name)
            case Recognised(kind=ScanKind.LOT, name=name, component=ComponentKind.API):
                scanned = replace(scanned, api_lot=name)
            case Recognised(
                kind=ScanKind.LOT, name=name, component=ComponentKind.FILLER | ComponentKind.VEHICLE
            ):
                scanned = replace(scanned, filler_lot=name)
            case Recognised(kind=ScanKind.LOT, name=name, component=ComponentKind.TABLET):
                scanned = replace(scanned, tablets=name)
            case Recognised(kind=ScanKind.BALANCE, name=name):
                scanned = replace(scanned, balance=name)
            case _:
                raise NothingScanned("lot, triturate or balance", text, where=("scans",))
    return scanned


def _lot(session: Session, number: str) -> Recognised | None:
    lot = component_lots.lot_numbered(session, number)
    if lot is None:
        return None
    return Recognised(kind=ScanKind.LOT, name=lot.number, id=lot.id, component=lot.kind)
