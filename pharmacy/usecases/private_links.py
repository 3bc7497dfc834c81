"""Letting a patient in by a private link.

A link is a token of 256 random bits, told once and never kept. Behind it stands a question, the birth date, and
five tries for all visits together (house policy). Who fails is told no more than that it does not fit; a link that
is unknown, expired or closed is answered like none.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.errors import NotFound
from pharmacy.store import audit, private_links, reference
from pharmacy.store.base import new_id
from pharmacy.store.private_links import LinkPurpose, PrivateLink

TOKEN_BYTES = 32


@dataclass(eq=False)
class LinkNotValid(NotFound):
    """There is no such link, or it holds no more: the two are told apart by nobody."""

    def __str__(self) -> str:
        return "This link does not work, or not any more."


@dataclass(frozen=True, slots=True)
class WrongBirthDate:
    """The birth date was not the patient's; a result and not an error, because the try must be kept."""

    tries_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link to be told to one patient; `subject_id` is what its page is about."""

    purpose: LinkPurpose
    subject_id: UUID
    patient_id: UUID


def open_private_link(
    session: Session, link: NewLink, *, by: Actor, now: datetime
) -> tuple[PrivateLink, str]:
    """A new link and its token, which is in nobody's books; earlier ones for the same are closed."""
    settings = reference.settings_in_force(session)
    private_links.close_of_subject(session, link.purpose, link.subject_id, "a newer link was made", now=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = PrivateLink(
        id=new_id(),
        purpose=link.purpose,
        subject_id=link.subject_id,
        patient_id=link.patient_id,
        token_hash=private_links.token_hash(token),
        created_at=now,
        created_by=by.id,
        expires_at=now + timedelta(days=settings["private_link_valid_days"]),
        wrong_tries=0,
    )
    session.add(made)
    audit.record(session, "private_link.opened", link.subject_id, by=by, at=now, purpose=link.purpose)
    return made, token


def look_at_private_link(session: Session, token: str, *, by: Actor, now: datetime) -> PrivateLink:
    """The link behind the token, which says nothing of the patient yet; LinkNotValid when it holds no more."""
    link = private_links.alive(session, token, now=now)
    if link is None:
        raise LinkNotValid
    return link


def enter_private_link(
    session: Session, token: str, birth_on: date | None, *, by: Actor, now: datetime
) -> PrivateLink | WrongBirthDate:
    """The link, once the patient's birth date was given; WrongBirthDate otherwise, and the try is counted.

    What cannot be read as a day (None) is a try like any other. Raises LinkNotValid.
    """
    link = look_at_private_link(session, token, by=by, now=now)
    if birth_on == link.patient.birth_on:
        if link.entered_at is None:
            link.entered_at = now
        audit.record(
            session,
            "private_link.entered",
            link.subject_id,
            by=patient_actor(link.patient_id),
            at=now,
            purpose=link.purpose,
        )
        return link
    most = reference.settings_in_force(session)["private_link_tries"]
    link.wrong_tries += 1
    if link.wrong_tries >= most:
        link.closed_at, link.closed_because = now, "the birth date was wrong too often"
    audit.record(
        session,
        "private_link.refused",
        link.subject_id,
        by=by,
        at=now,
        purpose=link.purpose,
        wrong_tries=link.wrong_tries,
    )
    return WrongBirthDate(tries_left=max(0, most - link.wrong_tries))


def patient_actor(patient_id: UUID) -> Actor:
    """The patient, who acts by a private link; named by nobody in the trail but by their id."""
    return Actor(kind=ActorKind.PATIENT, id=patient_id, name="patient, by private link")
