"""The patient: age, conditions, allergies, and what those mean for a capsule of naltrexone.

Contraindications are those of the labelling of naltrexone tablets; the rest is caution that a pharmacist
weighs. An allergy is held against what the capsules consist of, filler and shell apart: an excipient is left
out or the order waits.
"""

from collections.abc import Iterator, Mapping

from pharmacy.domain.findings import Finding
from pharmacy.domain.screening.catalogue import words_of
from pharmacy.domain.screening.medicines import Conditions
from pharmacy.domain.screening.rules import RuleSet
from pharmacy.domain.screening.statements import (
    CodeSystem,
    Condition,
    Excipient,
    Formula,
    Profile,
    Stated,
    Tag,
)

ADULT_AGE = 18

# The conditions that each rule is about, and its reason.
_CONDITIONS: Mapping[str, tuple[frozenset[Condition], str]] = {
    "S-LIVER-ACUTE": (
        frozenset({Condition.ACUTE_HEPATITIS, Condition.LIVER_FAILURE}),
        "Acute hepatitis or liver failure: naltrexone is contraindicated.",
    ),
    "S-LIVER-IMPAIRED": (
        frozenset({Condition.CIRRHOSIS, Condition.LIVER_ENZYMES_RAISED}),
        "Cirrhosis, or liver enzymes over three times the upper limit: caution with the liver.",
    ),
    "S-RENAL-SEVERE": (
        frozenset({Condition.RENAL_IMPAIRMENT_SEVERE}),
        "Severe renal impairment: naltrexone and its metabolite leave more slowly.",
    ),
    "S-PREGNANCY": (
        frozenset({Condition.PREGNANCY, Condition.BREAST_FEEDING}),
        "Pregnancy or breast-feeding: only with the patient's documented consent.",
    ),
    "S-OPIOID-USE-DISORDER": (
        frozenset({Condition.OPIOID_USE_DISORDER}),
        "An opioid use disorder or treatment programme: opioid-free time must be confirmed first.",
    ),
    "S-LOPERAMIDE-HIGH": (
        frozenset({Condition.LOPERAMIDE_MISUSE}),
        "Loperamide is taken like an opioid.",
    ),
    "S-DEPRESSION": (
        frozenset({Condition.DEPRESSION, Condition.SUICIDALITY}),
        "Depression or thoughts of suicide: watch the mood.",
    ),
    "S-ALCOHOL-HEAVY": (frozenset({Condition.ALCOHOL_HEAVY}), "Heavy drinking: think of the liver."),
    "S-ALCOHOL": (frozenset({Condition.ALCOHOL}), "Alcohol: counsel about the liver."),
}


def conditions_of(profile: Profile, rules: RuleSet) -> Conditions:
    """What the patient has or is, each with the first statement that says so."""
    known: dict[Condition, Stated] = {}
    for stated in profile.conditions:
        meaning = rules.meaning_of(stated)
        if meaning is not None:
            known.setdefault(meaning, stated)
    if Condition.HASHIMOTO in known:  # Hashimoto's thyroiditis is an autoimmune disease.
        known.setdefault(Condition.AUTOIMMUNE_DISEASE, known[Condition.HASHIMOTO])
    return known


def conditions_found(profile: Profile, conditions: Conditions, rules: RuleSet) -> Iterator[Finding]:
    """Findings about age and conditions; a condition that is only written is for the pharmacist to read."""
    if profile.age < ADULT_AGE:
        because = f"The patient is {profile.age} years old; use under {ADULT_AGE} is not established."
        yield rules.finding(
            "S-AGE-UNDER-18", because, where=("patient", "birth_on"), inputs={"age": str(profile.age)}
        )
    for code, (meant, because) in _CONDITIONS.items():
        stated = next((conditions[each] for each in Condition if each in meant and each in conditions), None)
        if stated is not None:
            yield rules.finding(code, because, stated)
    if Condition.TRANSPLANT in conditions:
        because = "An organ transplant: LDN may work against what keeps it."
        yield rules.finding("S-TRANSPLANT", because, conditions[Condition.TRANSPLANT])
    for stated in profile.conditions:
        if stated.code is None:
            because = "A condition is stated in words only: read it, nothing has screened it."
            yield rules.finding("S-CONDITION-WRITTEN", because, stated)


def allergies_found(profile: Profile, rules: RuleSet) -> Iterator[Finding]:
    """Allergies to naltrexone, and to what the capsules consist of."""
    for stated in profile.allergies:
        if _is_to_naltrexone(stated, rules):
            yield rules.finding("S-ALLERGY-NALTREXONE", "An allergy to naltrexone is stated.", stated)
        if profile.formula is not None:
            yield from _to_excipients(stated, profile.formula, rules)


def _is_to_naltrexone(stated: Stated, rules: RuleSet) -> bool:
    coded = rules.catalogue.coded(stated)
    return (coded is not None and "naltrexone" in coded.ingredients) or "naltrexone" in words_of(stated.text)


def _to_excipients(stated: Stated, formula: Formula, rules: RuleSet) -> Iterator[Finding]:
    for part, excipient in (("filler", formula.filler), ("shell", formula.shell)):
        shared = _tags_of(stated, rules) & excipient.tags
        if shared or _names(stated, excipient):
            what = ", ".join(sorted(shared)) or excipient.name
            because = f"An allergy to {what} is stated, and the {part} is {excipient.name}."
            yield rules.finding(
                "S-ALLERGY-EXCIPIENT", because, stated, inputs={"part": part, "excipient": excipient.name}
            )


def _tags_of(stated: Stated, rules: RuleSet) -> frozenset[Tag]:
    """What the allergy is to: by house code, or by the words that the rule knows."""
    if stated.system is CodeSystem.HOUSE:
        return frozenset(tag for tag in Tag if tag == stated.code)
    said = f" {' '.join(words_of(stated.text))} "
    return frozenset(
        tag
        for tag in Tag
        if any(f" {word} " in said for word in rules.words_by("S-ALLERGY-EXCIPIENT", "words", tag))
    )


def _names(stated: Stated, excipient: Excipient) -> bool:
    said, name = words_of(stated.text), words_of(excipient.name)
    return bool(said) and set(said) <= set(name)


def formula_found(formula: Formula | None, rules: RuleSet) -> Iterator[Finding]:
    """Fillers that no capsule of low-dose naltrexone has: they bind the drug or release it slowly.

    Hypromellose gels as a filler and is a fine shell, so the shell is not asked.
    """
    if formula is None:
        return
    if Tag.CALCIUM in formula.filler.tags:
        because = f"The filler {formula.filler.name} holds calcium, which interferes with absorption."
        yield rules.finding("S-FILLER-CALCIUM", because, inputs={"filler": formula.filler.name})
    if Tag.GELLING in formula.filler.tags:
        because = f"The filler {formula.filler.name} gels and would release the drug slowly."
        yield rules.finding("S-FILLER-GELLING", because, inputs={"filler": formula.filler.name})
