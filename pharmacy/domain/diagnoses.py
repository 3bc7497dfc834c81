"""Diagnosis codes of ICD-10-CM, as of the day on which the prescription was written.

The table changes every 1 October, and every April. A code that was retired is still read, because old orders
carry it, and flagged; a header names a group and is not billable; a code that the table does not hold has the
right shape and nothing more. Nothing here stops an order: a diagnosis is optional.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pharmacy.domain.findings import Finding, Severity

# All 74,724 leaves of the tables of October 2025 have this shape; letters occur anywhere after the first place.
DIAGNOSIS_SHAPE = re.compile(r"[A-Z][0-9A-Z][0-9A-Z](\.[0-9A-Z]{1,4})?")
# Pairs that exclude each other on one claim (Excludes1 of the tabular list).
_EXCLUDING = ((frozenset({"R53.82", "G93.32"})), (frozenset({"G89.29", "G89.4"})))
_POST_COVID = "U09.9"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisCode:
    """One code; both days are included, None is open. A header has codes below it and is never billable."""

    display: str
    is_header: bool
    billable_from: date | None = None
    billable_through: date | None = None

    def was_billable(self, on: date) -> bool:
        """Whether a claim of that day might carry it."""
        if self.billable_through is not None and on <= self.billable_through:
            return True
        begun = self.billable_from is None or self.billable_from <= on
        return begun and not self.is_header


def diagnoses_found(
    codes: Sequence[str], written_on: date, today: date, table: Mapping[str, DiagnosisCode]
) -> Iterator[Finding]:
    """What a pharmacist or a biller should know of these codes, in their order."""
    for index, code in enumerate(codes):
        where = ("prescription", "diagnosis_codes", index)
        known = table.get(code)
        if known is None:
            because = f"{code} is not in the table of diagnoses; its shape is right."
            yield Finding("V-DIAGNOSIS-UNKNOWN", Severity.INFO, because, where)
        elif not known.was_billable(written_on):
            why = "names a group; give a code below it" if known.is_header else "was not in force on that day"
            because = f"{code} ({known.display}) is not billable: it {why}."
            yield Finding("V-DIAGNOSIS-NOT-BILLABLE", Severity.WARN, because, where)
        elif not known.was_billable(today):
            because = (
                f"{code} ({known.display}) was retired since; ask for its successor at the next renewal."
            )
            yield Finding("V-DIAGNOSIS-RETIRED", Severity.WARN, because, where)
    yield from _together(codes)


def _together(codes: Sequence[str]) -> Iterator[Finding]:
    where = ("prescription", "diagnosis_codes")
    for pair in _EXCLUDING:
        if pair <= set(codes):
            because = f"{' and '.join(sorted(pair))} exclude each other on one claim."
            yield Finding("V-DIAGNOSES-EXCLUDE", Severity.WARN, because, where)
    if set(codes) == {_POST_COVID}:
        because = f"{_POST_COVID} wants the condition itself coded first, where it is known."
        yield Finding("V-DIAGNOSIS-CODE-FIRST", Severity.INFO, because, where)
