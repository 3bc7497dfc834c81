"""What is refused at a form of the bench is on record by what was refused, and nothing else has changed."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store import batches
from pharmacy.store.audit import AuditEntry
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from pharmacy.web.console.language import LANGUAGE_COOKIE
from tests.books import row_counts
from tests.callers import StaffApi
from tests.web.console.pages import Console
from tests.web.console.standing import Standing
from tests.work import Work

_FUTURE = "2027-11-23T09:00"
# Where it is asked, what is asked, and the action and the code that are on record of the refusal.
ABOUT_NOTHING_YET = [
    ("/batches", {"kind": "capsules", "strength_mg": "0", "capsules": "7"}, "batch", "StrengthOutOfRange"),
    ("/planner", {"ahead_mg": "4.5", "ahead_capsules": "500"}, "batch_plan", "BeyondAnticipation"),
    ("/stock/receive", {"number": "NTX-9"}, "stock", "ChoiceDue"),
    ("/stock/equipment/balance", {"name": ""}, "equipment", "NoText"),
    (
        "/stock/logs/rooms",
        {"room": "bench", "read_at": _FUTURE, "temperature_c": "22", "humidity_pct": "40"},
        "log",
        "NotYet",
    ),
    (
        "/recalls",
        {"scan": "MCC-2601", "drill": "yes", "reason": "x", "signature": DEMO_PASSWORD},
        "recall",
        "ReasonTooShort",
    ),
]


def refusals(work: Work) -> list[AuditEntry]:
    with work.sessions.read() as session:
        query = select(AuditEntry).where(AuditEntry.action.like("%.refused")).order_by(AuditEntry.id)
        return list(session.scalars(query))


@pytest.mark.parametrize(("path", "form", "of", "code"), ABOUT_NOTHING_YET)
def test_what_is_refused_before_there_is_anything_is_on_record_about_whoever_asked(
    work: Work, paul: Console, connection: Connection, path: str, form: dict[str, str], of: str, code: str
) -> None:
    work.bring_to(OrderStatus.QUEUED)
    before = row_counts(connection)

    answer = paul.post(path, **form)

    assert answer.status_code in {403, 409, 422}
    changed = {name for name, count in row_counts(connection).items() if count != before[name]}
    assert changed == {"audit", "audit_unsealed"}
    (entry,) = refusals(work)
    assert (entry.action, entry.detail["code"]) == (f"{of}.refused", code)
    assert (entry.actor_name, entry.subject_id) == ("Paul Pharmacist", entry.actor_id)
    assert entry.detail["asked"].startswith(f"POST /console/{path.split('/')[1]}")
    assert entry.detail["reason"]


def test_what_is_refused_of_a_lot_a_batch_or_an_incident_is_on_record_about_that(
    work: Work, tess: Console, paul: Console
) -> None:
    work.bring_to(OrderStatus.QUEUED)
    standing = Standing(work)
    lot_id, incident_id, recall_id = standing.lot_id(), standing.incident_id(), standing.recall_id()
    number = tess.post("/batches", kind="capsules", strength_mg="4.5", capsules="16").location.rpartition(
        "/"
    )[2]

    tess.post(f"/stock/{lot_id}/waste", mass_mg="0", reason="spilt")
    tess.post(f"/batches/{number}/blend", appearance="white")
    paul.post(f"/stock/incidents/{incident_id}", kind="outcome", wording="")
    paul.post(f"/recalls/{recall_id}/close", outcome="done", signature=DEMO_PASSWORD)

    with work.sessions.read() as session:
        batch_id = batches.numbered(session, number).id
    assert [(entry.action, entry.subject_id, entry.actor_name) for entry in refusals(work)] == [
        ("stock.refused", lot_id, "Tess Technician"),
        ("batch.refused", batch_id, "Tess Technician"),
        ("log.refused", incident_id, "Paul Pharmacist"),
        ("recall.refused", recall_id, "Paul Pharmacist"),
    ]


def test_the_same_refusal_is_the_same_entry_by_either_door(
    work: Work, paul: Console, staff_api: Callable[[Role], StaffApi]
) -> None:
    api = staff_api(Role.PHARMACIST)

    paul.post("/batches", kind="capsules", strength_mg="4.5", capsules="500")
    api.post("/batches", {"capsules": {"strength_mg": "4.5", "capsules": 500}})

    by_page, by_api = refusals(work)
    assert by_page.action == by_api.action == "batch.refused"
    assert by_page.subject_id == by_api.subject_id == by_api.actor_id
    assert by_page.detail["code"] == by_api.detail["code"] == "BeyondAnticipation"
    assert by_page.detail["reason"] == by_api.detail["reason"]
    assert (by_page.detail["asked"], by_api.detail["asked"]) == (
        "POST /console/batches",
        "POST /api/v1/batches",
    )


def test_a_refusal_is_on_record_in_english_whatever_language_the_page_is_in(
    work: Work, paul: Console
) -> None:
    paul.client.set_cookie(LANGUAGE_COOKIE, "es", path="/console")

    answer = paul.post("/batches", kind="capsules", strength_mg="four", capsules="7")

    assert "escriba un número" in answer.text
    (entry,) = refusals(work)
    assert entry.detail["reason"] == "The strength: a number is due, with a point before the decimals."
