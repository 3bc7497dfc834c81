"""Shapes of the doors for staff: coming in, and the tasks that wait for a person."""

from __future__ import annotations

from marshmallow import fields

from pharmacy.domain.orders import Role
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import (
    KeptDay,
    OneOf,
    QueryWhole,
    Text,
)


class StaffSessionInput(Asked):
    username = Text(most=100, required=True)
    password = Text(most=1000, required=True, metadata={"format": "password"})
    code = Text(
        most=40,
        load_default=None,
        metadata={"description": "Of the authenticator, or a recovery code, where a second factor is due."},
    )


class StaffSessionOutput(Answered):
    key = fields.String(metadata={"description": "Send it as a bearer token."})
    full_name = fields.String()
    role = OneOf(Role)
    longest_idle_seconds = fields.Integer()


class TasksQuery(Asked):
    kind = Text(most=100, load_default=None)
    page = Text(most=400, load_default=None, metadata={"description": "The bookmark of a page."})
    limit = QueryWhole(least=1, most=100, load_default=20)


class TaskOutput(Answered):
    """Something a person must do; `outcome` and `closed_at` are null while nobody has."""

    id = fields.UUID()
    kind = fields.String()
    subject_id = fields.UUID()
    wording = fields.String()
    due_on = KeptDay()
    order_id = fields.UUID(allow_none=True)
    opened_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)
    outcome = fields.String(allow_none=True)


class TaskPage(Answered):
    tasks = fields.List(fields.Nested(TaskOutput))
    next_page = fields.String(allow_none=True)


class TaskOutcomeInput(Asked):
    outcome = Text(most=1000, required=True)
