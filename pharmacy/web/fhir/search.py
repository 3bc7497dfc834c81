"""Searches: their parameters, each understood or refused, and links to the next page that cannot be tampered with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from werkzeug.datastructures import MultiDict

from pharmacy.store.prescription_search import PrescriptionStanding
from pharmacy.web.current import the_pharmacy
from pharmacy.web.fhir.element import INVALID, NOT_SUPPORTED, Issue, NotUnderstood

MOST_PER_PAGE = 100
_PER_PAGE = 20
_PREFIXES = ("eq", "ge", "gt", "le", "lt", "sa", "eb")
_ALWAYS = frozenset(["_count", "_page", "_format"])
_JSON = frozenset(["json", "application/json", "application/fhir+json"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A search as it was asked: what it wants by the names of `Wanted`, how many, and from where on."""

    wanted: Mapping[str, Any]
    count: int
    page: str | None
    parameters: tuple[tuple[str, str], ...]

    def links(self, base: str, next_page: str | None) -> dict[str, str]:
        """The page itself, and the one after it."""
        kept = [(name, value) for name, value in self.parameters if name != "_page"]
        own = [*kept, *([("_page", self.page)] if self.page else [])]
        links = {"self": f"{base}?{urlencode(own)}"}
        if next_page is not None:
            links["next"] = f"{base}?{urlencode([*kept, ('_page', next_page)])}"
        return links


def asked(arguments: MultiDict[str, str], kind: str) -> Asked:
    """The search of that kind; NotUnderstood for a parameter or a value that is not understood."""
    known = _PARAMETERS[kind]
    wanted: dict[str, Any] = {}
    for name, value in arguments.items(multi=True):
        if name in _ALWAYS:
            continue
        if name not in known:
            raise _unfit(name, "is not a parameter here", NOT_SUPPORTED)
        try:
            found = known[name](value)
        except (ValueError, OverflowError):
            raise _unfit(name, "has a value that is not understood") from None
        if wanted.keys() & found.keys():
            raise _unfit(name, "is given twice", NOT_SUPPORTED)
        wanted |= found
    if arguments.get("_format", "json") not in _JSON:
        raise _unfit("_format", "is JSON here", NOT_SUPPORTED)
    return Asked(
        wanted=wanted,
        count=_count(arguments.get("_count")),
        page=arguments.get("_page"),
        parameters=tuple(arguments.items(multi=True)),
    )


def _unfit(name: str, what: str, code: str = INVALID) -> NotUnderstood:
    return NotUnderstood(Issue(code=code, text=f"The parameter {name[:40]} {what}.", expression=None))


def _count(told: str | None) -> int:
    if told is None:
        return _PER_PAGE
    if not (told.isascii() and told.isdecimal() and len(told) < 10) or int(told) < 1:
        raise _unfit("_count", "is a whole number, at least 1")
    return min(int(told), MOST_PER_PAGE)


def _identifier(value: str) -> dict[str, Any]:
    system, sign, number = value.rpartition("|")
    if not number:
        raise ValueError(value)
    return {"identifier": (system if sign and system else None, number)}


def _reference(kind: str, name: str) -> Callable[[str], dict[str, Any]]:
    return lambda value: {name: UUID(value.removeprefix(f"{kind}/"))}


def _status(value: str) -> dict[str, Any]:
    """Several are told apart by commas."""
    return {"standings": tuple(PrescriptionStanding(each.replace("-", "_")) for each in value.split(","))}


def _written(value: str) -> dict[str, Any]:
    """Days from the first included to the second excluded."""
    prefix, told = _split(value)
    on = date.fromisoformat(told)
    return _span("written", prefix, on, on + timedelta(days=1))


def _updated(value: str) -> dict[str, Any]:
    """An instant, or a day at the pharmacy."""
    prefix, told = _split(value)
    if "T" not in told:
        begins = datetime.combine(date.fromisoformat(told), time.min, the_pharmacy().zone)
        return _span("updated", prefix, begins, begins + timedelta(days=1))
    at = datetime.fromisoformat(told.replace(" ", "+"))
    if at.tzinfo is None:
        raise ValueError(told)
    return _span("updated", prefix, at, at + timedelta(microseconds=1))


def _split(value: str) -> tuple[str, str]:
    return (value[:2], value[2:]) if value[:2] in _PREFIXES else ("eq", value)


def _span(name: str, prefix: str, begins: Any, ends: Any) -> dict[str, Any]:
    spans = {
        "eq": {f"{name}_from": begins, f"{name}_until": ends},
        "ge": {f"{name}_from": begins},
        "gt": {f"{name}_from": ends},
        "sa": {f"{name}_from": ends},
        "le": {f"{name}_until": ends},
        "lt": {f"{name}_until": begins},
        "eb": {f"{name}_until": begins},
    }
    return spans[prefix]


_PATIENT = _reference("Patient", "patient_id")
_PARAMETERS: Mapping[str, Mapping[str, Callable[[str], dict[str, Any]]]] = {
    "MedicationRequest": {
        "_id": _reference("MedicationRequest", "prescription_id"),
        "identifier": _identifier,
        "patient": _PATIENT,
        "subject": _PATIENT,
        "status": _status,
        "date": _written,
        "authoredon": _written,
        "_lastUpdated": _updated,
    },
    "MedicationDispense": {
        "prescription": _reference("MedicationRequest", "prescription_id"),
        "patient": _PATIENT,
        "subject": _PATIENT,
    },
    "Task": {"focus": _reference("MedicationRequest", "prescription_id"), "patient": _PATIENT},
}
