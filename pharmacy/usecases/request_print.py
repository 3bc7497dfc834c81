"""Asking for a label on paper: the first print, and every further one as a reprint.

A vial gets one label. Whoever needs another says why; the copy bears its number, so that two labels can be told
apart. A print whose fate is uncertain counts as one that exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.labels import LabelTemplate
from pharmacy.domain.orders import OrderStatus
from pharmacy.store import audit, label_prints, outbox
from pharmacy.store.base import new_id
from pharmacy.store.label_prints import LabelPrint, PrintState
from pharmacy.store.label_queue import AT_THE_BENCH
from pharmacy.store.labels import LabelKind, made
from pharmacy.usecases.label_truth import OnShelf, on_shelf, require_standing
from pharmacy.usecases.ports import ProofNotPrinted

PRINT_TOPIC = "label.print"
# The person's own browser prints: what it did is for that person to see.
BROWSER = "browser"
_SHORTEST_REASON = 5


@dataclass(eq=False)
class AlreadyPrinted(Conflict):
    state: PrintState

    def __str__(self) -> str:
        became = "may have been printed" if self.state is PrintState.UNCERTAIN else "was printed already"
        return f"The label {became}; another one is a reprint, with a reason."


@dataclass(eq=False)
class NeverPrinted(Conflict):
    def __str__(self) -> str:
        return "The label was never printed, so there is nothing to reprint."


@dataclass(eq=False)
class NotAtTheBench(Conflict):
    status: OrderStatus

    def __str__(self) -> str:
        return f"The order is {self.status.replace('_', ' ')}; its labels are printed from compounding until it leaves."


@dataclass(eq=False)
class NoSuchPrinter(Unfit):
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"There is no such printer; there are: {', '.join(self.known)}."


@dataclass(eq=False)
class ReprintReasonMissing(Unfit):
    def __str__(self) -> str:
        return "A reprint needs a reason in words."


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintAsked:
    """Which label, where, in which template; `reason` for a reprint alone."""

    label_id: UUID
    printer: str
    template: LabelTemplate
    known: tuple[str, ...]
    reason: str | None = None


def request_print(session: Session, asked: PrintAsked, *, by: Actor, now: datetime) -> LabelPrint:
    """The print is filed, and a worker hands it to its printer; a browser's print is the person's own.

    Raises LabelIsVoid, ProofNotPrinted, LabelNotMade, NotAtTheBench, AlreadyPrinted, NeverPrinted,
    NoSuchPrinter or ReprintReasonMissing.
    """
    if asked.printer not in (BROWSER, *asked.known):
        raise NoSuchPrinter((*asked.known, BROWSER), where=("printer",))
    found = on_shelf(session, asked.label_id)
    require_printable(found)
    number = _number(session, asked)
    printed = LabelPrint(
        id=new_id(),
        label_id=found.label.id,
        number=number,
        printer=asked.printer,
        template=asked.template,
        reason=asked.reason,
        requested_at=now,
        requested_by=by.id,
        state=PrintState.WAITING,
        attempts=0,
    )
    session.add(printed)
    audit.record(session, "label.print_asked", found.order.id, by=by, at=now, **_on_record(printed))
    if asked.printer == BROWSER:
        printed.state, printed.settled_at = PrintState.PRINTED, now
    else:
        outbox.add(session, PRINT_TOPIC, printed.id, now=now)
    return printed


def reprint_mark(number: int) -> str | None:
    """What the label says about which copy it is."""
    return f"REPRINT {number}" if number else None


def require_printable(found: OnShelf) -> None:
    """Raises what stands against printing it at all: LabelIsVoid, ProofNotPrinted, LabelNotMade or NotAtTheBench."""
    require_standing(found.label)
    if found.label.kind is LabelKind.PROOF:
        raise ProofNotPrinted
    made(found.label.pdf)
    if found.order.status not in AT_THE_BENCH:
        raise NotAtTheBench(found.order.status)


def _number(session: Session, asked: PrintAsked) -> int:
    number = label_prints.next_number(session, asked.label_id)
    if asked.reason is None:
        if number:
            raise AlreadyPrinted(label_prints.of_label(session, asked.label_id)[-1].state)
        return number
    if len(asked.reason.strip()) < _SHORTEST_REASON:
        raise ReprintReasonMissing(where=("reason",))
    if not number:
        raise NeverPrinted
    return number


def _on_record(printed: LabelPrint) -> Mapping[str, object]:
    said: dict[str, object] = {
        "label": str(printed.label_id),
        "number": printed.number,
        "printer": printed.printer,
        "template": printed.template,
    }
    return said | ({"reason": printed.reason} if printed.reason else {})
