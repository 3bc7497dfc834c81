"""Somebody writes a master formulation record: the next version of its code, waiting for approval.

What was entered is kept whole, in one shape, by whichever door it came: the twelve contents of USP <795>.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.beyond_use import Category
from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.errors import Unfit
from pharmacy.domain.formulations import (
    DosageForm,
    Ingredient,
    NewerVersion,
    Recipe,
    StrengthRange,
    require_sound,
)
from pharmacy.domain.quantities import Micrograms
from pharmacy.store import audit, components, formulations
from pharmacy.store.base import new_id
from pharmacy.store.equipment import ShellMaterial
from pharmacy.store.formulations import Formulation


@dataclass(eq=False)
class UnknownComponent(Unfit):
    def __str__(self) -> str:
        return "The catalogue has no such component."


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A component of the catalogue, and how much of it in words."""

    component_id: UUID
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellNamed:
    size: str
    material: ShellMaterial


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    equipment: Sequence[str]
    supplies: Sequence[str]
    steps: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeyondUsePeriod:
    """The category by water, and how many days, the day of compounding counted as the first."""

    category: Category
    days: int
    storage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedCheck:
    check: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFormulation:
    """The twelve contents of USP <795>; capsules have a shell, which is not one of the components.

    `seen_version` is the newest version of that code that the author had before them, 0 for none; NewerVersion is
    raised when there is another by now. Without it nobody is warned.
    """

    code: str
    name: str
    form: DosageForm
    strength: StrengthRange
    components: Sequence[Part]
    shell: ShellNamed | None
    characteristics: str
    container_closure: str
    instructions: Instructions
    description: str
    beyond_use: BeyondUsePeriod
    beyond_use_reference: str
    calculations: Sequence[str]
    labelling: Sequence[str]
    quality_checks: Sequence[ExpectedCheck]
    repeatability: str
    seen_version: int | None = None

    def contents(self) -> dict[str, Any]:
        """The twelve as the books keep them."""
        return {
            "strength": {
                "least_mg": _mg(self.strength.least),
                "most_mg": _mg(self.strength.most),
                "per": self.strength.per,
            },
            "components": [
                {"component_id": str(each.component_id), "amount": each.amount} for each in self.components
            ],
            "shell": None if self.shell is None else asdict(self.shell),
            "characteristics": self.characteristics,
            "container_closure": self.container_closure,
            "instructions": asdict(self.instructions),
            "description": self.description,
            "beyond_use": asdict(self.beyond_use),
            "beyond_use_reference": self.beyond_use_reference,
            "calculations": list(self.calculations),
            "labelling": list(self.labelling),
            "quality_checks": [asdict(each) for each in self.quality_checks],
            "repeatability": self.repeatability,
        }


def _mg(strength: Micrograms) -> str:
    return plain_decimal(strength.in_milligrams().value)


def write_formulation(session: Session, new: NewFormulation, *, by: Actor, now: datetime) -> Formulation:
    """The next version of that code is written, and serves nobody until another pharmacist approves it.

    Raises UnknownComponent, FormulationUnfit and FillerRefused, each with its place, and NewerVersion.
    """
    newest = formulations.newest_version(session, new.code)
    if new.seen_version not in {None, newest}:
        raise NewerVersion(new.code, newest, where=("code",))
    require_sound(_recipe(session, new))
    row = Formulation(
        id=new_id(),
        code=new.code,
        version=newest + 1,
        name=new.name,
        form=new.form,
        category=new.beyond_use.category,
        beyond_use_days=new.beyond_use.days,
        contents=new.contents(),
        written_by=by.id,
        written_at=now,
    )
    session.add(row)
    audit.record(session, "formulation.written", row.id, by=by, at=now, code=new.code, version=row.version)
    return row


def _recipe(session: Session, new: NewFormulation) -> Recipe:
    ids = [each.component_id for each in new.components]
    known = components.components(session, ids)
    for at, component_id in enumerate(ids):
        if component_id not in known:
            raise UnknownComponent(where=("components", at, "component_id"))
    return Recipe(
        form=new.form,
        strength=new.strength,
        category=new.beyond_use.category,
        beyond_use_days=new.beyond_use.days,
        ingredients=tuple(
            Ingredient(name=known[each].name, kind=known[each].kind, tags=known[each].known_tags())
            for each in ids
        ),
        has_shell=new.shell is not None,
    )
