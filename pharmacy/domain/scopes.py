"""What an API client may be allowed to do; each operation names the one it needs."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    SIMULATE = "titrations.simulate"
    WRITE_QUOTES = "quotes.write"
    READ_QUOTES = "quotes.read"
    WRITE_ORDERS = "orders.write"
    READ_ORDERS = "orders.read"
    READ_PRESCRIPTIONS = "prescriptions.read"
    WRITE_PRESCRIPTIONS = "prescriptions.write"
    READ_LABELS = "labels.read"
    READ_EVENTS = "events.read"
    WRITE_WEBHOOKS = "webhooks.write"


class RosterScope(StrEnum):
    """What a practice may ask for in a prescriber's name."""

    ORDERS = "orders"
    ADJUSTMENTS = "adjustments"
    RENEWALS = "renewals"
