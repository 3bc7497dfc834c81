"""Asking before ordering: what would be said of a request, and what it would cost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import Response

from pharmacy.domain.calendar import local_day
from pharmacy.domain.errors import PharmacyError
from pharmacy.usecases.admission import Admission
from pharmacy.usecases.commands import Receipt
from pharmacy.usecases.quote_titration import QuoteRequest, quote_titration
from pharmacy.usecases.submit_order import look_through
from pharmacy.web.current import idempotency_key, the_pharmacy
from pharmacy.web.door import answer_once, fingerprint, reading, receipt_due
from pharmacy.web.fhir.element import INVALID, Element, Issue, NotUnderstood
from pharmacy.web.fhir.exact import written
from pharmacy.web.fhir.medication_request import KIND, OrderRead, command_from, supply_from, words_alone
from pharmacy.web.fhir.outcome import MEDIA_TYPE, expression_of, issue_of
from pharmacy.web.fhir.people import patient_of
from pharmacy.web.fhir.references import References

_SEVERITY = {"block": "error", "override": "warning", "warn": "warning", "info": "information"}
# Whether the prescriber is on the roster is looked up when an order is filed, and not before.
_NOT_LOOKED_UP = frozenset(["C-ROSTER"])


def request_in(body: Element) -> Element:
    """The MedicationRequest, by itself or as the parameter `resource`."""
    if body.members["resourceType"] == KIND:
        return body
    for parameter in body.many("parameter"):
        if parameter.text("name") == "resource":
            found = parameter.due("resource")
            if found.text("resourceType") == KIND:
                return found
    raise body.fault(f"The parameter resource must be a {KIND}.", "parameter", code=INVALID)


def checked(request: Element) -> tuple[Issue, ...]:
    """Everything that an order of this would be told; one line of praise where there is nothing."""
    try:
        issues = _looked_through(request)
    except NotUnderstood as refusal:
        issues = refusal.issues
    fine = Issue(code="informational", severity="information", text="Nothing stands against this order.")
    return issues or (fine,)


def _looked_through(request: Element) -> tuple[Issue, ...]:
    with reading("orders.write") as (session, knock):
        pharmacy = the_pharmacy()
        now = pharmacy.clock()
        if words_alone((request,), References()) is not None:
            text = "The directions are in words alone: they would go to a pharmacist, and order nothing."
            return (Issue(code="informational", severity="warning", text=text),)
        order = command_from((request,), References(), str(pharmacy.zone))
        reference = pharmacy.reference.current(
            session, local_day(now, pharmacy.zone), knock.reference_version
        )
        admission = Admission(
            knock=knock,
            reference=reference,
            receipt=Receipt(key="validate", fingerprint=b""),
            respond=lambda _: "",
        )
        submission = replace(order.submission, quote_id=None)
        try:
            found = look_through(session, submission, admission=admission, by=admission.actor, now=now)
        except PharmacyError as refusal:
            return (issue_of(refusal, order.read.places),)
    said = [each for each in found if each["code"] not in _NOT_LOOKED_UP]
    return (*(_told(each, order) for each in said), *order.notes)


def _told(finding: dict[str, Any], order: OrderRead) -> Issue:
    where = tuple(int(part) if part.isdecimal() else part for part in finding["pointer"].split("/")[1:])
    return Issue(
        code="business-rule",
        severity=_SEVERITY[str(finding["severity"])],
        text=finding["because"],
        expression=expression_of(where, order.read.places),
        reason=finding["code"],
    )


def quoted(request: Element) -> Response:
    """The price of the request's plan, kept as a quote that an order may cite."""
    found = supply_from((request,), References())
    asked = replace(found.supply, ship_to_state=_state(request))
    now = the_pharmacy().clock()
    receipt = receipt_due() if idempotency_key() is not None else _receipt_of_body()
    response = answer_once(
        "quotes.write",
        lambda session, admission: quote_titration(
            session, QuoteRequest(supply=asked), admission=admission, by=admission.actor, now=now
        ),
        lambda quote: written(_parameters(quote)),
        receipt=receipt,
    )
    response.content_type = MEDIA_TYPE
    response.status_code = 200
    return response


def _receipt_of_body() -> Receipt:
    print_of_body = fingerprint()
    return Receipt(key=f"body {print_of_body.hex()}", fingerprint=print_of_body)


def _state(request: Element) -> str | None:
    """Where the medicine would be sent, when the patient came along."""
    reference = request.one("subject")
    if reference is None or not (reference.text("reference") or "").startswith("#"):
        return None
    patient, _ = patient_of(References().found(reference, request, "Patient"), str(the_pharmacy().zone))
    return patient.state


def _parameters(quote: Any) -> dict[str, Any]:
    """The quote's own number, its total and its lines."""
    lines = [
        {
            "name": "line",
            "part": [
                {"name": "text", "valueString": line["wording"]},
                {"name": "amount", "valueMoney": _money(line["amount_cents"])},
            ],
        }
        for line in quote["offer"]["price_lines"]
    ]
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "quote", "valueUuid": f"urn:uuid:{quote['id']}"},
            {"name": "total", "valueMoney": _money(quote["total_cents"])},
            {"name": "per30Days", "valueMoney": _money(quote["offer"]["per_30_days_cents"])},
            {"name": "days", "valueInteger": quote["days"]},
            {"name": "expires", "valueInstant": quote["expires_at"].isoformat()},
            *lines,
        ],
    }


def _money(cents: int) -> dict[str, Any]:
    return {"value": Decimal(cents).scaleb(-2), "currency": "USD"}
