"""The REST door under /api/v1, for prescribers' systems."""
