"""What every form has in common: what was typed, what is wrong with it field by field, and the version seen.

A view makes a `Form` of what came, asks the use case, and shows the same form again when it was refused: the
templates (`_forms.html`) put each fault beside its field and all of them in a summary, and keep what was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for

from pharmacy.domain.errors import PharmacyError
from pharmacy.web.console.words import with_days_in_words

LONGEST_TEXT = 500
_MOST_VERSION_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What stands in the fields, and what is wrong: by field, or with the whole.

    `name` tells apart several forms of one page: it goes before the ids of the fields.
    """

    name: str = ""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""

    @classmethod
    def typed(cls, *fields: str, name: str = "", longest: int = LONGEST_TEXT) -> Form:
        """What came in these fields, without the space around it; nothing else of what came is looked at."""
        values = {
            each: tuple(value.strip()[:longest] for value in request.form.getlist(each)) for each in fields
        }
        return cls(name=name, values=values)

    @classmethod
    def showing(cls, values: Mapping[str, str | None], name: str = "") -> Form:
        """A form that shows what stands in the books; None shows as nothing."""
        return cls(name=name, values={each: (value or "",) for each, value in values.items()})

    def __getitem__(self, name: str) -> str:
        """What stands in that field; "" for nothing."""
        return next(iter(self.values.get(name, ())), "")

    def chosen(self, name: str) -> tuple[str, ...]:
        """All that was chosen under that name."""
        return self.values.get(name, ())

    def given(self, *names: str) -> dict[str, str]:
        """What stands in these fields, by name."""
        return {name: self[name] for name in names}

    def fault(self, name: str) -> str:
        """What is wrong in that field; "" for nothing."""
        return self.faults.get(name, "")

    def anchor(self, name: str) -> str:
        """The id of that field on the page."""
        return f"{self.name}-{name}" if self.name else name

    @property
    def is_refused(self) -> bool:
        return bool(self.faults or self.refusal)

    def at_fault(self, name: str, sentence: str) -> Form:
        """The form with that fault in that field."""
        return replace(self, faults={**self.faults, name: sentence})

    def lacking(self, required: Mapping[str, str]) -> Form:
        """The form with a sentence at each required field that stands empty."""
        missing = {name: sentence for name, sentence in required.items() if not self[name]}
        return replace(self, faults={**self.faults, **missing})

    def refused(self, refusal: PharmacyError, fields: Iterable[str] | None = None) -> Form:
        """The form with that refusal at the field to which it points, or over the whole when to none of its own."""
        sentence = with_days_in_words(str(refusal))
        own = set(self.values if fields is None else fields)
        pointed = ("_".join(str(part) for part in refusal.where), *(str(part) for part in refusal.where))
        at = next((each for each in pointed if each in own), None)
        return self.at_fault(at, sentence) if at else replace(self, refusal=sentence)


def given(name: str) -> str:
    """What was typed in that field, without the space around it."""
    return request.form.get(name, "").strip()


def seen_version() -> int:
    """The version that the form carried; one that no record has when it carried none."""
    version = request.form.get("version", "")
    is_number = version.isascii() and version.isdecimal() and len(version) <= _MOST_VERSION_DIGITS
    return int(version) if is_number else 0


def back_to(order_id: UUID) -> Any:
    """To the order, once something was done to it."""
    return redirect(url_for("console.order_page", order_id=order_id), code=303)
