"""What the request and its companions say of the patient besides the plan: opioids, allergies, medicines, consent.

HL7's resources are read where there are some (AllergyIntolerance, MedicationStatement); what they have no place
for comes as an extension of ours, whose addresses stand here. Nothing said is nothing known: the order then waits
with the question, as at the REST door.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from pharmacy.domain.diagnoses import DIAGNOSIS_SHAPE
from pharmacy.domain.screening import OpioidAnswer
from pharmacy.domain.screening.statements import CodeSystem, Stated
from pharmacy.domain.supply import SupplyMethod
from pharmacy.usecases.commands import Authorization
from pharmacy.web.fhir.element import INVALID, REQUIRED, Element, gathered, shaped
from pharmacy.web.fhir.medication import RXNORM
from pharmacy.web.fhir.references import References
from pharmacy.web.fields import (
    Identifier,
    Instant,
    Npi,
    OneOf,
    Text,
)

OURS = "https://ldn-pharmacy.example/fhir/StructureDefinition/"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
_SNOMED = "http://snomed.info/sct"
_NONE_KNOWN = frozenset(["716186003", "409137002"])
# What is no longer so, or was never true.
_NOT_SO = frozenset(["refuted", "entered-in-error"])
_NOT_TAKEN = frozenset(["completed", "entered-in-error", "stopped", "not-taken"])
_KINDS = ("e_signature", "written", "verbal")
MOST_LISTED = 50
RXNORM_SHAPE = re.compile(r"[0-9]{1,8}")
_MOST_CODES = 12
_AGENT = Text(most=120, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllSaid:
    """Everything that the request says besides its plan and its people; None is nothing said."""

    opioid: OpioidAnswer | None
    opioid_detail: str | None
    allergies: tuple[Stated, ...] | None
    none_known: bool
    medicines: tuple[Stated, ...] | None
    authorization: Authorization | None
    quote_id: UUID | None
    codes: tuple[str, ...]
    purpose: str | None


def all_said(request: Element, came: References) -> AllSaid:
    """The whole of it; NotUnderstood with the places of all that is not."""
    (opioid, detail), (listed, none_known), taking, authorized, quote, (codes, purpose) = gathered(
        lambda: opioid_answer(request),
        lambda: allergies(request, came),
        lambda: medicines(request, came),
        lambda: authorization(request),
        lambda: quote_cited(request),
        lambda: diagnoses(request),
    )
    return AllSaid(
        opioid=opioid,
        opioid_detail=detail,
        allergies=listed,
        none_known=none_known,
        medicines=taking,
        authorization=authorized,
        quote_id=quote,
        codes=codes,
        purpose=purpose,
    )


def extension(request: Element, name: str) -> Element | None:
    """Our extension of that name; one that stands there twice is refused."""
    found = [each for each in request.many("extension") if each.text("url") == OURS + name]
    if len(found) > 1:
        request.refuse(f"The extension {name} stands here twice.", "extension", code=INVALID)
    return found[0] if found else None


def opioid_answer(request: Element) -> tuple[OpioidAnswer | None, str | None]:
    """Whether an opioid was taken in the last 14 days, and what is said of it."""
    told, detail = extension(request, "opioid-last-14-days"), extension(request, "opioid-detail")
    answer = (
        None
        if told is None
        else told.shaped("valueCode", told.text("valueCode"), OneOf(OpioidAnswer, required=True))
    )
    said = (
        None
        if detail is None
        else detail.shaped("valueString", detail.text("valueString"), Text(required=True))
    )
    return answer, said


def allergies(request: Element, came: References) -> tuple[tuple[Stated, ...] | None, bool]:
    """The allergies, and whether it is said that none are known."""
    found = [each for each in came.of_kind("AllergyIntolerance", request) if not _is_not_so(each)]
    none_known = [each for each in found if _says_none(each)]
    flag = extension(request, "no-known-allergies")
    is_none = bool(none_known) or (flag is not None and bool(flag.flag("valueBoolean")))
    listed = tuple(stated(each.due("code")) for each in found if each not in none_known)
    return (_few(request, listed) if found else None), is_none


def medicines(request: Element, came: References) -> tuple[Stated, ...] | None:
    """Current medicines; an empty answer is that none are taken, None that nothing is said."""
    told = list(came.of_kind("MedicationStatement", request))
    listed = tuple(
        stated(each.due("medicationCodeableConcept"))
        for each in told
        if each.text("status") not in _NOT_TAKEN
    )
    flag = extension(request, "no-current-medicines")
    if flag is not None and flag.flag("valueBoolean"):
        if listed:
            flag.refuse("Medicines came along, and none are said to be taken.", code=INVALID)
        return ()
    return _few(request, listed) if listed else None


def authorization(request: Element) -> Authorization | None:
    """Who stands for the order, from our extension; None where it does not say."""
    told = extension(request, "authorization")
    if told is None:
        return None
    parts = {each.text("url"): each for each in told.many("extension")}
    missing = next((name for name in ("kind", "signer", "signedAt") if name not in parts), None)
    if missing is not None:
        told.refuse(f"The authorization lacks its {missing}.", "extension", code=REQUIRED)
    kind, signer, signed = parts["kind"], parts["signer"], parts["signedAt"]
    if kind.word("valueCode") not in _KINDS:
        kind.refuse(f"The kind is one of {', '.join(_KINDS)}.", "valueCode", code=INVALID)
    agent = parts.get("agent")
    return Authorization(
        kind=kind.word("valueCode"),
        signer_npi=signer.shaped("valueString", signer.text("valueString"), Npi(required=True)),
        signed_at=signed.shaped("valueInstant", signed.text("valueInstant"), Instant(required=True)),
        agent=None if agent is None else agent.shaped("valueString", agent.text("valueString"), _AGENT),
    )


def quote_cited(request: Element) -> UUID | None:
    told = extension(request, "quote")
    if told is None:
        return None
    cited: UUID = told.shaped("valueUuid", _bare(told.text("valueUuid")), Identifier(required=True))
    return cited


def supply_method(request: Element) -> SupplyMethod | None:
    """In which way the doses are to be made up, where the prescriber chose."""
    told = extension(request, "supply-option")
    if told is None:
        return None
    chosen: SupplyMethod = told.shaped(
        "valueCode", told.text("valueCode"), OneOf(SupplyMethod, required=True)
    )
    if chosen is SupplyMethod.STRENGTH_SET:
        told.refuse("A set of strengths is ordered by citing its quote.", "valueCode")
    return chosen


def diagnoses(request: Element) -> tuple[tuple[str, ...], str | None]:
    """Codes of ICD-10-CM, and the purpose in words."""
    reasons = request.many("reasonCode")
    codes = tuple(
        coding.word("code")
        for each in reasons
        for coding in each.many("coding")
        if coding.text("system") == ICD_10_CM
    )
    unfit = next((code for code in codes if not DIAGNOSIS_SHAPE.fullmatch(code)), None)
    if unfit is not None or len(codes) > _MOST_CODES:
        request.refuse("These are no codes of ICD-10-CM, or too many.", "reasonCode", code=INVALID)
    said = [words for each in reasons for words in (each.text("text"), *_displays(each)) if words]
    purpose = said[0] if said else None
    if purpose is not None:
        shaped(request.at("reasonCode"), purpose, Text(most=60))
    return codes, purpose


def _bare(urn: str | None) -> str | None:
    return None if urn is None else urn.removeprefix("urn:uuid:")


def _is_not_so(allergy: Element) -> bool:
    status = allergy.one("verificationStatus")
    return status is not None and any(each.text("code") in _NOT_SO for each in status.many("coding"))


def _says_none(allergy: Element) -> bool:
    codings = allergy.due("code").many("coding")
    return any(each.text("system") == _SNOMED and each.text("code") in _NONE_KNOWN for each in codings)


def stated(concept: Element) -> Stated:
    """What the concept is called, with its code of RxNorm where it has one."""
    named = concept.text("text") or next(_displays(concept), None)
    name: str = concept.shaped("text", named, Text(most=100, required=True))
    codes = [each.text("code") or "" for each in concept.many("coding") if each.text("system") == RXNORM]
    if not codes:
        return Stated(text=name)
    if not RXNORM_SHAPE.fullmatch(codes[0]):
        concept.refuse("This is no code of RxNorm.", "coding", code=INVALID)
    return Stated(text=name, system=CodeSystem.RXNORM, code=codes[0])


def _displays(concept: Element) -> Iterator[str]:
    yield from (words for each in concept.many("coding") if (words := each.text("display")))


def _few(request: Element, listed: tuple[Stated, ...]) -> tuple[Stated, ...]:
    if len(listed) > MOST_LISTED:
        request.refuse(f"At most {MOST_LISTED} are listed.", "supportingInformation", code=INVALID)
    return listed
