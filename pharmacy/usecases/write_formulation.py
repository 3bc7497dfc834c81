"""Somebody writes a master formulation record: the next version of its code, waiting for approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.beyond_use import Category
from pharmacy.domain.errors import Unfit
from pharmacy.domain.formulations import DosageForm, Ingredient, Recipe, require_sound
from pharmacy.store import audit, components, formulations
from pharmacy.store.base import new_id
from pharmacy.store.formulations import Formulation


@dataclass(eq=False)
class UnknownComponent(Unfit):
    def __str__(self) -> str:
        return "The catalogue has no such component."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFormulation:
    """The twelve contents of USP <795>; `contents` as they were entered, the rest as the rules read them."""

    code: str
    name: str
    form: DosageForm
    category: Category
    beyond_use_days: int
    component_ids: Sequence[UUID]
    has_shell: bool
    contents: Mapping[str, Any]


def write_formulation(session: Session, new: NewFormulation, *, by: Actor, now: datetime) -> Formulation:
    """The next version of that code is written, and serves nobody until another pharmacist approves it.

    Raises UnknownComponent, FormulationUnfit and FillerRefused, each with its place.
    """
    known = components.components(session, new.component_ids)
    for at, component_id in enumerate(new.component_ids):
        if component_id not in known:
            raise UnknownComponent(where=("components", at, "component_id"))
    require_sound(
        Recipe(
            form=new.form,
            category=new.category,
            beyond_use_days=new.beyond_use_days,
            ingredients=tuple(
                Ingredient(name=known[each].name, kind=known[each].kind, tags=known[each].known_tags())
                for each in new.component_ids
            ),
            has_shell=new.has_shell,
        )
    )
    row = Formulation(
        id=new_id(),
        code=new.code,
        version=formulations.newest_version(session, new.code) + 1,
        name=new.name,
        form=new.form,
        category=new.category,
        beyond_use_days=new.beyond_use_days,
        contents=dict(new.contents),
        written_by=by.id,
        written_at=now,
    )
    session.add(row)
    audit.record(session, "formulation.written", row.id, by=by, at=now, code=new.code, version=row.version)
    return row
