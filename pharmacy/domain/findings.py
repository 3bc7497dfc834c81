"""What a rule noticed, how grave it is, and why.

A rule that does not refuse answers with findings, and the caller decides what stops the
order. The four severities are those of the screening policy: `block` waits for the
prescriber, `override` needs a pharmacist's recorded reason, `warn` is acknowledged,
`info` is told to the patient.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pharmacy.domain.errors import Where


class Severity(StrEnum):
    """How grave a finding is, gravest first."""

    BLOCK = "block"
    OVERRIDE = "override"
    WARN = "warn"
    INFO = "info"


_GRAVITY: Mapping[Severity, int] = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule noticed. `code` is stable, `because` is a sentence for people.

    `rule_version` is that of the screening rule of the same code, where the rule is kept as data; `inputs` are
    the facts that made it speak, for staff. `because` may be read by the practice that sent the order.
    Where two statements disagree, `expected` is what follows from the plan and `found` what was written.
    """

    code: str
    severity: Severity
    because: str
    where: Where = ()
    expected: str | None = None
    found: str | None = None
    rule_version: int | None = None
    inputs: tuple[tuple[str, str], ...] = ()


def gravest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings by severity, then by code, then in the order in which they were found."""
    return tuple(sorted(findings, key=lambda finding: (_GRAVITY[finding.severity], finding.code)))
