"""Trainings and the logs an inspector asks for: person and time on each, corrected by rows, never changed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.domain.readiness import TrainingLapsed
from pharmacy.store import training
from pharmacy.store.base import new_id
from tests.callers import StaffApi
from tests.web.api.answers import kind, pointers
from tests.web.api.stock_bodies import an_incident_body, lot_id
from tests.work import Work

StaffByRole = Callable[[Role], StaffApi]
READING = {"room": "bench", "read_at": "2026-11-23T14:00:00Z", "temperature_c": "22.5", "humidity_pct": "45"}
CLEANING = {"place": "bench", "agent": "70 % alcohol", "cleaned_at": "2026-11-23T14:00:00Z"}


@pytest.fixture
def pharmacist(staff_api: StaffByRole) -> StaffApi:
    return staff_api(Role.PHARMACIST)


@pytest.fixture
def trainings(work: Work) -> str:
    """Where the technician's trainings are kept."""
    return f"/staff-members/{work.member(Role.TECHNICIAN).id}/trainings"


def trained(by: StaffApi, address: str, **changes: Any) -> Any:
    body = {"competency": "garbing", "trained_on": "2026-11-20", "method": "observed", **changes}
    return by.post(address, body)


def test_everybody_is_told_with_the_day_until_which_they_may_compound(pharmacist: StaffApi) -> None:
    told = {each["full_name"]: each for each in pharmacist.get("/trainings").get_json()["members"]}

    assert told["Tess Technician"]["is_trained_today"]
    assert told["Tess Technician"]["trained_until"] == "2027-10-24"
    # Nobody has trained shipping at the bench.
    assert (told["Sam Shipping"]["is_trained_today"], told["Sam Shipping"]["trained_until"]) == (False, None)


def test_training_that_is_over_keeps_a_person_from_the_bench_until_it_is_renewed(
    pharmacist: StaffApi, trainings: str, work: Work
) -> None:
    technician, last_day, later = work.member(Role.TECHNICIAN).id, date(2027, 10, 24), date(2027, 10, 25)
    with work.sessions.read() as session:
        training.require_member_trained(session, technician, last_day)
        with pytest.raises(TrainingLapsed, match="Tess Technician may not compound or verify today"):
            training.require_member_trained(session, technician, later)

    for competency in ("hygiene", "garbing", "measuring_and_mixing", "equipment", "documentation"):
        assert trained(pharmacist, trainings, competency=competency).status_code == 201

    with work.sessions.read() as session:
        training.require_member_trained(session, technician, later)


def test_nobody_assesses_their_own_training_whoever_writes(
    pharmacist: StaffApi, work: Work, connection: Connection
) -> None:
    own = f"/staff-members/{work.member(Role.PHARMACIST).id}/trainings"

    assert kind(trained(pharmacist, own), 403) == "own-training"
    statement = (
        "INSERT INTO training_records SELECT gen_random_uuid(), staff_member_id, competency, trained_on,"
        " training_expires_on, method, NULL, now(), staff_member_id FROM training_records LIMIT 1"
    )
    with pytest.raises(IntegrityError, match="ck_training_records_two_people"), connection.begin_nested():
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"training_expires_on": "2027-11-21"}, ["/training_expires_on"]),
        ({"training_expires_on": "2026-11-20"}, ["/training_expires_on"]),
        ({"trained_on": "2026-11-24"}, ["/trained_on"]),
    ],
)
def test_no_training_lasts_longer_than_twelve_months_or_is_to_come(
    pharmacist: StaffApi, trainings: str, changes: dict[str, Any], where: list[str]
) -> None:
    assert pointers(trained(pharmacist, trainings, **changes), 422) == where


def test_a_mistaken_training_is_corrected_by_a_row_that_names_it(
    pharmacist: StaffApi, trainings: str, work: Work
) -> None:
    wrong = trained(pharmacist, trainings, training_expires_on="2027-11-20").get_json()["id"]

    trained(pharmacist, trainings, training_expires_on="2026-12-01", corrects_id=wrong)

    with work.sessions.read() as session:
        until = training.expiries(session, work.member(Role.TECHNICIAN).id)
    assert min(until.values()) == date(2026, 12, 1)
    assert len(pharmacist.get(trainings).get_json()["trainings"]) == 7
    assert kind(trained(pharmacist, trainings, corrects_id=wrong), 409) == "already-corrected"
    assert kind(trained(pharmacist, f"/staff-members/{new_id()}/trainings"), 404) == "nobody-of-that-id"


def test_a_serious_adverse_event_is_reported_by_a_day_and_its_medwatch_number_ends_the_task(
    pharmacist: StaffApi, work: Work
) -> None:
    order = work.order(work.bring_to(OrderStatus.RECEIVED))
    body = an_incident_body(
        kind="adverse_event", severity="serious", prescription_id=str(order.prescription_id)
    )
    filed = pharmacist.post("/incidents", body)
    assert filed.status_code == 201, filed.text
    address = f"/incidents/{filed.get_json()['id']}"
    (task,) = pharmacist.get("/tasks?kind=incident.report").get_json()["tasks"]
    assert task["due_on"] == "2026-12-08"

    for entry in (
        {"kind": "investigation", "wording": "The vial is asked back."},
        {"kind": "medwatch", "wording": "Form 3500 sent.", "medwatch_number": "MW-123"},
        {"kind": "outcome", "wording": "Recovered."},
    ):
        assert pharmacist.post(f"{address}/entries", entry).status_code == 201

    told = pharmacist.get(address).get_json()
    assert [each["kind"] for each in told["entries"]] == ["investigation", "medwatch", "outcome"]
    assert (told["is_closed"], told["entries"][1]["medwatch_number"]) == (True, "MW-123")
    assert pharmacist.get("/tasks?kind=incident.report").get_json()["tasks"] == []


def test_a_complaint_names_what_it_is_about_and_leaves_no_task(
    pharmacist: StaffApi, staff_api: StaffByRole, pharmacy: Pharmacy
) -> None:
    assert kind(pharmacist.post("/incidents", an_incident_body()), 422) == "about-nothing"
    for name in ("prescription_id", "batch_id", "component_lot_id"):
        unknown = an_incident_body(**{name: str(new_id())})
        assert kind(pharmacist.post("/incidents", unknown), 404) == "subject-not-found"
    to_come = an_incident_body(component_lot_id=str(lot_id(pharmacy, "NTX-2601")), reported_on="2026-11-24")
    assert pointers(pharmacist.post("/incidents", to_come), 422) == ["/reported_on"]

    shipping = staff_api(Role.SHIPPING)
    filed = shipping.post("/incidents", an_incident_body(component_lot_id=str(lot_id(pharmacy, "NTX-2601"))))

    assert filed.status_code == 201
    # Who packs parcels may report, and does not read the files of patients.
    assert kind(shipping.get("/incidents"), 403) == "not-for-this-role"
    listed = pharmacist.get("/incidents?kind=complaint").get_json()["incidents"]
    assert [each["id"] for each in listed] == [filed.get_json()["id"]]
    assert pharmacist.get("/tasks?kind=incident.report").get_json()["tasks"] == []


def test_a_medwatch_entry_and_only_that_has_a_number(pharmacist: StaffApi, pharmacy: Pharmacy) -> None:
    about = an_incident_body(component_lot_id=str(lot_id(pharmacy, "NTX-2601")))
    entries = f"/incidents/{pharmacist.post('/incidents', about).get_json()['id']}/entries"

    for wrong in ({"kind": "medwatch"}, {"kind": "outcome", "medwatch_number": "MW-1"}):
        refused = pharmacist.post(entries, {"wording": "x", **wrong})
        assert pointers(refused, 422) == ["/medwatch_number"]
    assert kind(pharmacist.post(f"/incidents/{new_id()}/entries", {"kind": "outcome", "wording": "x"}), 404)


@pytest.mark.parametrize(
    ("changes", "is_within"),
    [
        ({}, True),
        ({"temperature_c": "20"}, True),
        ({"temperature_c": "25"}, True),
        ({"temperature_c": "25.1"}, False),
        ({"temperature_c": "19.9"}, False),
        ({"humidity_pct": "60"}, True),
        ({"humidity_pct": "60.1"}, False),
        ({"room": "refrigerator", "temperature_c": "4"}, True),
        ({"room": "refrigerator", "temperature_c": "8.1"}, False),
        ({"temperature_c": "-5"}, False),
    ],
)
def test_a_room_beyond_its_limits_leaves_a_task(
    pharmacist: StaffApi, changes: dict[str, str], is_within: bool
) -> None:
    reading = pharmacist.post("/room-readings", {**READING, **changes}).get_json()

    assert reading["is_within"] is is_within
    tasks = pharmacist.get("/tasks?kind=room.excursion").get_json()["tasks"]
    assert [task["subject_id"] for task in tasks] == [] if is_within else [reading["id"]]


@pytest.mark.parametrize(
    ("address", "body", "when"),
    [("/room-readings", READING, "read_at"), ("/cleanings", CLEANING, "cleaned_at")],
)
def test_readings_and_cleanings_are_corrected_by_rows_and_are_never_of_the_future(
    pharmacist: StaffApi, address: str, body: dict[str, str], when: str
) -> None:
    wrong = pharmacist.post(address, body).get_json()["id"]

    right = pharmacist.post(address, {**body, "corrects_id": wrong, "remark": "read again"})

    assert (right.status_code, right.get_json()["corrects_id"]) == (201, wrong)
    assert kind(pharmacist.post(address, {**body, "corrects_id": wrong}), 409) == "already-corrected"
    future = pharmacist.post(address, {**body, when: "2026-11-23T15:00:01Z"})
    assert pointers(future, 422) == [f"/{when}"]
    (listed,) = (each for each in pharmacist.get(address).get_json().values() if isinstance(each, list))
    assert [each["id"] for each in listed] == [right.get_json()["id"], wrong]


@pytest.mark.parametrize(
    "table",
    [
        "calibrations",
        "training_records",
        "incidents",
        "incident_entries",
        "room_readings",
        "cleanings",
        "stock_counts",
    ],
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_logged_is_never_changed_or_removed(
    connection: Connection, pharmacist: StaffApi, pharmacy: Pharmacy, table: str, statement: str
) -> None:
    lot = lot_id(pharmacy, "NTX-2601")
    incident = pharmacist.post("/incidents", an_incident_body(component_lot_id=str(lot))).get_json()["id"]
    pharmacist.post(f"/incidents/{incident}/entries", {"kind": "outcome", "wording": "settled"})
    pharmacist.post("/room-readings", READING)
    pharmacist.post("/cleanings", CLEANING)
    pharmacist.post(f"/stock/{lot}/counts", {"counted_mg": "98960"})

    with pytest.raises(DBAPIError, match="rows are never changed or removed"), connection.begin_nested():
        connection.execute(text(statement.format(table)))
