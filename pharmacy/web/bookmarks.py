"""Bookmarks of list pages, signed: one that was tampered with is refused before the books see it."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer

from pharmacy.store.pages import BookmarkUnreadable
from pharmacy.web.current import the_pharmacy


def sign_bookmark(bookmark: str | None) -> str | None:
    return None if bookmark is None else _signer().dumps(bookmark)


def read_bookmark(signed: str | None) -> str | None:
    """The bookmark that was signed here; BookmarkUnreadable for anything else."""
    if signed is None:
        return None
    try:
        return str(_signer().loads(signed))
    except BadSignature:
        raise BookmarkUnreadable(where=("page",)) from None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(the_pharmacy().secret_key, salt="bookmark")
