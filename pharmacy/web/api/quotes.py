"""Priced offers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pharmacy.store import quotes as books
from pharmacy.usecases.commands import SupplyRequest
from pharmacy.usecases.quote_titration import QuoteRequest, quote_document, quote_titration, renewal_of
from pharmacy.web.api.input_schemas import SupplyInput
from pharmacy.web.api.quote_shapes import QuoteOutput
from pharmacy.web.api.shapes import Blueprint, NothingInput
from pharmacy.web.current import the_pharmacy
from pharmacy.web.door import answer_once, reading
from pharmacy.web.guards import needs_scope
from pharmacy.web.wording import worded_by

blueprint = Blueprint("quotes", __name__, url_prefix="/api/v1/quotes", description="Quotes")
_WORDED = worded_by(QuoteOutput())


@blueprint.post("")
@needs_scope("quotes.write")
@blueprint.arguments(SupplyInput())
@blueprint.response(201, QuoteOutput)
def make(asked: SupplyRequest) -> Any:
    """An itemised price that binds for 14 days."""
    now = the_pharmacy().clock()
    return answer_once(
        "quotes.write",
        lambda session, admission: quote_titration(
            session, QuoteRequest(supply=asked), admission=admission, by=admission.actor, now=now
        ),
        _WORDED,
    )


@blueprint.get("/<uuid:quote_id>")
@needs_scope("quotes.read")
@blueprint.response(200, QuoteOutput)
def show(quote_id: UUID) -> Any:
    """A quote of this practice."""
    with reading("quotes.read") as (session, knock):
        return quote_document(books.of_practice(session, quote_id, knock.practice_id))


@blueprint.post("/<uuid:quote_id>/requote")
@needs_scope("quotes.write")
@blueprint.arguments(NothingInput())
@blueprint.response(201, QuoteOutput)
def requote(_: dict[str, Any], quote_id: UUID) -> Any:
    """The same supply at today's prices, with what it differs by; the earlier quote stays as it was."""
    now = the_pharmacy().clock()
    return answer_once(
        "quotes.write",
        lambda session, admission: quote_titration(
            session,
            renewal_of(books.of_practice(session, quote_id, admission.knock.practice_id)),
            admission=admission,
            by=admission.actor,
            now=now,
        ),
        _WORDED,
    )
