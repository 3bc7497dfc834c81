"""The numbers by which notices are sent: times of day, quiet hours, caps, follow-ups.

All of them are house policy and can be set, within what the law leaves: a message reaches a recipient between
08:00 and 21:00 of their own clock (47 CFR 64.1200(c)(1)), and the exemption for health-care messages allows one a
day and three a week (47 CFR 64.1200(a)(9)(iv)).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta

LAW_OPENS, LAW_CLOSES = time(8), time(21)
LAW_A_DAY, LAW_A_WEEK = 1, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePolicy:
    """When what is sent; the defaults are those of a new pharmacy.

    `opens` is included and `closes` excluded. `follow_ups` are days counted from the first day without a dose;
    `expiring_days` days before the last fill. `back_off` are the waits after each failed try, the last one for good.
    ValueError for numbers that are looser than the law.
    """

    step_at: time = time(18)
    check_in_at: time = time(10)
    refill_at: time = time(9)
    opens: time = time(9)
    closes: time = time(20)
    check_in_day: int = 4
    follow_ups: tuple[int, ...] = (-3, 0, 3, 7, 14)
    most_unanswered: int = 3
    expiring_days: tuple[int, ...] = (30, 14)
    most_a_day: int = LAW_A_DAY
    most_a_week: int = LAW_A_WEEK
    week: timedelta = timedelta(days=7)
    back_off: tuple[timedelta, ...] = (timedelta(minutes=5), timedelta(minutes=30), timedelta(minutes=120))
    tried_for_days: int = 7
    escalate_days: int = 7

    def __post_init__(self) -> None:
        if not LAW_OPENS <= self.opens < self.closes <= LAW_CLOSES:
            raise ValueError("Messages go between 08:00 and 21:00 of the recipient's clock")
        if not (0 <= self.most_a_day <= LAW_A_DAY and 0 <= self.most_a_week <= LAW_A_WEEK):
            raise ValueError("No more than one message a day and three a week")
        if self.check_in_day < 1 or not self.back_off:
            raise ValueError("A check-in has a day, and a failed try a wait")


USUAL = NoticePolicy()


def notice_policy(setting: Mapping[str, object]) -> NoticePolicy:
    """The policy as the setting `notices` has it: times as "18:00", waits in minutes, the week in days."""
    numbers: dict[str, object] = {}
    for name, value in setting.items():
        numbers[_FIELD_OF.get(name, name)] = _read(name, value)
    return NoticePolicy(**numbers)  # type: ignore[arg-type]  # An unknown name is refused by the dataclass itself.


_FIELD_OF = {"back_off_minutes": "back_off", "week_days": "week"}


def _read(name: str, value: object) -> object:
    if isinstance(value, str):
        return time.fromisoformat(value)
    if name == "week_days" and isinstance(value, int):
        return timedelta(days=value)
    if isinstance(value, list):
        return tuple(timedelta(minutes=each) if name == "back_off_minutes" else each for each in value)
    return value
