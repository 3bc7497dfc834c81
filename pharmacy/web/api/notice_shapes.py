"""Shapes of notices and of consent, for staff."""

from __future__ import annotations

from enum import StrEnum

from marshmallow import fields

from pharmacy.domain.label_phrases import Language
from pharmacy.domain.notice_rules import Channel, ConsentChannel
from pharmacy.domain.notices import NoticeKind
from pharmacy.store.notices import NoticeState
from pharmacy.usecases.settle_notice import Finding
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import KeptDay, OneOf, QueryWhole, Text


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


class NoticesQuery(Asked):
    state = OneOf(
        NoticeState,
        load_default=NoticeState.UNCERTAIN,
        metadata={"description": "Uncertain and failed ones wait for a person."},
    )
    page = Text(most=400, load_default=None, metadata={"description": "The bookmark of a page."})
    limit = QueryWhole(least=1, most=100, load_default=20)


class QueuedNoticeOutput(Answered):
    """One notice in the queue; `channel` by which it was begun, and how often a person had it `sent_again`."""

    id = fields.UUID()
    order_id = fields.UUID()
    order_number = fields.Integer()
    patient_id = fields.UUID()
    patient_name = fields.String()
    kind = OneOf(NoticeKind)
    step = fields.Integer(allow_none=True)
    due_on = KeptDay()
    due_at = fields.AwareDateTime()
    state = OneOf(ShownState)
    channel = OneOf(Channel, allow_none=True)
    why = fields.String()
    reason = fields.String(allow_none=True)
    sent_again = fields.Integer()


class NoticePage(Answered):
    notices = fields.List(fields.Nested(QueuedNoticeOutput))
    next_page = fields.String(allow_none=True)


class SettlementInput(Asked):
    """What a person found about an uncertain notice, or that a failed one is to be sent again; and how they know."""

    finding = OneOf(Finding, required=True)
    reason = Text(least=5, most=300, required=True)


class SettledOutput(Answered):
    id = fields.UUID()
    state = OneOf(NoticeState)
    reason = fields.String(allow_none=True)
    sent_again = fields.Integer()


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

    channel = OneOf(ConsentChannel, required=True)
    is_given = fields.Boolean(required=True, truthy={True}, falsy={False})
    text_version = Text(most=50, required=True)
    source = Text(most=100, required=True)


class ChannelsOutput(Answered):
    channels = fields.List(fields.Nested(ChannelOutput))


class PreferenceInput(Asked):
    """By which channel the patient would rather hear; null leaves it to us."""

    channel = OneOf(Channel, required=True, allow_none=True)


class ServiceInput(Asked):
    """Whether the patient is served; false for one who has died or moved away, who is then told nothing more."""

    is_served = fields.Boolean(required=True, truthy={True}, falsy={False})
    reason = Text(least=5, most=300, required=True)


class ServiceOutput(Answered):
    patient_id = fields.UUID()
    is_served = fields.Boolean()
    since = fields.AwareDateTime(allow_none=True)
    reason = fields.String(allow_none=True)


class ConsentStateOutput(Answered):
    """A consent as it stood after one change of it."""

    channel = fields.String()
    text_version = fields.String()
    consented_at = fields.AwareDateTime()
    source = fields.String()
    withdrawn_at = fields.AwareDateTime(allow_none=True)
    withdrawn_by = fields.String(allow_none=True)
    disabled_at = fields.AwareDateTime(allow_none=True)
    disabled_because = fields.String(allow_none=True)


class ConsentHistoryOutput(Answered):
    """Every state of every consent, oldest first."""

    history = fields.List(fields.Nested(ConsentStateOutput))


class ConsentTextInput(Asked):
    """A new version of what patients agree to, in both languages."""

    version = Text(most=50, required=True)
    wording_en = Text(least=20, most=4000, required=True)
    wording_es = Text(least=20, most=4000, required=True)


class ConsentTextOutput(Answered):
    version = fields.String()
    language = OneOf(Language)
    wording = fields.String()
    added_at = fields.AwareDateTime()
    added_by = fields.UUID(allow_none=True)


class ConsentTextsOutput(Answered):
    """Every text, newest first."""

    texts = fields.List(fields.Nested(ConsentTextOutput))
