"""Label files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from pharmacy.store import label_files as books
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.door import reading
from pharmacy.web.guards import needs_scope

blueprint = Blueprint("labels", __name__, url_prefix="/api/v1/labels", description="Labels")


@blueprint.get("/<uuid:label_id>")
@needs_scope("labels.read")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def show(label_id: UUID) -> Any:
    """The label as it was made: 409 while it is still being made, 404 for another practice's."""
    with reading("labels.read") as (session, knock):
        pdf = books.label_file(session, label_id, knock.practice_id)
    return Response(pdf, content_type="application/pdf")
