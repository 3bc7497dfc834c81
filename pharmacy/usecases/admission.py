"""An API client's creating request, once it has been let in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pharmacy.domain.actors import Actor
from pharmacy.store.door import Knock
from pharmacy.usecases.commands import Receipt
from pharmacy.usecases.reference import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What the door found out, and how the answer will be worded.

    `respond` words the answer; it is called inside the transaction, because the answer is stored beside
    what it tells of.
    """

    knock: Knock
    reference: Reference
    receipt: Receipt
    respond: Callable[[Mapping[str, Any]], str]

    @property
    def actor(self) -> Actor:
        return self.knock.actor

    def stored_answer(self, text: str, now: datetime) -> dict[str, Any]:
        """The idempotency row that makes a second equal request answer the same."""
        return {
            "api_client_id": self.knock.api_client_id,
            "key": self.receipt.key,
            "fingerprint": self.receipt.fingerprint,
            "answer": text,
            "answered_at": now,
        }
