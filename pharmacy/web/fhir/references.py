"""What a reference names: a contained resource, another entry of the transaction, or somebody by an identifier.

References to resources that did not come along are refused: this pharmacy keeps no directory of other people's
patients and prescribers, and guesses at none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pharmacy.web.fhir.element import INVALID, NOT_SUPPORTED, STRUCTURE, Element

NOT_FOUND = "not-found"
_SELDOM = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource of a transaction with the address by which the others name it."""

    full_url: str | None
    resource: Element


@dataclass(frozen=True, slots=True)
class References:
    """What came along with a request."""

    entries: tuple[Entry, ...] = field(default=())

    def named(self, holder: Element, name: str, *kinds: str) -> Element | None:
        """The resource that the member of that name refers to, which must be one of these kinds."""
        reference = holder.one(name)
        return None if reference is None else self.found(reference, holder, *kinds)

    def found(self, reference: Element, holder: Element, *kinds: str) -> Element:
        """The resource that the reference names; NotUnderstood when it did not come along."""
        found = self._literal(reference, holder) or self._by_identifier(reference, kinds)
        if found is None:
            text = f"The {' or '.join(kinds)} must come along, contained or in the same transaction."
            reference.refuse(text, code=NOT_FOUND)
        if found.text("resourceType") not in kinds:
            reference.refuse(f"This must refer to a {' or '.join(kinds)}.", code=INVALID)
        return found

    def of_kind(self, kind: str, holder: Element) -> Iterator[Element]:
        """Every resource of that kind that came along with that request."""
        yield from (each for each in _contained(holder) if each.text("resourceType") == kind)
        yield from (each.resource for each in self.entries if each.resource.text("resourceType") == kind)

    def at(self, address: str, holder: Element) -> Element | None:
        """The one resource at that address which came along, if there is one."""
        same = self._all_at(address, holder)
        return same[0] if len(same) == 1 else None

    def _literal(self, reference: Element, holder: Element) -> Element | None:
        address = reference.text("reference")
        return None if address is None else _only(self._all_at(address, holder), reference)

    def _all_at(self, address: str, holder: Element) -> list[Element]:
        if address.startswith("#"):
            return [each for each in _contained(holder) if each.text("id") == address[1:]]
        return [each.resource for each in self.entries if _is_at(each, address)]

    def _by_identifier(self, reference: Element, kinds: tuple[str, ...]) -> Element | None:
        """Somebody in the same transaction who carries the identifier."""
        identifier = reference.one("identifier")
        if identifier is None or reference.has("reference"):
            return None
        wanted = (identifier.text("system"), identifier.text("value"))
        same = [
            each.resource
            for each in self.entries
            if each.resource.text("resourceType") in kinds and wanted in set(identifiers(each.resource))
        ]
        return _only(same, reference) if None not in wanted else None


def identifiers(resource: Element) -> Iterator[tuple[str, str]]:
    """System and value of each identifier that has both, and is in use."""
    for each in resource.many("identifier"):
        system, value = each.text("system"), each.text("value")
        if system and value and each.text("use") != "old":
            if len(system) > _SELDOM or len(value) > _SELDOM:
                each.refuse(f"An identifier has at most {_SELDOM} characters.", code=NOT_SUPPORTED)
            yield system, value


def _contained(holder: Element) -> tuple[Element, ...]:
    return holder.many("contained")


def _is_at(entry: Entry, address: str) -> bool:
    if entry.full_url == address:
        return True
    kind, own = entry.resource.text("resourceType"), entry.resource.text("id")
    return own is not None and address == f"{kind}/{own}"


def _only(found: Iterable[Element], reference: Element) -> Element | None:
    several = tuple(found)
    if len(several) > 1:
        reference.refuse("More than one resource answers to this reference.", code=STRUCTURE)
    return several[0] if several else None
