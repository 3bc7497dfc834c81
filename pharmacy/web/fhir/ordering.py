"""Orders by FHIR: the same use cases, scopes and walls as at the REST door, under other words.

What is sent twice is ordered once: by the Idempotency-Key where one comes, else by the sender's identifiers, else
by the very body. `If-None-Exist: identifier=system|value` answers with what exists already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response

from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.screening import is_question
from pharmacy.store import submitted_documents as documents
from pharmacy.store.door import Arriving
from pharmacy.store.prescription_search import PrescriptionStanding
from pharmacy.usecases.admission import kept_answer
from pharmacy.usecases.commands import Receipt
from pharmacy.usecases.known_profile import keys_of
from pharmacy.usecases.propose_plan import propose_plan
from pharmacy.usecases.submit_document import Papers, submit_document
from pharmacy.web.current import idempotency_key, the_pharmacy
from pharmacy.web.door import answer_once, fingerprint, reading, receipt_due
from pharmacy.web.fhir.element import INVALID, Element, Issue, NotUnderstood
from pharmacy.web.fhir.exact import read, written
from pharmacy.web.fhir.medication_request import KIND, OrderRead, command_from, words_alone
from pharmacy.web.fhir.outcome import MEDIA_TYPE, answered, issue_of, outcome, refused_by_rule
from pharmacy.web.fhir.references import References, identifiers
from pharmacy.web.fhir.resources import Standing, to_medication_request
from pharmacy.web.fhir.shown import shown
from pharmacy.web.fhir.statements import OURS

WRITE = "orders.write"
Worded = Callable[[dict[str, Any], tuple[Issue, ...]], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came in: the requests, their companions, the whole body, and how the answer is put together."""

    requests: tuple[Element, ...]
    came: References
    body: Mapping[str, Any]
    condition: tuple[str, str] | None
    worded: Worded


def carried_out(sent: Sent) -> Response:
    """201 with the order, 200 with the one that exists, 202 where words went to a pharmacist; else a refusal."""
    words = words_alone(sent.requests, sent.came)
    if words is not None:
        return _proposed(sent, words)
    order = command_from(sent.requests, sent.came, str(the_pharmacy().zone))
    if sent.condition is not None:
        _require_carried(sent, order)
        existing = _existing(sent.condition)
        if existing is not None:
            return existing
    return _ordered(sent, order)


def base() -> str:
    """Where this face is served."""
    return f"{the_pharmacy().public_url}/fhir/r4"


def alone(resource: dict[str, Any], remarks: tuple[Issue, ...]) -> dict[str, Any]:
    """The request by itself, with what is to be said of it as extensions."""
    said = [{"url": f"{OURS}remark", "valueString": each.text} for each in remarks]
    if not said:
        return resource
    return {**resource, "extension": [*resource.get("extension", ()), *said]}


def _ordered(sent: Sent, order: OrderRead) -> Response:
    now = the_pharmacy().clock()
    papers = Papers(sent=written(sent.body), worded=written(order.document), identifiers=order.identifiers)
    try:
        response = answer_once(
            WRITE,
            lambda session, admission: submit_document(
                session, order.submission, papers, admission=admission, now=now
            ),
            lambda filed: written(_answer(sent, order, filed["order"])),
            arriving=Arriving(npi=order.submission.prescriber.npi, patient=keys_of(order.submission.patient)),
            receipt=_receipt(order.identifiers),
        )
    except PharmacyError as refusal:
        if not refusal.where:
            raise
        return _refused(refusal, order.read.places)
    return _dressed(response)


def _answer(sent: Sent, order: OrderRead, filed: Mapping[str, Any]) -> dict[str, Any]:
    standing = Standing(
        prescription_id=filed["prescription_id"],
        patient_id=filed["patient_id"],
        standing=PrescriptionStanding.ACTIVE,
        status_at=filed["status_at"],
    )
    asked = [each["because"] for each in filed["findings"] if is_question(each["code"])]
    questions = tuple(Issue(code="incomplete", severity="warning", text=because) for because in asked)
    return sent.worded(to_medication_request(order.document, standing), (*order.notes, *questions))


def _refused(refusal: PharmacyError, places: tuple[str, ...]) -> Response:
    response = refused_by_rule(refusal)
    response.set_data(written(outcome([issue_of(refusal, places)])))
    return response


def _proposed(sent: Sent, words: str) -> Response:
    """The words are kept for a pharmacist to read; nothing is ordered by them."""
    now = the_pharmacy().clock()
    place = sent.requests[0].at("dosageInstruction")
    text = "The directions are in words alone: a pharmacist will read them. Nothing is ordered yet."

    def respond(proposal: Mapping[str, Any]) -> str:
        issue = Issue(
            code="informational", severity="information", text=text, expression=place, reason="proposed"
        )
        told = outcome([issue])
        told["issue"][0]["diagnostics"] = f"Plan proposal {proposal['id']}"
        return written(told)

    named = tuple(each for request in sent.requests for each in identifiers(request))
    return _dressed(
        answer_once(
            WRITE,
            lambda session, admission: kept_answer(
                session,
                admission,
                {"id": propose_plan(session, words, by=admission.actor, now=now).id},
                now,
            ),
            respond,
            receipt=_receipt(named),
        )
    )


def _existing(condition: tuple[str, str]) -> Response | None:
    with reading(WRITE) as (session, knock):
        found: UUID | None = documents.prescription_called(session, knock.practice_id, *condition)
        if found is None:
            return None
        resource = shown(session, knock.practice_id, found)
    return answered(resource, 200, {"Location": f"{base()}/{KIND}/{found}"})


def _require_carried(sent: Sent, order: OrderRead) -> None:
    """The condition names an identifier that the request itself carries; otherwise it would protect from nothing."""
    if sent.condition not in order.identifiers:
        text = "The condition names an identifier that the request does not carry."
        raise NotUnderstood(Issue(code=INVALID, text=text, expression=sent.requests[0].at("identifier")))


def _receipt(named: tuple[tuple[str, str], ...]) -> Receipt:
    if idempotency_key() is not None:
        return receipt_due()
    print_of_body = fingerprint()
    if not named:
        return Receipt(key=f"body {print_of_body.hex()}", fingerprint=print_of_body)
    said = hashlib.sha256("\n".join(f"{system}|{value}" for system, value in named).encode())
    return Receipt(key=f"identifier {said.hexdigest()}", fingerprint=print_of_body)


def _dressed(response: Response) -> Response:
    """The answer as this face gives it, whether it was made now or before."""
    resource = read(response.get_data(as_text=True))
    response.content_type = MEDIA_TYPE
    if resource["resourceType"] == "OperationOutcome":
        response.status_code = 202
    elif resource["resourceType"] == KIND:
        response.headers["Location"] = f"{base()}/{KIND}/{resource['id']}"
    else:
        response.status_code = 200
    return response
