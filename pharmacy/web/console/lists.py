"""What every list has in common: filters and sorting that stand in the address, and the next page by key.

No name of a patient ever stands in an address: lists of people are searched by a form that is posted.
"""

from __future__ import annotations

from dataclasses import dataclass

from pharmacy.web.console.words import counted_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One choice over a list: how many are in it, where that is worth saying, and whether it is chosen."""

    words: str
    href: str
    is_chosen: bool = False
    count: int | None = None

    @property
    def counted(self) -> str:
        """How many, as it is shown."""
        return "" if self.count is None else counted_text(self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The head of a column; with an address it sorts, and `sorted_as` says how the list is sorted by it.

    `look` is the class of its cells: "right" for numbers, "wide" for what a narrow window leaves out.
    """

    words: str
    href: str = ""
    sorted_as: str = ""
    look: str = ""

    @property
    def arrow(self) -> str:
        return {"ascending": "↑", "descending": "↓"}.get(self.sorted_as, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The way on and back; an empty address is no way."""

    next_href: str = ""
    first_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """Why a list is empty, and what to do next."""

    why: str
    href: str = ""
    next_words: str = ""
