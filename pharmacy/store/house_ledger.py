"""The house ledger: the embedded payment provider's own book of cash, terminal slips and practice accounts.

It is another party than the order books: its rows are written in transactions of its own, by its gateway alone,
and only ever added. `key` is the caller's; the same key is answered as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Identity, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.money import Money
from pharmacy.domain.payments import Operation, OperationKind, OperationState, PaymentMethod
from pharmacy.store.base import Model, one_of


class LedgerEntry(Model):
    __tablename__ = "house_ledger"
    key: Mapped[UUID] = mapped_column(primary_key=True)
    # In the order of entering; keys are in the order in which callers chose them.
    number: Mapped[int] = mapped_column(Identity(always=True))
    account: Mapped[UUID]
    kind: Mapped[OperationKind] = mapped_column(one_of(OperationKind, "kind"))
    method: Mapped[PaymentMethod] = mapped_column(one_of(PaymentMethod, "method"))
    payer_reference: Mapped[str]
    amount_cents: Mapped[int]
    refusal: Mapped[str | None]
    lapses_at: Mapped[datetime | None]
    entered_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        Index("ix_house_ledger_account_number", "account", "number"),
    )

    @property
    def reference(self) -> str:
        """How the ledger names the entry."""
        return f"house-{self.key}"

    def operation(self) -> Operation:
        return Operation(
            kind=self.kind,
            state=OperationState.DONE if self.refusal is None else OperationState.REFUSED,
            amount=Money(self.amount_cents),
            lapses_at=self.lapses_at,
        )


def entry(session: Session, key: UUID) -> LedgerEntry | None:
    return session.get(LedgerEntry, key)


def of_account(session: Session, account: UUID) -> Sequence[LedgerEntry]:
    """The entries of one charge in the order of their making, locked."""
    query = select(LedgerEntry).where(LedgerEntry.account == account).order_by(LedgerEntry.number)
    return session.scalars(query.with_for_update()).all()
