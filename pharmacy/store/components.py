"""The catalogue of components: what lots are lots of, with the tags that rules go by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import TEXT, CheckConstraint, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.components import ComponentKind, ComponentTag
from pharmacy.domain.errors import NotFound
from pharmacy.store.base import Model, new_id, one_of


@dataclass(eq=False)
class ComponentNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such component."


class Component(Model):
    __tablename__ = "components"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[ComponentKind] = mapped_column(one_of(ComponentKind, "kind"))
    tags: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    cas_number: Mapped[str | None]
    added_at: Mapped[datetime]
    added_by: Mapped[UUID]
    __table_args__ = (
        CheckConstraint(
            "tags <@ array['calcium', 'gelling', 'lactose', 'animal', 'gluten', 'dye', 'aqueous', 'preserved']",
            name="tags",
        ),
    )

    def known_tags(self) -> tuple[ComponentTag, ...]:
        return tuple(ComponentTag(tag) for tag in self.tags)


def catalogue(session: Session) -> Sequence[Component]:
    """Every component, by name."""
    return session.scalars(select(Component).order_by(Component.name)).all()


def component(session: Session, component_id: UUID) -> Component:
    found = session.get(Component, component_id)
    if found is None:
        raise ComponentNotFound
    return found


def components(session: Session, ids: Sequence[UUID]) -> dict[UUID, Component]:
    """Those of the components that exist, by id."""
    rows = session.scalars(select(Component).where(Component.id.in_(ids)))
    return {row.id: row for row in rows}
