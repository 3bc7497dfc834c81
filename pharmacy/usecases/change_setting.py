"""A setting has another value from now on, with a reason; what it was stays on record.

The law's floors hold for everybody. Whether the pharmacy can still be read with the new value is tried in the same
transaction: a setting that breaks a rule is refused with what the rule says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, NotAllowed, NotFound, PharmacyError, Unfit
from pharmacy.domain.orders import Role
from pharmacy.domain.screening import require_reason
from pharmacy.domain.setting_floors import require_same_shape, require_within_floors
from pharmacy.store import audit
from pharmacy.store import reference as books
from pharmacy.store.base import new_id
from pharmacy.store.reference import Setting
from pharmacy.store.staff import SIGN_IN_SETTING
from pharmacy.usecases.reference import read_reference
from pharmacy.usecases.sign_in_policy import policy_from

# How staff come in is kept by the administrator too; everything else by the pharmacist-in-charge alone.
_ADMINISTRATORS = frozenset({SIGN_IN_SETTING, "rate_limits"})


@dataclass(eq=False)
class SettingNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such setting."


@dataclass(eq=False)
class SettingChanged(Conflict):
    def __str__(self) -> str:
        return "Somebody has changed this setting since you looked. Look again, then act."


@dataclass(eq=False)
class NotYourSetting(NotAllowed):
    def __str__(self) -> str:
        return "Only the pharmacist-in-charge changes this setting."


@dataclass(eq=False)
class SettingUnfit(Unfit):
    because: str

    def __str__(self) -> str:
        return f"The pharmacy cannot work by this value: {self.because}"


@dataclass(eq=False)
class NothingChanged(Unfit):
    def __str__(self) -> str:
        return "This is its value already."


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChange:
    """What it is to be and why; `seen` is the row that was in force when somebody looked."""

    name: str
    value: Any
    seen: UUID
    source: str
    reason: str
    on: date


def may_change(setting: Setting, role: Role | None) -> bool:
    """Whether that role answers for that setting."""
    is_administrators = setting.name in _ADMINISTRATORS or setting.owner == Role.ADMINISTRATOR
    return role is Role.PHARMACIST_IN_CHARGE or (role is Role.ADMINISTRATOR and is_administrators)


def change_setting(session: Session, change: SettingChange, *, by: Actor, now: datetime) -> Setting:
    """The value is in force.

    Raises SettingNotFound, NotYourSetting, SettingChanged, NothingChanged, ReasonTooShort, OtherShape, BelowFloor and
    SettingUnfit; then the one before stays in force.
    """
    books.hold_settings(session)
    history = books.history_of_setting(session, change.name)
    if not history:
        raise SettingNotFound
    standing = history[0]
    if not may_change(standing, by.role):
        raise NotYourSetting
    if standing.id != change.seen:
        raise SettingChanged
    require_same_shape(standing.value, change.value)
    if change.value == standing.value:
        raise NothingChanged
    require_within_floors(change.name, change.value)
    require_reason(change.reason)
    row = Setting(
        id=new_id(),
        name=change.name,
        value=change.value,
        source=change.source or standing.source,
        owner=standing.owner,
        reason=change.reason,
        set_at=max(now, standing.set_at),
    )
    session.add(row)
    audit.record(
        session,
        "setting.changed",
        row.id,
        by=by,
        at=now,
        name=change.name,
        was=standing.value,
        value=change.value,
        reason=change.reason,
    )
    session.flush()  # The pharmacy is read by the new value.
    _require_workable(session, change)
    return row


def _require_workable(session: Session, change: SettingChange) -> None:
    try:
        read_reference(session, change.on, books.version(session))
        if change.name == SIGN_IN_SETTING:
            policy_from(change.value)
    except (PharmacyError, ArithmeticError, LookupError, TypeError, ValueError) as refusal:
        raise SettingUnfit(str(refusal)) from None
