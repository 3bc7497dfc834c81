"""Who may stand at the bench: trained for the day, and one compounder for each batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.store.batches import Batch
from pharmacy.store.training import require_member_trained


@dataclass(eq=False)
class SomebodyElseCompounds(Conflict):
    """A batch has one compounder from its first weighing on, who answers for the whole of it."""

    number: str

    def __str__(self) -> str:
        return f"Somebody else compounds batch {self.number}: leave it to them, or reject it and begin anew."


@dataclass(eq=False)
class LotsOfAnotherDay(Conflict):
    """The calculation belongs to the day: the beyond-use date counts from it."""

    number: str
    assigned_on: date
    today: date

    def __str__(self) -> str:
        return (
            f"The lots of batch {self.number} were assigned on {self.assigned_on.isoformat()}, and it is"
            f" {self.today.isoformat()}: scan them again."
        )


def require_compounder(session: Session, batch: Batch, by: Actor, today: date) -> None:
    """The person may go on with this batch today. Raises SomebodyElseCompounds or TrainingLapsed."""
    if batch.compounded_by != by.id:
        raise SomebodyElseCompounds(batch.number)
    require_trained_today(session, by, today)


def require_trained_today(session: Session, by: Actor, today: date) -> None:
    """The person's training lasts through today in everything; TrainingLapsed otherwise."""
    require_member_trained(session, by.id, today)
