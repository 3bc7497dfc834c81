"""By which rules staff come in: what the setting `sign_in` says, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from pharmacy.store.reference import setting_in_force
from pharmacy.store.staff import SIGN_IN_SETTING, StaffSession

# Who has given the password has this long to give the second factor.
HALF_WAY_LASTS = timedelta(minutes=10)


class SecondFactorRule(StrEnum):
    """Whether everybody needs a second factor, or only those who have set one up."""

    REQUIRED = "required"
    WHEN_ENROLLED = "when_enrolled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPolicy:
    second_factor: SecondFactorRule
    idle: timedelta
    longest: timedelta
    tries: int
    tries_count_for: timedelta
    locked_after: int
    locked_for: timedelta
    emergency_lasts: timedelta
    link_lasts: timedelta
    shortest_password: int
    least_strength: int

    def holds(self, sign_in: StaffSession, now: datetime) -> bool:
        """Whether that sign-in still holds: not idle, not too old, and not half-way for too long."""
        if sign_in.proved_at is None and now - sign_in.started_at > HALF_WAY_LASTS:
            return False
        return now - sign_in.last_seen_at <= self.idle and now - sign_in.started_at <= self.longest


def sign_in_policy(session: Session) -> SignInPolicy:
    """The rules in force."""
    return policy_from(setting_in_force(session, SIGN_IN_SETTING))


def policy_from(setting: Mapping[str, Any]) -> SignInPolicy:
    return SignInPolicy(
        second_factor=SecondFactorRule(setting["second_factor"]),
        idle=timedelta(minutes=setting["idle_minutes"]),
        longest=timedelta(hours=setting["longest_hours"]),
        tries=setting["tries"],
        tries_count_for=timedelta(minutes=setting["tries_minutes"]),
        locked_after=setting["locked_after"],
        locked_for=timedelta(hours=setting["locked_hours"]),
        emergency_lasts=timedelta(minutes=setting["emergency_minutes"]),
        link_lasts=timedelta(hours=setting["link_hours"]),
        shortest_password=setting["shortest_password"],
        least_strength=setting["least_strength"],
    )
