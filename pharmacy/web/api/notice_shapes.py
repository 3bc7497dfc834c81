"""Shapes of notices and of consent, for staff."""

from __future__ import annotations

from enum import StrEnum

from marshmallow import fields

from pharmacy.domain.notice_rules import Channel
from pharmacy.domain.notices import NoticeKind
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import KeptDay, OneOf, Text


class ShownState(StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    SUPPRESSED = "suppressed"


class NoticeDecisionOutput(Answered):
    """One decision about a notice; `until` says to when it was put off."""

    at = fields.AwareDateTime()
    decision = fields.String()
    because = fields.String()
    until = fields.AwareDateTime(allow_none=True)


class NoticeOutput(Answered):
    """One notice: `why` it was planned, and the `reason` why it was not sent, or not yet."""

    id = fields.UUID()
    order_id = fields.UUID()
    kind = OneOf(NoticeKind)
    step = fields.Integer(allow_none=True)
    due_on = KeptDay()
    due_at = fields.AwareDateTime()
    state = OneOf(ShownState)
    why = fields.String()
    reason = fields.String(allow_none=True)
    attempts = fields.Integer()
    decisions = fields.List(fields.Nested(NoticeDecisionOutput))


class ChannelOutput(Answered):
    """One channel and the consent behind it; `closed_because` is null where it is open."""

    channel = OneOf(Channel)
    is_preferred = fields.Boolean()
    closed_because = fields.String(allow_none=True)
    text_version = fields.String(allow_none=True)
    consented_at = fields.AwareDateTime(allow_none=True)
    source = fields.String(allow_none=True)
    withdrawn_at = fields.AwareDateTime(allow_none=True)


class PatientNoticesOutput(Answered):
    channels = fields.List(fields.Nested(ChannelOutput))
    notices = fields.List(fields.Nested(NoticeOutput))


class ConsentChangeInput(Asked):
    """What the patient said: which text was read to them, and where."""

    channel = OneOf(Channel, required=True)
    is_given = fields.Boolean(required=True, truthy={True}, falsy={False})
    text_version = Text(most=50, required=True)
    source = Text(most=100, required=True)


class ChannelsOutput(Answered):
    channels = fields.List(fields.Nested(ChannelOutput))
