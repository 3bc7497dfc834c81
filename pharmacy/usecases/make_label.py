"""What workers do about labels: ask for the proofs of a new order, and draw what was asked for.

Both bear repetition: a proof is asked for once per vial, a label is drawn once and kept with its hash.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.orders import FINAL
from pharmacy.store import audit, labels, orders, outbox
from pharmacy.store.labels import Label
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.ports import LabelRenderer
from pharmacy.usecases.request_labels import Imprint, content_from_facts, request_proofs


def make_proofs(sessions: Sessions, message_id: UUID, imprint: Imprint, *, by: Actor, now: datetime) -> None:
    """The new order has a proof asked for each vial, unless it has ended since.

    A message already delivered changes nothing.
    """
    with sessions.write() as session:
        message = outbox.get_undelivered(session, message_id)
        if message is None:
            return
        order = orders.get_for_update(session, message.subject_id)
        if order.status not in FINAL:
            request_proofs(session, order, imprint, by=by, now=now)
        message.delivered_at = now


def make_label(
    sessions: Sessions, message_id: UUID, renderer: LabelRenderer, *, by: Actor, now: datetime
) -> None:
    """The label exists once, with its hash and template version.

    Drawing happens outside any transaction. A label that cannot be drawn (a name too long, a character the
    typeface lacks) leaves the message failed with the reason; staff see it on the order.
    """
    with sessions.read() as session:
        message = outbox.get_undelivered_unlocked(session, message_id)
        if message is None:
            return
        label = labels.get(session, message.subject_id)
    try:
        pdf = renderer.render(content_from_facts(label.content), label.barcode)
    except PharmacyError as refusal:
        with sessions.write() as session:
            outbox.mark_failed(session, message_id, str(refusal), now=now)
        return
    with sessions.write() as session:
        waiting = outbox.get_undelivered(session, message_id)
        if waiting is None:
            return
        waiting.delivered_at = now
        kept = labels.get_for_update(session, label.id)
        if kept.made_at is None and kept.voided_at is None:
            keep(session, kept, pdf, renderer.template_version, by=by, now=now)


def keep(
    session: Session, label: Label, pdf: bytes, template_version: str, *, by: Actor, now: datetime
) -> None:
    """The label has its file, with hash and template version."""
    label.pdf, label.sha256 = pdf, sha256(pdf).hexdigest()
    label.template_version, label.made_at = template_version, now
    audit.record(session, "label.made", label.order_id, by=by, at=now, kind=label.kind, sha256=label.sha256)
