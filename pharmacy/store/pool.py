"""Connections that have rested are tried before they are used; those that were just used are not.

A try is a round trip. Under load it would be one for every request, and it proves nothing that the last request has
not proved a moment ago; a connection that breaks meanwhile is told apart where it breaks, and the pool begins anew.
"""

from __future__ import annotations

from time import monotonic
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

RESTED_SECONDS = 3.0
_SINCE = "rested_since"


def try_when_rested(engine: Engine) -> None:
    """From now on each connection of the engine that lay longer than that is tried when it is taken."""
    event.listen(engine, "checkin", _laid_down)
    event.listen(engine, "checkout", lambda dbapi, record, _: _taken(engine, dbapi, record))


def _laid_down(_: Any, record: Any) -> None:
    record.info[_SINCE] = monotonic()


def _taken(engine: Engine, dbapi: Any, record: Any) -> None:
    since = record.info.get(_SINCE)
    if since is None or monotonic() - since < RESTED_SECONDS:
        return
    dialect = engine.dialect
    try:
        is_alive = dialect.do_ping(dbapi)
    except dialect.loaded_dbapi.Error:
        is_alive = False
    if not is_alive:
        # The pool takes none of the others either, and opens new ones.
        raise InvalidatePoolError
