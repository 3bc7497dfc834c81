"""Stands in for the workers where only the set-up around them is tried."""
