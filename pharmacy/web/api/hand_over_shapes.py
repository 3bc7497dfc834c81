"""The shapes of verification and hand-over: scans, counselling, closures, parcels, pick-ups, returns."""

from __future__ import annotations

from marshmallow import fields

from pharmacy.domain.hand_over import (
    Carrier,
    ClosureAsker,
    CounsellingOutcome,
    CounsellingWay,
    IdentityDocument,
    Relation,
    ReturnKind,
    ScanPurpose,
)
from pharmacy.web.api.screening_shapes import VersionInput
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import OneOf, ScanText, Text
from pharmacy.web.picture_fields import FileContent

_MOST_SIGNATURE = 200_000


class VialScanInput(Asked):
    code = ScanText(most=100, required=True)
    purpose = OneOf(ScanPurpose, required=True)


class VialScanOutput(Answered):
    """The label that was scanned; `scanned` of `vials` are done."""

    label_id = fields.UUID()
    is_repeated = fields.Boolean()
    scanned = fields.Integer()
    vials = fields.Integer()


class CounsellingInput(Asked):
    way = OneOf(CounsellingWay, required=True)
    outcome = OneOf(CounsellingOutcome, required=True)
    offered_to = Text(least=2, most=120, required=True)
    note = Text(most=500, load_default="")


class CounsellingOutput(Answered):
    way = OneOf(CounsellingWay)
    outcome = OneOf(CounsellingOutcome)
    offered_to = fields.String()
    note = fields.String()
    recorded_at = fields.AwareDateTime()
    recorded_by = fields.UUID()


class ClosureInput(Asked):
    """A request for vials without a child-resistant closure."""

    asked_by = OneOf(ClosureAsker, required=True)
    asked_by_name = Text(least=2, most=120, required=True)
    reason = Text(least=5, most=500, required=True)


class ClosureOutput(Answered):
    asked_by = OneOf(ClosureAsker)
    asked_by_name = fields.String()
    reason = fields.String()
    recorded_at = fields.AwareDateTime()
    recorded_by = fields.UUID()


class VerifyInput(VersionInput):
    reason = Text(
        most=500,
        load_default="",
        metadata={"description": "Due where a pharmacy of one pharmacist verifies by exception."},
    )


class ShipInput(VersionInput):
    carrier = OneOf(Carrier, required=True)
    tracking_number = Text(least=4, most=60, required=True)


class PickUpInput(VersionInput):
    taken_by = Text(least=2, most=120, required=True)
    relation = OneOf(Relation, required=True)
    identity = OneOf(IdentityDocument, required=True)
    signed_as = Text(most=120, load_default="")
    signature = FileContent(
        most=_MOST_SIGNATURE, load_default=None, metadata={"description": "A drawn signature, as PNG."}
    )


class ReturnInput(VersionInput):
    kind = OneOf(ReturnKind, required=True)
    reason = Text(least=5, most=500, required=True)


class HandedOver(Answered):
    """How the order left: a parcel, or somebody who took it."""

    carrier = OneOf(Carrier, allow_none=True)
    tracking_number = fields.String(allow_none=True)
    taken_by = fields.String(allow_none=True)
    relation = OneOf(Relation, allow_none=True)
    identity = OneOf(IdentityDocument, allow_none=True)
    signed_as = fields.String(allow_none=True)
    is_child_resistant = fields.Boolean()
    handed_at = fields.AwareDateTime()
    handed_by = fields.UUID()


class CameBack(Answered):
    kind = OneOf(ReturnKind)
    reason = fields.String()
    came_back_at = fields.AwareDateTime()
    recorded_by = fields.UUID()


class ScanKept(Answered):
    label_id = fields.UUID()
    purpose = OneOf(ScanPurpose)
    scanned_at = fields.AwareDateTime()
    scanned_by = fields.UUID()


class HandOverOutput(Answered):
    """Everything that was written down at the counter about one order."""

    scans = fields.List(fields.Nested(ScanKept))
    counselling = fields.Nested(CounsellingOutput, allow_none=True)
    closure = fields.Nested(ClosureOutput, allow_none=True)
    hand_over = fields.Nested(HandedOver, allow_none=True)
    came_back = fields.Nested(CameBack, allow_none=True)
