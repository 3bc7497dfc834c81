"""How the rules decline: four families, and leaves that carry data.

A family says what kind of refusal it is, and so what the caller may do about it; the
leaves live beside the rule that raises them. A leaf is a `@dataclass(eq=False)` with
the numbers of the case and a `__str__` of one plain sentence. `where` is the path to
the fault inside what was submitted, so that a border can point at the field.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Where = tuple[str | int, ...]


@dataclass(eq=False)
class PharmacyError(Exception):
    """The pharmacy declines, for a reason the caller may act on.

    `where` counts positions from zero, as a JSON pointer does: ("steps", 1, "duration_days")
    is the second step. It is empty when no single field is at fault.
    """

    where: Where = field(default=(), kw_only=True)


class NotFound(PharmacyError):
    """What was asked for is not there, or not for this caller."""


class Conflict(PharmacyError):
    """True now, perhaps not later: wrong status, stale version, out of stock."""


class NotAllowed(PharmacyError):
    """This person or this client may not."""


class Unfit(PharmacyError):
    """Well-formed, but against a rule of the pharmacy."""


@contextmanager
def within(*path: str | int) -> Iterator[None]:
    """A refusal raised inside carries a `where` that begins with this path."""
    try:
        yield
    except PharmacyError as refusal:
        refusal.where = (*path, *refusal.where)
        raise
