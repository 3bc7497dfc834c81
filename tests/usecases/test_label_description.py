"""A label names the pharmacist who reviewed the order and describes the capsule of its day, whatever comes later."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store.labels import Label, LabelKind
from pharmacy.usecases.label_truth import void_if_untrue
from tests.books import MORNING
from tests.work import Work


def _dispensing(work: Work, order_id: UUID) -> Label:
    return next(label for label in work.labels(order_id) if label.kind is LabelKind.DISPENSING)


def _look_again(work: Work, order_id: UUID) -> Label:
    label = _dispensing(work, order_id)
    with work.sessions.write() as session:
        void_if_untrue(session, label.id, work.pharmacy.imprint, by=work.member(Role.TECHNICIAN), now=MORNING)
    return _dispensing(work, order_id)


@pytest.fixture
def order_id(work: Work) -> UUID:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    work.carry_out()
    return order_id


def test_a_dispensing_label_bears_the_initials_of_the_reviewer_and_what_the_capsule_looks_like(
    work: Work, order_id: UUID
) -> None:
    with work.sessions.read() as session:
        (initials,) = session.execute(
            text(
                "SELECT s.initials FROM orders o JOIN staff_members s ON s.id = o.reviewed_by WHERE o.id = :id"
            ),
            {"id": order_id},
        ).one()

    content = _dispensing(work, order_id).content

    assert content["pharmacist"] == initials
    assert content["description"] == "Clear/white capsule, size 3, no imprint"


def test_a_proof_describes_the_capsule_and_bears_no_initials(work: Work, order_id: UUID) -> None:
    proof = next(label for label in work.labels(order_id) if label.kind is LabelKind.PROOF)

    assert (proof.content["pharmacist"], proof.content["description"]) == (
        None,
        "Clear/white capsule, size 3, no imprint",
    )


def test_new_shells_change_nothing_about_what_was_made_before(work: Work, order_id: UUID) -> None:
    _new_shells(work, MORNING + timedelta(days=3))

    assert _look_again(work, order_id).voided_at is None


def test_a_label_older_than_the_description_is_as_true_as_before(work: Work, order_id: UUID) -> None:
    label = _dispensing(work, order_id)
    with work.sessions.write() as session:
        session.execute(
            text(
                "UPDATE labels SET content = content - 'pharmacist' - 'description' - 'purpose_lead' WHERE id = :id"
            ),
            {"id": label.id},
        )

    assert _look_again(work, order_id).voided_at is None


def _new_shells(work: Work, at: object) -> None:
    look = {"colours": {"en": "blue/blue", "es": "azul/azul"}, "imprint": "LDN"}
    with work.sessions.write() as session:
        session.execute(
            text(
                "INSERT INTO settings (id, name, value, source, owner, reason, set_at) VALUES"
                " (gen_random_uuid(), 'capsule_look', CAST(:look AS jsonb), 'vendor', 'PIC', 'new vendor', :at)"
            ),
            {"look": json.dumps(look), "at": at},
        )
