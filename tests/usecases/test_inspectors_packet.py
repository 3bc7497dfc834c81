"""The inspector's packet holds every record about what was asked for, and nothing about anything else."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.domain.periods import Period
from pharmacy.store import packets
from pharmacy.store.audit import AuditEntry
from pharmacy.store.base import Record
from pharmacy.store.batches import Batch
from pharmacy.store.reference import ComponentLot, Setting
from pharmacy.usecases.figures import Asked
from pharmacy.usecases.inspectors_packet import (
    NothingToPack,
    PacketRequest,
    PacketSubject,
    PacketTooLarge,
    SubjectUnclear,
    inspectors_packet,
    read_packet,
)
from pharmacy.usecases.seal_audit import seal_audit
from tests.books import NEW_YORK
from tests.work import Work

TODAY = date(2026, 11, 23)
DAYS = Asked(period=Period(TODAY - timedelta(days=6), TODAY), today=TODAY, zone=NEW_YORK)
Sheets = dict[str, list[dict[str, Any]]]


def _wanted(subject: PacketSubject, subject_id: UUID | None = None) -> PacketRequest:
    return PacketRequest(subject=subject, subject_id=subject_id, asked=DAYS, reason="yearly inspection")


def _read(pharmacy: Pharmacy, work: Work, wanted: PacketRequest) -> Sheets:
    """The sections as tables, by title."""
    auditor = work.member(Role.AUDITOR)
    with pharmacy.sessions.read() as session:
        packet = inspectors_packet(session, wanted, pharmacy.notary, by=auditor, now=pharmacy.clock())
        return {
            section.title: [dict(zip(section.columns, row, strict=True)) for row in section.rows]
            for section in packet.sections
        }


def _one(pharmacy: Pharmacy, query: Any) -> Any:
    with pharmacy.sessions.read() as session:
        return session.scalars(query).first()


@pytest.fixture
def shipped(work: Work) -> UUID:
    return work.bring_to(OrderStatus.SHIPPED)


def test_a_prescription_brings_its_order_from_the_paper_to_the_parcel(
    pharmacy: Pharmacy, work: Work, shipped: UUID
) -> None:
    work.bring_to(OrderStatus.LABELLED)  # Somebody else's.
    order = work.order(shipped)

    sheets = _read(pharmacy, work, _wanted(PacketSubject.PRESCRIPTION, order.prescription_id))

    assert [each["number"] for each in sheets["Orders"]] == [order.number]
    assert {each["prescription_id"] for each in sheets["Plan versions"]} == {order.prescription_id}
    for title in (
        "Prescriptions as written",
        "Doses of the plans",
        "Patients",
        "Screenings",
        "Price lines",
        "Payment operations",
        "Batches with their compounding records",
        "Weighings",
        "Quality control",
        "Component lots and certificates",
        "Labels",
        "Notices",
        "Audit trail",
    ):
        assert sheets[title], title
    assert [each["orders"] for each in sheets["Units by ship-to state"]] == [1]
    assert all(each["due on"] for each in sheets["Calibrations due"])


def test_people_stand_in_it_by_name(pharmacy: Pharmacy, work: Work, shipped: UUID) -> None:
    sheets = _read(pharmacy, work, _wanted(PacketSubject.PRESCRIPTION, work.order(shipped).prescription_id))

    assert {"(technician)" in str(each["weighed_by"]) for each in sheets["Weighings"]} == {True}


def test_a_batch_brings_whoever_was_promised_some_of_it_and_a_lot_all_its_batches(
    pharmacy: Pharmacy, work: Work, shipped: UUID
) -> None:
    batch = _one(pharmacy, select(Batch).where(Batch.certificate.is_not(None)))
    number = work.order(shipped).number

    of_batch = _read(pharmacy, work, _wanted(PacketSubject.BATCH, batch.id))
    of_lot = _read(pharmacy, work, _wanted(PacketSubject.COMPONENT_LOT, batch.api_lot_id))

    assert batch.number in [each["number"] for each in of_batch["Batches with their compounding records"]]
    assert [each["number"] for each in of_batch["Orders"]] == [number]
    assert [each["id"] for each in of_lot["Component lots and certificates"]] == [batch.api_lot_id]
    assert number in [each["number"] for each in of_lot["Orders"]]


def test_days_bring_the_orders_received_in_them(pharmacy: Pharmacy, work: Work, shipped: UUID) -> None:
    before = Asked(period=Period(date(2026, 1, 1), date(2026, 1, 31)), today=TODAY, zone=NEW_YORK)

    assert len(_read(pharmacy, work, _wanted(PacketSubject.DAYS))["Orders"]) == 1
    empty = _read(pharmacy, work, replace(_wanted(PacketSubject.DAYS), asked=before))
    assert empty["Orders"] == []
    assert empty["Audit trail"] == []


def test_every_entry_and_seal_is_computed_again(pharmacy: Pharmacy, work: Work, shipped: UUID) -> None:
    seal_audit(pharmacy.sessions, pharmacy.notary, by=pharmacy.clockwork, now=pharmacy.clock())
    wanted = _wanted(PacketSubject.PRESCRIPTION, work.order(shipped).prescription_id)

    sheets = _read(pharmacy, work, wanted)

    assert {each["is genuine"] for each in sheets["Audit trail"]} == {True}
    assert {each["seal"] for each in sheets["Audit trail"]} == {1}
    (seal,) = sheets["Seals over these entries"]
    assert (seal["entries are all there"], seal["head is right"], seal["signature is right"]) == (
        True,
        True,
        True,
    )


def test_an_entry_that_was_edited_behind_our_back_is_named(
    pharmacy: Pharmacy, work: Work, shipped: UUID
) -> None:
    with pharmacy.sessions.write() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text(
                "UPDATE audit SET actor_name = 'Nobody' WHERE action = 'order.verified' AND subject_id = :id"
            ),
            {"id": shipped},
        )
    wanted = _wanted(PacketSubject.PRESCRIPTION, work.order(shipped).prescription_id)

    trail = _read(pharmacy, work, wanted)["Audit trail"]

    assert [each["action"] for each in trail if not each["is genuine"]] == ["order.verified"]


def test_who_read_it_and_why_is_on_record(pharmacy: Pharmacy, work: Work, shipped: UUID) -> None:
    prescription_id = work.order(shipped).prescription_id
    auditor = work.member(Role.AUDITOR)

    with pharmacy.sessions.write() as session:
        read_packet(
            session, _wanted(PacketSubject.PRESCRIPTION, prescription_id), by=auditor, now=pharmacy.clock()
        )

    entry = _one(pharmacy, select(AuditEntry).where(AuditEntry.action == "packet.read"))
    assert (entry.actor_id, entry.subject_id) == (auditor.id, prescription_id)
    assert entry.detail["reason"] == "yearly inspection"


def test_what_is_not_there_unclear_or_too_much_is_refused(
    pharmacy: Pharmacy, work: Work, shipped: UUID
) -> None:
    auditor = work.member(Role.AUDITOR)

    def read(wanted: PacketRequest) -> None:
        with pharmacy.sessions.write() as session:
            read_packet(session, wanted, by=auditor, now=pharmacy.clock())

    for subject in (PacketSubject.PRESCRIPTION, PacketSubject.BATCH, PacketSubject.COMPONENT_LOT):
        with pytest.raises(NothingToPack):
            read(_wanted(subject, uuid4()))
    with pytest.raises(SubjectUnclear):
        read(_wanted(PacketSubject.BATCH))
    with pharmacy.sessions.write() as session:
        session.execute(update(Setting).where(Setting.name == "packet_most_orders").values(value=0))
    with pytest.raises(PacketTooLarge, match="More than 0 orders"):
        read(_wanted(PacketSubject.DAYS))


def test_what_hangs_on_an_order_is_in_it_or_left_out_on_purpose(pharmacy: Pharmacy) -> None:
    nothing = select(ComponentLot.id)
    scope = packets.Scope(prescriptions=nothing, orders=nothing, batches=nothing, lots=nothing)
    packed = {table.query.get_final_froms()[0].name for table in packets.tables(scope)}  # type: ignore[attr-defined]
    core = {"orders", "prescriptions", "batches", "labels"}

    hanging = {
        table.name
        for table in Record.metadata.sorted_tables
        if {key.column.table.name for key in table.foreign_keys} & core
    }

    assert hanging - packed <= LEFT_OUT


# The queue of what other systems are told, what is on hand, which is the sum of the movements, and who has an
# order open on their screen.
LEFT_OUT = frozenset({"events", "order_looks", "stock_levels"})
