"""A prescriber's system orders the first fill of a titration: everything in one call, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, Unfit, within
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import SupplyMethod
from pharmacy.domain.validity import valid_through
from pharmacy.store import audit, idempotency, quotes
from pharmacy.store import reference as reference_books
from pharmacy.store.filing import file_submission
from pharmacy.store.quotes import Quote
from pharmacy.store.waits import AlreadyThere
from pharmacy.usecases.admission import AnyAdmission
from pharmacy.usecases.commands import Receipt, Submission, SupplyRequest
from pharmacy.usecases.derivation import Derivation, Option, derive
from pharmacy.usecases.plan_as_facts import plan_facts
from pharmacy.usecases.price_book import rules_from
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.submission_rows import SubmissionRows

# How far a prescriber's clock may be ahead of ours.
CLOCKS_APART = timedelta(minutes=5)
# What the database calls the key that a second equal request runs into.


@dataclass(eq=False)
class DayInTheFuture(Unfit):
    """A day that must have been is still to come."""

    def __str__(self) -> str:
        return "This day is still to come."


@dataclass(eq=False)
class PrescriptionExpired(Unfit):
    last_fill_on: date

    def __str__(self) -> str:
        return f"The prescription could be filled until {self.last_fill_on.isoformat()}."


@dataclass(eq=False)
class NotLicensedThere(Unfit):
    """The pharmacy may not send medicines to that state."""

    state: str

    def __str__(self) -> str:
        return f"The pharmacy has no licence to ship to {self.state}."


@dataclass(eq=False)
class QuoteExpired(Conflict):
    expired_at: datetime

    def __str__(self) -> str:
        return "The quote has expired; ask for a new one."


@dataclass(eq=False)
class QuoteAlreadyUsed(Conflict):
    """A quote binds one order."""

    def __str__(self) -> str:
        return "Another order already cites this quote."


@dataclass(eq=False)
class QuoteIsForAnother(Unfit):
    """The order asks for something else than what was quoted."""

    def __str__(self) -> str:
        return (
            "The quote was made for another plan, number of days, supply option, strength basis or delivery."
        )


def submit_order(
    session: Session, submission: Submission, *, admission: AnyAdmission, by: Actor, now: datetime
) -> str:
    """The order is filed with everything derived from its plan; the worded answer comes back.

    Raises Unfit with the place of the fault; then nothing is filed. What is merely missing (an answer, an
    authorisation, a prescriber on the roster) makes an order that waits in clarification; what today's lots
    cannot make is a finding. Raises AlreadyThere when the same request has been carried out meanwhile.
    """
    written = _written(session, submission, admission=admission, by=by, now=now)
    answer = admission.respond(written.document())
    order_id, status = written.order["id"], written.order["status"]
    entry = audit.entry_row(
        session.info["audit_key"], "order.received", order_id, by=by, at=now, status=status
    )
    file_submission(session, written.rows(entry, admission.stored_answers(answer, now)))
    return answer


def look_through(
    session: Session, submission: Submission, *, admission: AnyAdmission, by: Actor, now: datetime
) -> list[dict[str, Any]]:
    """The questions and findings that the order would have; nothing is filed. Raises what `submit_order` does."""
    return _written(session, submission, admission=admission, by=by, now=now).findings


def _written(
    session: Session, submission: Submission, *, admission: AnyAdmission, by: Actor, now: datetime
) -> SubmissionRows:
    """Everything that the order would write."""
    _check_days(submission, admission.reference)
    _check_instants(submission, now)
    quote = _cited_quote(session, submission.quote_id, admission.receipt, by, now)
    if quote is not None:
        _check_terms(session, quote, submission.supply, admission.reference)
    derivation = derive(_as_quoted(submission.supply, quote), admission.reference)
    option = _chosen(submission, derivation, quote, admission.reference)
    written = SubmissionRows(submission, derivation, option, admission=admission, by=by, now=now)
    if quote is not None:
        written.bind_to(quote)
    return written


def _check_days(submission: Submission, reference: Reference) -> None:
    today = reference.on
    if submission.written_on > today:
        raise DayInTheFuture(where=("prescription", "written_on"))
    if submission.patient.birth_on > today:
        raise DayInTheFuture(where=("patient", "birth_on"))
    last = valid_through(
        submission.written_on, submission.patient.state, submission.supply.delivery, reference.validity
    )
    if last < today:
        raise PrescriptionExpired(last, where=("prescription", "written_on"))
    last_dose = submission.opioid_last_dose_on
    if last_dose is not None and last_dose > today:
        raise DayInTheFuture(where=("opioid_last_dose_on",))
    with within("patient", "address", "state"):
        require_licensed(submission.patient.state, submission.supply.delivery, reference)


def require_licensed(state: str, delivery: Delivery, reference: Reference) -> None:
    """NotLicensedThere for what would be mailed to a state without a licence there."""
    if delivery is Delivery.MAIL and state not in reference.licensed_states:
        raise NotLicensedThere(state)


def _check_instants(submission: Submission, now: datetime) -> None:
    """Nothing was signed or consented to later than now, but for clocks that are a little apart."""
    latest = now + CLOCKS_APART
    authorization = submission.authorization
    if authorization is not None and authorization.signed_at > latest:
        raise DayInTheFuture(where=("authorization", "signed_at"))
    for number, consent in enumerate(submission.patient.consents):
        if consent.consented_at > latest:
            raise DayInTheFuture(where=("patient", "contact", "consents", number, "consented_at"))


def _cited_quote(
    session: Session, quote_id: UUID | None, receipt: Receipt, by: Actor, now: datetime
) -> Quote | None:
    """The quote, held until the order is filed. Raises AlreadyThere when this very request used it meanwhile."""
    if quote_id is None or by.practice_id is None:
        return None
    quote = quotes.of_practice_for_update(session, quote_id, by.practice_id)
    if quotes.is_used(session, quote_id):
        # Whoever waited for the quote may have waited for itself: the same request, sent twice at once.
        if idempotency.find(session, by.id, receipt.key) is not None:
            raise AlreadyThere(idempotency.KEY_CONSTRAINT)
        raise QuoteAlreadyUsed(where=("quote_id",))
    if quote.expires_at <= now:
        raise QuoteExpired(quote.expires_at, where=("quote_id",))
    return quote


def _chosen(
    submission: Submission, derivation: Derivation, quote: Quote | None, reference: Reference
) -> Option:
    """The quoted way, else the way that was asked for, else the pharmacy's default."""
    if quote is None:
        return derivation.chosen(submission.supply)
    asked: Mapping[str, Any] = {
        "plan": plan_facts(submission.supply.plan),
        "days": derivation.window.days,
        "delivery": submission.supply.delivery,
        "strength_basis": submission.supply.strength_basis,
        "supply_method": submission.supply.method or quote.supply_method,
    }
    if any(getattr(quote, name) != value for name, value in asked.items()):
        raise QuoteIsForAnother(where=("quote_id",))
    if submission.supply.strengths not in (None, _quoted_strengths(quote)):
        raise QuoteIsForAnother(where=("quote_id",))
    return derivation.option(quote.supply_method, _quoted_strengths(quote))


def _check_terms(session: Session, quote: Quote, asked: SupplyRequest, reference: Reference) -> None:
    """Surcharges and tax are those that were quoted. A quote for no state, or another, serves where the tax by its
    own price book is the same.
    """
    if set(asked.surcharges) - set(quote.surcharges):
        raise QuoteIsForAnother(where=("quote_id",))
    if asked.delivery is Delivery.PICK_UP or asked.ship_to_state == quote.ship_to_state:
        return
    prices = reference.prices()
    rules = prices.rules
    if quote.price_book_id != prices.book_id:
        book = reference_books.price_book(session, quote.price_book_id)
        rules = rules_from(book.version, book.rules)
    if rules.tax_in(asked.ship_to_state) != rules.tax_in(quote.ship_to_state):
        raise QuoteIsForAnother(where=("quote_id",))


def _as_quoted(supply: SupplyRequest, quote: Quote | None) -> SupplyRequest:
    """The request with the strengths of the set that was quoted, which is offered to nobody else; what it is
    surcharged stands in the quote, whatever today's price book offers.
    """
    if quote is None:
        return supply
    supply = replace(supply, surcharges=())
    if quote.supply_method is not SupplyMethod.STRENGTH_SET or supply.strengths is not None:
        return supply
    return replace(supply, strengths=_quoted_strengths(quote))


def _quoted_strengths(quote: Quote) -> tuple[Micrograms, ...]:
    return tuple(Micrograms(line["strength_ug"]) for line in quote.offer["lines"])
