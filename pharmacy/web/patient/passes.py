"""A pass says that whoever holds it has given the right birth date for one link, a short while ago."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from pharmacy.web.current import the_pharmacy

LASTS = timedelta(minutes=15)


def give_pass(link_id: UUID) -> str:
    until = the_pharmacy().clock() + LASTS
    return _signer().dumps({"link": str(link_id), "until": until.isoformat()})


def holds_for(given: str, link_id: UUID) -> bool:
    """Whether the pass was given here, for that link, and still holds."""
    try:
        said: dict[str, Any] = _signer().loads(given)
    except BadSignature:
        return False
    return said["link"] == str(link_id) and the_pharmacy().clock() < datetime.fromisoformat(said["until"])


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(the_pharmacy().secret_key, salt="private-link-pass")
