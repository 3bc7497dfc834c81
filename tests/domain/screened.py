"""What is known of a patient, said shortly, and what the rules of a new pharmacy find."""

from datetime import date

from pharmacy.domain.findings import Severity
from pharmacy.domain.screening import screen
from pharmacy.domain.screening.statements import (
    CodeSystem,
    Condition,
    Excipient,
    Formula,
    Profile,
    Stated,
    Tag,
)
from tests.domain.plans import usual_plan
from tests.domain.rules_in_force import rules_in_force

RULES = rules_in_force()
TODAY = date(2026, 3, 8)
BLOCK, OVERRIDE, WARN, INFO = Severity
FORMULA = Formula(
    filler=Excipient(name="microcrystalline cellulose", tags=frozenset({Tag.CELLULOSE})),
    shell=Excipient(name="a hard gelatin capsule", tags=frozenset({Tag.GELATIN, Tag.ANIMAL})),
)


def coded(code: str, text: str = "as listed", **fields) -> Stated:
    return Stated(text=text, system=CodeSystem.RXNORM, code=code, **fields)


def named(name: str, **fields) -> Stated:
    return Stated(text=name, system=CodeSystem.NAME, code=name, **fields)


def has(condition: Condition) -> Stated:
    return Stated(text=condition.value, system=CodeSystem.HOUSE, code=condition.value)


def found(**known) -> dict[str, Severity]:
    """The codes found for an adult of whom this is known, with their severity."""
    profile = Profile(**{"on": TODAY, "age": 44, "formula": FORMULA, **known})
    return {finding.code: finding.severity for finding in screen(profile, usual_plan(), RULES)}
