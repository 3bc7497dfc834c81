"""Screening rules as data: each has a version, a severity, a source, and the numbers it goes by.

How a condition is recognised is code; how grave it is, from which number on, and who says so is data that the
pharmacist-in-charge owns. A change is a new version of the rule, and every finding names the version by which
it was made, so that a rule of today is never read into a result of last year.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from pharmacy.domain.errors import Where
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.screening.catalogue import Catalogue
from pharmacy.domain.screening.statements import CodeSystem, Condition, Origin, Stated

# What a practice reads of a finding that another practice's record makes: a code, and no word of theirs.
TOLD_OF_ELSEWHERE = "Another record of this pharmacy bears on this order; its pharmacists look into it."
_SHORTEST_PREFIX = 3
Inputs = Mapping[str, str]
_NO_INPUTS: Inputs = {}


@dataclass(frozen=True, kw_only=True)
class ScreeningRule:
    code: str
    version: int
    severity: Severity
    source: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class RuleSet:
    """The rules in force, with the tables they read: medicines, and what a diagnosis code implies."""

    rules: Mapping[str, ScreeningRule]
    catalogue: Catalogue
    diagnoses: Mapping[str, Condition]

    def whole(self, code: str, name: str) -> int:
        """A whole number of that rule; KeyError when it has none of that name, which is a fault of the books."""
        return int(self.rules[code].numbers[name])

    def decimal(self, code: str, name: str) -> Decimal:
        """A number of that rule, kept as text so that it is exact."""
        return Decimal(self.rules[code].numbers[name])

    def words_by(self, code: str, name: str, key: str) -> tuple[str, ...]:
        """The words under that key that the rule looks for; none when it knows none."""
        return tuple(self.rules[code].numbers[name].get(key, ()))

    def finding(
        self,
        code: str,
        because: str,
        about: Stated | None = None,
        *,
        where: Where = (),
        inputs: Inputs = _NO_INPUTS,
    ) -> Finding:
        """The finding by that rule as it stands now; what `about` stated elsewhere is worded for nobody else."""
        rule = self.rules[code]
        origin = Origin.ORDER if about is None else about.origin
        stated = {} if about is None else {"stated": about.text, "origin": origin.value}
        told = TOLD_OF_ELSEWHERE if origin is Origin.ELSEWHERE else because
        place = about.where if about is not None and origin is Origin.ORDER else where
        return Finding(
            code,
            rule.severity,
            told,
            () if origin is Origin.ELSEWHERE else place,
            rule_version=rule.version,
            inputs=tuple(sorted({**stated, **inputs}.items())),
        )

    def stamped(self, finding: Finding) -> Finding:
        """A finding made without the rules as data, with the version of its rule where there is one."""
        rule = self.rules.get(finding.code)
        if rule is None or finding.rule_version is not None:
            return finding
        return replace(finding, rule_version=rule.version)

    def meaning_of(self, stated: Stated) -> Condition | None:
        """What a coded condition or diagnosis is; the longest listed prefix of a diagnosis code counts."""
        if stated.code is None:
            return None
        if stated.system is CodeSystem.HOUSE:
            return next((known for known in Condition if known == stated.code), None)
        if stated.system is CodeSystem.ICD_10_CM:
            prefixes = (stated.code[:end] for end in range(len(stated.code), _SHORTEST_PREFIX - 1, -1))
            return next((self.diagnoses[prefix] for prefix in prefixes if prefix in self.diagnoses), None)
        return None
