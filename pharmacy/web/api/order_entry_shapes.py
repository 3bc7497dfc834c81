"""The shapes of orders that staff enter: how they came, the whole order, the dose a second time, what differs."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from pharmacy.domain.double_entry import Channel
from pharmacy.domain.pictures import PictureKind
from pharmacy.domain.supply import MOST_DAYS
from pharmacy.store.order_entries import EntryState
from pharmacy.web.api.input_schemas import OrderInput
from pharmacy.web.api.plan_shapes import PlanInput
from pharmacy.web.api.screening_shapes import VersionInput
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import Identifier, Instant, OneOf, QueryWhole, Text, Whole
from pharmacy.web.picture_fields import FileContent

# What a setting allows may be less.
LARGEST_PICTURE = 4_000_000


class EntryInput(Asked):
    practice_id = Identifier(required=True)
    channel = OneOf(Channel, required=True)
    caller = Text(least=2, most=200, required=True)
    picture = FileContent(
        most=LARGEST_PICTURE,
        load_default=None,
        metadata={"description": "The sheet as PDF, PNG or JPEG; due for whatever came on paper."},
    )
    read_back_to = Text(least=2, most=120, load_default=None)
    read_back_at = Instant(load_default=None)


class WholeOrderInput(VersionInput):
    """The whole order, in the shape of POST /orders."""

    order = fields.Nested(OrderInput, required=True)


class ReadingInput(VersionInput):
    """The dose as a second person read it from the sheet."""

    plan = fields.Nested(PlanInput, required=True)
    days = Whole(least=1, most=MOST_DAYS, load_default=None, allow_none=True)


class SetAsideInput(VersionInput):
    reason = Text(least=5, most=400, required=True)


class EntriesQuery(Asked):
    page = Text(most=400, load_default=None, metadata={"description": "The bookmark of a page."})
    limit = QueryWhole(least=1, most=100, load_default=20)


class EntryDifference(Answered):
    """One number on which the two disagree; step 0 is the fill as a whole."""

    step = fields.Integer()
    what = fields.String()
    first = fields.String()
    second = fields.String()


class EntryOutput(Answered):
    """An entry as anybody of the staff sees it: without the dose, which a second person has yet to read."""

    id = fields.UUID()
    practice_id = fields.UUID()
    channel = OneOf(Channel)
    caller = fields.String()
    read_back_to = fields.String(allow_none=True)
    read_back_at = fields.AwareDateTime(allow_none=True)
    received_at = fields.AwareDateTime()
    state = OneOf(EntryState)
    version = fields.Integer()
    order_id = fields.UUID(allow_none=True)
    set_aside_because = fields.String(allow_none=True)


class EnteredOutput(EntryOutput):
    """The same, with the numbers on which two people disagree, and what kind of picture there is."""

    picture = OneOf(PictureKind, allow_none=True)
    differences = fields.List(fields.Nested(EntryDifference))


class EntryPage(Answered):
    entries = fields.List(fields.Nested(EntryOutput))
    next_page = fields.String(allow_none=True)


def entered_document(entry: Any, picture: PictureKind | None, differences: Any) -> dict[str, Any]:
    """The entry with what belongs beside it."""
    columns = {name: getattr(entry, name) for name in EntryOutput._declared_fields}
    return {**columns, "picture": picture, "differences": differences}
