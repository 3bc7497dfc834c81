"""The screening rules in force and the codes they read, as one value; read once and kept until they change.

The catalogue is some six hundred rows that change a few times a year, while the reference is read again with
every lot. So it is kept by its own version, which triggers raise with every change of a rule or a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from sqlalchemy.orm import Session

from pharmacy.domain.diagnoses import DiagnosisCode
from pharmacy.domain.screening.catalogue import Catalogue, IngredientKind, Medicine
from pharmacy.domain.screening.rules import RuleSet, ScreeningRule
from pharmacy.domain.screening.statements import CodeSystem, Condition
from pharmacy.store import screening as books


# Compared by identity: one value is one reading of the books.
@dataclass(frozen=True, kw_only=True, eq=False)
class ScreeningBooks:
    version: int
    rules: RuleSet
    diagnosis_codes: Mapping[str, DiagnosisCode]


_LOCK = Lock()
_KEPT: dict[int, ScreeningBooks] = {}
_MOST_KEPT = 4


def screening_books(session: Session) -> ScreeningBooks:
    """The rules and codes in force."""
    version = books.screening_version(session)
    kept = _KEPT.get(version)
    if kept is None:
        kept = _read(session, version)
        with _LOCK:
            if len(_KEPT) >= _MOST_KEPT:
                _KEPT.clear()
            _KEPT[version] = kept
    return kept


def _read(session: Session, version: int) -> ScreeningBooks:
    return ScreeningBooks(
        version=version,
        rules=RuleSet(
            rules={row.code: rule_of(row) for row in session.scalars(books.rules_in_force())},
            catalogue=_catalogue(session),
            diagnoses={
                prefix: Condition(condition)
                for prefix, condition in books.diagnosis_meanings(session).items()
            },
        ),
        diagnosis_codes={
            row.code: DiagnosisCode(
                display=row.display,
                is_header=row.is_header,
                billable_from=row.billable_from,
                billable_through=row.billable_through,
            )
            for row in books.diagnosis_codes(session)
        },
    )


def rule_of(row: books.ScreeningRuleRow) -> ScreeningRule:
    return ScreeningRule(
        code=row.code, version=row.version, severity=row.severity, source=row.source, numbers=row.numbers
    )


def _catalogue(session: Session) -> Catalogue:
    by_system: dict[str, dict[str, Medicine]] = {CodeSystem.RXNORM: {}, CodeSystem.NAME: {}}
    for row in books.medicine_codes(session):
        by_system[row.system][row.code] = Medicine(
            display=row.display, ingredients=tuple(row.ingredients), is_long_acting=row.is_long_acting
        )
    return Catalogue(
        by_code=by_system[CodeSystem.RXNORM],
        by_name=by_system[CodeSystem.NAME],
        kinds={name: IngredientKind(kind) for name, kind in books.ingredient_kinds(session).items()},
    )
