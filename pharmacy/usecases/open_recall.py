"""A recall is opened: what is left is blocked, whoever has some of it is to be called, and practices are told.

Everybody is called: a recall goes outside every cap, never by a channel that was stopped, and a person hears at
once whether it was understood (house policy). A drill takes the same trace and the same time, keeps its report,
and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import NEXT, UNWEIGHED
from pharmacy.domain.dose_text import amount_text, plain_decimal
from pharmacy.domain.events import EventKind
from pharmacy.domain.recalls import AlreadyRecalled, BooksMoved, RecallAnswer, RecallSubject
from pharmacy.domain.screening import require_reason
from pharmacy.store import audit, batches, events, recalls, traces
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch, BatchStatus
from pharmacy.store.recalls import Recall, RecallPatient, RecallPractice
from pharmacy.store.reference import ComponentLot, LotStatus
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.tell_recall import tell_recall
from pharmacy.usecases.trace_stock import Holding, Traced, dose_now, trace_document, trace_stock

PHONE, PRACTICE, ORDER = "recall.phone", "recall.practice", "recall.order"
# What holds nothing yet, or nothing any more, is not marked; its lots being recalled keeps it from going on.
_NOT_MARKED = UNWEIGHED | {BatchStatus.REJECTED, BatchStatus.DESTROYED, BatchStatus.RECALLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecall:
    """What is recalled and why. `stopwatch` says how many milliseconds have passed since the request came in."""

    traced: Traced
    reason: str
    is_drill: bool
    stopwatch: Callable[[], int]


def open_recall(
    session: Session, new: NewRecall, reference: Reference, *, by: Actor, now: datetime
) -> Recall:
    """The recall with its report; everything is blocked, and everybody due a call is on a list.

    Raises NothingToTrace, ReasonTooShort, AlreadyRecalled, and BooksMoved when an order was promised some of it in
    the same moment. A drill blocks nothing and puts nobody on a list.
    """
    require_reason(new.reason)
    trace, holdings = trace_stock(session, new.traced, reference, now=now)
    if not new.is_drill:
        _hold(session, new.traced, holdings, trace)
        if recalls.is_open_for(session, new.traced.id):
            raise AlreadyRecalled(_name(session, new.traced))
        held = {holding.promised.order_id for holding in holdings}
        trace, holdings = trace_stock(session, new.traced, reference, now=now)
        if not {holding.promised.order_id for holding in holdings} <= held:
            raise BooksMoved
        _block(session, new.traced, trace, by=by, now=now)
    recall = _recall(new, _report(session, new.traced, trace, holdings), by, now)
    session.add(recall)
    session.flush()  # What follows names the recall.
    if not new.is_drill:
        _gather(session, recall, holdings, reference.on, by=by, now=now)
    kind = "recall.drilled" if new.is_drill else "recall.opened"
    audit.record(session, kind, recall.id, by=by, at=now, reason=new.reason, subject=str(new.traced.id))
    session.flush()  # The answer reads what was filed.
    return recalls.get(session, recall.id)


def _recall(new: NewRecall, report: Mapping[str, Any], by: Actor, now: datetime) -> Recall:
    is_lot = new.traced.subject is RecallSubject.COMPONENT_LOT
    return Recall(
        id=new_id(),
        subject=new.traced.subject,
        component_lot_id=new.traced.id if is_lot else None,
        batch_id=None if is_lot else new.traced.id,
        is_drill=new.is_drill,
        reason=new.reason.strip(),
        report=dict(report),
        elapsed_ms=new.stopwatch(),
        opened_at=now,
        opened_by=by.id,
    )


def _hold(session: Session, traced: Traced, holdings: Iterable[Holding], trace: traces.Trace) -> None:
    """Orders, then the lot, then batches by id are ours, as everywhere."""
    traces.hold(
        session,
        order_ids={holding.promised.order_id for holding in holdings},
        lot_id=traced.id if traced.subject is RecallSubject.COMPONENT_LOT else None,
        batch_ids={batch.id for batch in trace.batches if not batch.is_source},
    )


def _block(session: Session, traced: Traced, trace: traces.Trace, *, by: Actor, now: datetime) -> None:
    """The lot and what was made of it are recalled."""
    if traced.subject is RecallSubject.COMPONENT_LOT:
        lot = session.get_one(ComponentLot, traced.id)
        audit.record(session, "lot.recalled", lot.id, by=by, at=now, number=lot.number, before=lot.status)
        lot.status = LotStatus.RECALLED
    for reached in trace.batches:
        if reached.is_source or reached.status in _NOT_MARKED:
            continue
        batch = session.get_one(Batch, reached.id)
        if BatchStatus.RECALLED not in NEXT[batch.status]:
            batches.move(session, batch, BatchStatus.QUARANTINED, by=by, at=now, reason="recall")
        batches.move(session, batch, BatchStatus.RECALLED, by=by, at=now, before=reached.status)


def _gather(
    session: Session, recall: Recall, holdings: Iterable[Holding], today: date, *, by: Actor, now: datetime
) -> None:
    """Whoever has some of it is to be called, whoever ordered is told, and what is in the house is set aside."""
    by_order: dict[UUID, list[Holding]] = {}
    for holding in holdings:
        if not holding.is_over:
            by_order.setdefault(holding.promised.order_id, []).append(holding)
    for order_id, held in by_order.items():
        first = held[0].promised
        events.add(
            session, EventKind.ORDER_RECALLED, practice_id=first.practice_id, now=now, order_id=order_id
        )
        if held[0].has_left:
            task = _to_call(session, recall, held, today)
        else:
            wording = f"Order {first.order_number} holds some of recalled batch {held[0].batch.number}."
            task = NewTask(kind=ORDER, subject_id=order_id, wording=wording, due_on=today, order_id=order_id)
        open_task(session, task, by=by, now=now)
    at_home = [order_id for order_id, held in by_order.items() if held[0].has_left]
    tell_recall(session, at_home, by=by, now=now)
    for practice_id in dict.fromkeys(held[0].promised.practice_id for held in by_order.values()):
        told = RecallPractice(id=new_id(), recall_id=recall.id, practice_id=practice_id)
        session.add(told)
        wording = "Tell the practice that what its patients were sent is recalled."
        task = NewTask(
            kind=PRACTICE, subject_id=told.id, wording=wording, due_on=today, practice_id=practice_id
        )
        open_task(session, task, by=by, now=now)


def _to_call(session: Session, recall: Recall, held: list[Holding], today: date) -> NewTask:
    first = held[0].promised
    row = RecallPatient(
        id=new_id(),
        recall_id=recall.id,
        order_id=first.order_id,
        patient_id=first.patient_id,
        practice_id=first.practice_id,
        unit_ml=first.unit_ml,
        capsules=sum(holding.promised.capsules for holding in held),
        capsules_left=sum(holding.capsules_left for holding in held),
        step_position=held[0].step_position,
        answer=RecallAnswer.TO_NOTIFY,
    )
    session.add(row)
    # Neither drug nor strength: a task may be read over a shoulder.
    left, dose = amount_text(row.capsules_left, row.unit_ml), dose_now(held[0])
    wording = (
        f"Recall: call the patient of order {first.order_number}; {left} may be left"
        f"{f' (a dose is {dose})' if dose else ''}."
    )
    return NewTask(
        kind=PHONE,
        subject_id=row.id,
        wording=wording,
        due_on=today,
        order_id=first.order_id,
        patient_id=first.patient_id,
    )


def _name(session: Session, traced: Traced) -> str:
    if traced.subject is RecallSubject.COMPONENT_LOT:
        return f"Lot {session.get_one(ComponentLot, traced.id).number}"
    return f"Batch {session.get_one(Batch, traced.id).number}"


def _report(
    session: Session, traced: Traced, trace: traces.Trace, holdings: tuple[Holding, ...]
) -> dict[str, Any]:
    """The counts an inspector asks for, and the trace itself by ids and numbers: no patient is named in it."""
    document = trace_document(trace, holdings)
    at_home = [holding for holding in holdings if holding.has_left]
    in_house = [holding for holding in holdings if not (holding.has_left or holding.is_over)]
    return {
        "subject": _name(session, traced),
        "batches": [batch["number"] for batch in document["batches"]],
        "lots": [lot["number"] for lot in document["lots"]],
        "orders": len({holding.promised.order_id for holding in holdings}),
        "patients": len({holding.promised.patient_id for holding in at_home}),
        "practices": len({holding.promised.practice_id for holding in holdings}),
        **_amounts("dispensed", [(each.promised, each.promised.capsules) for each in at_home]),
        **_amounts("left", [(each.promised, each.capsules_left) for each in at_home]),
        **_amounts("in_house", [(each.promised, each.promised.capsules) for each in in_house]),
    }


def _amounts(name: str, counted: Iterable[tuple[traces.Promised, int]]) -> dict[str, Any]:
    """Capsules are counted and liquids measured, and one is never added to the other."""
    capsules, volume_ml = 0, Decimal(0)
    for promised, count in counted:
        if promised.unit_ml is None:
            capsules += count
        else:
            volume_ml += promised.unit_ml * count
    return {f"capsules_{name}": capsules, f"ml_{name}": plain_decimal(volume_ml)}
