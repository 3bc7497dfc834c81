"""The medicine that is asked for: naltrexone by itself, and the strength or concentration that is stated with it.

A dose in capsules or millilitres needs to be turned into a mass; that is done only with the one strength that the
medication states, in its ingredient or in its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pharmacy.domain.quantities import Micrograms
from pharmacy.web.fhir.element import INVALID, Element
from pharmacy.web.fhir.quantity import Unit, amount, mass

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NALTREXONE = "7243"
_DRUG = re.compile(r"\bnaltrexone\b|\bldn\b", re.IGNORECASE)
# Other medicines that hold naltrexone, or are called nearly so, and forms that are not made here.
_ANOTHER = re.compile(
    r"methylnaltrexone|bupropion|contrave|morphine|embeda|samidorphan|oxycodone|troxyca|vivitrol|inject"
    r"|extended|implant|pellet|depot|suspension for",
    re.IGNORECASE,
)
_PER_ML = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(mg|mcg|ug)\s*/\s*(?:1\s*)?ml\b", re.IGNORECASE)
_MASS = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(mg|mcg|ug)\b(?!\s*/)", re.IGNORECASE)
_VOLUME = re.compile(r"\bml\b|[0-9]ml\b", re.IGNORECASE)
# What may stand before a number and make it another: the 5 of `1,5 mg`, of `.5 mg`, of `3-5 mg` is no strength of 5 mg.
_CUT_SHORT = re.compile(r"(?:[.,0-9]|[0-9]\s*(?:[-\u2013/x\u00d7*+]|to|or|and))\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """What one capsule holds, or one millilitre (in micrograms), where that is stated."""

    strength: Micrograms | None = None
    per_millilitre: Fraction | None = None


def medicine_of(stated: Element) -> Medicine:
    """What a CodeableConcept or a Medication says; NotUnderstood when it is not naltrexone by itself."""
    concept = stated.one("code") if stated.members.get("resourceType") == "Medication" else stated
    ingredients = stated.many("ingredient")
    if len(ingredients) > 1:
        stated.refuse("A medicine with more than one active ingredient is not made here.", "ingredient")
    said = tuple(_said(concept, ingredients))
    is_coded = any(_is_naltrexone(coding) for coding in _codings(concept, ingredients))
    if not is_coded and not any(_DRUG.search(words) for words in said):
        stated.refuse("Only naltrexone is compounded here.", reason="C-MEDICATION")
    another = next((found for words in said if (found := _ANOTHER.search(words))), None)
    if another is not None:
        stated.refuse(f"{another[0]} is not made here; low-dose naltrexone is.", reason="C-MEDICATION")
    if ingredients and ingredients[0].has("strength"):
        return _of_ratio(ingredients[0].due("strength"))
    return _of_words(said)


def _said(concept: Element | None, ingredients: tuple[Element, ...]) -> Iterator[str]:
    """Every word that names the medicine."""
    named = (each.one("itemCodeableConcept") for each in ingredients)
    for each in (concept, *named):
        if each is None:
            continue
        if (text := each.text("text")) is not None:
            yield text
        yield from (words for coding in each.many("coding") if (words := coding.text("display")) is not None)


def _codings(concept: Element | None, ingredients: tuple[Element, ...]) -> Iterator[Element]:
    for each in (concept, *(ingredient.one("itemCodeableConcept") for ingredient in ingredients)):
        if each is not None:
            yield from each.many("coding")


def _is_naltrexone(coding: Element) -> bool:
    return coding.text("system") == RXNORM and coding.text("code") == NALTREXONE


def _of_ratio(ratio: Element) -> Medicine:
    """`1.5 mg` per capsule, or per millilitre: the denominator decides."""
    ratio.require_only("numerator", "denominator")
    held, per = mass(*amount(ratio.due("numerator"))), ratio.due("denominator")
    count, unit = amount(per)
    if held is None or not count:
        ratio.refuse("A strength is a mass per capsule or per mL.", code=INVALID, reason="C-DOSE-UNIT")
    each = held / count
    if unit is Unit.ML:
        return Medicine(per_millilitre=each)
    if unit is not Unit.CAPSULE or each.denominator != 1 or not each:
        ratio.refuse("A strength is a mass per capsule or per mL.", code=INVALID, reason="C-DOSE-UNIT")
    return Medicine(strength=Micrograms(int(each)))


def _of_words(said: tuple[str, ...]) -> Medicine:
    """The one strength that the words state; none where they state several, or a number that is not read whole."""
    if any(_is_cut_short(words) for words in said):
        return Medicine()
    liquid = {_micrograms(*found) for words in said for found in _PER_ML.findall(words)}
    solid = {_micrograms(*found) for words in said for found in _MASS.findall(words)}
    if len(liquid) == 1 and not solid:
        return Medicine(per_millilitre=liquid.pop())
    if len(solid) == 1 and not liquid and not any(_VOLUME.search(words) for words in said):
        only = solid.pop()
        return Medicine(strength=Micrograms(int(only))) if only.denominator == 1 and only else Medicine()
    return Medicine()


def _is_cut_short(words: str) -> bool:
    found = (each.start() for pattern in (_PER_ML, _MASS) for each in pattern.finditer(words))
    return any(_CUT_SHORT.search(words[:start]) for start in found)


def _micrograms(number: str, unit: str) -> Fraction:
    return Fraction(Decimal(number)) * (1000 if unit.lower() == "mg" else 1)
