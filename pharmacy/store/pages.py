"""Pages of a list by keyset: the next page costs the same however deep it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlakeyset import BadBookmark, InvalidPage, select_page
from sqlalchemy import Select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from pharmacy.domain.errors import Unfit


class BookmarkUnreadable(Unfit):
    def __str__(self) -> str:
        return "This bookmark does not belong to this list."


@dataclass(frozen=True, slots=True)
class Page:
    """Records of one page; `next_bookmark` is None on the last."""

    records: Sequence[Any]
    next_bookmark: str | None


def page_of(session: Session, query: Select[Any], limit: int, bookmark: str | None) -> Page:
    """At most `limit` records after the bookmark. Raises BookmarkUnreadable."""
    try:
        page = select_page(session, query, per_page=limit, page=bookmark)
    except (BadBookmark, InvalidPage, DataError):
        if bookmark is None:
            raise
        # A bookmark of another list may hold other columns, or values of another kind.
        raise BookmarkUnreadable(where=("page",)) from None
    following = page.paging.bookmark_next if page.paging.has_next else None
    return Page([row[0] for row in page], following)
