"""Documents into the text of an answer, by a schema made once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from marshmallow import Schema


def worded_by(schema: Schema) -> Callable[[Any], str]:
    """The JSON text of a document in the shape of `schema`; making a schema costs more than using it."""
    return lambda document: orjson.dumps(schema.dump(document), default=str).decode()
