"""A lot from receipt to its last microgram, as staff do it at the API."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from pharmacy.store import audit
from pharmacy.store.base import new_id
from pharmacy.usecases.expire_lots import expire_lots
from tests.books import Clock, row_counts
from tests.callers import StaffApi
from tests.domain.cases import case
from tests.web.api.answers import kind, pointers, problem
from tests.web.api.stock_bodies import a_certificate_body, a_lot_body, lot_id, triturate_id

StaffByRole = Callable[[Role], StaffApi]


@pytest.fixture
def technician(staff_api: StaffByRole) -> StaffApi:
    return staff_api(Role.TECHNICIAN)


@pytest.fixture
def pharmacist(staff_api: StaffByRole) -> StaffApi:
    return staff_api(Role.PHARMACIST)


def received(by: StaffApi, body: dict[str, Any]) -> dict[str, Any]:
    answer = by.post("/component-lots", body)
    assert answer.status_code == 201, answer.text
    lot: dict[str, Any] = answer.get_json()
    return lot


def released(by: StaffApi, lot: dict[str, Any]) -> dict[str, Any]:
    answer = by.post(
        f"/component-lots/{lot['id']}/decisions", {"act": "release", "reason": "papers in order"}
    )
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


def test_a_received_lot_waits_in_quarantine_with_all_of_its_mass_and_a_task(
    technician: StaffApi, pharmacy: Pharmacy
) -> None:
    lot = received(technician, a_lot_body(pharmacy))

    assert (lot["status"], lot["on_hand_mg"], lot["why_not"]) == ("quarantined", "25000", "is quarantined")
    assert (lot["expires_on"], lot["printed_expiry"]) == ("2028-02-29", "month")
    (line,) = technician.get(f"/stock/{lot['id']}/movements").get_json()["movements"]
    assert (line["kind"], line["change_mg"], line["on_hand_after_mg"]) == ("receive", "25000", "25000")
    (task,) = technician.get("/tasks?kind=lot.review").get_json()["tasks"]
    assert task["subject_id"] == lot["id"]


def test_a_lot_without_a_printed_expiry_lasts_twelve_months_from_receipt(
    technician: StaffApi, pharmacy: Pharmacy
) -> None:
    lot = received(technician, a_lot_body(pharmacy, expiry={}, received_on="2026-08-31"))

    assert (lot["expires_on"], lot["printed_expiry"]) == ("2027-08-31", "none")


def test_a_pharmacist_releases_it_after_review_and_the_task_is_done(
    technician: StaffApi, pharmacist: StaffApi, pharmacy: Pharmacy
) -> None:
    lot = received(technician, a_lot_body(pharmacy))

    told = released(pharmacist, lot)

    assert (told["status"], told["why_not"], told["status_reason"]) == ("released", None, "papers in order")
    assert told["reviewed_by"] is not None
    assert technician.get("/tasks?kind=lot.review").get_json()["tasks"] == []


def test_a_technician_releases_nothing(technician: StaffApi, pharmacy: Pharmacy) -> None:
    lot = received(technician, a_lot_body(pharmacy))

    refused = technician.post(f"/component-lots/{lot['id']}/decisions", {"act": "release", "reason": "fine"})

    assert kind(refused, 403) == "not-for-this-role"
    assert technician.get(f"/component-lots/{lot['id']}").get_json()["status"] == "quarantined"


@pytest.mark.parametrize(
    ("certificate", "because"),
    [
        ({"assay_pct": "97.9"}, "not within 98.0 to 102.0 %"),
        ({"assay_pct": "102.1"}, "not within 98.0 to 102.0 %"),
        ({"basis": "as_is", "assay_pct": "94.9"}, "not within 98.0 to 102.0 %"),
        ({"identity_confirmed": False}, "identity is not confirmed"),
        ({"maker_is_registered": False}, "not known to be registered"),
    ],
)
def test_what_the_papers_do_not_bear_stays_in_quarantine_and_the_refusal_is_on_record(
    technician: StaffApi,
    pharmacist: StaffApi,
    pharmacy: Pharmacy,
    connection: Connection,
    certificate: dict[str, Any],
    because: str,
) -> None:
    lot = received(technician, a_lot_body(pharmacy, certificate=a_certificate_body(**certificate)))
    before = row_counts(connection)

    refused = pharmacist.post(f"/component-lots/{lot['id']}/decisions", {"act": "release", "reason": "fine"})

    assert because in problem(refused, 422)["detail"]
    changed = {name for name, count in row_counts(connection).items() if count != before[name]}
    assert changed == {"audit", "audit_unsealed"}
    with pharmacy.sessions.read() as session:
        entry = audit.of_subject(session, UUID(lot["id"]))[-1]
    assert entry.action == "stock.refused"
    assert because in entry.detail["reason"]


def test_a_recalled_or_rejected_lot_never_comes_back(
    technician: StaffApi, pharmacist: StaffApi, pharmacy: Pharmacy
) -> None:
    rejected = received(technician, a_lot_body(pharmacy, number="NTX-rejected"))
    address = f"/component-lots/{rejected['id']}/decisions"
    pharmacist.post(address, {"act": "reject", "reason": "the vendor wrote"})
    recalled = received(technician, a_lot_body(pharmacy, number="NTX-recalled"))
    subject = {"subject": "component_lot", "subject_id": recalled["id"], "reason": "The vendor wrote."}
    pharmacist.post("/recalls", subject)

    for lot in (rejected, recalled):
        again = pharmacist.post(
            f"/component-lots/{lot['id']}/decisions", {"act": "release", "reason": "please"}
        )
        assert kind(again, 409) == "lot-act-refused"


def test_a_lot_is_recalled_by_a_recall_and_by_nothing_else(
    technician: StaffApi, pharmacist: StaffApi, pharmacy: Pharmacy
) -> None:
    lot = received(technician, a_lot_body(pharmacy))

    refused = pharmacist.post(f"/component-lots/{lot['id']}/decisions", {"act": "recall", "reason": "bad"})

    assert pointers(refused) == ["/act"]
    assert technician.get(f"/component-lots/{lot['id']}").get_json()["status"] == "quarantined"


@pytest.mark.parametrize("component", ["calcium carbonate", "hypromellose K100M"])
def test_what_may_not_fill_a_capsule_is_not_let_in_as_a_filler(
    technician: StaffApi, pharmacy: Pharmacy, component: str
) -> None:
    refused = technician.post("/component-lots", a_lot_body(pharmacy, component))

    assert kind(refused, 422) == "filler-refused"
    assert pointers(refused) == ["/component_id"]


def test_the_catalogue_says_which_filler_is_refused_and_why(technician: StaffApi) -> None:
    listed = technician.get("/components").get_json()["components"]

    refused = {each["name"] for each in listed if each["refused_as_filler"]}
    assert refused == {"calcium carbonate", "hypromellose K100M"}


@pytest.mark.parametrize(
    ("changes", "where", "name"),
    [
        ({"mass_mg": "0"}, ["/mass_mg"], "shape"),
        ({"mass_mg": "1.0005"}, ["/mass_mg"], "shape"),
        ({"mass_mg": 25}, ["/mass_mg"], "shape"),
        ({"expiry": {"year": 2028}}, ["/expiry/month"], "shape"),
        ({"expiry": {"year": 2028, "month": 2, "expires_on": "2028-02-01"}}, ["/expiry/expires_on"], "shape"),
        ({"expiry": {"expires_on": "2026-11-01"}}, ["/expiry"], "lot-ended-already"),
        ({"received_on": "2026-11-24"}, ["/received_on"], "not-received-yet"),
        ({"certificate": None}, ["/certificate"], "certificate-unfit"),
        ({"certificate": a_certificate_body(water_pct="60", solvents_pct="40")}, ["/certificate"], "certificate-unfit"),
        ({"certificate": a_certificate_body(assay_pct="99.20001")}, ["/certificate/assay_pct"], "shape"),
        ({"certificate": a_certificate_body(assay_pct="1e2")}, ["/certificate/assay_pct"], "shape"),
        ({"certificate": a_certificate_body(assay_pct="111")}, ["/certificate/assay_pct"], "shape"),
        ({"surprise": 1}, ["/surprise"], "shape"),
    ],
)  # fmt: skip
def test_bad_receipts_are_refused_at_their_place_and_leave_nothing(
    technician: StaffApi,
    pharmacy: Pharmacy,
    connection: Connection,
    changes: dict[str, Any],
    where: list[str],
    name: str,
) -> None:
    body = a_lot_body(pharmacy, **changes)
    before = row_counts(connection)

    refused = technician.post("/component-lots", body)

    assert kind(refused, refused.status_code) == name
    assert pointers(refused) == where
    changed = {table for table, count in row_counts(connection).items() if count != before[table]}
    assert changed <= {"audit", "audit_unsealed"}


def test_a_lot_is_received_once_and_an_unknown_component_never(
    technician: StaffApi, pharmacy: Pharmacy
) -> None:
    received(technician, a_lot_body(pharmacy))

    assert kind(technician.post("/component-lots", a_lot_body(pharmacy)), 409) == "lot-already-received"
    unknown = a_lot_body(pharmacy, number="other", component_id=str(new_id()))
    assert kind(technician.post("/component-lots", unknown), 404) == "component-not-found"
    assert kind(technician.get(f"/component-lots/{new_id()}"), 404) == "lot-not-found"


def test_a_container_is_scanned_and_found_again(technician: StaffApi, pharmacy: Pharmacy) -> None:
    scan = {"scan": "]d2010950600013435217280200" + "10NTX-7\x1d21S1"}
    first = technician.post("/component-lots/scans", scan).get_json()
    assert first == {
        "gtin": "09506000134352", "expires_on": "2028-02-29", "expires_by_month": True, "lot": "NTX-7",
        "serial": "S1", "received_as": None, "component_id": None,
    }  # fmt: skip

    lot = received(technician, a_lot_body(pharmacy, gtin="09506000134352"))

    again = technician.post("/component-lots/scans", scan).get_json()
    assert (again["received_as"], again["component_id"]) == (lot["id"], lot["component_id"])
    assert kind(technician.post("/component-lots/scans", {"scan": "hello"}), 422) == "bad-scan"
    assert kind(technician.post("/component-lots/scans", {"scan": "10A\x01"}), 400) == "shape"


def test_the_choice_is_that_of_the_worked_case_and_says_why_the_others_were_left(
    staff_api: StaffByRole, pharmacy: Pharmacy, clock: Clock
) -> None:
    inv = case("INV-01")
    clock.now = datetime(2026, 2, 20, 15, tzinfo=UTC)
    technician, pharmacist = staff_api(Role.TECHNICIAN), staff_api(Role.PHARMACIST)
    for lot in inv.inputs["lots"]:
        printed = {"expires_on": lot["expiry"]}
        body = a_lot_body(pharmacy, "lactose monohydrate", number=lot["lot"], expiry=printed)
        here = received(technician, {**body, "mass_mg": str(lot["avail_mg"])})
        if lot["status"] == "released":
            released(pharmacist, here)
    clock.now = datetime(2026, 3, 2, 15, tzinfo=UTC)
    technician = staff_api(Role.TECHNICIAN)

    chosen, told = [], {}
    for wanted in inv.inputs["min_bud"]:
        asked = {"kind": "filler", "need_mg": str(inv.inputs["need_mg"]), "beyond_use_on": wanted}
        answer = technician.post("/component-lots/choice", asked).get_json()
        chosen.append(answer["number"])
        told = {each["number"]: each["because"] for each in answer["left_out"]}

    assert chosen == inv.expected["lot"]
    assert told["A"] == "has 3000 mg on hand, less than is needed"
    assert told["B"] == "ends on 2026-05-15, before the beyond-use date that is wanted"
    assert told["C"] == "is quarantined"
    assert told["D"] == "ended on 2026-02-28"


def test_waste_is_off_the_books_with_its_reason_and_a_mistake_taken_back_once(
    technician: StaffApi, pharmacist: StaffApi, pharmacy: Pharmacy
) -> None:
    stock = f"/stock/{triturate_id(pharmacy)}/movements"

    line = technician.post(stock, {"kind": "waste", "mass_mg": "12.345", "reason": "spilt"}).get_json()

    assert (line["change_mg"], line["on_hand_after_mg"], line["reason"]) == ("-12.345", "9987.655", "spilt")
    back = f"/stock-movements/{line['id']}/put-back"
    assert kind(technician.post(back, {"reason": "wrong jar"}), 403) == "not-for-this-role"
    assert pharmacist.post(back, {"reason": "wrong jar"}).get_json()["on_hand_after_mg"] == "10000"
    assert kind(pharmacist.post(back, {"reason": "wrong jar"}), 409) == "already-put-back"
    wasted = technician.get("/waste").get_json()["waste"]
    assert [each["change_mg"] for each in wasted] == ["12.345", "-12.345"]


def test_more_than_there_is_cannot_be_thrown_away_and_the_refusal_says_what_is_short(
    technician: StaffApi, pharmacy: Pharmacy
) -> None:
    stock = f"/stock/{triturate_id(pharmacy)}/movements"

    refused = technician.post(stock, {"kind": "destroy", "mass_mg": "10000.001", "reason": "expired"})

    assert kind(refused, 409) == "stock-short"
    assert "0.001 mg short" in refused.get_json()["detail"]
    assert technician.get(stock).get_json()["on_hand_mg"] == "10000"
    for bad in ("receive", "weigh", "adjust"):
        answer = technician.post(stock, {"kind": bad, "mass_mg": "1", "reason": "x"})
        assert pointers(answer, 400) == ["/kind"]


@pytest.mark.parametrize(
    ("counted", "variance", "is_investigated"),
    [("10000", "0", False), ("9800", "-200", False), ("9799.999", "-200.001", True), ("10201", "201", True)],
)
def test_the_books_follow_a_count_and_a_large_difference_is_investigated(
    technician: StaffApi, pharmacy: Pharmacy, counted: str, variance: str, is_investigated: bool
) -> None:
    stock = f"/stock/{triturate_id(pharmacy)}"

    count = technician.post(f"{stock}/counts", {"counted_mg": counted}).get_json()

    assert (count["variance_mg"], count["book_mg"], count["is_investigated"]) == (
        variance, "10000", is_investigated,
    )  # fmt: skip
    assert technician.get(f"{stock}/movements").get_json()["on_hand_mg"] == counted
    tasks = technician.get("/tasks?kind=stock.investigate").get_json()["tasks"]
    assert [task["due_on"] for task in tasks] == ["2026-11-26"] * is_investigated


def test_a_lot_expires_at_local_midnight_after_its_last_day(
    technician: StaffApi, pharmacist: StaffApi, pharmacy: Pharmacy
) -> None:
    lot = received(technician, a_lot_body(pharmacy, expiry={"expires_on": "2026-11-30"}))
    released(pharmacist, lot)
    last_minute = datetime(2026, 12, 1, 4, 59, tzinfo=UTC)  # 23:59 in New York.

    for now, status in ((last_minute, "released"), (last_minute + timedelta(minutes=1), "expired")):
        with pharmacy.sessions.write() as session:
            expire_lots(session, pharmacy.zone, by=pharmacy.clockwork, now=now)
        assert technician.get(f"/component-lots/{lot['id']}").get_json()["status"] == status


def test_lots_are_listed_page_by_page_first_to_expire_first(technician: StaffApi, pharmacy: Pharmacy) -> None:
    received(technician, a_lot_body(pharmacy, expiry={"expires_on": "2026-12-01"}))
    seen, page = [], ""
    while True:
        answer = technician.get(f"/component-lots?limit=1{page}").get_json()
        seen += [each["number"] for each in answer["lots"]]
        if answer["next_page"] is None:
            break
        page = f"&page={answer['next_page']}"

    assert seen == ["NTX-7", "NTX-2601", "MCC-2601"]
    assert (
        technician.get("/component-lots?kind=filler&status=released").get_json()["lots"][0]["number"]
        == "MCC-2601"
    )


def test_a_lot_whose_last_day_comes_today_may_still_be_received(
    technician: StaffApi, pharmacy: Pharmacy
) -> None:
    today = date(2026, 11, 23).isoformat()

    assert received(technician, a_lot_body(pharmacy, expiry={"expires_on": today}))["expires_on"] == today
    assert lot_id(pharmacy, "NTX-7")
