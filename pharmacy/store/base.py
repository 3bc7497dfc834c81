"""What every record shares: names for constraints, column types that refuse what cannot be meant.

Instants are aware and in UTC, calendar days are dates, doses are whole micrograms, masses are exact
numerics. Enumerations are stored by value with a CHECK, so that a new member is an ordinary migration.
`db` carries the engine and nothing else: its session and its `query` attribute are never initialised.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Enum, LargeBinary, MetaData, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, registry
from uuid_utils import uuid7

_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

# Whole micrograms: the unit of every dose and strength.
Ug = Annotated[int, "micrograms"]
# Facts whose shape belongs to a rule of the domain (a worksheet, a stored answer).
Facts = Annotated[dict[str, Any], "facts"]

_TYPES: dict[Any, Any] = {
    str: Text(),
    int: BigInteger(),
    Decimal: Numeric(),
    datetime: DateTime(timezone=True),
    UUID: Uuid(),
    bytes: LargeBinary(),
    Ug: BigInteger(),
    Facts: JSONB(),
}


class Record(DeclarativeBase):
    """The root of all records; Flask-SQLAlchemy copies its attributes."""

    registry = registry(metadata=MetaData(naming_convention=_NAMES), type_annotation_map=_TYPES)


db = SQLAlchemy(model_class=Record, disable_autonaming=True)
if TYPE_CHECKING:
    Model = Record
else:
    Model = db.Model


def one_of(members: type[StrEnum], name: str) -> Enum:
    """A text column with a CHECK that holds exactly the values of the enumeration."""
    return Enum(
        members,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda kind: [member.value for member in kind],
    )


def new_id() -> UUID:
    """A version 7 identifier: it sorts by the time of its making."""
    return UUID(bytes=uuid7().bytes)
