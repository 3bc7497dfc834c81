"""In production nobody may come in by a password that is printed in the handbook.

The demonstration's people are known by their mark. A server in production refuses to start while one of them
could come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from pharmacy.domain.errors import Conflict
from pharmacy.store import practices, staff
from pharmacy.usecases.open_demo import DEMO_CLIENT_ID


@dataclass(eq=False)
class DemoInProduction(Conflict):
    names: Sequence[str]

    def __str__(self) -> str:
        return (
            f"These books hold the demonstration ({', '.join(self.names)}), whose passwords everybody knows: they "
            "belong to no production. Begin with empty books, or disable what is named."
        )


def refuse_demo(session: Session) -> None:
    """Raises DemoInProduction when somebody or some system of the demonstration could come in."""
    names = list(staff.demo_members(session))
    client = practices.client_named(session, DEMO_CLIENT_ID)
    if client is not None:
        names.append(DEMO_CLIENT_ID)
    if names:
        raise DemoInProduction(names)
