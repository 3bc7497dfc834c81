"""Notices as staff look through them: one state at a time, with whose they are, by which channel, and why.

What is uncertain or failed waits for a person, and comes oldest first; what is past comes newest first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from pharmacy.store import notices, patients
from pharmacy.store.notices import Notice, NoticeState
from pharmacy.usecases.notices_of_patient import WHY

_FIRST_DUE_FIRST = frozenset({NoticeState.UNCERTAIN, NoticeState.FAILED, NoticeState.WAITING})


def queue_of(state: NoticeState) -> Select[Notice]:
    """Every notice in that state, in the order in which people look at them."""
    return notices.in_state(state) if state in _FIRST_DUE_FIRST else notices.newest_in_state(state)


def queue_shown(session: Session, found: Sequence[Notice]) -> list[Mapping[str, Any]]:
    """These notices with what belongs to them."""
    numbers = notices.order_numbers(session, {notice.order_id for notice in found})
    people = {each.id: each for each in patients.of_ids(session, {notice.patient_id for notice in found})}
    channels = notices.channels_of(session, [notice.id for notice in found])
    return [
        notice_shown(
            notice,
            order_number=numbers[notice.order_id],
            patient_name=people[notice.patient_id].full_name,
            channel=channels.get(notice.id),
        )
        for notice in found
    ]


def notice_shown(
    notice: Notice, *, order_number: int, patient_name: str, channel: str | None
) -> Mapping[str, Any]:
    """One notice with what belongs to it; `channel` is None for as long as nobody has begun it."""
    state = notice.state.value
    if notice.state is NoticeState.WAITING:
        state = "planned" if channel is None else "claimed"
    return {
        "id": notice.id,
        "order_id": notice.order_id,
        "order_number": order_number,
        "patient_id": notice.patient_id,
        "patient_name": patient_name,
        "kind": notice.kind,
        "step": notice.step_position or None,
        "due_on": notice.due_on,
        "due_at": notice.due_at,
        "state": state,
        "channel": channel,
        "why": WHY[notice.kind],
        "reason": notice.reason,
        "sent_again": notice.sent_again,
    }
