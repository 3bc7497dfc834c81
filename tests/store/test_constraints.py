"""What the books refuse whoever writes, and though no rule was asked."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from pharmacy.domain.orders import OrderStatus
from pharmacy.store.base import Record, new_id
from tests.books import MORNING
from tests.work import Work


@pytest.fixture
def order_id(work: Work) -> UUID:
    """A shipped typical order, so that every table has a row of it."""
    return work.bring_to(OrderStatus.SHIPPED)


# A statement that breaks one rule, and the constraint that speaks.
BROKEN: dict[str, tuple[str, str]] = {
    "a fill of more than ninety days": ("UPDATE orders SET days = 91", "ck_orders_days"),
    "a fill of no day": ("UPDATE orders SET days = 0", "ck_orders_days"),
    "a fill before day one": ("UPDATE orders SET first_day = 0", "ck_orders_first_day"),
    "a negative total": ("UPDATE orders SET total_cents = -1", "ck_orders_total"),
    "a status that does not exist": ("UPDATE orders SET status = 'lost'", "ck_orders_status"),
    "a rest without a way back": (
        "UPDATE orders SET status = 'on_hold', resumes_to = NULL", "ck_orders_resumes_to_pair",
    ),
    "a way back without a rest": ("UPDATE orders SET resumes_to = 'queued'", "ck_orders_resumes_to_pair"),
    "one person twice": ("UPDATE orders SET verified_by = compounded_by", "ck_orders_two_people"),
    "an order of nobody": ("UPDATE orders SET patient_id = gen_random_uuid()", "fk_orders_patient_id"),
    "a line of no capsules": ("UPDATE order_lines SET capsules = 0", "ck_order_lines_capsules"),
    "a line of too many capsules": ("UPDATE order_lines SET capsules = 301", "ck_order_lines_capsules"),
    "a strength of nothing": ("UPDATE order_lines SET strength_ug = 0", "ck_order_lines_strength"),
    "two lines in one place": ("UPDATE order_lines SET position = 1", "uq_order_lines_order_id_position"),
    "an empty vial": ("UPDATE vials SET capsules = 0", "ck_vials_capsules"),
    "two prices in one place": ("UPDATE price_lines SET position = 1", "uq_price_lines_order_id_position"),
    "more refills than a year holds": ("UPDATE prescriptions SET refills = 12", "ck_prescriptions_refills"),
    "a number that is no NPI": (
        "UPDATE prescriptions SET prescriber_npi = '3234567891'", "ck_prescriptions_npi_shape",
    ),
    "half an authorization": (
        "UPDATE prescriptions SET authorization_kind = NULL", "ck_prescriptions_authorization_whole",
    ),
    "a consent to smoke signals": (
        "UPDATE patient_consents SET channel = 'smoke'", "ck_patient_consents_channel",
    ),
    "half a label": (
        "UPDATE labels SET sha256 = NULL WHERE made_at IS NOT NULL", "ck_labels_made_whole",
    ),
    "a void without a reason": (
        "UPDATE labels SET voided_at = now(), void_reason = NULL", "ck_labels_void_whole",
    ),
    "a dispensing label without a barcode": (
        "UPDATE labels SET barcode = NULL WHERE kind = 'dispensing'", "ck_labels_dispensing_has_barcode",
    ),
    "a proof with a barcode": (
        "UPDATE labels SET kind = 'proof' WHERE kind = 'dispensing'", "ck_labels_proof_has_no_barcode",
    ),
    "two living labels on one vial": (
        "UPDATE labels SET vial_id = (SELECT min(id::text)::uuid FROM vials)", "uq_labels_living",
    ),
    "a batch that expired before it was made": (
        "UPDATE batches SET beyond_use_on = compounded_on - 1", "ck_batches_beyond_use",
    ),
    "capsules of no strength": (
        "UPDATE batches SET strength_ug = NULL WHERE kind = 'capsules'", "ck_batches_kind_whole",
    ),
    "a triturate stronger than its drug": (
        "UPDATE batches SET strength_fraction = 1 WHERE kind = 'triturate'", "ck_batches_kind_whole",
    ),
    "a promise of no capsules": ("UPDATE allocations SET capsules = 0", "ck_allocations_capsules"),
    "a failure without a reason": ("UPDATE outbox SET failed_at = now()", "ck_outbox_failure_whole"),
    "a notice settled and waiting": (
        "UPDATE notices SET state = 'sent' WHERE settled_at IS NULL", "ck_notices_settled_pair",
    ),
    "two notices of one kind for one step on one day": (
        "UPDATE notices SET kind = 'step', step_position = 2, due_on = '2026-12-02'",
        "uq_notices_order_id_kind_step_position_due_on",
    ),
    "a token that never held": (
        "UPDATE access_tokens SET expires_at = issued_at", "ck_access_tokens_lasts",
    ),
    "an API lot without its certificate": (
        "UPDATE component_lots SET assay_pct = NULL WHERE kind = 'api'", "ck_component_lots_api_certificate",
    ),
    "an assay beyond belief": (
        "UPDATE component_lots SET assay_pct = 111 WHERE kind = 'api'", "ck_component_lots_assay",
    ),
    "water that is all there is": (
        "UPDATE component_lots SET water_pct = 100 WHERE kind = 'api'", "ck_component_lots_water",
    ),
    "a balance that reads nothing": ("UPDATE balances SET readability_mg = 0", "ck_balances_readability"),
    "a packing of nothing": ("UPDATE packing_statistics SET mass_mg = 0", "ck_packing_statistics_mass"),
    "a packing of two ingredients": (
        "UPDATE packing_statistics SET batch_id = (SELECT id FROM batches WHERE kind = 'triturate'),"
        " component_lot_id = (SELECT id FROM component_lots WHERE kind = 'api')",
        "ck_packing_statistics_one_ingredient",
    ),
    "less stock than nothing": ("UPDATE stock_levels SET on_hand_ug = -1", "ck_stock_levels_on_hand"),
    "stock of two things": (
        "UPDATE stock_levels SET batch_id = (SELECT id FROM batches WHERE kind = 'triturate')"
        " WHERE batch_id IS NULL",
        "ck_stock_levels_one_stock",
    ),
    "a receipt that takes": (
        "INSERT INTO stock_movements SELECT gen_random_uuid(), id, movements + 1, 'receive', -1, on_hand_ug - 1,"
        " id, NULL, NULL, current_date, now(), id FROM stock_levels", "ck_stock_movements_direction",
    ),
    "a weighing that gives": (
        "INSERT INTO stock_movements SELECT gen_random_uuid(), id, movements + 1, 'weigh', 1, on_hand_ug + 1,"
        " id, NULL, NULL, current_date, now(), id FROM stock_levels", "ck_stock_movements_direction",
    ),
    "waste without a reason": (
        "INSERT INTO stock_movements SELECT gen_random_uuid(), id, movements + 1, 'waste', -1, on_hand_ug - 1,"
        " id, NULL, NULL, current_date, now(), id FROM stock_levels", "ck_stock_movements_reason",
    ),
    "two movements in one place": (
        "INSERT INTO stock_movements SELECT gen_random_uuid(), id, 1, 'adjust', on_hand_ug, on_hand_ug, id, 'x',"
        " NULL, current_date, now(), id FROM stock_levels", "uq_stock_movements_stock_id_position",
    ),
    "a roster of a number that is no NPI": (
        "UPDATE roster_entries SET npi = '1'", "ck_roster_entries_npi_shape",
    ),
    "a second version of the reference": (
        "INSERT INTO reference_version (id, version) VALUES (2, 1)", "ck_reference_version_one_row",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "constraint"), BROKEN.values(), ids=BROKEN.keys())
def test_the_books_refuse(connection: Connection, order_id: UUID, statement: str, constraint: str) -> None:
    with pytest.raises(IntegrityError) as refusal, connection.begin_nested():
        connection.execute(text(statement))

    assert refusal.value.orig is not None
    assert refusal.value.orig.diag.constraint_name == constraint  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", ["audit", "plan_versions", "plan_intakes", "stock_movements"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_written_once_is_never_changed_or_removed(
    connection: Connection, order_id: UUID, table: str, statement: str
) -> None:
    with pytest.raises(DBAPIError, match="rows are never changed or removed"), connection.begin_nested():
        connection.execute(text(statement.format(table)))


def test_every_table_that_names_an_order_keeps_it_from_being_removed(
    connection: Connection, order_id: UUID
) -> None:
    with pytest.raises(IntegrityError), connection.begin_nested():
        connection.execute(text("DELETE FROM orders"))


def test_the_ledger_takes_one_row_for_a_patient_step_and_day(
    connection: Connection, work: Work, order_id: UUID
) -> None:
    found = work.notices(order_id)
    shipped = next(each for each in found if each.kind == "shipped")
    step_2 = next(each for each in found if each.kind == "step")
    order = work.order(order_id)
    said: dict[str, Any] = {
        "patient_id": order.patient_id,
        "prescription_id": order.prescription_id,
        "kind": "step",
        "step_position": 2,
        "due_on": step_2.due_on,
        "channel": "email",
        "started_at": MORNING,
    }
    ledger = Record.metadata.tables["sent_messages"].insert()
    connection.execute(ledger.values(id=new_id(), notice_id=step_2.id, **said))

    for notice_id in (step_2.id, shipped.id):
        with pytest.raises(IntegrityError, match="uq_sent_messages"), connection.begin_nested():
            connection.execute(ledger.values(id=new_id(), notice_id=notice_id, **said))


def test_reading_cannot_write(work: Work) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"), work.sessions.read() as session:
        session.execute(text("UPDATE orders SET days = 1"))


def test_a_failed_transaction_leaves_nothing(work: Work, order_id: UUID) -> None:
    def fail_halfway() -> None:
        with work.sessions.write() as session:
            session.execute(text("UPDATE orders SET total_cents = 1"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()

    assert work.order(order_id).total_cents == 6545
