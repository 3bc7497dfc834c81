"""Stands in for the pharmacy where only the set-up around it is tried."""
