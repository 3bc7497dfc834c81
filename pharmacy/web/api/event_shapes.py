"""Shapes of events, of the endpoints that hear of them, and of deliveries."""

from __future__ import annotations

from marshmallow import fields, validate

from pharmacy.domain.events import EventKind
from pharmacy.store.webhooks import DeliveryState
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import (
    OneOf,
    QueryWhole,
    Text,
    Whole,
)

LAST_POSITION = 10**15


class EventsQuery(Asked):
    after = QueryWhole(
        least=0,
        most=LAST_POSITION,
        load_default=0,
        metadata={"description": "The position after which events are wanted."},
    )
    limit = QueryWhole(least=1, most=500, load_default=100)


class EventIds(Answered):
    order_id = fields.UUID(allow_none=True)
    prescription_id = fields.UUID(allow_none=True)
    subject_id = fields.UUID(allow_none=True)
    sequence = fields.Integer(
        allow_none=True, metadata={"description": "Counts within the order, from 1 without a gap."}
    )
    position = fields.Integer(metadata={"description": "The place in the practice's log."})


class EventOutput(Answered):
    """The same as an endpoint is told. `id` is also the `webhook-id`."""

    id = fields.UUID()
    type = fields.String()
    timestamp = fields.AwareDateTime()
    data = fields.Nested(EventIds)


class EventPage(Answered):
    """`next_after` is the `after` of the next request, also when there is nothing more yet."""

    events = fields.List(fields.Nested(EventOutput))
    next_after = fields.Integer()


class EventTypeOutput(Answered):
    type = fields.String()
    meaning = fields.String()


class EventTypes(Answered):
    types = fields.List(fields.Nested(EventTypeOutput))


class EndpointInput(Asked):
    url = Text(most=500, required=True, metadata={"format": "uri"})
    types = fields.List(
        OneOf(EventKind),
        load_default=list,
        validate=validate.Length(max=100),
        metadata={"description": "None for all, those that are still to come too."},
    )


class EndpointOutput(Answered):
    """Nothing is sent before it `has_secret`."""

    id = fields.UUID()
    url = fields.String()
    types = fields.List(fields.String(), attribute="kinds")
    has_secret = fields.Function(lambda endpoint: endpoint.secret_version > 0, metadata={"type": "boolean"})
    previous_secret_until = fields.AwareDateTime(allow_none=True)
    created_at = fields.AwareDateTime()


class EndpointList(Answered):
    endpoints = fields.List(fields.Nested(EndpointOutput))


class EndpointOverlapInput(Asked):
    overlap_hours = Whole(
        least=0,
        most=168,
        required=True,
        metadata={"description": "How long everything is signed with the secret before besides."},
    )


class EndpointSecretOutput(Answered):
    secret = fields.String(metadata={"description": "Seen here and never again."})
    previous_secret_until = fields.AwareDateTime(allow_none=True)


class DeliveriesQuery(Asked):
    state = OneOf(DeliveryState, load_default=DeliveryState.PARKED)
    page = Text(most=400, load_default=None, metadata={"description": "The bookmark of a page."})
    limit = QueryWhole(least=1, most=100, load_default=20)


class DeliveryOutput(Answered):
    id = fields.UUID()
    endpoint_id = fields.UUID()
    event_id = fields.UUID()
    type = fields.String(attribute="event.kind")
    state = OneOf(DeliveryState)
    attempts = fields.Integer()
    due_at = fields.AwareDateTime()
    last_outcome = fields.String(allow_none=True)


class DeliveryPage(Answered):
    deliveries = fields.List(fields.Nested(DeliveryOutput))
    next_page = fields.String(allow_none=True)
