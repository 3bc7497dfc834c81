"""CDS Hooks: what a prescriber reads in their own system before signing (`order-sign`).

Each naltrexone request among the drafts is read as an order of it would be; what would be refused, asked or found,
and the price, come back as cards. Other drafts and the medication list that was fetched are looked through for
opioids. Nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from pharmacy.domain.calendar import local_day
from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.screening.statements import Stated
from pharmacy.usecases.check_draft import DraftChecked, check_draft
from pharmacy.usecases.reference import Reference
from pharmacy.web.current import the_pharmacy
from pharmacy.web.door import reading
from pharmacy.web.fhir.element import STRUCTURE, Element, Issue, NotUnderstood
from pharmacy.web.fhir.medication import medicine_of
from pharmacy.web.fhir.medication_request import KIND, supply_from, words_alone
from pharmacy.web.fhir.references import References
from pharmacy.web.fhir.statements import stated
from pharmacy.web.guards import needs_scope, public

PREFIX = "/cds-services"
_ID = "ldn-order-sign"
_LONGEST_SUMMARY = 139
_INDICATORS = {Severity.BLOCK: "critical", Severity.OVERRIDE: "warning", Severity.WARN: "warning"}
blueprint = Blueprint("cds_hooks", __name__, url_prefix=PREFIX)


@blueprint.get("")
@public("which services there are holds no patient's data")
def services() -> ResponseReturnValue:
    """The one service, and what it would like to have fetched."""
    wanted = "MedicationRequest?patient={{context.patientId}}&status=active"
    about = "Holds a titration against itself, looks for opioids beside it, and says what it costs."
    service = {
        "hook": "order-sign", "id": _ID, "title": "Low-dose naltrexone", "description": about,
        "prefetch": {"medications": wanted},
    }  # fmt: skip
    return jsonify({"services": [service]})


@blueprint.post(f"/{_ID}")
@needs_scope("titrations.simulate")
def order_sign() -> ResponseReturnValue:
    """Cards for the drafts that are about to be signed."""
    drafts, medicines = _asked(request.get_json())
    pharmacy = the_pharmacy()
    today = local_day(pharmacy.clock(), pharmacy.zone)
    with reading("titrations.simulate") as (session, knock):
        reference = pharmacy.reference.current(session, today, knock.reference_version)
    return jsonify({"cards": [card for draft in drafts for card in _cards(draft, medicines, reference)]})


def _asked(body: Any) -> tuple[list[Element], list[Stated]]:
    """The naltrexone requests, and every other medicine that came with them."""
    if not isinstance(body, dict) or body.get("hook") != "order-sign":
        text = "The body must be a request of the hook order-sign."
        raise NotUnderstood(Issue(code=STRUCTURE, text=text, expression="hook"))
    asked = Element("order-sign", body)
    drafts: list[Element] = []
    others: list[Element] = []
    for each in _resources(asked.due("context").due("draftOrders")):
        (drafts if _is_ours(each) else others).append(each)
    fetched = asked.one("prefetch")
    known = None if fetched is None else fetched.one("medications")
    others += [] if known is None else [each for each in _resources(known) if not _is_ours(each)]
    named = [each.one("medicationCodeableConcept") for each in others]
    return drafts, [stated(concept) for concept in named if concept is not None]


def _resources(bundle: Element) -> Iterator[Element]:
    for entry in bundle.many("entry"):
        resource = entry.due("resource")
        if resource.text("resourceType") in {KIND, "MedicationStatement"}:
            yield resource


def _is_ours(resource: Element) -> bool:
    concept = resource.one("medicationCodeableConcept")
    if resource.text("resourceType") != KIND or concept is None:
        return False
    try:
        medicine_of(concept)
    except NotUnderstood:
        return False
    return True


def _cards(draft: Element, medicines: list[Stated], reference: Reference) -> Iterator[dict[str, Any]]:
    # A draft is signed next: it is read as the order that it will be.
    signed = Element(draft.path, {**draft.members, "status": "active"})
    try:
        if words_alone((signed,), References()) is not None:
            yield _card("The directions are in words alone: a pharmacist will read them first.", "info")
            return
        checked = check_draft(supply_from((signed,), References()).supply, medicines, reference)
    except NotUnderstood as refusal:
        yield from (_card(each.text, "warning", each.expression) for each in refusal.issues)
        return
    except PharmacyError as refusal:
        yield _card(str(refusal), "warning")
        return
    yield from (_finding(each) for each in (*checked.about_opioids, *checked.about_plan))
    yield _price(checked)


def _finding(finding: Finding) -> dict[str, Any]:
    return _card(finding.because, _INDICATORS.get(finding.severity, "info"), finding.code)


def _price(checked: DraftChecked) -> dict[str, Any]:
    total, monthly = (
        f"{cents // 100}.{cents % 100:02d}" for cents in (checked.total_cents, checked.per_30_days_cents)
    )
    return _card(f"USD {total} for {checked.days} days, which is USD {monthly} per 30 days.", "info")


def _card(summary: str, indicator: str, detail: str | None = None) -> dict[str, Any]:
    """A summary has fewer than 140 characters; what is longer stands whole below it."""
    short = summary if len(summary) <= _LONGEST_SUMMARY else f"{summary[: _LONGEST_SUMMARY - 1]}\u2026"
    told = "\n\n".join(part for part in (summary if short != summary else None, detail) if part)
    card: dict[str, Any] = {"summary": short, "indicator": indicator, "source": {"label": "LDN pharmacy"}}
    return {**card, "detail": told} if told else card
