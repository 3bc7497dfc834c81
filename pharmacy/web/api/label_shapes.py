"""Shapes of labels on paper: what staff ask for, and what became of it."""

from __future__ import annotations

from marshmallow import fields

from pharmacy.domain.labels import LabelTemplate
from pharmacy.store.label_prints import PrintState
from pharmacy.store.labels import LabelKind
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import OneOf, Text


class PrintInput(Asked):
    printer = Text(most=40, required=True, metadata={"description": "Its name; `browser` prints from here."})
    template = OneOf(LabelTemplate, load_default=LabelTemplate.FOUR_BY_TWO)


class ReprintInput(PrintInput):
    reason = Text(least=5, most=300, required=True)


class LabelReasonInput(Asked):
    reason = Text(least=5, most=300, required=True)


class PrintOutput(Answered):
    """One print; `number` 0 is the first, every further one is a reprint and says so on the label."""

    id = fields.UUID()
    label_id = fields.UUID()
    number = fields.Integer()
    printer = fields.String()
    template = OneOf(LabelTemplate)
    reason = fields.String(allow_none=True)
    requested_at = fields.AwareDateTime()
    requested_by = fields.UUID()
    state = OneOf(PrintState)
    attempts = fields.Integer()
    settled_at = fields.AwareDateTime(allow_none=True)
    detail = fields.String(allow_none=True)
    sha256 = fields.String(allow_none=True)


class StaffLabelOutput(Answered):
    """A label as staff see it; `barcode` is null for a proof."""

    id = fields.UUID()
    vial_id = fields.UUID()
    kind = OneOf(LabelKind)
    barcode = fields.String(allow_none=True)
    requested_at = fields.AwareDateTime()
    made_at = fields.AwareDateTime(allow_none=True)
    sha256 = fields.String(allow_none=True)
    template_version = fields.String(allow_none=True)
    voided_at = fields.AwareDateTime(allow_none=True)
    void_reason = fields.String(allow_none=True)
    prints = fields.List(fields.Nested(PrintOutput))


class StaffLabelsOutput(Answered):
    labels = fields.List(fields.Nested(StaffLabelOutput))


class PrintersOutput(Answered):
    printers = fields.List(fields.String(), metadata={"description": "`browser` is always one of them."})
