"""Refusals and remarks in the form that FHIR has for them: OperationOutcome, with the place as a FHIRPath."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response

from pharmacy.domain.errors import Conflict, NotAllowed, NotFound, PharmacyError, Where
from pharmacy.web.errors import status_of
from pharmacy.web.fhir.element import BUSINESS_RULE, STRUCTURE, Issue, NotUnderstood
from pharmacy.web.fhir.exact import written
from pharmacy.web.fhir.medication_request import KIND

MEDIA_TYPE = "application/fhir+json"
REASONS = "https://ldn-pharmacy.example/fhir/CodeSystem/reason"
_CODES: Mapping[int, str] = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    413: "too-long",
    415: "not-supported",
    422: BUSINESS_RULE,
    429: "throttled",
    503: "transient",
}
# Where our command holds what these elements say.
_PLACES: Mapping[Where, str] = {
    ("patient", "birth_on"): "subject.resolve().birthDate",
    ("patient", "address", "state"): "subject.resolve().address.state",
    ("prescription", "written_on"): "authoredOn",
    ("prescription", "refills"): "dispenseRequest.numberOfRepeatsAllowed",
    ("prescription", "as_written", "quantity"): "dispenseRequest.quantity",
    ("prescription", "as_written", "days_supply"): "dispenseRequest.expectedSupplyDuration",
    ("prescription", "diagnosis_codes"): "reasonCode",
    ("authorization",): "extension",
    ("days",): "dispenseRequest.expectedSupplyDuration",
    ("identifier",): "identifier",
    ("quote_id",): "extension",
    ("supply_option",): "extension",
    ("prescriber", "npi"): "requester.resolve().identifier",
    ("opioid_last_14_days",): "extension",
    ("allergies",): "supportingInformation",
    ("medicines",): "supportingInformation",
    ("plan",): "dosageInstruction",
}
_STEPS = (("plan", "steps"), ("prescription", "as_written", "steps"), ("as_written", "steps"))


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": [_issue(each) for each in issues]}


def answered(
    resource: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """The resource as an answer."""
    return Response(written(resource), status, dict(headers or {}), content_type=MEDIA_TYPE)


def refused_as_read(refusal: NotUnderstood) -> Response:
    """400 where the request is no such resource at all, 422 where it is one and is refused."""
    status = 400 if all(issue.code == STRUCTURE for issue in refusal.issues) else 422
    return answered(outcome(refusal.issues), status)


def refused_by_rule(refusal: PharmacyError) -> Response:
    status = status_of(refusal)
    headers = {"Retry-After": "1"} if type(refusal).__name__ == "FirstStillRunning" else {}
    return answered(outcome([issue_of(refusal)]), status, headers)


def issue_of(refusal: PharmacyError, places: tuple[str, ...] = ()) -> Issue:
    """The refusal of a rule, with the place in the request that it is about."""
    match refusal:
        case NotFound():
            code = "not-found"
        case Conflict():
            code = "conflict"
        case NotAllowed():
            code = "forbidden"
        case _:
            code = BUSINESS_RULE
    return Issue(code=code, text=str(refusal), expression=expression_of(refusal.where, places))


def expression_of(where: Where, places: tuple[str, ...] = ()) -> str | None:
    """The FHIRPath of a place in our command; `places` tells where each step stood."""
    for steps in _STEPS:
        rest = where[len(steps) :]
        if where[: len(steps)] == steps and rest and isinstance(rest[0], int):
            return places[rest[0]] if rest[0] < len(places) else f"{KIND}.dosageInstruction[{rest[0]}]"
    for length in range(len(where), 0, -1):
        if where[:length] in _PLACES:
            return f"{KIND}.{_PLACES[where[:length]]}"
    return KIND if where else None


def worded(status: int, detail: str, headers: Mapping[str, str]) -> Response:
    """How this face says no where no view was reached: the words of `web.errors`, as an OperationOutcome."""
    issue = Issue(code=_CODES.get(status, "exception"), text=detail)
    return answered(outcome([issue]), status, headers)


def _issue(issue: Issue) -> dict[str, Any]:
    told: dict[str, Any] = {"severity": issue.severity, "code": issue.code, "details": {"text": issue.text}}
    if issue.reason is not None:
        told["details"]["coding"] = [{"system": REASONS, "code": issue.reason}]
    if issue.expression is not None:
        told["expression"] = [issue.expression]
    return told
