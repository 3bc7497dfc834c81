"""Fields for files that come inside JSON."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from marshmallow import fields


class FileContent(fields.Field[bytes]):
    """The bytes of a file as base64 (RFC 4648, section 4); `most` counts bytes, not characters."""

    default_error_messages = {
        "invalid": "The content of a file is due here, as base64.",
        "large": "A file has at most {most} bytes.",
    }

    def __init__(self, *, most: int, **options: Any) -> None:
        longest = -(-most // 3) * 4
        described = {
            "type": "string",
            "format": "byte",
            "maxLength": longest,
            "pattern": "^[A-Za-z0-9+/]*={0,2}$",
            **options.pop("metadata", {}),
        }
        super().__init__(metadata=described, **options)
        self.most = most

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any
    ) -> bytes:
        if not isinstance(value, str) or not value.isascii():
            raise self.make_error("invalid")
        try:
            content = base64.b64decode(value, validate=True)
        except binascii.Error:
            raise self.make_error("invalid") from None
        if len(content) > self.most:
            raise self.make_error("large", most=self.most)
        return content
