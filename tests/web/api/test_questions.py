"""What is asked of a prescriber and answered by the practice or by staff; reviews, overrides, and rules."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from pharmacy.domain.orders import Act, Role
from pharmacy.usecases.act_on_order import ActNotOpen
from tests.builders import GONE, an_order
from tests.callers import Api, StaffApi
from tests.rows import another_practice
from tests.web.api.answers import kept, kind, pointers
from tests.work import Work

UNANSWERED = {"opioid_last_14_days": GONE, "medicines": GONE, "no_known_allergies": GONE}
ANSWERS = {"opioid_last_14_days": "no", "no_known_allergies": True, "medicines": []}


@pytest.fixture
def pharmacist(staff_api: Callable[[Role], StaffApi]) -> StaffApi:
    return staff_api(Role.PHARMACIST)


def _asked(standing: dict[str, Any]) -> list[str]:
    return [each["code"] for each in standing["questions"]]


def test_a_practice_answers_and_a_pharmacist_lets_the_order_go_on(
    api: Api, pharmacist: StaffApi, work: Work
) -> None:
    order = api.order(an_order(**UNANSWERED))

    first = api.post(f"/orders/{order['id']}/answers", {"opioid_last_14_days": "no"}).get_json()
    assert (first["status"], _asked(first)) == ("clarification", ["C-ALLERGIES", "C-MEDICINES"])
    rest = api.post(
        f"/orders/{order['id']}/answers", {"no_known_allergies": True, "medicines": ["sertraline"]}
    ).get_json()

    assert (rest["status"], _asked(rest)) == ("clarification", [])
    (task,) = pharmacist.get("/tasks?kind=order.answered").get_json()["tasks"]
    assert task["order_id"] == order["id"]
    assert work.act(work.order(task["order_id"]).id, Act.RESUME, Role.PHARMACIST).status == "received"


def test_answers_are_screened_like_a_submission(api: Api) -> None:
    order = api.order(an_order(**UNANSWERED))
    body = {
        "opioid_last_14_days": "yes", "opioid_agent": "methadone", "opioid_last_dose_on": "2026-11-20",
        "allergies": [{"text": "gelatin", "system": "house", "code": "gelatin"}],
        "medicines": [{"text": "Antabuse", "system": "name", "code": "Antabuse"}],
    }  # fmt: skip

    api.post(f"/orders/{order['id']}/answers", body)

    findings = api.get(f"/orders/{order['id']}").get_json()["findings"]
    assert {each["code"] for each in findings} >= {
        "S-OPIOID-RECENT", "S-ALLERGY-EXCIPIENT", "S-DISULFIRAM",
    }  # fmt: skip
    assert "may be dispensed from 2026-12-04" in findings[1]["because"]


def test_the_same_answers_sent_twice_are_answered_alike(api: Api) -> None:
    order = api.order(an_order(**UNANSWERED))
    path = f"/orders/{order['id']}/answers"

    one, two = (api.post(path, ANSWERS, key="answers") for _ in range(2))

    assert (one.status_code, two.status_code) == (201, 201)
    assert one.get_json() == two.get_json()
    assert two.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        ({}, 422, "nothing-answered"),
        ({"opioid_last_14_days": "unknown"}, 422, "answer-unfit"),
        ({"opioid_last_14_days": "no", "opioid_last_dose_on": "2027-01-01"}, 422, "answer-unfit"),
        ({"answers": [{"code": "C-DOSE", "answer": "as written"}]}, 409, "not-asked"),
        ({"answers": [{"code": "C-ROSTER", "answer": "verified"}]}, 400, "shape"),
        ({"medicines": [7]}, 400, "shape"),
    ],
)
def test_a_refused_answer_changes_nothing(
    api: Api, connection: Connection, body: Any, status: int, name: str
) -> None:
    order = api.order(an_order(**UNANSWERED))
    before = kept(connection)

    assert kind(api.post(f"/orders/{order['id']}/answers", body), status) == name
    assert kept(connection) == before


def test_nobody_answers_for_another_practice(api: Api, work: Work, connection: Connection) -> None:
    order = api.order(an_order(**UNANSWERED))
    with work.sessions.write() as session:
        another_practice(session, "a-stranger")
    before = kept(connection)

    answer = Api(api.client, "a-stranger").post(f"/orders/{order['id']}/answers", ANSWERS)

    assert kind(answer, 404) == "order-not-found"
    assert kept(connection) == before


def test_staff_ask_and_the_order_resumes_where_it_was(api: Api, pharmacist: StaffApi, work: Work) -> None:
    order_id = work.submit()
    work.act(order_id, Act.START_REVIEW)
    path = f"/orders/{order_id}"
    question = {"version": work.order(order_id).version, "code": "C-DOSE", "question": "Is 4.5 mg meant?"}

    asked = pharmacist.post(f"{path}/clarifications", question).get_json()
    assert (asked["status"], asked["questions"]) == (
        "clarification", [{"code": "C-DOSE", "asked": "Is 4.5 mg meant?"}],
    )  # fmt: skip
    again = pharmacist.post(f"{path}/clarifications", {**question, "version": asked["version"]})
    assert kind(again, 409) == "already-asked"
    with pytest.raises(ActNotOpen, match="1 question"):
        work.act(order_id, Act.RESUME, Role.PHARMACIST)
    api.post(f"{path}/answers", {"answers": [{"code": "C-DOSE", "answer": "Yes, 4.5 mg."}]})

    assert work.act(order_id, Act.RESUME, Role.PHARMACIST).status == "in_review"
    assert work.order(order_id).answers["answered"][-1]["answer"] == "Yes, 4.5 mg."


def test_a_rejection_is_coded_and_final(pharmacist: StaffApi, work: Work) -> None:
    order_id = work.submit()
    work.act(order_id, Act.START_REVIEW)
    body = {
        "version": work.order(order_id).version, "act": "reject", "rejection": "R-UNSAFE",
        "reason": "acute hepatitis, confirmed",
    }  # fmt: skip

    answer = pharmacist.post(f"/orders/{order_id}/review", body).get_json()

    assert (answer["status"], answer["rejection"]) == ("rejected", "R-UNSAFE")
    again = pharmacist.post(f"/orders/{order_id}/review", {**body, "version": answer["version"]})
    assert kind(again, 409) == "act-not-open"


def test_findings_are_overridden_one_by_one_each_with_its_record(pharmacist: StaffApi, work: Work) -> None:
    order_id = work.submit(an_order({"/patient/birth_on": "2012-01-01"}))
    path = f"/orders/{order_id}"
    body = {"version": 1, "codes": ["S-AGE-UNDER-18"], "reason": "letter of the consultant"}

    assert pharmacist.post(f"{path}/overrides", body).status_code == 201

    seen = pharmacist.get(f"{path}/screenings").get_json()
    assert [(each["code"], each["rule_version"]) for each in seen["overrides"]] == [("S-AGE-UNDER-18", 1)]
    assert [each["occasion"] for each in seen["screenings"]] == ["submission"]
    assert kind(pharmacist.post(f"{path}/overrides", body), 409) == "nothing-to-override"


def test_a_rule_is_changed_by_the_pharmacist_in_charge_alone(
    pharmacist: StaffApi, staff_api: Callable[[Role], StaffApi], api: Api, connection: Connection
) -> None:
    in_charge = staff_api(Role.PHARMACIST_IN_CHARGE)
    path = "/screening-rules/S-OPIOID-RECENT/versions"
    longer = {
        "version": 1, "severity": "block", "source": "house policy", "reason": "longer, to be safe",
        "numbers": {"short_acting_days": 12, "tramadol_days": 12, "long_acting_days": 14},
    }  # fmt: skip
    before = kept(connection)

    assert pharmacist.post(path, longer).status_code == 403
    wrong = in_charge.post(path, {**longer, "numbers": {"short_acting_days": "twelve"}})
    assert pointers(wrong) == ["/numbers"]
    assert kind(in_charge.post(path, {**longer, "version": 7}), 409) == "rule-changed"
    assert kind(in_charge.post("/screening-rules/S-NONE/versions", longer), 404) == "rule-not-found"
    assert kept(connection) == before
    assert in_charge.post(path, longer).get_json()["version"] == 2

    order = api.order(
        an_order(opioid_last_14_days="yes", opioid_agent="codeine", opioid_last_dose_on="2026-11-12")
    )
    (found,) = [each for each in order["findings"] if each["code"] == "S-OPIOID-RECENT"]
    assert found["rule_version"] == 2
    assert "2026-11-24" in found["because"]
    assert [each["version"] for each in pharmacist.get("/screening-rules/S-OPIOID-RECENT").get_json()["rules"]] == [
        2, 1,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"medicines": [{"text": "x", "system": "rxnorm", "code": "abc"}]}, "/medicines/0"),
        ({"medicines": [{"text": "x", "code": "7804"}]}, "/medicines/0"),
        ({"medicines": [{"text": "x", "system": "icd-10-cm", "code": "M79.7"}]}, "/medicines/0"),
        ({"medicines": [{"text": "x", "system": "snomed", "code": "1"}]}, "/medicines/0/system"),
        ({"medicines": [{"text": "x", "dose": "1"}]}, "/medicines/0/dose"),
        ({"medicines": [{"text": "x", "daily_dose_mg": "1e9"}]}, "/medicines/0/daily_dose_mg"),
        ({"allergies": [{"text": "x", "daily_dose_mg": "1"}]}, "/allergies/0/daily_dose_mg"),
        ({"conditions": [{"text": "x", "system": "house", "code": "gout"}]}, "/conditions/0"),
        ({"opioid_last_dose_on": "2026-13-01"}, "/opioid_last_dose_on"),
    ],
)
def test_a_statement_out_of_shape_is_refused_at_its_place(api: Api, changes: Any, where: str) -> None:
    assert pointers(api.post("/orders", an_order(**changes)), 400) == [where]


def test_a_last_dose_that_is_still_to_come_is_refused(api: Api, connection: Connection) -> None:
    before = kept(connection)
    answer = api.post("/orders", an_order(opioid_last_14_days="yes", opioid_last_dose_on="2026-11-24"))

    assert pointers(answer) == ["/opioid_last_dose_on"]
    assert kept(connection) == before


def test_diagnosis_codes_are_checked_and_never_stop_an_order(api: Api) -> None:
    codes = ["G35", "M79.7", "Z00.00"]
    order = api.order(an_order({"/prescription/diagnosis_codes": codes}))

    assert [each["code"] for each in order["findings"] if each["code"].startswith("V-")] == [
        "V-DIAGNOSIS-NOT-BILLABLE", "V-DIAGNOSIS-UNKNOWN",
    ]  # fmt: skip
    assert order["status"] == "received"
    wrong = api.post("/orders", an_order({"/prescription/diagnosis_codes": ["m79"]}))
    assert pointers(wrong, 400) == ["/prescription/diagnosis_codes/0"]


EVERYTHING_OPEN = {
    **UNANSWERED,
    "authorization": None,
    "/prescriber/npi": "1558598797",
    "/prescription/as_written": {"text": "2 mg at bedtime"},
}


def test_a_question_of_every_code_is_answered_by_the_practice_or_by_staff(
    api: Api, pharmacist: StaffApi
) -> None:
    order = api.order(an_order({name: value for name, value in EVERYTHING_OPEN.items() if name.startswith("/")}, **{
        name: value for name, value in EVERYTHING_OPEN.items() if not name.startswith("/")
    }))  # fmt: skip
    path = f"/orders/{order['id']}/answers"
    signed = {"kind": "e_signature", "signer_npi": "1558598797", "signed_at": "2026-11-23T10:00:00Z"}
    told = {"who": "The board of medicine", "when": "23 November", "how": "on its page"}
    open_now = {finding["code"] for finding in order["findings"] if finding["code"].startswith("C-")}

    for given in (
        {"opioid_last_14_days": "no", "no_known_allergies": True, "medicines": []},
        {"authorization": signed},
        {"answers": [{"code": "C-DIRECTIONS", "answer": "The steps are right."}]},
    ):
        assert api.post(path, given).status_code == 201
    rest = pharmacist.post(f"{path}/by-staff", {"roster": told})

    assert open_now == {
        "C-OPIOID-ANSWER", "C-ALLERGIES", "C-MEDICINES", "C-AUTHORISATION", "C-ROSTER", "C-DIRECTIONS",
    }  # fmt: skip
    assert (rest.status_code, _asked(rest.get_json())) == (201, [])


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"signer_npi": "2234567891"}, "/authorization/signer_npi"),
        ({"signed_at": "2026-11-24T10:00:00Z"}, "/authorization/signed_at"),
    ],
)
def test_nobody_else_signs_and_nobody_signs_tomorrow(api: Api, changes: dict[str, str], place: str) -> None:
    order = api.order(an_order({"/prescriber/npi": "1558598797"}, authorization=None))
    signed = {"kind": "e_signature", "signer_npi": "1558598797", "signed_at": "2026-11-23T10:00:00Z"}

    refused = api.post(f"/orders/{order['id']}/answers", {"authorization": signed | changes})

    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, place)
