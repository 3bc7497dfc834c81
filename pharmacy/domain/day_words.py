"""How a day is said to people: "Mon 2 Mar 2026", the same on every screen of the house and on its papers.

Machines are told days as ISO 8601 has them; wherever such a day stands in a sentence, people read the words.
"""

import re
from collections.abc import Callable
from datetime import date

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def day_text(day: date) -> str:
    """ "Mon 2 Mar 2026"."""
    return f"{_DAYS[day.weekday()]} {short_day(day)} {day.year}"


def short_day(day: date) -> str:
    """ "2 Mar", for places where the year is said elsewhere."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def with_days_in_words(value: str, text_of: Callable[[date], str] = day_text) -> str:
    """The text, with every day in it as people read days; digits that are no day stay as they are."""

    def said(found: re.Match[str]) -> str:
        try:
            return text_of(date.fromisoformat(found[0]))
        except ValueError:
            return found[0]

    return _ISO_DAY.sub(said, value)
