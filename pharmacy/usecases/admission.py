"""An API client's creating request, once it has been let in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import idempotency
from pharmacy.store.door import Arrival, Knock
from pharmacy.store.waits import AlreadyThere
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

    def stored_answers(self, text: str, now: datetime) -> list[dict[str, Any]]:
        """The idempotency row that makes a second equal request answer the same."""
        return [self.stored_answer(text, now)]

    def stored_answer(self, text: str, now: datetime) -> dict[str, Any]:
        """That row."""
        return {
            "api_client_id": self.knock.api_client_id,
            "key": self.receipt.key,
            "fingerprint": self.receipt.fingerprint,
            "answer": text,
            "answered_at": now,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAdmission:
    """The same for an order that a member of staff enters from paper or from a call: they act, for that practice.

    Nothing is kept by an idempotency key: an entry is filed once by itself.
    """

    knock: Arrival
    reference: Reference
    receipt: Receipt
    respond: Callable[[Mapping[str, Any]], str]
    actor: Actor

    def stored_answers(self, text: str, now: datetime) -> list[dict[str, Any]]:
        """None: no system waits for the answer."""
        return []


# Whatever an order is let in by.
AnyAdmission = Admission | EntryAdmission


def first_of_its_key(session: Session, admission: Admission) -> None:
    """Nothing, unless the same request was carried out while this one waited for what it locks: AlreadyThere."""
    if idempotency.find(session, admission.knock.api_client_id, admission.receipt.key) is not None:
        raise AlreadyThere(idempotency.KEY_CONSTRAINT)


def kept_answer(session: Session, admission: Admission, document: Any, now: datetime) -> str:
    """The worded answer, stored in this transaction beside what it tells of."""
    text = admission.respond(document)
    session.add(idempotency.IdempotencyKey(**admission.stored_answer(text, now)))
    return text
