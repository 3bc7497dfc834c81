"""What every form about an order has in common: the version that was seen, and the way back to the order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for

_MOST_VERSION_DIGITS = 9


def given(name: str) -> str:
    """What was typed in that field, without the space around it."""
    return request.form.get(name, "").strip()


def seen_version() -> int:
    """The version that the form carried; one that no order has when it carried none."""
    version = request.form.get("version", "")
    is_number = version.isascii() and version.isdecimal() and len(version) <= _MOST_VERSION_DIGITS
    return int(version) if is_number else 0


def back_to(order_id: UUID) -> Any:
    """To the order, once something was done to it."""
    return redirect(url_for("console.order_page", order_id=order_id), code=303)
