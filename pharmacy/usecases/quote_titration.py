"""A priced offer that binds until it expires."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import audit
from pharmacy.store.base import new_id
from pharmacy.store.filing import file_quote
from pharmacy.store.quotes import Quote
from pharmacy.usecases.admission import Admission
from pharmacy.usecases.commands import SupplyRequest
from pharmacy.usecases.derivation import derive
from pharmacy.usecases.option_document import option_document
from pharmacy.usecases.plan_as_facts import plan_facts


def quote_titration(
    session: Session, request: SupplyRequest, *, admission: Admission, by: Actor, now: datetime
) -> str:
    """The offer is kept; an order that cites it is charged exactly this. Raises Unfit as an order would."""
    reference = admission.reference
    derivation = derive(request, reference)
    option = derivation.chosen(request)
    quote_id = new_id()
    quote = {
        "id": quote_id,
        "practice_id": by.practice_id,
        "price_book_id": reference.prices().book_id,
        "supply_method": option.supply.method,
        "delivery": request.delivery,
        "strength_basis": request.strength_basis,
        "days": derivation.window.days,
        "plan": plan_facts(request.plan),
        "offer": option_document(option),
        "total_cents": option.price.total.cents,
        "created_at": now,
        "expires_at": now + reference.quote_lasts,
    }
    others = [option_document(other) for other in derivation.options if other is not option]
    answer = admission.respond({**quote, "other_options": others})
    entry = audit.entry_row(session.info["audit_key"], "quote.made", quote_id, by=by, at=now)
    file_quote(
        session,
        {"quotes": [quote], "audit": [entry], "idempotency_keys": [admission.stored_answer(answer, now)]},
    )
    return answer


def quote_document(quote: Quote) -> dict[str, Any]:
    """A stored quote in the shape in which it was answered, without the options it was not for."""
    names = ("id", "supply_method", "delivery", "days", "offer", "total_cents", "created_at", "expires_at")
    return {name: getattr(quote, name) for name in names} | {"other_options": []}
