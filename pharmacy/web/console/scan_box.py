"""Where a scan leads: to the batch, the lot, the balances, or the receipt of a container that is new here."""

from __future__ import annotations

from datetime import date

from flask import url_for

from pharmacy.store.sessions import Session
from pharmacy.usecases.recognise_scan import ScanKind, recognise_scan


def address_of_scan(session: Session, text: str, today: date) -> str | None:
    """The page of what was scanned; None when nothing at the bench or in stock is called that."""
    found = recognise_scan(session, text, today)
    if found is None:
        return None
    match found.kind:
        case ScanKind.BATCH | ScanKind.TRITURATE:
            return url_for("console.batch_page", number=found.name)
        case ScanKind.LOT:
            return url_for("console.lot_page", lot_id=found.id)
        case ScanKind.BALANCE:
            return url_for("console.equipment_page")
        case ScanKind.NEW_CONTAINER:
            return url_for("console.receipt_page", scan=text)
