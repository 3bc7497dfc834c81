"""The embedded payment provider: an honest ledger of cash, terminal slips and practice accounts.

It keeps its own book in its own transactions, answers the same key as before, and refuses what a provider refuses:
a capture beyond the authorisation, a refund beyond what was captured, anything on an authorisation that has lapsed.

Like the test cards of real providers, some payer references make it fail on purpose, so that every ending can be
exercised. They are references nobody's slip carries, and are treated so wherever the ledger is used:

    TEST-DECLINE-<WHAT>      refuses; WHAT is AUTHORISE, CAPTURE, VOID or REFUND
    TEST-SILENT-<WHAT>       does it and falls silent before saying so: the caller cannot know
    TEST-UNREACHABLE-<WHAT>  does nothing and is not to be reached
    TEST-LAPSE               the first authorisation lapses at once, later ones hold as usual
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.errors import Conflict
from pharmacy.domain.payments import OperationKind, PaymentAccount
from pharmacy.store import house_ledger as book
from pharmacy.store.house_ledger import LedgerEntry
from pharmacy.store.reference import settings_in_force
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.ports import PaymentAnswer, PaymentAsked, Stage, Uncertain, Unreachable


@dataclass(frozen=True, slots=True)
class HouseLedger:
    """The ledger in the pharmacy's own database; authorisations hold as long as the books' setting says."""

    sessions: Sessions
    clock: Callable[[], datetime]

    def ask(self, asked: PaymentAsked) -> PaymentAnswer:
        """The operation is entered, once for its key. Raises Unreachable or Uncertain for test references."""
        if _is_test(asked, "UNREACHABLE"):
            raise Unreachable(Stage.CONNECTING)
        with self.sessions.write() as session:
            known = book.entry(session, asked.key)
            entered = known or _entered(session, asked, self.clock())
            answer = _answer(entered)
        if known is None and _is_test(asked, "SILENT"):
            raise Uncertain(Stage.SENDING)
        return answer

    def look_up(self, key: UUID) -> PaymentAnswer | None:
        """What was entered under that key."""
        with self.sessions.read() as session:
            known = book.entry(session, key)
            return None if known is None else _answer(known)


def _entered(session: Session, asked: PaymentAsked, now: datetime) -> LedgerEntry:
    before = book.of_account(session, asked.account)
    is_authorising = asked.kind is OperationKind.AUTHORISE
    made = LedgerEntry(
        key=asked.key,
        account=asked.account,
        kind=asked.kind,
        method=asked.method,
        payer_reference=asked.payer_reference,
        amount_cents=asked.amount.cents,
        refusal=_refusal(asked, PaymentAccount(tuple(each.operation() for each in before)), now),
        lapses_at=_lapses_at(session, asked, bool(before), now) if is_authorising else None,
        entered_at=now,
    )
    session.add(made)
    return made


def _refusal(asked: PaymentAsked, account: PaymentAccount, now: datetime) -> str | None:
    """Why the ledger does not do it, as a code; None when it does."""
    if _is_test(asked, "DECLINE"):
        return "declined"
    try:
        account.check(asked.kind, asked.amount, now)
    except Conflict as refusal:
        return type(refusal).__name__
    return None


def _lapses_at(session: Session, asked: PaymentAsked, had_entries: bool, now: datetime) -> datetime:
    if asked.payer_reference.upper() == "TEST-LAPSE" and not had_entries:
        return now
    return now + timedelta(days=settings_in_force(session)["authorisation_days"])


def _answer(entered: LedgerEntry) -> PaymentAnswer:
    return PaymentAnswer(reference=entered.reference, refusal=entered.refusal, lapses_at=entered.lapses_at)


def _is_test(asked: PaymentAsked, ending: str) -> bool:
    return asked.payer_reference.upper() == f"TEST-{ending}-{asked.kind.upper()}"
