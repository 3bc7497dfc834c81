"""Whoever is past the training verifies nothing, at the bench or at the end (USP <795>, renewed every 12 months)."""

from datetime import date

import pytest

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.readiness import TrainingLapsed
from pharmacy.store.base import new_id
from pharmacy.store.training import TrainingRecord, records_of
from tests.work import Work


def test_a_pharmacist_past_the_training_verifies_no_order(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.LABELLED)
    now = work.pharmacy.clock()
    with work.sessions.write() as session:
        for record in records_of(session, work.member_in(session, Role.PHARMACIST).id):
            ended = TrainingRecord(
                id=new_id(),
                staff_member_id=record.staff_member_id,
                corrects_id=record.id,
                competency=record.competency,
                trained_on=record.trained_on,
                training_expires_on=date(2026, 11, 22),
                method=record.method,
                assessed_by=record.assessed_by,
                recorded_at=now,
            )
            session.add(ended)

    with pytest.raises(TrainingLapsed):
        work.act(order_id, Act.VERIFY)

    assert work.order(order_id).status is OrderStatus.LABELLED
