"""What the shapes of this door have in common, in both directions, and how a request is read into one.

Unknown fields are refused, in bodies and in query strings alike: a misspelt filter must not list everything.
Bodies go through the strict reader of JSON, whatever the view does with them.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar

import flask_smorest
from flask import Request
from marshmallow import EXCLUDE, RAISE, Schema, fields
from webargs.core import missing
from webargs.flaskparser import FlaskParser

_MOST_KEPT, _LONGEST_KEPT = 256, 4_000


class Asked(Schema):
    """A shape that comes in."""

    class Meta:
        unknown = RAISE


class AskedOften(Asked):
    """A shape of which the same comes again and again: what was loaded of it is kept, by what came to the letter.

    For values alone that nobody can change, and that depend on nothing but what came.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._loaded: dict[str, Any] = {}

    def load(self, data: Any, **options: Any) -> Any:
        # Unlike a dictionary, its letters tell a number from the same number as a string.
        told = repr((data, options))
        loaded = self._loaded.get(told)
        if loaded is None:
            loaded = super().load(data, **options)
            if len(self._loaded) >= _MOST_KEPT:
                self._loaded.clear()
            if len(told) <= _LONGEST_KEPT:
                self._loaded[told] = loaded
        return loaded


class NothingInput(Asked):
    """An empty object: the address says all there is to say."""


class Answered(Schema):
    """A shape that goes out: every field is there, but for those that it `may_lack`."""

    may_lack: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = field_name not in self.may_lack


class StrictParser(FlaskParser):
    """Reads bodies as strictly as the rules of the door say."""

    # Out of shape is 400; 422 is kept for what is well-formed and against a rule.
    DEFAULT_VALIDATION_STATUS = HTTPStatus.BAD_REQUEST
    # A token request may carry parameters that we do not know (RFC 6749, 3.2): forms are read past them.
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012  # Declared so by the package.
        "json": None,
        "form": EXCLUDE,
        "query": RAISE,
    }

    def _raw_load_json(self, req: Request) -> Any:
        # Kept by Flask: the fingerprint of a creating request needs the same reading.
        return req.get_json() if req.is_json else missing


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # The package publishes no types.
    """A part of the REST door."""

    ARGUMENTS_PARSER = StrictParser()
