"""The rules and codes that a new pharmacy begins with, read from the revision and the files that file them."""

import csv
import importlib.util
from functools import cache
from pathlib import Path

from pharmacy.domain.findings import Severity
from pharmacy.domain.screening.catalogue import Catalogue, IngredientKind, Medicine
from pharmacy.domain.screening.rules import RuleSet, ScreeningRule
from pharmacy.domain.screening.statements import Condition

_MIGRATIONS = Path(__file__).parents[2] / "migrations"
_REVISION = next((_MIGRATIONS / "versions").glob("*_screening.py"))


@cache
def rules_in_force() -> RuleSet:
    """The rule set of a new pharmacy."""
    specification = importlib.util.spec_from_file_location("screening_revision", _REVISION)
    revision = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(revision)
    return RuleSet(
        rules={
            code: ScreeningRule(
                code=code, version=1, severity=Severity(severity), source=source, numbers=numbers
            )
            for code, severity, source, numbers in revision.RULES
        },
        catalogue=_catalogue(),
        diagnoses={prefix: Condition(condition) for prefix, condition in revision.MEANINGS},
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (_MIGRATIONS / "seeds" / name).open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def _catalogue() -> Catalogue:
    by_system: dict[str, dict[str, Medicine]] = {"rxnorm": {}, "name": {}}
    for row in _rows("medicine_codes.csv"):
        by_system[row["system"]][row["code"]] = Medicine(
            display=row["display"],
            ingredients=tuple(each for each in row["ingredients"].split("+") if each),
            is_long_acting=row["is_long_acting"] == "true",
        )
    return Catalogue(
        by_code=by_system["rxnorm"],
        by_name=by_system["name"],
        kinds={row["name"]: IngredientKind(row["kind"]) for row in _rows("ingredients.csv")},
    )
