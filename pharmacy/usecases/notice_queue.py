"""Notices as staff look through them: one state at a time, with whose they are, by which channel, and why.

What is uncertain or failed waits for a person, and comes oldest first; what is past comes newest first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import audit, notices, patients
from pharmacy.store.notices import Notice, NoticeState
from pharmacy.usecases.notices_of_patient import WHY

_FIRST_DUE_FIRST = frozenset({NoticeState.UNCERTAIN, NoticeState.FAILED, NoticeState.WAITING})


def queue_of(state: NoticeState) -> Select[Notice]:
    """Every notice in that state, in the order in which people look at them."""
    return notices.in_state(state) if state in _FIRST_DUE_FIRST else notices.newest_in_state(state)


def queue_shown(
    session: Session, found: Sequence[Notice], *, by: Actor, now: datetime
) -> list[Mapping[str, Any]]:
    """These notices with what belongs to them; that somebody looked at these patients is on record."""
    numbers = notices.order_numbers(session, {notice.order_id for notice in found})
    people = {each.id: each for each in patients.of_ids(session, {notice.patient_id for notice in found})}
    channels = notices.channels_of(session, [notice.id for notice in found])
    for patient_id in sorted(people):
        audit.record(session, "patient.notices_read", patient_id, by=by, at=now)
    return [_shown(notice, numbers, people[notice.patient_id].full_name, channels) for notice in found]


def _shown(
    notice: Notice, numbers: Mapping[UUID, int], patient_name: str, channels: Mapping[UUID, str]
) -> Mapping[str, Any]:
    state = notice.state.value
    if notice.state is NoticeState.WAITING:
        state = "claimed" if notice.id in channels else "planned"
    return {
        "id": notice.id,
        "order_id": notice.order_id,
        "order_number": numbers[notice.order_id],
        "patient_id": notice.patient_id,
        "patient_name": patient_name,
        "kind": notice.kind,
        "step": notice.step_position or None,
        "due_on": notice.due_on,
        "due_at": notice.due_at,
        "state": state,
        "channel": channels.get(notice.id),
        "why": WHY[notice.kind],
        "reason": notice.reason,
        "sent_again": notice.sent_again,
    }
