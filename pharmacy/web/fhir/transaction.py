"""A transaction Bundle: patient, prescriber and requests in one, all or nothing.

The Bundle orders one plan, for one patient: its requests are one, or a group. Entries name each other by their
full address (`urn:uuid:`), by type and id, or by an identifier.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

from pharmacy.web.fhir.element import INVALID, NOT_SUPPORTED, REQUIRED, STRUCTURE, Element
from pharmacy.web.fhir.medication_request import KIND
from pharmacy.web.fhir.never_ignored import require_nothing_hidden
from pharmacy.web.fhir.references import Entry, References

KINDS = frozenset(
    [
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "Medication",
        KIND,
        "AllergyIntolerance",
        "MedicationStatement",
        "Organization",
    ]
)
MOST_ENTRIES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """The requests, what came along, and the identifier under which an order may exist already."""

    requests: tuple[Element, ...]
    came: References
    kinds: tuple[str, ...]
    if_none_exist: tuple[str, str] | None


def transaction_of(bundle: Element) -> Transaction:
    """What the Bundle holds; NotUnderstood with the place of each fault."""
    require_nothing_hidden(bundle)
    if bundle.text("type") != "transaction":
        bundle.refuse("Only a transaction is carried out here.", "type")
    bundle.require_only("resourceType", "meta", "identifier", "type", "timestamp", "entry", "language")
    entries = bundle.many("entry")
    if not entries or len(entries) > MOST_ENTRIES:
        bundle.refuse(f"A transaction has 1 to {MOST_ENTRIES} entries.", "entry", code=STRUCTURE)
    came = References(tuple(_entry(each) for each in entries))
    requests = tuple(each.resource for each in came.entries if each.resource.text("resourceType") == KIND)
    if not requests:
        bundle.refuse(f"A transaction orders something: a {KIND} is due.", "entry", code=REQUIRED)
    _require_one_group(requests)
    people = [each for each in came.entries if each.resource.text("resourceType") == "Patient"]
    if len(people) > 1:
        people[1].resource.refuse("One transaction is for one patient.", code=INVALID)
    conditions = {_condition(each) for each in entries} - {None}
    if len(conditions) > 1:
        bundle.refuse("The entries have different conditions.", "entry", code=INVALID)
    return Transaction(
        requests=requests,
        came=came,
        kinds=tuple(str(each.resource.text("resourceType")) for each in came.entries),
        if_none_exist=next(iter(conditions), None),
    )


def condition_of(query: str | None) -> tuple[str, str] | None:
    """System and value of `identifier=system|value`; ValueError for any other condition."""
    if query is None:
        return None
    asked = parse_qs(query.lstrip("?"), keep_blank_values=True, strict_parsing=True)
    if set(asked) != {"identifier"} or len(asked["identifier"]) != 1:
        raise ValueError(query)
    system, sign, value = asked["identifier"][0].partition("|")
    if not (system and sign and value):
        raise ValueError(query)
    return system, value


def _entry(entry: Element) -> Entry:
    entry.require_only("fullUrl", "resource", "request", "link")
    request = entry.due("request")
    request.require_only("method", "url", "ifNoneExist")
    resource = entry.due("resource")
    kind = resource.word("resourceType")
    if kind not in KINDS:
        resource.refuse(f"{kind[:40]} is not read in a transaction here.", "resourceType")
    if request.word("method") != "POST" or request.word("url").strip("/") != kind:
        request.refuse(f"Entries are created: POST, and the url {kind}.", "method", code=NOT_SUPPORTED)
    return Entry(entry.text("fullUrl"), resource)


def _condition(entry: Element) -> tuple[str, str] | None:
    """The condition of a request's entry; those of people decide nothing, since staff match patients."""
    if entry.due("resource").text("resourceType") != KIND:
        return None
    request = entry.due("request")
    try:
        return condition_of(request.text("ifNoneExist"))
    except ValueError:
        request.refuse("The condition is identifier=system|value.", "ifNoneExist", code=INVALID)


def _require_one_group(requests: tuple[Element, ...]) -> None:
    if len(requests) == 1:
        return
    groups = []
    for request in requests:
        group = request.due("groupIdentifier")
        groups.append((group.text("system"), group.word("value")))
    if len(set(groups)) > 1:
        requests[1].refuse("One transaction orders one plan: its requests are one group.", "groupIdentifier")
