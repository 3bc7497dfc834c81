"""A priced offer that binds until it expires.

What is answered is kept whole and never changed: neither a new price book nor a new lot moves it. Prices of today
for the same supply are another quote, which says what it differs by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import SupplyMethod
from pharmacy.store import audit
from pharmacy.store.base import new_id
from pharmacy.store.filing import file_quote
from pharmacy.store.quotes import Quote
from pharmacy.usecases.admission import Admission
from pharmacy.usecases.commands import SupplyRequest, form_of
from pharmacy.usecases.derivation import derive
from pharmacy.usecases.option_document import option_document
from pharmacy.usecases.plan_as_facts import plan_facts, plan_from_facts

# An offer of another option, without its worksheets.
_OTHER = (
    "supply_method", "strengths_mg", "capsules", "price_lines", "total_cents", "per_30_days_cents",
    "is_over_monthly_mark",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRequest:
    """What is to be priced; `renews` is the quote that this one is a newer one of."""

    supply: SupplyRequest
    renews: Quote | None = None


def quote_titration(
    session: Session, request: QuoteRequest, *, admission: Admission, by: Actor, now: datetime
) -> str:
    """The offer is kept; an order that cites it is charged exactly this. Raises Unfit as an order would."""
    reference = admission.reference
    derivation = derive(request.supply, reference)
    option = derivation.chosen(request.supply)
    quote_id = new_id()
    others = [option_document(other) for other in derivation.options if other is not option]
    quote = {
        "id": quote_id,
        "practice_id": by.practice_id,
        "price_book_id": reference.prices().book_id,
        "supply_method": option.supply.method,
        "delivery": request.supply.delivery,
        "strength_basis": request.supply.strength_basis,
        "days": derivation.window.days,
        "plan": plan_facts(request.supply.plan),
        "offer": option_document(option),
        "other_options": [{name: other[name] for name in _OTHER} for other in others],
        "ship_to_state": request.supply.ship_to_state,
        "surcharges": list(request.supply.surcharges),
        **_renewal(request.renews),
        "total_cents": option.price.total.cents,
        "created_at": now,
        "expires_at": now + reference.quote_lasts,
    }
    answer = admission.respond(_answered(quote))
    entry = audit.entry_row(session.info["audit_key"], "quote.made", quote_id, by=by, at=now)
    file_quote(
        session,
        {"quotes": [quote], "audit": [entry], "idempotency_keys": [admission.stored_answer(answer, now)]},
    )
    return answer


def renewal_of(quote: Quote) -> QuoteRequest:
    """The same supply, to be priced as of today."""
    strengths = tuple(Micrograms(line["strength_ug"]) for line in quote.offer["lines"])
    supply = SupplyRequest(
        plan=plan_from_facts(quote.plan),
        days=quote.days,
        method=quote.supply_method,
        delivery=quote.delivery,
        strength_basis=quote.strength_basis,
        strengths=strengths if quote.supply_method is SupplyMethod.STRENGTH_SET else None,
        ship_to_state=quote.ship_to_state,
        surcharges=tuple(quote.surcharges),
        dosage_form=form_of(quote.supply_method),
    )
    return QuoteRequest(supply=supply, renews=quote)


def quote_document(quote: Quote) -> dict[str, Any]:
    """A stored quote in the shape in which it was answered."""
    return _answered({each.key: getattr(quote, each.key) for each in quote.__table__.columns})


def _answered(quote: Mapping[str, Any]) -> dict[str, Any]:
    previous = quote["previous_total_cents"]
    difference = None if previous is None else quote["total_cents"] - previous
    return {**quote, "difference_cents": difference}


def _renewal(renewed: Quote | None) -> dict[str, Any]:
    if renewed is None:
        return {"requoted_from": None, "previous_total_cents": None}
    return {"requoted_from": renewed.id, "previous_total_cents": renewed.total_cents}
