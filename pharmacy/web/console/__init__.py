"""The console for staff, under /console."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """The rooms of the console."""
