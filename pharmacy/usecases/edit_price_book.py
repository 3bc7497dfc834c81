"""New prices: drafted and edited, approved for a day, or withdrawn before it.

The pharmacist-in-charge answers for prices. A draft starts from a price book and changes what it names; once
approved nothing of it changes, so that every order and quote can be worked out again by the book it was priced by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.store import audit, price_books
from pharmacy.store.base import new_id
from pharmacy.store.reference import PriceBook, PriceBookStatus
from pharmacy.usecases.price_book import facts_of, rules_from


@dataclass(eq=False)
class VersionTaken(Conflict):
    version: str

    def __str__(self) -> str:
        return f"There is a price book {self.version} already."


@dataclass(eq=False)
class PricesCannotBeMeant(Unfit):
    """The numbers contradict one another or cannot be prices."""

    why: str

    def __str__(self) -> str:
        return self.why


@dataclass(eq=False)
class OnlyDrafts(Conflict):
    """Prices that were approved are never edited: draft new ones."""

    status: PriceBookStatus

    def __str__(self) -> str:
        return f"This price book is {self.status}; only drafts are edited and approved."


@dataclass(eq=False)
class EditedMeanwhile(Conflict):
    def __str__(self) -> str:
        return "Somebody has edited this draft since you read it. Look again, then edit."


@dataclass(eq=False)
class EffectiveInThePast(Unfit):
    """Prices take effect today at the earliest: what was charged stays as it was."""

    def __str__(self) -> str:
        return "Prices take effect today at the earliest."


@dataclass(eq=False)
class DayTaken(Conflict):
    version: str

    def __str__(self) -> str:
        return f"Price book {self.version} takes effect on that day already."


@dataclass(eq=False)
class InForceAlready(Conflict):
    def __str__(self) -> str:
        return "These prices have taken effect and stay on record; draft others to replace them."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraft:
    """A draft of that name from that day on: as `based_on`, or as in force, but for `changes`."""

    version: str
    effective_on: date
    changes: Mapping[str, Any]
    reason: str
    based_on: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftChange:
    """What changes of a draft, as it was read in that edition; None: nothing of that kind."""

    price_book_id: UUID
    seen_edition: int
    changes: Mapping[str, Any]
    effective_on: date | None = None


def draft_price_book(session: Session, draft: NewDraft, *, by: Actor, now: datetime) -> PriceBook:
    """The draft is kept; nothing is charged by it yet. Raises VersionTaken, PriceBookNotFound, PricesCannotBeMeant."""
    base = price_books.get(session, draft.based_on)
    if price_books.is_version_taken(session, draft.version):
        raise VersionTaken(draft.version, where=("version",))
    made = PriceBook(
        id=new_id(),
        version=draft.version,
        status=PriceBookStatus.DRAFT,
        effective_on=draft.effective_on,
        rules=_changed(draft.version, base.rules, draft.changes),
        reason=draft.reason,
        drafted_by=by.name,
        approved_by="",
        created_at=now,
        edition=1,
    )
    session.add(made)
    audit.record(
        session, "price_book.drafted", made.id, by=by, at=now,
        version=made.version, changes=dict(draft.changes), reason=draft.reason,
    )  # fmt: skip
    return made


def change_price_book(session: Session, change: DraftChange, *, by: Actor, now: datetime) -> PriceBook:
    """The draft with its changes. Raises OnlyDrafts, EditedMeanwhile, PricesCannotBeMeant."""
    book = _draft(session, change.price_book_id)
    if book.edition != change.seen_edition:
        raise EditedMeanwhile
    book.rules = _changed(book.version, book.rules, change.changes)
    book.effective_on = change.effective_on or book.effective_on
    book.edition += 1
    audit.record(
        session, "price_book.edited", book.id, by=by, at=now,
        changes=dict(change.changes), effective_on=book.effective_on.isoformat(),
    )  # fmt: skip
    return book


def approve_price_book(
    session: Session, price_book_id: UUID, *, today: date, by: Actor, now: datetime
) -> PriceBook:
    """The prices are charged from their day on. Raises OnlyDrafts, EffectiveInThePast, DayTaken."""
    book = _draft(session, price_book_id)
    if book.effective_on < today:
        raise EffectiveInThePast(where=("effective_on",))
    other = price_books.approved_from(session, book.effective_on)
    if other is not None:
        raise DayTaken(other.version)
    book.status, book.approved_by, book.approved_at = PriceBookStatus.APPROVED, by.name, now
    audit.record(
        session, "price_book.approved", book.id, by=by, at=now, effective_on=book.effective_on.isoformat()
    )
    return book


def withdraw_price_book(
    session: Session, price_book_id: UUID, because: str, *, today: date, by: Actor, now: datetime
) -> PriceBook:
    """The approved prices will not take effect. Raises InForceAlready, and OnlyDrafts for anything not approved."""
    book = price_books.get_for_update(session, price_book_id)
    if book.status is not PriceBookStatus.APPROVED:
        raise OnlyDrafts(book.status)
    if book.effective_on <= today:
        raise InForceAlready
    book.status, book.withdrawn_because = PriceBookStatus.WITHDRAWN, because
    audit.record(session, "price_book.withdrawn", book.id, by=by, at=now, reason=because)
    return book


def _draft(session: Session, price_book_id: UUID) -> PriceBook:
    book = price_books.get_for_update(session, price_book_id)
    if book.status is not PriceBookStatus.DRAFT:
        raise OnlyDrafts(book.status)
    return book


def _changed(version: str, facts: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with those changes, in the form in which they are always written."""
    try:
        return facts_of(rules_from(version, {**facts, **changes}))
    except (ValueError, TypeError) as refusal:
        raise PricesCannotBeMeant(str(refusal), where=("rules",)) from None
