"""What a patient was told, is being told and will be told, each with why: one view for staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.notice_rules import Channel
from pharmacy.domain.notices import NoticeKind
from pharmacy.store import notices, patients
from pharmacy.store.notices import Notice, NoticeDecision, NoticeState
from pharmacy.store.patients import Patient
from pharmacy.usecases.notice_case import closed_because

WHY: Mapping[NoticeKind, str] = {
    NoticeKind.SHIPPED: "the order left the pharmacy",
    NoticeKind.READY: "the order is ready to be picked up",
    NoticeKind.PRICE: "the order was approved, and nobody has accepted its price yet",
    NoticeKind.STEP: "a step of the plan begins on the next day",
    NoticeKind.CHECK_IN: "the step has run for some days",
    NoticeKind.REFILL: "the supply at home runs out, less the lead; a refill is allowed",
    NoticeKind.FOLLOW_UP: "the refill was announced and not asked for",
    NoticeKind.RENEWAL: "no refill is left, or none may be filled in time: the prescriber is asked",
    NoticeKind.EXPIRING: "the prescription can soon be filled no more",
    NoticeKind.HOME_EXPIRED: "a vial at home is past its beyond-use date",
    NoticeKind.RECALL: "what the patient holds was recalled",
}


def notices_of_patient(session: Session, patient: Patient, *, has_sms: bool) -> dict[str, Any]:
    """Channels as they stand, and every notice with its state, its reason and what was decided about it."""
    found = notices.of_patient(session, patient.id)
    ids = [notice.id for notice in found]
    begun = notices.is_begun(session, ids)
    decided = _decisions_of(session, ids)
    return {
        "channels": channels_of(session, patient, has_sms=has_sms),
        "notices": [_shown(notice, notice.id in begun, decided[notice.id]) for notice in found],
    }


def _decisions_of(session: Session, notice_ids: Sequence[UUID]) -> Mapping[UUID, list[Mapping[str, Any]]]:
    """What was decided about each of these notices, oldest first."""
    decided: dict[UUID, list[Mapping[str, Any]]] = {each: [] for each in notice_ids}
    for decision in notices.decisions_of(session, notice_ids):
        decided[decision.notice_id].append(decision_shown(decision))
    return decided


def decision_shown(decision: NoticeDecision) -> Mapping[str, Any]:
    """What was decided, and why."""
    return {
        "at": decision.decided_at,
        "decision": decision.decision,
        "because": decision.because,
        "until": decision.until,
    }


def channels_of(session: Session, patient: Patient, *, has_sms: bool) -> list[dict[str, Any]]:
    """Each channel, whether it is open, and the consent behind it."""
    consents = {consent.channel: consent for consent in patient.consents}
    stopped = patients.stopped_elsewhere(session, patient)
    shown = []
    for channel in Channel:
        consent = consents.get(channel)
        shown.append(
            {
                "channel": channel,
                "is_preferred": patient.preferred_channel == channel,
                "closed_because": closed_because(patient, channel, has_sms, stopped),
                "text_version": consent and consent.text_version,
                "consented_at": consent and consent.consented_at,
                "source": consent and consent.source,
                "withdrawn_at": consent and consent.withdrawn_at,
            }
        )
    return shown


def _shown(notice: Notice, is_begun: bool, decisions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "id": notice.id,
        "order_id": notice.order_id,
        "kind": notice.kind,
        "step": notice.step_position or None,
        "due_on": notice.due_on,
        "due_at": notice.due_at,
        "state": state_word(notice, is_begun),
        "why": WHY[notice.kind],
        "reason": notice.reason,
        "attempts": notice.attempts,
        "decisions": decisions,
    }


def state_word(notice: Notice, is_begun: bool) -> str:
    """`planned`, `claimed` once a worker has begun it, or how it was settled."""
    if notice.state is NoticeState.WAITING:
        return "claimed" if is_begun else "planned"
    return notice.state.value
