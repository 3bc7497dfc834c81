"""The life of a batch: its states, who may move it, and which people must be different people.

One transition table; nothing else moves a batch, and the database holds a copy of it. Nothing is released that
was not weighed before a second person, checked and reconciled. What failed its check is quarantined and made
anew: there is no way back from `qc_failed`, because a second check of the same capsules proves nothing about
the first (USP <795>: no averaging of retests).

Whoever compounds may be neither the second person nor the releaser nor the final verifier; those three may be
one pharmacist. A pharmacy of one pharmacist may be excepted by a setting, which is off, and then only with the
pharmacist-in-charge's reason on the batch itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from pharmacy.domain.errors import Conflict, NotAllowed, Unfit
from pharmacy.domain.orders import Role


class BatchKind(StrEnum):
    CAPSULES = "capsules"
    TRITURATE = "triturate"
    LIQUID = "liquid"


class BatchStatus(StrEnum):
    """Where a batch stands; the first eight in their usual order."""

    PLANNED = "planned"
    LOTS_ASSIGNED = "lots_assigned"
    WEIGHING = "weighing"
    BLENDED = "blended"
    FILLED = "filled"
    QC_PENDING = "qc_pending"
    QC_PASSED = "qc_passed"
    RELEASED = "released"
    QC_FAILED = "qc_failed"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"
    DEPLETED = "depleted"
    EXPIRED = "expired"
    RECALLED = "recalled"
    DESTROYED = "destroyed"


_S = BatchStatus

# The one transition table (product rule "batch states"); a migration copies it into a trigger.
NEXT: Mapping[BatchStatus, frozenset[BatchStatus]] = {
    _S.PLANNED: frozenset({_S.LOTS_ASSIGNED, _S.REJECTED}),
    # Lots are swapped as long as nothing is weighed.
    _S.LOTS_ASSIGNED: frozenset({_S.LOTS_ASSIGNED, _S.WEIGHING, _S.REJECTED, _S.RECALLED}),
    _S.WEIGHING: frozenset({_S.BLENDED, _S.QUARANTINED, _S.REJECTED, _S.RECALLED}),
    _S.BLENDED: frozenset({_S.FILLED, _S.QUARANTINED, _S.REJECTED, _S.RECALLED}),
    _S.FILLED: frozenset({_S.QC_PENDING, _S.QUARANTINED, _S.REJECTED, _S.RECALLED}),
    _S.QC_PENDING: frozenset({_S.QC_PASSED, _S.QC_FAILED, _S.QUARANTINED, _S.REJECTED, _S.RECALLED}),
    _S.QC_PASSED: frozenset({_S.RELEASED, _S.QUARANTINED, _S.REJECTED, _S.RECALLED}),
    _S.QC_FAILED: frozenset({_S.QUARANTINED, _S.REJECTED, _S.RECALLED}),
    _S.QUARANTINED: frozenset({_S.REJECTED, _S.RECALLED, _S.DESTROYED}),
    _S.REJECTED: frozenset({_S.DESTROYED}),
    _S.RELEASED: frozenset({_S.DEPLETED, _S.EXPIRED, _S.RECALLED, _S.DESTROYED}),
    _S.DEPLETED: frozenset({_S.RECALLED}),
    _S.EXPIRED: frozenset({_S.RECALLED, _S.DESTROYED}),
    _S.RECALLED: frozenset({_S.DESTROYED}),
    _S.DESTROYED: frozenset(),
}

# Capsules exist from here on, and a label may be put on them; released they may leave.
MADE = frozenset({_S.FILLED, _S.QC_PENDING, _S.QC_PASSED, _S.RELEASED})
# Capsules of such a batch may be promised to an order line: those that are planned, in making, or on the shelf.
PROMISABLE = frozenset({_S.PLANNED, _S.LOTS_ASSIGNED, _S.WEIGHING, _S.BLENDED}) | MADE
UNWEIGHED = frozenset({_S.PLANNED, _S.LOTS_ASSIGNED})

# What the bench still has to do something about.
AT_THE_BENCH = UNWEIGHED | {_S.WEIGHING, _S.BLENDED, _S.FILLED, _S.QC_PENDING, _S.QC_PASSED}

COMPOUNDERS = frozenset({Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE})
RELEASERS = frozenset({Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE})


@dataclass(eq=False)
class IllegalBatchMove(Conflict):
    """A batch was to be moved where it cannot go from where it is."""

    number: str
    current: BatchStatus
    wanted: BatchStatus

    def __str__(self) -> str:
        return f"Batch {self.number} is {words(self.current)} and cannot become {words(self.wanted)}."


@dataclass(eq=False)
class SamePersonTwice(NotAllowed):
    """Two duties that want two people were to be done by one."""

    name: str
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.name} is the {self.first} of this batch and may not be its {self.second}: ask somebody else."


@dataclass(eq=False)
class ExceptionNotInForce(Unfit):
    """The exception of the single pharmacist was invoked where it does not hold."""

    because: str

    def __str__(self) -> str:
        return f"The exception of the single pharmacist does not hold: {self.because}."


def advance(number: str, current: BatchStatus, wanted: BatchStatus) -> BatchStatus:
    """`wanted`, when the batch may go there; IllegalBatchMove otherwise."""
    if wanted not in NEXT[current]:
        raise IllegalBatchMove(number, current, wanted)
    return wanted


def require_two_people(compounder: UUID, other: UUID, name: str, duty: str) -> None:
    """`other`, called `name`, is not the compounder; SamePersonTwice otherwise."""
    if compounder == other:
        raise SamePersonTwice(name, "compounder", duty)


def words(status: BatchStatus) -> str:
    """The status as it is said: "lots assigned", "QC passed"."""
    return status.replace("_", " ").replace("qc", "QC")
