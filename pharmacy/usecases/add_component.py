"""A component comes into the catalogue, with the tags that rules go by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.components import ComponentKind, ComponentTag
from pharmacy.domain.errors import Conflict
from pharmacy.store import audit
from pharmacy.store.base import new_id
from pharmacy.store.components import Component


@dataclass(eq=False)
class AlreadyInCatalogue(Conflict):
    name: str

    def __str__(self) -> str:
        return f"The catalogue has {self.name} already."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewComponent:
    name: str
    kind: ComponentKind
    tags: Sequence[ComponentTag]
    cas_number: str | None


def add_component(session: Session, new: NewComponent, *, by: Actor, now: datetime) -> Component:
    """The component is in the catalogue. Raises AlreadyInCatalogue."""
    if session.scalar(select(Component.id).where(Component.name == new.name)) is not None:
        raise AlreadyInCatalogue(new.name, where=("name",))
    tags = sorted({tag.value for tag in new.tags})
    row = Component(
        id=new_id(),
        name=new.name,
        kind=new.kind,
        tags=tags,
        cas_number=new.cas_number,
        added_at=now,
        added_by=by.id,
    )
    session.add(row)
    audit.record(session, "component.added", row.id, by=by, at=now, name=new.name, tags=tags)
    return row
