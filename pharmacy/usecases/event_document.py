"""An event as it is told: the same in the log and to an endpoint."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from pharmacy.store.events import Event


def event_document(event: Event) -> dict[str, Any]:
    """Type, instant and ids; nothing of a patient. `position` is the cursor of the practice's log."""
    return {
        "id": event.id,
        "type": event.kind,
        "timestamp": event.at.astimezone(UTC),
        "data": {
            "order_id": event.order_id,
            "prescription_id": event.prescription_id,
            "subject_id": event.subject_id,
            "sequence": event.sequence,
            "position": event.position,
        },
    }
