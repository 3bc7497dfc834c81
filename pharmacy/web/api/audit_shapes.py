"""Shapes of the audit trail: what staff read of it, and whether it is whole."""

from __future__ import annotations

from marshmallow import fields

from pharmacy.domain.actors import ActorKind
from pharmacy.domain.seals import Fault
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import (
    Identifier,
    OneOf,
    QueryWhole,
    Text,
)


class AuditQuery(Asked):
    subject_id = Identifier(load_default=None, metadata={"description": "Only what was done to this."})
    actor_id = Identifier(load_default=None, metadata={"description": "Only what this one did."})
    page = Text(most=400, load_default=None, metadata={"description": "The bookmark of a page."})
    limit = QueryWhole(least=1, most=100, load_default=20)


class AuditEntryOutput(Answered):
    id = fields.UUID()
    at = fields.AwareDateTime()
    actor_kind = OneOf(ActorKind)
    actor_id = fields.UUID()
    actor_name = fields.String()
    action = fields.String()
    subject_id = fields.UUID()
    detail = fields.Dict(keys=fields.String())


class AuditPage(Answered):
    entries = fields.List(fields.Nested(AuditEntryOutput))
    next_page = fields.String(allow_none=True)


class TrailFaultOutput(Answered):
    fault = OneOf(Fault)
    seal_number = fields.Integer(allow_none=True)
    subject_id = fields.UUID(allow_none=True)


class TrailOutput(Answered):
    """Whether the trail is whole; what is not sealed yet could still vanish unseen."""

    is_whole = fields.Boolean()
    entries = fields.Integer()
    seals = fields.Integer()
    unsealed = fields.Integer()
    faults = fields.List(fields.Nested(TrailFaultOutput))
