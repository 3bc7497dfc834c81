"""Marshmallow fields for doses, masses, numbers and money: exact, as strings, never rounded.

A JSON number has been rounded by whoever wrote it, so every quantity comes in as a decimal string and goes
out as one. What is finer than we can keep is refused with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import fields

from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.money import Money
from pharmacy.domain.quantities import Micrograms

_PLAIN_DECIMAL = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")
_PLAIN_NUMBER = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")
_DOLLARS = re.compile(r"[0-9]{1,7}\.[0-9]{2}")


class DoseMg(fields.Field[Micrograms]):
    """A dose in milligrams, written as a decimal string and kept as whole micrograms.

    "3.0" and ".5" are taken and shown as "3" and "0.5". A JSON number is refused: its digits would have
    been rounded by whoever wrote them. Finer than a microgram is refused, never rounded.
    """

    default_error_messages = {
        "invalid": 'A dose is a string such as "1.5", in milligrams.',
        "too_fine": "A dose is a whole number of micrograms (three decimals at most).",
    }

    def __init__(self, **options: Any) -> None:
        described = {
            "type": "string",
            "pattern": f"^{_PLAIN_DECIMAL.pattern}$",
            "examples": ["1.5", "3", "4.5"],
        }
        super().__init__(metadata=described | options.pop("metadata", {}), **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any
    ) -> Micrograms:
        if not isinstance(value, str) or not _PLAIN_DECIMAL.fullmatch(value):
            raise self.make_error("invalid")
        micrograms = Decimal(value) * 1000
        if micrograms != micrograms.to_integral_value():
            raise self.make_error("too_fine")
        return Micrograms(int(micrograms))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else dose_mg_text(value)


def dose_mg_text(dose: Micrograms | int) -> str:
    """Milligrams without trailing zeros: 3000 micrograms are "3"."""
    count = dose.value if isinstance(dose, Micrograms) else dose
    return plain_decimal(Decimal(count) / 1000)


class ExactNumber(fields.Field[Decimal]):
    """A decimal in a string, from `least` to `most`; what is finer than `places` is refused, never rounded."""

    default_error_messages = {
        "invalid": 'A number in a string is due here, such as "99.2".',
        "too_fine": "No more than {places} decimal places.",
        "range": "From {least} to {most}.",
    }

    def __init__(self, *, places: int, least: str, most: str, **options: Any) -> None:
        described = {
            "type": "string",
            "pattern": f"^-?{_PLAIN_DECIMAL.pattern}$",
            **options.pop("metadata", {}),
        }
        super().__init__(metadata=described, **options)
        self.places, self.least, self.most = places, Decimal(least), Decimal(most)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any
    ) -> Decimal:
        if not isinstance(value, str) or not _PLAIN_DECIMAL.fullmatch(value.removeprefix("-")):
            raise self.make_error("invalid")
        number = Decimal(value)
        if not self.least <= number <= self.most:
            raise self.make_error("range", least=self.least, most=self.most)
        if number * 10**self.places % 1:
            raise self.make_error("too_fine", places=self.places)
        return number

    def _serialize(self, value: Any, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else plain_decimal(value)


class MoneyUsd(fields.Field[Money]):
    """Dollars and cents that come in, as a string of exactly two decimals; a JSON number is refused."""

    default_error_messages = {"invalid": 'An amount is a string such as "65.45", in US dollars.'}

    def __init__(self, **options: Any) -> None:
        described = {"type": "string", "pattern": f"^{_DOLLARS.pattern}$", "examples": ["65.45"]}
        super().__init__(metadata=described | options.pop("metadata", {}), **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any
    ) -> Money:
        if not isinstance(value, str) or not _DOLLARS.fullmatch(value):
            raise self.make_error("invalid")
        return Money.from_dollars(Decimal(value))


class Number(fields.Field[str]):
    """A number of the price book, zero or more, as a decimal string; kept as it was written."""

    default_error_messages = {"invalid": 'A number is a string such as "0.90".'}

    def __init__(self, **options: Any) -> None:
        described = {"type": "string", "pattern": f"^{_PLAIN_NUMBER.pattern}$", "examples": ["0.90"]}
        super().__init__(metadata=described | options.pop("metadata", {}), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        if not isinstance(value, str) or not _PLAIN_NUMBER.fullmatch(value):
            raise self.make_error("invalid")
        return str(Decimal(value))


class MoneyText(fields.Field[Any]):
    """Dollars and cents as a string, from whole cents."""

    def __init__(self, **options: Any) -> None:
        described = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "examples": ["65.45"]}
        super().__init__(metadata=described | options.pop("metadata", {}), **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **rest: Any) -> str | None:
        if value is None:
            return None
        cents = value if isinstance(value, int) else value.cents
        sign, rest_of = ("-", -cents) if cents < 0 else ("", cents)
        return f"{sign}{rest_of // 100}.{rest_of % 100:02d}"
