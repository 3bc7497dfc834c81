"""From codes and names to ingredients: screening asks what is in a medicine, not how it is spelt.

A medication list carries codes of ingredients, salts, combinations and products, brands and plain words. All
of them lead to ingredients, and every ingredient has one kind, which the rules are about. Codes come from
sources that agree with one another, never from one public map alone: such a map gives lidocaine's code for
azathioprine. What has no code that could be confirmed is found by name.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pharmacy.domain.plain_text import without_accents
from pharmacy.domain.screening.statements import CodeSystem, Stated

_WORD = re.compile(r"[a-z0-9]+")
_LONGEST_NAME_WORDS = 5
# Words that say that a medicine is released slowly, as people write them.
_SLOW_WORDS = frozenset({"contin", "er", "extended", "la", "patch", "sr", "transdermal", "xl", "xr"})


class IngredientKind(StrEnum):
    """What an ingredient does, as far as naltrexone is concerned."""

    FULL_OPIOID = "full_opioid"
    LONG_ACTING_OPIOID = "long_acting_opioid"
    TRAMADOL = "tramadol"
    PARTIAL_OPIOID = "partial_opioid"
    MIXED_OPIOID = "mixed_opioid"
    UNREGULATED_OPIOID = "unregulated_opioid"
    LOPERAMIDE = "loperamide"
    PERIPHERAL_OPIOID = "peripheral_opioid"
    DEXTROMETHORPHAN = "dextromethorphan"
    NALOXONE = "naloxone"
    NALTREXONE = "naltrexone"
    ANTAGONIST = "antagonist"
    IMPLIES_OPIOIDS = "implies_opioids"
    IMMUNOSUPPRESSANT = "immunosuppressant"
    TRANSPLANT_IMMUNOSUPPRESSANT = "transplant_immunosuppressant"
    IMMUNE_THERAPY = "immune_therapy"
    THYROID_HORMONE = "thyroid_hormone"
    THIORIDAZINE = "thioridazine"
    DISULFIRAM = "disulfiram"
    UNREMARKABLE = "unremarkable"


K = IngredientKind
OPIOIDS = frozenset(
    {K.FULL_OPIOID, K.LONG_ACTING_OPIOID, K.TRAMADOL, K.PARTIAL_OPIOID, K.MIXED_OPIOID, K.UNREGULATED_OPIOID}
)
# Kinds whose effect outlasts that of other opioids whatever the form (labelling of naltrexone: up to two weeks).
ALWAYS_LONG = frozenset({K.LONG_ACTING_OPIOID, K.PARTIAL_OPIOID})


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """One row of the catalogue: what is in it, and whether an opioid in it acts long."""

    display: str
    ingredients: tuple[str, ...]
    is_long_acting: bool = False


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All medicines by code and by name (`words_of` the name), and the kind of each ingredient."""

    by_code: Mapping[str, Medicine]
    by_name: Mapping[str, Medicine]
    kinds: Mapping[str, IngredientKind]

    def coded(self, stated: Stated) -> Medicine | None:
        """The medicine of that code or exact name; None when nothing, or nothing known, is coded."""
        if stated.code is None:
            return None
        if stated.system is CodeSystem.RXNORM:
            return self.by_code.get(stated.code)
        if stated.system is CodeSystem.NAME:
            return self.by_name.get(" ".join(words_of(stated.code)))
        return None

    def named_in(self, text: str) -> tuple[Medicine, ...]:
        """The medicines that the text names, in the order of their naming; the longest name counts."""
        words = words_of(text)
        found: list[Medicine] = []
        at = 0
        while at < len(words):
            length, medicine = self._longest_at(words, at)
            found += [medicine] if medicine is not None else []
            at += length
        return tuple(found)

    def _longest_at(self, words: tuple[str, ...], at: int) -> tuple[int, Medicine | None]:
        for length in range(min(_LONGEST_NAME_WORDS, len(words) - at), 0, -1):
            medicine = self.by_name.get(" ".join(words[at : at + length]))
            if medicine is not None:
                return length, medicine
        return 1, None

    def kinds_in(self, medicine: Medicine) -> frozenset[IngredientKind]:
        return frozenset(self.kinds.get(each, K.UNREMARKABLE) for each in medicine.ingredients)

    def ingredients_of(self, medicine: Medicine, kinds: Iterable[IngredientKind]) -> tuple[str, ...]:
        """Those of its ingredients that are of one of these kinds."""
        wanted = frozenset(kinds)
        return tuple(each for each in medicine.ingredients if self.kinds.get(each) in wanted)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in lower case without accents and signs: "Tylenol #3" is tylenol, 3."""
    return tuple(_WORD.findall(without_accents(text)))


def says_slow(text: str) -> bool:
    """Whether the text says that the medicine is released slowly: "oxycodone ER", "fentanyl patch"."""
    return not _SLOW_WORDS.isdisjoint(words_of(text))
