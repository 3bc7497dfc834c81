"""Notices in words: the queue, one notice with what was decided about it, and all that a patient will get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pharmacy.domain.notice_rules import Channel
from pharmacy.store.consents import ConsentState
from pharmacy.store.notices import NoticeState
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.words import (
    NOTICE_WORDS,
    Chip,
    Moment,
    Tone,
    instant_moment,
    relation,
    with_days_in_words,
)

FILTERS: Mapping[NoticeState, object] = {
    NoticeState.UNCERTAIN: lazy_gettext("Uncertain"),
    NoticeState.FAILED: lazy_gettext("Failed"),
    NoticeState.SUPPRESSED: lazy_gettext("Not sent"),
    NoticeState.WAITING: lazy_gettext("Planned"),
    NoticeState.SENT: lazy_gettext("Sent"),
}
EMPTY: Mapping[NoticeState, object] = {
    NoticeState.UNCERTAIN: lazy_gettext("Nothing is uncertain: of every message we know what became of it."),
    NoticeState.FAILED: lazy_gettext("Nothing has failed."),
    NoticeState.SUPPRESSED: lazy_gettext("Nothing was held back."),
    NoticeState.WAITING: lazy_gettext("Nothing is planned: notices come with orders that were handed over."),
    NoticeState.SENT: lazy_gettext("Nothing was sent yet."),
}
_CHIPS: Mapping[str, tuple[object, Tone]] = {
    "planned": (lazy_gettext("Planned"), Tone.WAITING),
    "claimed": (lazy_gettext("On its way"), Tone.HELD),
    "sent": (lazy_gettext("Sent"), Tone.DONE),
    "failed": (lazy_gettext("Failed"), Tone.BLOCKED),
    "uncertain": (lazy_gettext("Uncertain"), Tone.MINE),
    "suppressed": (lazy_gettext("Not sent"), Tone.ENDED),
}
_DECISIONS: Mapping[str, object] = {
    "deferred": lazy_gettext("Put off"),
    "claimed": lazy_gettext("Begun"),
    "sent": lazy_gettext("Sent"),
    "suppressed": lazy_gettext("Not sent"),
    "failed": lazy_gettext("Failed"),
    "uncertain": lazy_gettext("Uncertain"),
    "again": lazy_gettext("To be sent again"),
}
CHANNEL_WORDS: Mapping[str, object] = {
    Channel.EMAIL: lazy_gettext("E-mail"),
    Channel.SMS: lazy_gettext("Text message"),
    "phone": lazy_gettext("Telephone"),
}
_SETTLED_BY_PEOPLE = frozenset({"uncertain", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """One notice in a list."""

    notice_id: UUID
    patient_id: UUID
    order_id: UUID
    patient: str
    number: int
    what: str
    why: str
    due: Moment
    state: Chip
    channel: str
    reason: str
    is_for_a_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionShown:
    at: Moment
    decision: str
    because: str
    until: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """One notice among a patient's, with everything that was decided about it."""

    notice_id: UUID
    order_id: UUID
    what: str
    why: str
    due: Moment
    state: Chip
    reason: str
    decisions: tuple[DecisionShown, ...]
    is_for_a_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelShown:
    name: str
    words: str
    state: Chip
    consent: str
    is_preferred: bool


def notice_row(shown: Mapping[str, Any], zone: ZoneInfo, today: date) -> NoticeRow:
    """A row of the queue, by the pharmacy's clock."""
    channel = shown["channel"]
    return NoticeRow(
        notice_id=shown["id"],
        patient_id=shown["patient_id"],
        order_id=shown["order_id"],
        patient=shown["patient_name"],
        number=shown["order_number"],
        what=what_words(shown["kind"], shown["step"]),
        why=shown["why"],
        due=due_moment(shown["due_at"], zone, today),
        state=state_chip(shown["state"]),
        channel=str(CHANNEL_WORDS[channel]) if channel else "",
        reason=with_days_in_words(shown["reason"] or ""),
        is_for_a_person=shown["state"] in _SETTLED_BY_PEOPLE,
    )


def told_row(shown: Mapping[str, Any], zone: ZoneInfo, today: date) -> ToldRow:
    """A row among a patient's notices, by the patient's clock."""
    return ToldRow(
        notice_id=shown["id"],
        order_id=shown["order_id"],
        what=what_words(shown["kind"], shown["step"]),
        why=shown["why"],
        due=due_moment(shown["due_at"], zone, today),
        state=state_chip(shown["state"]),
        reason=with_days_in_words(shown["reason"] or ""),
        decisions=told_decisions(shown["decisions"], zone),
        is_for_a_person=shown["state"] in _SETTLED_BY_PEOPLE,
    )


def channel_shown(told: Mapping[str, Any], zone: ZoneInfo) -> ChannelShown:
    """Whether the channel is open, and by which consent."""
    closed = told["closed_because"]
    chip = (
        Chip(gettext("Closed: %(why)s", why=closed), Tone.BLOCKED)
        if closed
        else Chip(gettext("Open"), Tone.DONE)
    )
    consent = gettext("Never agreed to it.")
    if told["consented_at"] is not None:
        consent = gettext(
            "Agreed on %(day)s to text %(version)s, by %(source)s.",
            day=instant_moment(told["consented_at"], zone).words,
            version=told["text_version"],
            source=told["source"],
        )
    return ChannelShown(
        name=told["channel"],
        words=str(CHANNEL_WORDS[told["channel"]]),
        state=chip,
        consent=consent,
        is_preferred=told["is_preferred"],
    )


def history_shown(history: Sequence[ConsentState], zone: ZoneInfo) -> list[str]:
    """Every state of every consent in a sentence, newest first."""
    return [_state_words(each, zone) for each in reversed(history)]


def what_words(kind: Any, step: int | None) -> str:
    """What the notice is about."""
    words = str(NOTICE_WORDS[kind])
    return gettext("%(notice)s (step %(step)s)", notice=words, step=step) if step else words


def state_chip(state: str) -> Chip:
    words, tone = _CHIPS[state]
    return Chip(str(words), tone)


def due_moment(at: datetime, zone: ZoneInfo, today: date) -> Moment:
    """When it is due, with how far that is from today."""
    moment = instant_moment(at, zone)
    return Moment(moment.words, moment.machine, relation(at.astimezone(zone).date(), today))


def told_decisions(decisions: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> tuple[DecisionShown, ...]:
    """What was decided, in words, oldest first."""
    return tuple(_decision(each, zone) for each in decisions)


def _decision(told: Mapping[str, Any], zone: ZoneInfo) -> DecisionShown:
    return DecisionShown(
        at=instant_moment(told["at"], zone),
        decision=str(_DECISIONS[told["decision"]]),
        because=with_days_in_words(told["because"]),
        until=instant_moment(told["until"], zone) if told["until"] else None,
    )


def _state_words(state: ConsentState, zone: ZoneInfo) -> str:
    channel = str(CHANNEL_WORDS[state.channel])
    if state.disabled_at is not None:
        shut = instant_moment(state.disabled_at, zone).words
        told = gettext(
            "%(channel)s shut on %(day)s: %(why)s.", channel=channel, day=shut, why=state.disabled_because
        )
    elif state.withdrawn_at is not None:
        left, source = (
            instant_moment(state.withdrawn_at, zone).words,
            state.withdrawn_by or gettext("nobody named"),
        )
        told = gettext(
            "%(channel)s withdrawn on %(day)s by %(source)s.", channel=channel, day=left, source=source
        )
    else:
        told = gettext(
            "%(channel)s agreed to on %(day)s, text %(version)s, by %(source)s.",
            channel=channel,
            day=instant_moment(state.consented_at, zone).words,
            version=state.text_version,
            source=state.source,
        )
    return str(told)
