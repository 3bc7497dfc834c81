"""Papers that go with an order or a batch: bag label, batch label, auxiliary stickers, leaflet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from pharmacy.domain.dose_text import capsules_text, format_dose
from pharmacy.domain.label_phrases import Language, language_of
from pharmacy.domain.labels import DRUG
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.quantities import Micrograms
from pharmacy.gateways.house_labels import (
    BagLabel,
    BatchLabel,
    auxiliary_sheet_pdf,
    bag_label_pdf,
    batch_label_pdf,
)
from pharmacy.gateways.leaflet_pdf import leaflet_pdf
from pharmacy.store import batches, orders
from pharmacy.store.batches import Batch
from pharmacy.web.api.shapes import Asked, Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.fields import OneOf
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_reading

blueprint = Blueprint("label-papers", __name__, url_prefix="/api/v1", description="Papers beside the labels")

_PDF: Any = {"type": "string", "format": "binary"}
_STORAGE = "Store dry, away from light, at room temperature."


class LeafletQuery(Asked):
    language = OneOf(Language, load_default=None, metadata={"description": "The patient's own without it."})


class StickersQuery(Asked):
    language = OneOf(Language, load_default=Language.ENGLISH)


@blueprint.get("/orders/<uuid:order_id>/leaflet")
@needs_staff()
@blueprint.arguments(LeafletQuery(), location="query")
@blueprint.response(200, _PDF, content_type="application/pdf")
def leaflet(asked: dict[str, Language | None], order_id: UUID) -> Any:
    """What goes into the bag to be read: no opioids, missed doses, side effects, counselling."""
    with staff_reading() as (session, _):
        spoken = asked["language"] or language_of(orders.get(session, order_id).patient.language)
    return _answer(leaflet_pdf(spoken, the_pharmacy().imprint.identity))


@blueprint.get("/orders/<uuid:order_id>/bag-label")
@needs_staff()
@blueprint.response(200, _PDF, content_type="application/pdf")
def bag_label(order_id: UUID) -> Any:
    """What is on the bag: whose it is and how many vials, not a word about what is inside."""
    imprint = the_pharmacy().imprint
    with staff_reading() as (session, _):
        order = orders.get(session, order_id)
        bag = BagLabel(
            patient=order.patient.full_name,
            order_number=order.number,
            vials=len(orders.vials_of(order)),
            delivery="TO BE MAILED" if order.delivery is Delivery.MAIL else "TO BE PICKED UP",
            code=imprint.codes.code_for_order(order.number),
        )
    return _answer(bag_label_pdf(bag, imprint.identity))


@blueprint.get("/batches/<uuid:batch_id>/label")
@needs_staff()
@blueprint.response(200, _PDF, content_type="application/pdf")
def batch_label(batch_id: UUID) -> Any:
    """What is on the container of a batch; that it is released is never said there."""
    with staff_reading() as (session, _):
        batch = batches.get(session, batch_id)
        shown = BatchLabel(
            number=batch.number,
            content=_content(batch),
            prepared="triturate"
            if batch.capsules_prepared is None
            else capsules_text(batch.capsules_prepared),
            compounded_on=batch.compounded_on,
            beyond_use_on=batch.beyond_use_on,
            storage=_STORAGE,
        )
    return _answer(batch_label_pdf(shown))


@blueprint.get("/auxiliary-labels")
@needs_staff()
@blueprint.arguments(StickersQuery(), location="query")
@blueprint.response(200, _PDF, content_type="application/pdf")
def auxiliary_labels(asked: dict[str, Language]) -> Any:
    """A letter sheet of warning stickers."""
    with staff_reading():
        return _answer(auxiliary_sheet_pdf(asked["language"]))


def _content(batch: Batch) -> str:
    if batch.strength_ug is None:
        return f"{DRUG} HCl triturate"
    return f"{DRUG} {format_dose(Micrograms(batch.strength_ug))} capsule"


def _answer(pdf: bytes) -> Response:
    return Response(pdf, content_type="application/pdf")
