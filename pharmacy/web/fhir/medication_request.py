"""From one MedicationRequest, or several of one group, to our command: a pure function, and nothing in between.

A titration comes in one of three shapes: (A) one request with several dosage instructions, (B) several requests
with one group identifier, (C) words alone, which become a proposal for a pharmacist and never an order. What is
accepted is kept in shape A, with every decimal as it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from pharmacy.domain.consistency import AsWritten
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.quantities import Micrograms
from pharmacy.usecases.commands import Submission, SupplyRequest
from pharmacy.web.fhir import statements
from pharmacy.web.fhir.dosage import directions, is_text_only, taken
from pharmacy.web.fhir.element import BUSINESS_RULE, INVALID, NOT_SUPPORTED, REQUIRED, Element, Issue
from pharmacy.web.fhir.medication import Medicine, medicine_of
from pharmacy.web.fhir.never_ignored import require_living_order, require_nothing_hidden
from pharmacy.web.fhir.people import patient_of, prescriber_of
from pharmacy.web.fhir.plan import PlanRead, plan_of
from pharmacy.web.fhir.quantity import Unit, amount, days
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
    "dosageInstruction", "dispenseRequest", "substitution",
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
    """The command, and what the answer needs besides: the first request in shape A, and what to say."""

    submission: Submission
    identifiers: tuple[tuple[str, str], ...]
    patient: Element
    companions: tuple[tuple[str, Element], ...]
    document: dict[str, Any]
    read: PlanRead
    notes: tuple[Issue, ...]


def words_alone(requests: Sequence[Element]) -> str | None:
    """The directions of a request that says them in words and nowhere else; None for any other.

    NotUnderstood when the request is no living order, or says nothing at all.
    """
    for request in requests:
        _require_readable(request)
    dosages = [dosage for request in requests for dosage in request.many("dosageInstruction")]
    if not dosages:
        requests[0].refuse("Say the dose in dosageInstruction.", "dosageInstruction", code=REQUIRED)
    if not all(is_text_only(dosage) for dosage in dosages):
        return None
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
        _require_readable(request)
    medicines = [_medicine(request, came) for request in requests]
    instructions = [
        taken(dosage, medicine)
        for request, medicine in zip(requests, medicines, strict=True)
        for dosage in request.many("dosageInstruction")
    ]
    if not instructions:
        requests[0].refuse("Say the dose in dosageInstruction.", "dosageInstruction", code=REQUIRED)
    read = plan_of(instructions, is_group=len(requests) > 1)
    dispense = _dispense(requests)
    one_strength = medicines[0].strength if len(requests) == 1 else None
    as_written = _as_written(read, dispense, one_strength, _notes(requests))
    supply = SupplyRequest(
        plan=read.plan,
        days=dispense.days,
        method=statements.supply_method(requests[0]),
        delivery=Delivery.MAIL,
        as_written=as_written,
    )
    return SupplyRead(
        supply=supply, refills=dispense.refills, read=read, notes=(*read.notes, *dispense.notes)
    )


def command_from(requests: Sequence[Element], came: References, house_zone: str) -> OrderRead:
    """The whole order; NotUnderstood with the place of each fault."""
    first = requests[0]
    found = supply_from(requests, came)
    patient_resource = _same(requests, came, "subject", "Patient")
    practitioner = _same(requests, came, "requester", "Practitioner")
    patient, taken_for_granted = patient_of(patient_resource, house_zone)
    prescriber = prescriber_of(practitioner)
    if first.text("authoredOn") is None:
        first.refuse("Say when the prescription was written.", "authoredOn", code=REQUIRED)
    written_on = first.day("authoredOn")
    assert written_on is not None  # Said above; the type does not know it.
    _require_valid_long_enough(requests, written_on + _YEAR)
    opioid, opioid_detail = statements.opioid_answer(first)
    allergies, none_known = statements.allergies(first, came)
    codes, purpose = statements.diagnoses(first)
    submission = Submission(
        patient=patient,
        prescriber=prescriber,
        authorization=statements.authorization(first),
        written_on=written_on,
        refills=found.refills,
        purpose=purpose,
        supply=replace(found.supply, ship_to_state=patient.state),
        quote_id=statements.quote_cited(first),
        opioid_last_14_days=opioid,
        opioid_detail=opioid_detail,
        allergies=allergies,
        no_known_allergies=none_known,
        medicines=statements.medicines(first, came),
        diagnosis_codes=codes,
        contradictions_are_asked=True,
    )
    return OrderRead(
        submission=submission,
        identifiers=_identifiers(requests),
        patient=patient_resource,
        companions=_companions(first, came, practitioner),
        document={**first.members, "dosageInstruction": list(found.read.instructions)},
        read=found.read,
        notes=(*found.notes, *taken_for_granted),
    )


def _require_readable(request: Element) -> None:
    require_nothing_hidden(request)
    require_living_order(request)
    request.require_only(*_UNDERSTOOD, extensions=True)
    if request.has("insurance"):
        request.refuse("Prices are paid in cash; no insurance is billed here.", "insurance")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dispense:
    days: int | None
    days_supply: int | None
    quantity: int | None
    refills: int
    notes: tuple[Issue, ...]


def _dispense(requests: Sequence[Element]) -> _Dispense:
    """What is to be dispensed: once for the whole group, in its first request that says it."""
    said = [found for each in requests if (found := each.one("dispenseRequest")) is not None]
    if len({repr(each.members) for each in said}) > 1:
        said[1].refuse("The requests of a group ask for different supplies.", code=INVALID)
    if not said:
        return _Dispense(
            days=None, days_supply=None, quantity=None, refills=0, notes=(_no_refills(requests[0]),)
        )
    asked = said[0]
    asked.require_only(
        "initialFill",
        "quantity",
        "numberOfRepeatsAllowed",
        "expectedSupplyDuration",
        "validityPeriod",
        "performer",
    )
    initial = asked.one("initialFill")
    if initial is not None:
        initial.require_only("quantity", "duration")
    supply = asked.one("expectedSupplyDuration")
    first = None if initial is None else initial.one("duration")
    refills = asked.whole("numberOfRepeatsAllowed")
    length = None if (told_length := first or supply) is None else days(told_length)
    told = asked.one("quantity") if initial is None else initial.one("quantity")
    return _Dispense(
        days=length,
        days_supply=length,
        quantity=None if told is None else _count(told),
        refills=_refills(asked, refills),
        notes=(_no_refills(requests[0]),) if refills is None else (),
    )


def _refills(asked: Element, refills: int | None) -> int:
    if refills is not None and not 0 <= refills <= 11:
        asked.refuse("From 0 to 11 refills are possible.", "numberOfRepeatsAllowed", code=INVALID)
    return refills or 0


def _no_refills(request: Element) -> Issue:
    text = "No number of repeats is given, so there are none."
    place = request.at("dispenseRequest.numberOfRepeatsAllowed")
    return Issue(code="informational", severity="information", text=text, expression=place)


def _count(quantity: Element) -> int:
    """Capsules; a quantity in another unit is refused, since nobody could hold it against the steps."""
    if not quantity.has("code") and not quantity.has("unit"):
        quantity.refuse("The quantity needs its unit, such as {capsule}.", "code", code=REQUIRED)
    value, unit = amount(quantity)
    if unit is not Unit.CAPSULE or value.denominator != 1 or not 1 <= value <= 9999:
        quantity.refuse("The quantity is a whole number of capsules.", code=INVALID, reason="C-QUANTITY")
    return int(value)


def _as_written(
    read: PlanRead, dispense: _Dispense, strength: Micrograms | None, notes: tuple[str, ...]
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


def _notes(requests: Sequence[Element]) -> tuple[str, ...]:
    said = [directions(note, "text") for each in requests for note in each.many("note")]
    return tuple(words for words in said if words is not None)


def _same(requests: Sequence[Element], came: References, name: str, kind: str) -> Element:
    """The one resource that all requests refer to by that member."""
    found = []
    for request in requests:
        reference = request.due(name)
        found.append(came.found(reference, request, kind))
    if any(each.members != found[0].members for each in found):
        requests[1].refuse(f"The requests of a group have one {name}.", name, code=INVALID)
    return found[0]


def _require_valid_long_enough(requests: Sequence[Element], through: Any) -> None:
    for request in requests:
        dispense = request.one("dispenseRequest")
        period = None if dispense is None else dispense.one("validityPeriod")
        if period is None:
            continue
        period.require_only("start", "end")
        period.day("start")
        end = period.day("end")
        if end is not None and end < through:
            text = (
                "A validity that ends before a year is over is not watched here: say fewer repeats instead."
            )
            period.refuse(text, "end", code=NOT_SUPPORTED)


def _identifiers(requests: Sequence[Element]) -> tuple[tuple[str, str], ...]:
    found = tuple(dict.fromkeys(each for request in requests for each in identifiers(request)))
    if len(found) > MOST_IDENTIFIERS * len(requests):
        requests[0].refuse(f"At most {MOST_IDENTIFIERS} identifiers.", "identifier", code=BUSINESS_RULE)
    return found


def _companions(first: Element, came: References, practitioner: Element) -> tuple[tuple[str, Element], ...]:
    """What the kept request holds in itself, by the member that refers to it."""
    medication = None
    if first.has("medicationReference"):
        medication = came.named(first, "medicationReference", "Medication")
    found = (("requester", practitioner), ("medicationReference", medication))
    return tuple((name, each) for name, each in found if each is not None)
