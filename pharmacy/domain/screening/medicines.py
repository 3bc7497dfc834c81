"""The list of medicines: what is coded is judged by its ingredients, what is only written warns.

A match of letters is a reason to look, not a diagnosis: a name found in free text never makes a finding graver
than a warning (house policy, screening). Codes that the catalogue does not hold are screened by their words
and counted, because most are harmless and none may pass unseen.
"""

from collections.abc import Iterator, Mapping

from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.screening.catalogue import OPIOIDS, IngredientKind, Medicine
from pharmacy.domain.screening.opioids import coded_antagonists, coded_opioids
from pharmacy.domain.screening.rules import RuleSet
from pharmacy.domain.screening.statements import Condition, Profile, Stated

_KINDS = IngredientKind
_ANTAGONISTS = frozenset({_KINDS.NALTREXONE, _KINDS.ANTAGONIST})
Conditions = Mapping[Condition, Stated]


def medicines(profile: Profile, conditions: Conditions, rules: RuleSet) -> Iterator[Finding]:
    """Everything that the lists of medicines give rise to."""
    unknown = 0
    for stated in profile.medicines:
        coded = rules.catalogue.coded(stated)
        if coded is not None:
            yield from _coded(stated, coded, conditions, rules)
            continue
        unknown += stated.code is not None
        yield from _written(stated, conditions, rules)
    if unknown:
        because = f"{unknown} coded medicine{'s are' if unknown > 1 else ' is'} not in the catalogue and screened by name only."
        yield rules.finding(
            "S-CODE-UNKNOWN", because, where=("medicines",), inputs={"medicines": str(unknown)}
        )


def _coded(stated: Stated, medicine: Medicine, conditions: Conditions, rules: RuleSet) -> Iterator[Finding]:
    yield from coded_opioids(stated, medicine, rules)
    yield from coded_antagonists(stated, medicine, rules)
    kinds = rules.catalogue.kinds_in(medicine)
    if not kinds.isdisjoint({_KINDS.IMMUNOSUPPRESSANT, _KINDS.TRANSPLANT_IMMUNOSUPPRESSANT}):
        yield _immunosuppressant(stated, medicine, conditions, rules)
    if _KINDS.THYROID_HORMONE in kinds and Condition.HASHIMOTO in conditions:
        because = (
            f"{medicine.display} with Hashimoto's thyroiditis: start low, at 0.5 mg; check TSH after 6 to 8"
            " weeks, its dose may need lowering."
        )
        yield rules.finding("S-THYROID", because, stated)
    for kind, (code, because) in _BY_KIND.items():
        if kind in kinds:
            yield rules.finding(code, because.format(medicine.display), stated)


_BY_KIND: Mapping[IngredientKind, tuple[str, str]] = {
    _KINDS.THIORIDAZINE: ("S-THIORIDAZINE", "{} with naltrexone: lethargy and somnolence."),
    _KINDS.DISULFIRAM: ("S-DISULFIRAM", "{} with naltrexone: two medicines that may harm the liver."),
    _KINDS.IMMUNE_THERAPY: ("S-IMMUNE-THERAPY", "{} acts on immunity, as low-dose naltrexone may."),
}


def _immunosuppressant(stated: Stated, medicine: Medicine, conditions: Conditions, rules: RuleSet) -> Finding:
    """After a transplant an override; against an autoimmune disease a warning; unsaid, the graver of the two."""
    is_for_transplant = _KINDS.TRANSPLANT_IMMUNOSUPPRESSANT in rules.catalogue.kinds_in(medicine)
    against = Condition.AUTOIMMUNE_DISEASE in conditions and Condition.TRANSPLANT not in conditions
    if against and not is_for_transplant:
        because = f"{medicine.display} against an autoimmune disease: LDN may work against it."
        return rules.finding("S-IMMUNOSUPPRESSANT", because, stated)
    because = f"{medicine.display} suppresses immunity, as after a transplant: LDN may work against it."
    return rules.finding("S-TRANSPLANT", because, stated)


def _written(stated: Stated, conditions: Conditions, rules: RuleSet) -> Iterator[Finding]:
    """What the words of an entry name; at most one finding of each code, and none graver than a warning."""
    seen: set[str] = set()
    for medicine in rules.catalogue.named_in(stated.text):
        finding = _named(stated, medicine, conditions, rules)
        if finding is not None and finding.code not in seen:
            seen.add(finding.code)
            yield finding


def _named(stated: Stated, medicine: Medicine, conditions: Conditions, rules: RuleSet) -> Finding | None:
    kinds = rules.catalogue.kinds_in(medicine)
    name = medicine.display.casefold()
    if not kinds.isdisjoint(OPIOIDS):
        because = f"The list of medicines names {name}, which naltrexone blocks."
        return rules.finding("S-MEDICINE-OPIOID", because, stated)
    if not kinds.isdisjoint(_ANTAGONISTS):
        because = f"The list of medicines names {name}, another opioid antagonist."
        return rules.finding("S-MEDICINE-DUPLICATE", because, stated)
    found = next(_coded(stated, medicine, conditions, rules), None)
    if found is None or found.severity is Severity.INFO:
        return found
    because = f"The list of medicines names {name}, which does not go with naltrexone without a look."
    return rules.finding("S-MEDICINE-NAMED", because, stated)
