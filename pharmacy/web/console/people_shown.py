"""People in words: what they are, whether they may work at the bench today, and what may be done about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pharmacy.domain.orders import Role
from pharmacy.domain.readiness import Competency, lapsed_on
from pharmacy.store.staff import StaffMember, StaffSession
from pharmacy.store.training import TrainingRecord
from pharmacy.web.console.account_shown import SignInShown, sign_in_shown
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.queue_rows import Viewer
from pharmacy.web.console.words import ROLE_WORDS, Chip, Moment, Tone, day_moment

ROLE_CHOICES: Sequence[tuple[str, str]] = tuple((role.value, ROLE_WORDS[role]) for role in Role)
_SOON_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One person in a line."""

    member_id: UUID
    full_name: str
    username: str
    role: str
    state: Chip
    training: Chip
    trained_until: Moment | None
    factor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetencyShown:
    words: str
    state: Chip
    until: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingShown:
    words: str
    on: Moment
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberActs:
    """What whoever looks may do about that person."""

    may_keep: bool
    may_train: bool
    is_locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedShown:
    """One thing that can be done, and what it will do."""

    name: str
    words: str
    will_do: str
    is_harsh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSheet:
    member_id: UUID
    version: int
    full_name: str
    username: str
    initials: str
    role: str
    state: Chip
    factor: str
    competencies: tuple[CompetencyShown, ...]
    trainings: tuple[TrainingShown, ...]
    sign_ins: tuple[SignInShown, ...]
    deeds: tuple[DeedShown, ...]
    may_keep: bool
    may_train: bool


def member_row(member: StaffMember, expiries: Mapping[Competency, date], today: date) -> MemberRow:
    """That person in a line, as of today."""
    until = min(expiries.values()) if len(expiries) == len(Competency) else None
    return MemberRow(
        member_id=member.id,
        full_name=member.full_name,
        username=member.username,
        role=ROLE_WORDS[member.role],
        state=member_state(member),
        training=_training_chip(expiries, today) if member.disabled_at is None else Chip("", Tone.ENDED),
        trained_until=day_moment(until, today) if until and member.disabled_at is None else None,
        factor=_factor_words(member),
    )


def member_state(member: StaffMember) -> Chip:
    """Whether that person may come in."""
    if member.disabled_at is not None:
        return Chip(gettext("Disabled"), Tone.ENDED)
    if member.invited_at is not None:
        return Chip(gettext("Invited"), Tone.WAITING)
    return Chip(gettext("At work"), Tone.DONE)


def member_sheet(
    member: StaffMember,
    records: Sequence[TrainingRecord],
    expiries: Mapping[Competency, date],
    sign_ins: Sequence[StaffSession],
    acts: MemberActs,
    viewer: Viewer,
) -> MemberSheet:
    """That person in full, with what the viewer may do about them."""
    return MemberSheet(
        member_id=member.id,
        version=member.version,
        full_name=member.full_name,
        username=member.username,
        initials=member.initials,
        role=ROLE_WORDS[member.role],
        state=Chip(gettext("Locked by wrong tries"), Tone.BLOCKED)
        if acts.is_locked
        else member_state(member),
        factor=_factor_words(member),
        competencies=tuple(_competency(each, expiries.get(each), viewer.today) for each in Competency),
        trainings=tuple(
            TrainingShown(
                words=str(_COMPETENCY_WORDS[each.competency]),
                on=day_moment(each.trained_on, viewer.today),
                method=each.method,
            )
            for each in records
        ),
        sign_ins=tuple(sign_in_shown(each, None, viewer.zone) for each in sign_ins),
        deeds=_deeds(member, acts) if acts.may_keep else (),
        may_keep=acts.may_keep,
        may_train=acts.may_train and member.disabled_at is None,
    )


_COMPETENCY_WORDS: Mapping[Competency, str] = {
    Competency.HYGIENE: lazy_gettext("Hand hygiene"),
    Competency.GARBING: lazy_gettext("Garbing"),
    Competency.MEASURING_AND_MIXING: lazy_gettext("Measuring and mixing"),
    Competency.EQUIPMENT: lazy_gettext("Equipment"),
    Competency.DOCUMENTATION: lazy_gettext("Documentation"),
}


def _competency(competency: Competency, until: date | None, today: date) -> CompetencyShown:
    if until is None:
        state = Chip(gettext("never trained"), Tone.BLOCKED)
    elif until < today:
        state = Chip(gettext("lapsed"), Tone.BLOCKED)
    elif (until - today).days <= _SOON_DAYS:
        state = Chip(gettext("soon due"), Tone.HELD)
    else:
        state = Chip(gettext("in force"), Tone.DONE)
    return CompetencyShown(
        words=str(_COMPETENCY_WORDS[competency]),
        state=state,
        until=day_moment(until, today) if until else None,
    )


def _training_chip(expiries: Mapping[Competency, date], today: date) -> Chip:
    lapsed = lapsed_on(expiries, today)
    if lapsed:
        return Chip(gettext("not trained"), Tone.BLOCKED if expiries else Tone.WAITING)
    is_soon = any((until - today).days <= _SOON_DAYS for until in expiries.values())
    return Chip(gettext("soon due"), Tone.HELD) if is_soon else Chip(gettext("in force"), Tone.DONE)


def _factor_words(member: StaffMember) -> str:
    return gettext("authenticator set up") if member.totp_confirmed_at else gettext("no authenticator")


def _deeds(member: StaffMember, acts: MemberActs) -> tuple[DeedShown, ...]:
    if member.disabled_at is not None:
        return (
            DeedShown(
                name="enable",
                words=gettext("Let in again"),
                will_do=gettext("Makes a link by which a new password is chosen; the old one stays dead."),
            ),
        )
    opened = DeedShown(
        name="open-again",
        words=gettext("Open again"),
        will_do=gettext("Forgives the wrong tries: the person may sign in at once."),
    )
    return (
        *((opened,) if acts.is_locked else ()),
        DeedShown(
            name="reset-password",
            words=gettext("New password by link"),
            will_do=gettext("The password opens nothing any more; you get a link to hand over."),
        ),
        DeedShown(
            name="reset-factor",
            words=gettext("Reset the second factor"),
            will_do=gettext(
                "Authenticator, recovery codes and passkeys hold no more. Be sure whom you speak to: ask in person."
            ),
        ),
        DeedShown(
            name="end-sign-ins",
            words=gettext("Sign out everywhere"),
            will_do=gettext("Every sign-in ends at once; the person may sign in again."),
        ),
        DeedShown(
            name="disable",
            words=gettext("Disable"),
            will_do=gettext("The person is out at the next click and cannot come in. Records keep the name."),
            is_harsh=True,
        ),
    )
