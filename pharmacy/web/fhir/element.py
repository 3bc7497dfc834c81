"""One element of a resource that came in, with the path (FHIRPath) at which it stands.

What comes in is anything that JSON can hold, so every look at a member says what kind of value is due and refuses
any other with the place of it. `require_only` is how an element is read in full: what it does not name is refused,
since whoever leaves out an element they do not understand may leave out the half of a dose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from marshmallow import ValidationError, fields

STRUCTURE = "structure"
INVALID = "invalid"
REQUIRED = "required"
NOT_SUPPORTED = "not-supported"
BUSINESS_RULE = "business-rule"
INCOMPLETE = "incomplete"

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing to say about what came in: `code` is of HL7's issue types, `reason` is ours."""

    code: str
    text: str
    expression: str | None = None
    severity: str = "error"
    reason: str | None = None


class NotUnderstood(Exception):
    """What came in cannot become an order as it stands; nothing was kept."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__(*(issue.text for issue in issues))
        self.issues = issues


@dataclass(frozen=True, slots=True)
class Element:
    """An object and where it stands: `MedicationRequest.dosageInstruction[0].timing`."""

    path: str
    members: Mapping[str, Any]

    def at(self, name: str) -> str:
        return f"{self.path}.{name}"

    def has(self, name: str) -> bool:
        return name in self.members

    def refuse(
        self, text: str, name: str | None = None, *, code: str = NOT_SUPPORTED, reason: str | None = None
    ) -> NoReturn:
        """NotUnderstood at this element, or at that member of it."""
        raise self.fault(text, name, code=code, reason=reason)

    def fault(
        self, text: str, name: str | None = None, *, code: str = NOT_SUPPORTED, reason: str | None = None
    ) -> NotUnderstood:
        """What `refuse` raises, for where the last line of a function has to be seen to end it."""
        place = self.path if name is None else self.at(name)
        return NotUnderstood(Issue(code=code, text=text, expression=place, reason=reason))

    def one(self, name: str) -> Element | None:
        """The object of that name, if there is one."""
        value = self.members.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(f"{name} must be an object.", name, code=STRUCTURE)
        return Element(self.at(name), value)

    def due(self, name: str) -> Element:
        """The object of that name; NotUnderstood when it is missing."""
        found = self.one(name)
        return self._missing(name) if found is None else found

    def many(self, name: str) -> tuple[Element, ...]:
        """The objects of that name, in their order; none where there is no such list."""
        value = self.members.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.refuse(f"{name} must be a list of objects.", name, code=STRUCTURE)
        return tuple(Element(f"{self.at(name)}[{index}]", each) for index, each in enumerate(value))

    def words(self, name: str) -> tuple[str, ...]:
        """The strings of that name; places that hold an extension alone are passed over."""
        value = self.members.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(each is None or isinstance(each, str) for each in value):
            self.refuse(f"{name} must be a list of strings.", name, code=STRUCTURE)
        return tuple(each for each in value if each is not None)

    def text(self, name: str) -> str | None:
        return self._typed(name, str, "a string")

    def flag(self, name: str) -> bool | None:
        return self._typed(name, bool, "true or false")

    def whole(self, name: str) -> int | None:
        """A whole number; 7.0 is one too, since FHIR writers differ."""
        number = self.number(name)
        if number is None:
            return None
        if number != number.to_integral_value():
            self.refuse(f"{name} must be a whole number.", name, code=INVALID)
        return int(number)

    def number(self, name: str) -> Decimal | None:
        value = self.members.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            self.refuse(f"{name} must be a number.", name, code=STRUCTURE)
        return Decimal(value)

    def day(self, name: str) -> date | None:
        """The calendar day of a date or an instant, as it is written there; one to the month alone is refused."""
        text = self.text(name)
        if text is None:
            return None
        is_whole = len(text) == len("2026-01-01") or text[10:11] == "T"
        try:
            if is_whole:
                return date.fromisoformat(text[:10])
        except ValueError:
            pass
        raise self.fault(f"{name} must be a whole date, such as 2026-01-31.", name, code=INVALID)

    def word(self, name: str) -> str:
        """The string of that name; NotUnderstood when it is missing."""
        found = self.text(name)
        return self._missing(name) if found is None else found

    def shaped(self, name: str, value: Any, shape: fields.Field[Any]) -> Any:
        """The value as our own fields take it, with their sentence and this place when they do not."""
        return shaped(self.at(name), value, shape)

    def require_only(self, *names: str, extensions: bool = False) -> None:
        """Nothing, when no other member is here; NotUnderstood with the place of each that is.

        A member beginning with an underscore extends a value that must be there.
        """
        allowed = {*names, "id", *(("extension",) if extensions else ())}
        issues = [
            issue
            for name in self.members
            if (issue := self._not_allowed(name, allowed, extensions)) is not None
        ]
        if issues:
            raise NotUnderstood(*issues)

    def _not_allowed(self, name: str, allowed: set[str], extensions: bool) -> Issue | None:
        if not name.startswith("_"):
            text = f"{name[:60]} is not understood here, so nothing is ordered."
            return None if name in allowed else Issue(code=NOT_SUPPORTED, text=text, expression=self.at(name))
        if extensions and name[1:] in allowed and name[1:] in self.members:
            return None
        text = f"{name[1:61]} is extended in a way that is not understood here."
        return Issue(code=NOT_SUPPORTED, text=text, expression=self.at(name[1:]))

    def _typed(self, name: str, kind: type[_Read], words: str) -> _Read | None:
        value = self.members.get(name)
        if value is None or isinstance(value, kind):
            return value
        raise self.fault(f"{name} must be {words}.", name, code=STRUCTURE)

    def _missing(self, name: str) -> NoReturn:
        self.refuse(f"{name} is missing.", name, code=REQUIRED)


def shaped(place: str, value: Any, shape: fields.Field[Any]) -> Any:
    """The value as the field takes it; NotUnderstood at that place, with the field's sentence."""
    try:
        return shape.deserialize(value)
    except ValidationError as fault:
        sentence = str(fault.messages[0] if isinstance(fault.messages, list) else fault.messages)
        code = REQUIRED if value is None else INVALID
        raise NotUnderstood(Issue(code=code, text=sentence, expression=place)) from None


def gathered(*readings: Callable[[], Any]) -> list[Any]:
    """What all readings gave; when some refuse, one NotUnderstood with the issues of all of them."""
    read: list[Any] = []
    issues: list[Issue] = []
    for reading in readings:
        try:
            read.append(reading())
        except NotUnderstood as refusal:
            issues += refusal.issues
    if issues:
        raise NotUnderstood(*issues)
    return read
