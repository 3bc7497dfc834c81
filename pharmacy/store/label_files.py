"""The file of a label, as a practice may have it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from pharmacy.store.labels import Label, LabelNotFound, made
from pharmacy.store.orders import Order


def label_file(session: Session, label_id: UUID, practice_id: UUID) -> bytes:
    """The file of a label that belongs to an order of that practice.

    Raises LabelNotFound for another practice's label, LabelNotMade while there is no file.
    """
    # With the order's patient, whose label it is: who was shown one is on record.
    query = select(Label.pdf, Order).join(Order, Order.id == Label.order_id)
    query = query.options(load_only(Order.patient_id))
    found = session.execute(query.where(Label.id == label_id, Order.practice_id == practice_id)).first()
    if found is None:
        raise LabelNotFound
    return made(found.pdf)
