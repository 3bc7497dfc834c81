"""Who acts: an API client of a practice, a member of staff, a patient, or the pharmacy's own clockwork.

Every change of the books names its actor; rules that depend on who acts (separation of duties, roles)
take this value and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from pharmacy.domain.orders import Role


class ActorKind(StrEnum):
    API_CLIENT = "api_client"
    STAFF = "staff"
    SYSTEM = "system"
    # By a private link, once the birth date was given.
    PATIENT = "patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One acting party; `role` is set for staff, `practice_id` for API clients."""

    kind: ActorKind
    id: UUID
    name: str
    role: Role | None = None
    practice_id: UUID | None = None


# The clockwork has one fixed identity, so that its acts are found together in the audit trail.
CLOCKWORK = Actor(kind=ActorKind.SYSTEM, id=UUID(int=0), name="pharmacy clockwork")
