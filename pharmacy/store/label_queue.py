"""Labels that wait for somebody: given up by the worker, to be printed, in trouble at a printer; and what is past.

Each query begins at something small (orders at the bench, messages given up), so that it costs the same however many
labels there are.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from pharmacy.domain.orders import OrderStatus
from pharmacy.store.label_prints import LabelPrint, PrintState
from pharmacy.store.labels import Label, LabelKind
from pharmacy.store.orders import Order
from pharmacy.store.outbox import Message

# From compounding until the order leaves its labels are printed.
AT_THE_BENCH = frozenset({OrderStatus.COMPOUNDING, OrderStatus.LABELLED, OrderStatus.VERIFIED})
_TROUBLE = (PrintState.UNCERTAIN, PrintState.FAILED)


def given_up() -> Select[Label]:
    """Living labels that could not be drawn, oldest first."""
    query = select(Label).join(Message, Message.subject_id == Label.id)
    return query.where(
        Message.failed_at.is_not(None), Label.made_at.is_(None), Label.voided_at.is_(None)
    ).order_by(Label.requested_at, Label.id)


def to_print() -> Select[Label]:
    """Dispensing labels of orders at the bench that nobody has printed, oldest first."""
    printed = exists().where(LabelPrint.label_id == Label.id, LabelPrint.state != PrintState.FAILED)
    return (
        select(Label)
        .join(Order, Order.id == Label.order_id)
        .where(
            Order.status.in_(AT_THE_BENCH),
            Label.kind == LabelKind.DISPENSING,
            Label.made_at.is_not(None),
            Label.voided_at.is_(None),
            ~printed,
        )
        .order_by(Label.requested_at, Label.id)
    )


def in_trouble() -> Select[LabelPrint]:
    """The last print of a living label of an order at the bench, where it failed or nobody knows, oldest first."""
    later = aliased(LabelPrint)
    superseded = exists().where(
        later.label_id == LabelPrint.label_id,
        or_(later.requested_at > LabelPrint.requested_at, later.number > LabelPrint.number),
    )
    return (
        select(LabelPrint)
        .join(Label, Label.id == LabelPrint.label_id)
        .join(Order, Order.id == Label.order_id)
        .where(
            Order.status.in_(AT_THE_BENCH),
            Label.voided_at.is_(None),
            LabelPrint.state.in_(_TROUBLE),
            ~superseded,
        )
        .order_by(LabelPrint.requested_at, LabelPrint.id)
    )


def lately_printed() -> Select[LabelPrint]:
    """Every print, newest first."""
    return select(LabelPrint).order_by(LabelPrint.requested_at.desc(), LabelPrint.id.desc())


def lately_void() -> Select[Label]:
    """Dispensing labels that are void, last asked for first; that a proof was superseded is no news."""
    query = select(Label).where(Label.voided_at.is_not(None), Label.kind == LabelKind.DISPENSING)
    return query.order_by(Label.id.desc())


def waiting() -> Select[Any]:
    """What waits for somebody to print it, to ask for it again, or to look at a printer: its ids."""
    labels = (each.with_only_columns(Label.id).order_by(None) for each in (given_up(), to_print()))
    prints = in_trouble().with_only_columns(LabelPrint.id).order_by(None)
    return select(union_all(*labels, prints).subquery())


def count_of(session: Session, query: Select[Label] | Select[LabelPrint]) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
