"""From one MedicationRequest, or several of one group, to our command: a pure function, and nothing in between.

A titration comes in one of three shapes: (A) one request with several dosage instructions, (B) several requests
with one group identifier, (C) words alone, which become a proposal for a pharmacist and never an order. What is
accepted is kept in shape A, with every decimal as it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any, NoReturn

from pharmacy.domain.consistency import AsWritten
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.quantities import Micrograms
from pharmacy.usecases.commands import DosageForm, NewPatient, SigningPrescriber, Submission, SupplyRequest
from pharmacy.web.fhir import statements
from pharmacy.web.fhir.dispense import Dispense, dispense_of, require_valid_long_enough
from pharmacy.web.fhir.dosage import Taken, directions, is_text_only, taken
from pharmacy.web.fhir.element import (
    BUSINESS_RULE,
    INVALID,
    REQUIRED,
    Element,
    Issue,
    NotUnderstood,
    gathered,
)
from pharmacy.web.fhir.keeping import kept_of
from pharmacy.web.fhir.medication import Medicine, medicine_of
from pharmacy.web.fhir.never_ignored import require_living_order, require_nothing_hidden
from pharmacy.web.fhir.people import patient_of, prescriber_of
from pharmacy.web.fhir.plan import PlanRead, plan_of
from pharmacy.web.fhir.references import References, identifiers

KIND = "MedicationRequest"
MOST_IDENTIFIERS = 5
# A year of fills; a shorter validity would have to be watched at each refill, and is not.
_YEAR = timedelta(days=365)
_UNDERSTOOD = (
    "resourceType", "id", "meta", "language", "text", "contained", "identifier", "status", "statusReason", "intent",
    "category", "priority", "doNotPerform", "reportedBoolean", "medicationCodeableConcept", "medicationReference",
    "subject", "encounter", "supportingInformation", "authoredOn", "requester", "performer", "performerType",
    "recorder", "reasonCode", "reasonReference", "groupIdentifier", "courseOfTherapyType", "insurance", "note",
    "dosageInstruction", "dispenseRequest", "substitution", "basedOn", "instantiatesCanonical", "instantiatesUri",
    "eventHistory",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyRead:
    """What is to be supplied, of which nothing is about a person."""

    supply: SupplyRequest
    refills: int
    read: PlanRead
    notes: tuple[Issue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRead:
    """The command, and what the answer needs besides: the request as it is kept, and what to say."""

    submission: Submission
    identifiers: tuple[tuple[str, str], ...]
    document: dict[str, Any]
    read: PlanRead
    notes: tuple[Issue, ...]


def words_alone(requests: Sequence[Element], came: References) -> str | None:
    """The directions of a request that says them in words and nowhere else; None for any other.

    NotUnderstood when the request is no living order, asks for another medicine, or says nothing at all.
    """
    for request in requests:
        require_nothing_hidden(request)
        require_living_order(request)
    dosages = [dosage for request in requests for dosage in request.many("dosageInstruction")]
    if not all(is_text_only(dosage) for dosage in dosages):
        return None
    gathered(
        *(partial(_require_readable, request) for request in requests),
        *(partial(_medicine, request, came) for request in requests),
        lambda: dosages or _no_dose(requests[0]),
    )
    said = [directions(each, name) for each in dosages for name in ("text", "patientInstruction")]
    words = [each for each in said if each is not None]
    if not words:
        dosages[0].refuse("The instruction says nothing.", code=REQUIRED)
    # One after the other, as somebody would read them out.
    together = ", then ".join(words)
    return directions(Element(dosages[0].path, {"text": together}), "text")


def supply_from(requests: Sequence[Element], came: References) -> SupplyRead:
    """Plan, days and refills of the requests; NotUnderstood with the place of each fault."""
    for request in requests:
        require_nothing_hidden(request)
        require_living_order(request)
    _, medicines, instructions, dispense = gathered(
        lambda: gathered(*(partial(_require_readable, request) for request in requests)),
        lambda: gathered(*(partial(_medicine, request, came) for request in requests)),
        lambda: _instructions(requests, came),
        lambda: dispense_of(requests),
    )
    read = plan_of(instructions, is_group=len(requests) > 1)
    one_strength = medicines[0].strength if len(requests) == 1 else None
    as_written = _as_written(read, dispense, one_strength, _notes(requests))
    supply = SupplyRequest(
        plan=read.plan,
        days=dispense.days,
        method=statements.supply_method(requests[0]),
        delivery=Delivery.MAIL,
        as_written=as_written,
        dosage_form=_form(medicines),
    )
    return SupplyRead(
        supply=supply, refills=dispense.refills, read=read, notes=(*read.notes, *dispense.notes)
    )


def _form(medicines: Sequence[Medicine]) -> DosageForm:
    """A medicine by the millilitre is a liquid; every other is made as capsules."""
    is_liquid = any(each.per_millilitre is not None for each in medicines)
    return DosageForm.ORAL_LIQUID if is_liquid else DosageForm.CAPSULE


def command_from(requests: Sequence[Element], came: References, house_zone: str) -> OrderRead:
    """The whole order; NotUnderstood with the place of each fault."""
    first = requests[0]
    found, (resource, patient, taken_for_granted), (practitioner, prescriber), written_on, said = gathered(
        lambda: supply_from(requests, came),
        lambda: _patient(requests, came, house_zone),
        lambda: _prescriber(requests, came),
        lambda: _written_on(requests),
        lambda: statements.all_said(first, came),
    )
    submission = Submission(
        patient=patient,
        prescriber=prescriber,
        authorization=said.authorization,
        written_on=written_on,
        refills=found.refills,
        purpose=said.purpose,
        supply=replace(found.supply, ship_to_state=patient.state),
        quote_id=said.quote_id,
        opioid_last_14_days=said.opioid,
        opioid_detail=said.opioid_detail,
        allergies=said.allergies,
        no_known_allergies=said.none_known,
        medicines=said.medicines,
        diagnosis_codes=said.codes,
    )
    return OrderRead(
        submission=submission,
        identifiers=_identifiers(requests),
        document=kept_of(first, came, resource, practitioner, list(found.read.instructions)),
        read=found.read,
        notes=(*found.notes, *taken_for_granted),
    )


def _require_readable(request: Element) -> None:
    """Nothing, when every member of the request is understood; NotUnderstood for all that are not."""
    gathered(
        lambda: request.require_only(*_UNDERSTOOD, extensions=True),
        lambda: _require_no_insurance(request),
    )


def _require_no_insurance(request: Element) -> None:
    if request.has("insurance"):
        request.refuse("Prices are paid in cash; no insurance is billed here.", "insurance")


def _no_dose(request: Element) -> NoReturn:
    request.refuse("Say the dose in dosageInstruction.", "dosageInstruction", code=REQUIRED)


def _instructions(requests: Sequence[Element], came: References) -> list[Taken]:
    """What each instruction says; those beside a medicine that is none of ours are read all the same."""
    read = [
        partial(taken, dosage, _medicine_or_none(request, came))
        for request in requests
        for dosage in request.many("dosageInstruction")
    ]
    return gathered(*read) if read else _no_dose(requests[0])


def _medicine_or_none(request: Element, came: References) -> Medicine:
    try:
        return _medicine(request, came)
    except NotUnderstood:
        return Medicine()


def _medicine(request: Element, came: References) -> Medicine:
    concept, medication = request.one("medicationCodeableConcept"), None
    if request.has("medicationReference"):
        medication = came.named(request, "medicationReference", "Medication")
    if (concept is None) == (medication is None):
        text = "Say the medicine once, as medicationCodeableConcept or medicationReference."
        request.refuse(text, "medication", code=REQUIRED)
    found = concept or medication
    assert found is not None  # One of the two is there.
    return medicine_of(found)


def _as_written(
    read: PlanRead, dispense: Dispense, strength: Micrograms | None, notes: tuple[str, ...]
) -> AsWritten:
    beside = ". ".join((*read.other_words, *notes)) or None
    return AsWritten(
        text=beside and beside[:1000],
        quantity=dispense.quantity,
        unit_strength=None if dispense.quantity is None else strength,
        days_supply=dispense.days_supply,
        start_on=read.written[0].first_on,
        steps=read.written,
    )


def _patient(
    requests: Sequence[Element], came: References, house_zone: str
) -> tuple[Element, NewPatient, tuple[Issue, ...]]:
    resource = _same(requests, came, "subject", "Patient")
    return resource, *patient_of(resource, house_zone)


def _written_on(requests: Sequence[Element]) -> date:
    written_on = requests[0].day("authoredOn")
    if written_on is None:
        requests[0].refuse("Say when the prescription was written.", "authoredOn", code=REQUIRED)
    require_valid_long_enough(requests, written_on + _YEAR)
    return written_on


def _notes(requests: Sequence[Element]) -> tuple[str, ...]:
    said = [directions(note, "text") for each in requests for note in each.many("note")]
    return tuple(words for words in said if words is not None)


def _prescriber(requests: Sequence[Element], came: References) -> tuple[Element, SigningPrescriber]:
    """The practitioner that the requester is, by themselves or in a role of theirs."""
    resource = _same(requests, came, "requester", "Practitioner", "PractitionerRole")
    if resource.text("resourceType") == "PractitionerRole":
        resource = came.found(resource.due("practitioner"), requests[0], "Practitioner")
    return resource, prescriber_of(resource)


def _same(requests: Sequence[Element], came: References, name: str, *kinds: str) -> Element:
    """The one resource that all requests refer to by that member."""
    found = []
    for request in requests:
        reference = request.due(name)
        found.append(came.found(reference, request, *kinds))
    if any(each.members != found[0].members for each in found):
        requests[1].refuse(f"The requests of a group have one {name}.", name, code=INVALID)
    return found[0]


def _identifiers(requests: Sequence[Element]) -> tuple[tuple[str, str], ...]:
    found = tuple(dict.fromkeys(each for request in requests for each in identifiers(request)))
    if len(found) > MOST_IDENTIFIERS * len(requests):
        requests[0].refuse(f"At most {MOST_IDENTIFIERS} identifiers.", "identifier", code=BUSINESS_RULE)
    return found
