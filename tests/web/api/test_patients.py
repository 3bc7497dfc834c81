"""Staff read and revise patients, merge records and take them apart; a practice learns nothing of another's."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.domain.screening.rules import TOLD_OF_ELSEWHERE
from pharmacy.store import audit
from tests.builders import an_order
from tests.callers import Api, StaffApi
from tests.rows import another_practice
from tests.web.api.answers import kept, kind, pointers
from tests.work import Work

Staff = Callable[[Role], StaffApi]
OXYCODONE = {"text": "Percocet at night", "system": "name", "code": "Percocet"}
WHY = "the same insurance card"


@pytest.fixture
def pharmacist(staff_api: Staff) -> StaffApi:
    return staff_api(Role.PHARMACIST)


@pytest.fixture
def stranger(api: Api, work: Work) -> Api:
    """The system of another practice."""
    token = "a-token-of-a-practice-across-the-street"
    with work.sessions.write() as session:
        another_practice(session, token)
    return Api(api.client, token)


def _codes(order: dict[str, Any]) -> list[str]:
    return [each["code"] for each in order["findings"] if each["code"].startswith("S-")]


def _actions(work: Work, subject_id: str) -> list[str]:
    with work.sessions.read() as session:
        return [entry.action for entry in audit.of_subject(session, UUID(subject_id))]


def test_another_practices_facts_are_screened_and_told_as_a_code_only(api: Api, stranger: Api) -> None:
    api.order(an_order(medicines=[OXYCODONE], allergies=["gelatin"], no_known_allergies=False))

    answer = stranger.post("/orders", an_order())

    order = answer.get_json()
    assert {"S-OPIOID-CURRENT", "S-ALLERGY-EXCIPIENT", "S-DUPLICATE-ORDER"} <= set(_codes(order))
    assert "Percocet" not in answer.text
    assert "gelatin" not in answer.text.lower()
    told = {each["because"] for each in order["findings"] if each["code"] == "S-OPIOID-CURRENT"}
    assert told == {TOLD_OF_ELSEWHERE}
    read = stranger.get(f"/orders/{order['id']}")
    assert "Percocet" not in read.text


def test_a_post_merges_nobody_and_a_pharmacist_does(api: Api, pharmacist: StaffApi, work: Work) -> None:
    first, second = (api.order(an_order()) for _ in range(2))
    one, other = (each["patient"]["id"] for each in (first, second))
    assert one != other

    matches = pharmacist.get(f"/patients/{other}/matches").get_json()
    assert [each["id"] for each in matches["possible"]] == [one]
    assert matches["merged"] == []
    merged = pharmacist.post(f"/patients/{other}/merge", {"other_id": one, "reason": WHY})
    assert merged.status_code == 200
    after = pharmacist.get(f"/patients/{other}/matches").get_json()
    assert (after["possible"], [each["id"] for each in after["merged"]]) == ([], [one])
    assert after["decisions"][0]["kind"] == "merged"
    assert "patient.merged" in _actions(work, one)
    assert pharmacist.get("/tasks?kind=patient.match").get_json()["tasks"] == []
    assert "S-PATIENT-MATCH" not in _codes(api.get(f"/orders/{second['id']}").get_json())


def test_a_merger_is_taken_back_and_each_record_is_as_it_was(api: Api, pharmacist: StaffApi) -> None:
    first, second = (api.order(an_order()) for _ in range(2))
    one, other = (each["patient"]["id"] for each in (first, second))
    link = {"other_id": one, "reason": WHY}
    pharmacist.post(f"/patients/{other}/merge", link)

    back = pharmacist.post(f"/patients/{other}/unmerge", link)

    assert back.get_json()["person_id"] is None
    assert kind(pharmacist.post(f"/patients/{other}/unmerge", link), 409) == "not-merged"
    possible = pharmacist.get(f"/patients/{other}/matches").get_json()["possible"]
    assert [each["id"] for each in possible] == [one]


def test_records_told_apart_are_not_screened_together(api: Api, pharmacist: StaffApi) -> None:
    theirs = api.order(an_order(medicines=[OXYCODONE]))["patient"]["id"]
    order = api.order(an_order())
    assert "S-OPIOID-CURRENT" in _codes(order)

    link = {"other_id": theirs, "reason": "twins in one house, says the practice"}
    assert pharmacist.post(f"/patients/{order['patient']['id']}/tell-apart", link).status_code == 200

    assert _codes(api.get(f"/orders/{order['id']}").get_json()) == []


def test_a_revision_screens_the_orders_again_and_says_why(api: Api, pharmacist: StaffApi, work: Work) -> None:
    order = api.order(an_order())
    patient_id = order["patient"]["id"]
    record = pharmacist.get(f"/patients/{patient_id}").get_json()

    body = {"version": record["version"], "reason": "told at the counter", "medicines": [OXYCODONE]}
    revised = pharmacist.send("PATCH", f"/patients/{patient_id}", json=body)

    assert revised.get_json()["medicines"] == [OXYCODONE]
    assert revised.get_json()["version"] == record["version"] + 1
    assert _codes(api.get(f"/orders/{order['id']}").get_json()) == ["S-OPIOID-CURRENT"]
    assert _actions(work, patient_id)[:2] == ["patient.shown", "patient.revised"]
    assert kind(pharmacist.send("PATCH", f"/patients/{patient_id}", json=body), 409) == "patient-changed"


def test_an_allergy_is_taken_off_the_record_by_staff_alone(
    api: Api, pharmacist: StaffApi, work: Work
) -> None:
    order_id = work.submit(an_order({"/medicines": []}, allergies=["penicillin"], no_known_allergies=False))
    patient_id = work.order(order_id).patient_id
    body = {"version": 1, "reason": "tested negative last year", "allergies": []}

    answer = pharmacist.send("PATCH", f"/patients/{patient_id}", json=body)

    assert answer.get_json()["allergies"] == []


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        ({"version": 1, "reason": "short"}, 400, ["/reason"]),
        ({"version": 1, "reason": "told at the counter"}, 422, None),
        ({"version": 1, "reason": "told at the counter", "withdrawn": ["phone"]}, 400, ["/withdrawn"]),
        ({"version": 1, "reason": "told at the counter", "consents": []}, 400, ["/consents"]),
        ({"version": 1, "reason": "told at the counter", "born": "1"}, 400, ["/born"]),
        ({"version": 1, "reason": "told at the counter", "conditions": [{"text": "x", "system": "house", "code": "gout"}]}, 400, ["/conditions/0"]),
    ],
)  # fmt: skip
def test_a_refused_revision_changes_nothing(
    api: Api, pharmacist: StaffApi, connection: Connection, body: Any, status: int, where: list[str] | None
) -> None:
    patient_id = api.order(an_order())["patient"]["id"]
    before = kept(connection)

    answer = pharmacist.send("PATCH", f"/patients/{patient_id}", json=body)

    assert answer.status_code == status, answer.text
    if where is not None:
        assert pointers(answer, status) == where
    assert kept(connection) == before


def test_a_record_is_not_merged_with_itself_or_with_nobody(
    api: Api, pharmacist: StaffApi, connection: Connection
) -> None:
    patient_id = api.order(an_order())["patient"]["id"]
    before = kept(connection)

    itself = pharmacist.post(f"/patients/{patient_id}/merge", {"other_id": patient_id, "reason": WHY})
    nobody = pharmacist.post(f"/patients/{patient_id}/merge", {"other_id": str(UUID(int=7)), "reason": WHY})

    assert kind(itself, 422) == "one-record"
    assert kind(nobody, 404) == "patient-not-found"
    assert kept(connection) == before


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.SHIPPING])
def test_only_a_pharmacist_decides_who_is_who(api: Api, staff_api: Staff, role: Role) -> None:
    patient_id = api.order(an_order())["patient"]["id"]

    answer = staff_api(role).post(f"/patients/{patient_id}/merge", {"other_id": patient_id, "reason": WHY})

    assert answer.status_code == 403


def test_consents_are_given_and_withdrawn(api: Api, pharmacist: StaffApi) -> None:
    patient_id = api.order(an_order())["patient"]["id"]
    told = {"text_version": "2026-01", "source": "counter"}

    for change in (
        {"channel": "email", "is_given": False},
        {"channel": "sms", "is_given": True},
        {"channel": "phone", "is_given": True},
        {"channel": "phone", "is_given": False},
    ):
        answer = pharmacist.send("PUT", f"/patients/{patient_id}/consent", json=change | told)
        assert answer.status_code == 200, answer.text

    record = pharmacist.send("GET", f"/patients/{patient_id}").get_json()
    assert [(each["channel"], each["withdrawn_at"] is None) for each in record["consents"]] == [
        ("email", False), ("phone", False), ("sms", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"channel": "sms", "is_given": False, "text_version": "2026-01"}, "/channel"),
        ({"channel": "sms", "is_given": True, "text_version": "2025-12"}, "/text_version"),
    ],
)
def test_a_consent_never_given_and_a_text_never_read_are_refused(
    api: Api, pharmacist: StaffApi, connection: Connection, change: dict[str, Any], where: str
) -> None:
    patient_id = api.order(an_order())["patient"]["id"]
    before = kept(connection)

    answer = pharmacist.send("PUT", f"/patients/{patient_id}/consent", json=change | {"source": "counter"})

    assert pointers(answer, 422) == [where]
    assert kept(connection) == before


def test_an_order_that_has_left_is_not_screened_again(api: Api, pharmacist: StaffApi, work: Work) -> None:
    order_id = work.bring_to(OrderStatus.SHIPPED)
    order = work.order(order_id)
    body = {"version": 1, "reason": "told at the counter", "medicines": [OXYCODONE]}

    pharmacist.send("PATCH", f"/patients/{order.patient_id}", json=body)

    assert [each.code for each in work.order(order_id).findings] == [each.code for each in order.findings]


def test_a_patient_who_was_renamed_is_known_by_the_new_name(
    api: Api, stranger: Api, pharmacist: StaffApi
) -> None:
    order = api.order(an_order(medicines=[OXYCODONE]))
    patient_id = order["patient"]["id"]
    version = pharmacist.get(f"/patients/{patient_id}").get_json()["version"]
    body = {"version": version, "reason": "married, and brought the papers", "full_name": "Anna Newname"}
    assert pharmacist.send("PATCH", f"/patients/{patient_id}", json=body).status_code == 200

    elsewhere = stranger.post("/orders", an_order({"/patient/full_name": "Anna Newname"})).get_json()

    assert "S-OPIOID-CURRENT" in _codes(elsewhere)


def test_what_another_practice_knows_is_not_crowded_out_by_many_records_of_our_own(
    api: Api, stranger: Api
) -> None:
    assert stranger.post("/orders", an_order(medicines=[OXYCODONE])).status_code == 201

    orders = [api.order(an_order()) for _ in range(10)]

    assert all("S-OPIOID-CURRENT" in _codes(order) for order in orders)
