"""Medicines, allergies and conditions as they come in: a plain string, or text with its code.

A code is judged by what it stands for; a plain string is searched for names and only ever warns. So whoever
has a code sends it: `{"text": "Percocet 5/325", "system": "rxnorm", "code": "..."}`; the system `name` says that
the code is the name of an ingredient or a brand, `house` that it is one of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields

from pharmacy.domain.diagnoses import DIAGNOSIS_SHAPE
from pharmacy.domain.screening.statements import CodeSystem, Condition, Stated, Tag
from pharmacy.web.fields import OneOf as OneOfMembers
from pharmacy.web.fields import Text

LONGEST_STATEMENT = 100
LONGEST_CODE = 60
_RXNORM = re.compile(r"[0-9]{1,8}")
_MASS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")
_SHAPES = {CodeSystem.RXNORM: _RXNORM, CodeSystem.ICD_10_CM: DIAGNOSIS_SHAPE}
_HOUSE = {"allergies": frozenset(Tag), "conditions": frozenset(Condition)}


class _Coded(Schema):
    """The members of a coded statement."""

    text = Text(most=LONGEST_STATEMENT, required=True)
    system = OneOfMembers(CodeSystem, load_default=None)
    code = Text(most=LONGEST_CODE, load_default=None)
    daily_dose_mg = Text(most=12, load_default=None)


class Statement(fields.Field[Stated]):
    """One statement, coded by one of these systems or in words only."""

    default_error_messages = {  # noqa: RUF012  # Marshmallow's way to word refusals is a mapping on the class.
        "invalid": "Text is due here, or an object with text, system and code.",
        "half": "A code comes with its system.",
        "code": "This is no code of that system.",
        "system": "Codes here are of {systems}.",
        "mass": 'Milligrams a day are a string such as "4.5".',
    }

    def __init__(self, kind: str, *systems: CodeSystem, **options: Any) -> None:
        self.kind = kind
        self.systems = systems
        super().__init__(metadata=self._described() | options.pop("metadata", {}), **options)

    def _described(self) -> dict[str, Any]:
        plain = {"type": "string", "minLength": 1, "maxLength": LONGEST_STATEMENT}
        members: dict[str, Any] = {
            "text": plain,
            "system": {"type": "string", "enum": [system.value for system in self.systems]},
            "code": {"type": "string", "minLength": 1, "maxLength": LONGEST_CODE},
        }
        if self.kind == "medicines":
            members["daily_dose_mg"] = {"type": "string", "pattern": f"^{_MASS.pattern}$"}
        coded = {
            "type": "object",
            "properties": members,
            "required": ["text"],
            "additionalProperties": False,
        }
        return {"anyOf": [plain, coded]}

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any
    ) -> Stated:
        if isinstance(value, str):
            return Stated(text=Text(most=LONGEST_STATEMENT).deserialize(value))
        if not isinstance(value, Mapping):
            raise self.make_error("invalid")
        given = _Coded().load(value)
        system, code = given["system"], given["code"]
        if (system is None) != (code is None):
            raise self.make_error("half")
        if code is not None:
            self._require_code(system, code)
        return Stated(
            text=given["text"], system=system, code=code, daily_dose_mg=self._mass(given["daily_dose_mg"])
        )

    def _require_code(self, system: CodeSystem, code: str) -> None:
        if system not in self.systems:
            raise self.make_error("system", systems=", ".join(self.systems))
        shape = _SHAPES.get(system)
        if shape is not None and not shape.fullmatch(code):
            raise self.make_error("code")
        if system is CodeSystem.HOUSE and code not in _HOUSE[self.kind]:
            raise self.make_error("code")

    def _mass(self, said: str | None) -> Decimal | None:
        if said is None:
            return None
        if self.kind != "medicines" or not _MASS.fullmatch(said):
            raise ValidationError({"daily_dose_mg": [self.error_messages["mass"]]})
        return Decimal(said)


def medicine() -> Statement:
    return Statement("medicines", CodeSystem.RXNORM, CodeSystem.NAME)


def allergy() -> Statement:
    return Statement("allergies", CodeSystem.RXNORM, CodeSystem.NAME, CodeSystem.HOUSE)


def condition() -> Statement:
    return Statement("conditions", CodeSystem.ICD_10_CM, CodeSystem.HOUSE)
