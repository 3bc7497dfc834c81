"""The request as it is kept: in shape A, with those it refers to inside it, so that it reads back as it was sent.

Resources that came along in a transaction become contained ones, since their addresses (`urn:uuid:`) mean nothing
afterwards. The patient alone is not kept inside: who that is, is staff's to decide, and `#subject` stands for them
until the request is read. References to what did not come along stay as they were sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pharmacy.web.fhir.element import Element
from pharmacy.web.fhir.references import References

SUBJECT = "#subject"


@dataclass(slots=True)
class _Keeping:
    """What is contained so far, by the path at which it came; `subject` is the patient's path."""

    request: Element
    came: References
    subject: str
    ids: dict[str, str] = field(default_factory=dict)
    contained: dict[str, Any] = field(default_factory=dict)

    def worded(self, value: Any) -> Any:
        """The value with every reference to what came along pointing inside the request."""
        if isinstance(value, list):
            return [self.worded(each) for each in value]
        if not isinstance(value, dict):
            return value
        inside = {name: self.worded(each) for name, each in value.items()}
        named = value.get("reference")
        found = self.came.at(named, self.request) if isinstance(named, str) else None
        return inside if found is None else {**inside, "reference": self.inside(found)}

    def inside(self, resource: Element) -> str:
        """The address of the resource inside the request, where it is put unless it is there already."""
        if resource.path == self.subject:
            return SUBJECT
        if resource.path not in self.ids:
            self.ids[resource.path] = own = self._own_id(resource)
            self.contained[own] = None  # Holds its place, also against references that go in a circle.
            self.contained[own] = {**self.worded(resource.members), "id": own}
        return f"#{self.ids[resource.path]}"

    def _own_id(self, resource: Element) -> str:
        """Its own id where nothing else has it, else one by its kind."""
        own = resource.text("id") or str(resource.text("resourceType")).lower()
        taken = {*self.ids.values(), SUBJECT.removeprefix("#")}
        return own if own not in taken else f"{own}-{len(self.ids) + 1}"


def kept_of(
    request: Element, came: References, patient: Element, practitioner: Element, dosages: list[Any]
) -> dict[str, Any]:
    """The request with these dosage instructions, as it is kept."""
    keeping = _Keeping(request, came, patient.path)
    own = {name: each for name, each in request.members.items() if name not in {"id", "contained"}}
    kept: dict[str, Any] = keeping.worded({**own, "dosageInstruction": dosages})
    if not isinstance(own.get("requester"), dict) or "reference" not in own["requester"]:
        kept["requester"] = {**kept["requester"], "reference": keeping.inside(practitioner)}
    return {**kept, **({"contained": list(keeping.contained.values())} if keeping.contained else {})}


def naming(resource: Any, patient: str) -> Any:
    """The kept resource with the patient named where they are meant."""
    if isinstance(resource, list):
        return [naming(each, patient) for each in resource]
    if not isinstance(resource, Mapping):
        return resource
    return {
        name: patient if name == "reference" and each == SUBJECT else naming(each, patient)
        for name, each in resource.items()
    }
