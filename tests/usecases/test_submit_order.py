"""A submission is filed whole, on record, and an edit of that record is found."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, text

from pharmacy.domain.actors import ActorKind
from pharmacy.domain.findings import Severity
from pharmacy.domain.supply import SupplyMethod
from pharmacy.store import audit
from pharmacy.store.audit import AuditEntry
from pharmacy.usecases.submit_order import DayInTheFuture, NotLicensedThere, PrescriptionExpired
from tests.books import AUDIT_KEY, Clock, row_counts
from tests.builders import a_plan, an_order
from tests.work import Work


def test_everything_that_was_submitted_is_kept(work: Work) -> None:
    order = work.order(work.submit(an_order(allergies=["dust"], no_known_allergies=False)))

    patient, prescription = order.patient, order.prescription
    assert (patient.full_name, patient.birth_on) == ("Anna Sample", date(1984, 5, 6))
    assert (patient.address_line, patient.city, patient.state) == ("12 Elm St", "Albany", "NY")
    assert (patient.postal_code, patient.time_zone, patient.language) == ("12207", "America/New_York", "en")
    assert [(consent.channel, consent.source) for consent in patient.consents] == [
        ("email", "practice portal")
    ]
    assert (prescription.written_on, prescription.last_fill_on) == (date(2026, 11, 20), date(2027, 11, 20))
    assert (prescription.refills, prescription.purpose) == (2, "fibromyalgia")
    assert prescription.authorization_at == datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert order.answers == {
        "opioid_last_14_days": "no",
        "opioid_detail": None,
        "allergies": ["dust"],
        "no_known_allergies": False,
        "medicines": [],
        "conditions": [],
        "given_on": {
            "opioid_last_14_days": "2026-11-23",
            "allergies": "2026-11-23",
            "medicines": "2026-11-23",
        },
    }
    assert [step.duration_days for step in order.plan_version.plan().steps] == [7, 7, 16]


def test_one_submission_writes_one_row_of_each_thing(work: Work, connection: Connection) -> None:
    before = row_counts(connection)
    work.submit()
    after = row_counts(connection)

    assert {name: after[name] - count for name, count in before.items() if after[name] != count} == {
        "patients": 1, "patient_consents": 1, "patient_consent_history": 1, "prescriptions": 1, "plan_versions": 1, "plan_intakes": 3,
        "orders": 1, "order_lines": 3, "vials": 3, "price_lines": 6, "screenings": 1,
        "order_findings": 1, "audit": 1, "audit_unsealed": 1,
        "outbox": 1, "events": 1, "idempotency_keys": 1,
    }  # fmt: skip


def entry_of(work: Work) -> AuditEntry:
    order_id = work.submit()
    with work.sessions.read() as session:
        (entry,) = audit.of_subject(session, order_id)
    return entry


def test_a_submission_is_on_record_with_a_genuine_digest(work: Work) -> None:
    entry = entry_of(work)

    assert (entry.action, entry.actor_kind, entry.actor_name) == (
        "order.received",
        ActorKind.API_CLIENT,
        "Example Family Practice EHR",
    )
    assert audit.is_genuine(AUDIT_KEY, entry)
    assert not audit.is_genuine(b"another key", entry)


@pytest.mark.parametrize(
    "edit",
    [
        "action = 'order.cancelled'",
        "actor_name = 'Somebody Else'",
        "at = at + interval '1 second'",
        "detail = '{}'",
        "subject_id = gen_random_uuid()",
        "id = gen_random_uuid()",
        "digest = sha256('x')",
    ],
)
def test_an_edit_behind_our_back_is_found(work: Work, connection: Connection, edit: str) -> None:
    entry = entry_of(work)
    connection.execute(text("SET LOCAL session_replication_role = replica"))  # As a superuser could.
    connection.execute(text(f"UPDATE audit SET {edit} WHERE id = :id"), {"id": entry.id})

    with work.sessions.read() as session:
        (edited,) = session.scalars(select(AuditEntry).where(AuditEntry.actor_id == entry.actor_id))

    assert not audit.is_genuine(AUDIT_KEY, edited)


def test_a_prescription_may_be_filled_on_its_last_day_and_not_after(work: Work, clock: Clock) -> None:
    body = an_order({"/prescription/written_on": "2025-11-23"})
    assert work.submit(body)

    clock.now += timedelta(days=1)
    with pytest.raises(PrescriptionExpired, match="until 2026-11-23"):
        work.submit(body)


def test_today_is_the_pharmacys_day_and_not_that_of_greenwich(work: Work, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 24, 3, tzinfo=UTC)  # Still the 23rd in New York.

    with pytest.raises(DayInTheFuture):
        work.submit(an_order({"/prescription/written_on": "2026-11-24"}))
    assert work.submit(an_order({"/prescription/written_on": "2026-11-23"}))


def test_what_is_picked_up_needs_no_licence_to_ship(work: Work) -> None:
    elsewhere = {"/patient/address/state": "OR"}
    with pytest.raises(NotLicensedThere, match="no licence to ship to OR"):
        work.submit(an_order(elsewhere))

    assert work.submit(an_order(elsewhere, delivery="pick_up"))


# A schedule of the trade; its first two strengths are too small to weigh for a fortnight on our balance.
SMALL_STEPS = (("0.5", 14), ("1", 14), ("1.5", None))


def test_a_line_that_cannot_be_weighed_is_a_finding_before_anybody_pays(work: Work) -> None:
    order = work.order(work.submit(an_order(plan=a_plan(*SMALL_STEPS), days=30)))

    found = [(each.code, each.severity, each.pointer) for each in order.findings]
    assert order.supply_method is SupplyMethod.OWN_STRENGTH
    assert found == [("F-LINE-CANNOT-BE-WEIGHED", Severity.OVERRIDE, "/supply_option")] * len(found)
    assert len(found) == 2
    assert order.findings[0].because.startswith("Line 1, 0.5 mg: ")
    assert order.findings[1].because.startswith("Line 3, 1.5 mg: ")


def test_what_can_be_made_is_taken_when_the_order_leaves_the_choice(work: Work) -> None:
    order = work.order(work.submit(an_order(plan=a_plan(*SMALL_STEPS), days=30, supply_option=None)))

    assert order.supply_method is SupplyMethod.MULTIPLES
    assert order.findings == []


def test_a_fill_too_large_for_one_vial_has_a_label_and_a_fee_for_each(work: Work) -> None:
    long = {
        "/plan": a_plan(("1.5", 7), ("3", 7), ("4.5", None)),
        "/supply_option": "multiples_of_one_strength",
    }
    order = work.order(work.submit(an_order(long, days=88)))

    (line,) = order.lines
    assert [vial.capsules for vial in line.vials] == [198, 45]
    assert [price.wording for price in order.price_lines if "vial" in price.wording] == [
        "Script fee and 1 further vial",
        "Packaging, 2 vials",
    ]
