"""Marshmallow fields that take exactly what they say.

The stock fields are kinder than a pharmacy can be: they read 9.5 as 9, round decimals silently, take "on"
as true and 20261122 as a date. Ours refuse, with a sentence; every schema here is built from these.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from marshmallow import fields, validate
from phonenumbers import NumberParseException, is_possible_number, parse

from pharmacy.domain.identifiers import InvalidNpi, validate_npi

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_IDENTIFIER = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
# The same for the description of the API; a pattern there is searched for, so it is anchored.
_WITHOUT_CONTROL = r"^[^\x00-\x1f\x7f]*$"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Text(fields.String):
    """Text of `least` to `most` characters without control characters; white space at the ends is dropped."""

    default_error_messages = {
        "invalid": "Text is due here.",
        "control": "Control characters are not taken.",
        "short": "At least {least} characters are due.",
        "long": "At most {most} characters are taken.",
    }

    def __init__(self, *, least: int = 1, most: int = 200, **options: Any) -> None:
        described = {
            "minLength": least,
            "maxLength": most,
            "pattern": _WITHOUT_CONTROL,
            **options.pop("metadata", {}),
        }
        super().__init__(metadata=described, **options)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if _CONTROL.search(value):
            raise self.make_error("control")
        text = value.strip()
        if len(text) < self.least:
            raise self.make_error("short", least=self.least)
        if len(text) > self.most:
            raise self.make_error("long", most=self.most)
        return text


class Whole(fields.Integer):
    """A JSON whole number from `least` to `most`, both included; neither 9.5, "9" nor true."""

    default_error_messages = {
        "invalid": "A whole number is due here.",
        "range": "From {least} to {most}.",
    }

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        described = {"minimum": least, "maximum": most, **options.pop("metadata", {})}
        super().__init__(strict=True, metadata=described, **options)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        if not self.least <= value <= self.most:
            raise self.make_error("range", least=self.least, most=self.most)
        return value


class QueryWhole(Whole):
    """A whole number in a query string, where everything is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,9}", value):
            raise self.make_error("invalid")
        return super()._deserialize(int(value), attr, data, **rest)


class Flag(fields.Boolean):
    """JSON true or false, and nothing that resembles them."""

    default_error_messages = {"invalid": "true or false is due here."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> bool:
        if type(value) is not bool:
            raise self.make_error("invalid")
        return value


# Nobody means a day or an instant outside these, and not every driver can read one back.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class CalendarDay(fields.Date):
    """A day as YYYY-MM-DD."""

    default_error_messages = {
        "invalid": "A day is due here, as YYYY-MM-DD.",
        "range": "From the year 1900 to the year 2199.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> date:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            raise self.make_error("invalid")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise self.make_error("invalid") from None
        if not EARLIEST.date() <= day < LATEST.date():
            raise self.make_error("range")
        return day


class Instant(fields.AwareDateTime):
    """An instant with its offset, such as 2026-03-02T14:00:00Z."""

    default_error_messages = {
        "invalid": "An instant with its offset is due here, such as 2026-03-02T14:00:00Z.",
        "range": "From the year 1900 to the year 2199.",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any
    ) -> datetime:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise self.make_error("invalid")
        try:
            instant = datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.make_error("invalid") from None
        if not EARLIEST <= instant < LATEST:
            raise self.make_error("range")
        return instant


class Identifier(fields.UUID):
    """An identifier in its usual form, 36 characters long."""

    default_error_messages = {"invalid_uuid": "An identifier is due here, 8-4-4-4-12 hexadecimal digits."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> UUID:
        if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
            raise self.make_error("invalid_uuid")
        return UUID(value)


class OneOf(fields.String):
    """One of the values of an enumeration."""

    default_error_messages = {"invalid": "One of {choices} is due here."}

    def __init__(self, members: type[StrEnum], **options: Any) -> None:
        self._by_value = {member.value: member for member in members}
        super().__init__(validate=validate.OneOf(list(self._by_value)), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        if not isinstance(value, str) or value not in self._by_value:
            raise self.make_error("invalid", choices=", ".join(self._by_value))
        return self._by_value[value]


class Npi(Text):
    """A National Provider Identifier: ten digits, the last a check digit."""

    default_error_messages = {"npi": "{reason}"}

    def __init__(self, **options: Any) -> None:
        super().__init__(least=10, most=10, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        try:
            return validate_npi(text)
        except InvalidNpi as refusal:
            raise self.make_error("npi", reason=str(refusal)) from None


class EmailAddress(Text):
    """A mail address that can be written to."""

    default_error_messages = {"email": "This is not a mail address."}

    def __init__(self, **options: Any) -> None:
        super().__init__(least=3, most=254, metadata={"format": "email"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        try:
            return validate_email(text, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            raise self.make_error("email") from None


class Telephone(Text):
    """A telephone number that exists in the numbering plan; without a country it is one of the US."""

    default_error_messages = {"telephone": "This is not a telephone number."}

    def __init__(self, **options: Any) -> None:
        super().__init__(least=7, most=25, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if not _is_telephone(text):
            raise self.make_error("telephone")
        return text


class TimeZoneName(Text):
    """A time zone of the IANA database."""

    default_error_messages = {
        "zone": "This is not a time zone of the IANA database, such as America/New_York."
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if text not in _zones():
            raise self.make_error("zone")
        return text


class ScanText(fields.String):
    """What a scanner read: text that may hold group separators, and nothing else that does not print."""

    default_error_messages = {"invalid": "A scan is text, without control characters but group separators."}

    def __init__(self, *, most: int, **options: Any) -> None:
        described = {
            "minLength": 1,
            "maxLength": most,
            "pattern": r"^[^\x00-\x1c\x1e\x1f\x7f]*$",
            **options.pop("metadata", {}),
        }
        super().__init__(metadata=described, **options)
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        if not isinstance(value, str) or _CONTROL.search(value.replace("\x1d", "")):
            raise self.make_error("invalid")
        if not 0 < len(value) <= self.most:
            raise self.make_error("invalid")
        return value


class AsKept(fields.Nested):
    """Facts that are kept in the very shape in which they go out: described like a nested schema, not walked."""

    def _serialize(  # type: ignore[override]  # Marshmallow's own is untyped by overloads.
        self, nested_obj: Any, attr: Any, obj: Any, **kwargs: Any
    ) -> Any:
        return nested_obj


class KeptDay(fields.Date):
    """A day that goes out; facts kept as JSON hold it as text already."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **rest: Any) -> Any:
        return value if isinstance(value, str) else super()._serialize(value, attr, obj, **rest)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


@lru_cache(maxsize=4096)
def _is_telephone(text: str) -> bool:
    try:
        number = parse(text, "US")
    except NumberParseException:
        return False
    # Possible, not assigned: numbers kept for demonstration (555-0100) must pass.
    return is_possible_number(number)
