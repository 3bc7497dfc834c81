"""The addresses of this face, each of at most a few lines: shape, one use case, shape."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request

from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.screening import is_question
from pharmacy.store import patients
from pharmacy.store import prescription_search as books
from pharmacy.store.orders import OrderNotFound
from pharmacy.store.pages import page_of
from pharmacy.store.prescription_search import Wanted
from pharmacy.store.sessions import Session
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.door import reading
from pharmacy.web.fhir.asking import checked, quoted, request_in
from pharmacy.web.fhir.capability import capability_statement
from pharmacy.web.fhir.element import INVALID, STRUCTURE, Element, Issue, NotUnderstood
from pharmacy.web.fhir.medication_request import KIND
from pharmacy.web.fhir.ordering import Sent, alone, base, carried_out
from pharmacy.web.fhir.outcome import answered, outcome
from pharmacy.web.fhir.references import References
from pharmacy.web.fhir.resources import Lot, bundle_of, to_medication_dispense, to_patient, to_task
from pharmacy.web.fhir.search import Asked, asked
from pharmacy.web.fhir.shown import all_shown, shown
from pharmacy.web.fhir.transaction import Transaction, condition_of, transaction_of
from pharmacy.web.guards import needs_scope, public

PREFIX = "/fhir/r4"
READ = "orders.read"
blueprint = Blueprint("fhir", __name__, url_prefix=PREFIX)


@blueprint.get("/metadata")
@public("what the server can do holds no patient's data")
def metadata() -> Response:
    """The CapabilityStatement."""
    return answered(capability_statement(base(), f"{base().removesuffix(PREFIX)}/api/v1/oauth/token"))


@blueprint.post("/MedicationRequest")
@needs_scope("orders.write")
def create() -> Response:
    """Order by one MedicationRequest with patient and prescriber contained."""
    body = _resource(KIND)
    body_alone = Element(KIND, body.members)
    _require_whole_group(body_alone)
    return carried_out(
        Sent(
            requests=(body_alone,),
            came=References(),
            body=body.members,
            condition=_condition(request.headers.get("If-None-Exist")),
            worded=alone,
        )
    )


@blueprint.post("")
@needs_scope("orders.write")
def transact() -> Response:
    """Order by a transaction: patient, prescriber and requests in one, all or nothing."""
    body = _resource("Bundle")
    found = transaction_of(body)
    return carried_out(
        Sent(
            requests=found.requests,
            came=found.came,
            body=body.members,
            condition=found.if_none_exist,
            worded=lambda resource, remarks: _transacted(found, resource, remarks),
        )
    )


@blueprint.post("/MedicationRequest/$validate")
@needs_scope("orders.write")
def validate() -> Response:
    """What an order of this would be told; nothing is kept."""
    return answered(outcome(checked(request_in(_resource(KIND, "Parameters")))))


@blueprint.post("/MedicationRequest/$quote")
@needs_scope("quotes.write")
def quote() -> Response:
    """A price that binds, for the plan in the request."""
    return quoted(request_in(_resource(KIND, "Parameters")))


@blueprint.get("/MedicationRequest")
@needs_scope("orders.read")
def requests() -> Response:
    """Prescriptions of this practice, newest first."""
    search = asked(request.args, KIND)
    with reading(READ) as (session, knock):
        query = books.matching(Wanted(practice_id=knock.practice_id, **search.wanted))
        page = page_of(session, query, search.count, read_bookmark(search.page))
        found = all_shown(session, page.records)
    return _page(KIND, search, found, page.next_bookmark)


@blueprint.get("/MedicationRequest/<uuid:prescription_id>")
@needs_scope("orders.read")
def one_request(prescription_id: UUID) -> Response:
    """One prescription of this practice."""
    with reading(READ) as (session, knock):
        return answered(shown(session, knock.practice_id, prescription_id))


@blueprint.get("/Patient/<uuid:patient_id>")
@needs_scope("orders.read")
def one_patient(patient_id: UUID) -> Response:
    """One patient of this practice, as it told of them."""
    with reading(READ) as (session, knock):
        return answered(to_patient(patients.of_practice(session, patient_id, knock.practice_id)))


@blueprint.get("/Task")
@needs_scope("orders.read")
def tasks() -> Response:
    """Fills of this practice, newest first, each with where it stands."""
    search = asked(request.args, "Task")
    with reading(READ) as (session, knock):
        query = books.fills(Wanted(practice_id=knock.practice_id, **search.wanted))
        page = page_of(session, query, search.count, read_bookmark(search.page))
        found = [_task(each) for each in page.records]
    return _page("Task", search, found, page.next_bookmark)


@blueprint.get("/Task/<uuid:order_id>")
@needs_scope("orders.read")
def one_task(order_id: UUID) -> Response:
    """One fill of this practice."""
    with reading(READ) as (session, knock):
        query = books.fills(Wanted(practice_id=knock.practice_id), order_id)
        found = page_of(session, query, 1, None).records
        if not found:
            raise OrderNotFound
        return answered(_task(found[0]))


@blueprint.get("/MedicationDispense")
@needs_scope("orders.read")
def dispenses() -> Response:
    """What was dispensed or is being prepared, lot by lot, newest first."""
    search = asked(request.args, "MedicationDispense")
    with reading(READ) as (session, knock):
        query = books.lots(Wanted(practice_id=knock.practice_id, **search.wanted))
        page = page_of(session, query, search.count, read_bookmark(search.page))
        found = _lots(session, page.records)
    return _page("MedicationDispense", search, found, page.next_bookmark)


@blueprint.get("/MedicationDispense/<uuid:allocation_id>")
@needs_scope("orders.read")
def one_dispense(allocation_id: UUID) -> Response:
    """One lot of this practice."""
    with reading(READ) as (session, knock):
        query = books.lots(Wanted(practice_id=knock.practice_id), allocation_id)
        found = _lots(session, page_of(session, query, 1, None).records)
    if not found:
        raise OrderNotFound
    return answered(found[0])


def _resource(*kinds: str) -> Element:
    """The body, which must be a resource of one of these kinds."""
    body = request.get_json()
    if not isinstance(body, dict) or body.get("resourceType") not in kinds:
        text = f"The body must be a {' or '.join(kinds)}."
        raise NotUnderstood(Issue(code=STRUCTURE, text=text, expression="resourceType"))
    return Element(str(body["resourceType"]), body)


def _condition(header: str | None) -> tuple[str, str] | None:
    try:
        return condition_of(header)
    except ValueError:
        text = "If-None-Exist is identifier=system|value."
        raise NotUnderstood(Issue(code=INVALID, text=text)) from None


def _require_whole_group(body: Element) -> None:
    """A request that is one of a group must not become an order without the others."""
    if body.has("groupIdentifier") and len(body.many("dosageInstruction")) == 1:
        body.refuse("The requests of a group are sent together, in one transaction.", "groupIdentifier")


def _transacted(found: Transaction, resource: dict[str, Any], remarks: tuple[Issue, ...]) -> dict[str, Any]:
    """What became of each entry, in their order; the requests of a group are one prescription."""
    entries: list[dict[str, Any]] = []
    for kind in found.kinds:
        response: dict[str, Any] = {"status": "201 Created"}
        if kind == KIND:
            response["location"] = f"{KIND}/{resource['id']}"
            if remarks:
                response["outcome"] = outcome(remarks)
        is_first = kind == KIND and not any("resource" in entry for entry in entries)
        entries.append({**({"resource": resource} if is_first else {}), "response": response})
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def _page(kind: str, search: Asked, found: list[dict[str, Any]], next_bookmark: str | None) -> Response:
    address = f"{base()}/{kind}"
    return answered(bundle_of(found, base(), search.links(address, sign_bookmark(next_bookmark))))


def _task(order: Any) -> dict[str, Any]:
    asked_of_it = [each.because for each in order.findings if is_question(each.code)]
    return to_task(order, asked_of_it)


def _lots(session: Session, allocations: Any) -> list[dict[str, Any]]:
    return [
        to_medication_dispense(
            Lot(
                allocation_id=allocation.id,
                order=order,
                strength=Micrograms(line.strength_ug),
                capsules=allocation.capsules,
                unit_ml=line.unit_ml,
                number=batch.number,
                beyond_use_on=batch.beyond_use_on,
            )
        )
        for allocation, line, batch, order in books.described(session, allocations)
    ]
