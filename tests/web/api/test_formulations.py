"""Master formulation records: written by one, approved by another, and then never changed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from pharmacy.store import formulations
from pharmacy.store.base import new_id
from tests.books import MORNING
from tests.callers import StaffApi
from tests.web.api.answers import kind, pointers
from tests.web.api.stock_bodies import a_formulation_body, component_id

StaffByRole = Callable[[Role], StaffApi]
TWELVE = (
    "strength", "components", "characteristics", "container_closure", "instructions", "description", "beyond_use",
    "beyond_use_reference", "calculations", "labelling", "quality_checks", "repeatability",
)  # fmt: skip


@pytest.fixture
def author(staff_api: StaffByRole) -> StaffApi:
    return staff_api(Role.PHARMACIST)


@pytest.fixture
def approver(staff_api: StaffByRole) -> StaffApi:
    return staff_api(Role.PHARMACIST_IN_CHARGE)


def written(author: StaffApi, body: dict[str, Any]) -> dict[str, Any]:
    answer = author.post("/formulations", body)
    assert answer.status_code == 201, answer.text
    formulation: dict[str, Any] = answer.get_json()
    return formulation


def test_the_next_version_serves_from_its_day_on_and_the_former_until_then(
    author: StaffApi, approver: StaffApi, pharmacy: Pharmacy
) -> None:
    new = written(author, a_formulation_body(pharmacy))
    assert (new["version"], new["approved_at"]) == (2, None)

    approval = approver.post(f"/formulations/{new['id']}/approval", {"effective_on": "2026-12-01"})

    assert approval.status_code == 200
    with pharmacy.sessions.read() as session:
        found = [
            formulations.in_force(session, "LDN-CAPS", on)
            for on in (date(2026, 11, 30), date(2026, 12, 1), date(2026, 1, 1))
        ]
    assert [each and each.version for each in found] == [1, 2, None]


def test_the_author_does_not_approve_and_a_technician_neither(
    author: StaffApi, staff_api: StaffByRole, pharmacy: Pharmacy
) -> None:
    address = f"/formulations/{written(author, a_formulation_body(pharmacy))['id']}/approval"
    body = {"effective_on": "2026-12-01"}

    assert kind(author.post(address, body), 403) == "same-person-twice"
    assert kind(staff_api(Role.TECHNICIAN).post(address, body), 403) == "not-for-this-role"
    assert (
        author.get("/formulations?code=LDN-CAPS&limit=1").get_json()["formulations"][0]["approved_at"] is None
    )


def test_an_approved_version_is_approved_once_and_not_for_the_past(
    author: StaffApi, approver: StaffApi, pharmacy: Pharmacy
) -> None:
    address = f"/formulations/{written(author, a_formulation_body(pharmacy))['id']}/approval"

    assert pointers(approver.post(address, {"effective_on": "2026-11-22"}), 422) == ["/effective_on"]
    assert approver.post(address, {"effective_on": "2026-11-23"}).status_code == 200
    assert kind(approver.post(address, {"effective_on": "2026-11-24"}), 409) == "already-approved"
    unknown = f"/formulations/{new_id()}"
    assert (
        kind(approver.post(f"{unknown}/approval", {"effective_on": "2026-11-24"}), 404)
        == "formulation-not-found"
    )
    assert kind(approver.get(unknown), 404) == "formulation-not-found"


@pytest.mark.parametrize("missing", [*TWELVE, "code", "name", "form"])
def test_none_of_the_twelve_contents_may_be_missing(
    author: StaffApi, pharmacy: Pharmacy, missing: str
) -> None:
    body = a_formulation_body(pharmacy)
    del body[missing]

    assert pointers(author.post("/formulations", body), 400) == [f"/{missing}"]


@pytest.mark.parametrize(
    ("filler", "name"), [("calcium carbonate", "filler-refused"), ("hypromellose K100M", "filler-refused")]
)
def test_calcium_and_what_gels_are_refused_as_fillers(
    author: StaffApi, pharmacy: Pharmacy, filler: str, name: str
) -> None:
    body = a_formulation_body(pharmacy)
    body["components"][1]["component_id"] = component_id(pharmacy, filler)

    refused = author.post("/formulations", body)

    assert kind(refused, 422) == name
    assert pointers(refused) == ["/components/1"]


def test_a_shell_of_hypromellose_is_fine(author: StaffApi, pharmacy: Pharmacy) -> None:
    shell = {"size": "1", "material": "hypromellose"}

    assert written(author, a_formulation_body(pharmacy, shell=shell))["contents"]["shell"] == shell


LIQUIDS = {
    "aqueous": ("purified water", 14),
    "aqueous_preserved": ("preserved oral vehicle", 35),
    "oral_non_aqueous": ("medium-chain triglycerides", 90),
}


def a_liquid(pharmacy: Pharmacy, category: str, vehicle: str, days: int) -> dict[str, Any]:
    body = a_formulation_body(pharmacy, code="LDN-LIQUID", form="oral_liquid", shell=None)
    body["components"][1] = {"component_id": component_id(pharmacy, vehicle), "amount": "to volume"}
    body["strength"] = {"least_mg": "1", "most_mg": "1", "per": "mL"}
    body["beyond_use"] = {"category": category, "days": days, "storage": "refrigerator"}
    return body


@pytest.mark.parametrize("category", LIQUIDS)
def test_a_liquid_of_1_mg_per_ml_has_the_beyond_use_limit_of_its_water(
    author: StaffApi, pharmacy: Pharmacy, category: str
) -> None:
    vehicle, days = LIQUIDS[category]

    assert written(author, a_liquid(pharmacy, category, vehicle, days))["beyond_use_days"] == days

    beyond = author.post("/formulations", a_liquid(pharmacy, category, vehicle, days + 1))
    assert pointers(beyond, 422) == ["/beyond_use/days"]


def test_an_unknown_component_is_refused_at_its_place(author: StaffApi, pharmacy: Pharmacy) -> None:
    body = a_formulation_body(pharmacy)
    body["components"][0]["component_id"] = str(new_id())

    assert pointers(author.post("/formulations", body), 422) == ["/components/0/component_id"]


@pytest.mark.parametrize(
    ("statement", "refused_by"),
    [
        (
            "UPDATE formulations SET approved_by = written_by, approved_at = now(), effective_on = current_date",
            "ck_formulations_two_people",
        ),
        ("UPDATE formulations SET beyond_use_days = 181", "ck_formulations_beyond_use"),
        ("UPDATE formulations SET contents = contents - 'repeatability'", "ck_formulations_twelve_contents"),
        ("UPDATE formulations SET effective_on = NULL", "ck_formulations_approval_whole"),
        ("UPDATE formulations SET category = 'aqueous'", "ck_formulations_"),
    ],
)
def test_the_books_hold_it_whoever_writes(
    connection: Connection, author: StaffApi, pharmacy: Pharmacy, statement: str, refused_by: str
) -> None:
    draft = written(author, a_formulation_body(pharmacy))["id"]
    approved = "approved_by = (SELECT id FROM staff_members WHERE username = 'iris'), approved_at = now(),"
    if "NULL" in statement:
        statement = f"UPDATE formulations SET {approved} effective_on = NULL"

    with pytest.raises(IntegrityError, match=refused_by), connection.begin_nested():
        connection.execute(text(f"{statement} WHERE id = '{draft}'"))


@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE formulations SET contents = contents || \'{"description": "other"}\' WHERE version = 1',
        "UPDATE formulations SET effective_on = effective_on + 1 WHERE version = 1",
        "UPDATE formulations SET approved_by = NULL, approved_at = NULL, effective_on = NULL WHERE version = 1",
        "DELETE FROM formulations",
        "TRUNCATE formulations CASCADE",
    ],
)
def test_an_approved_version_is_frozen_whoever_writes(connection: Connection, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"never change"), connection.begin_nested():
        connection.execute(text(statement))


def test_the_first_use_is_marked_once_and_freezes_even_the_mark(
    connection: Connection, pharmacy: Pharmacy
) -> None:
    with pharmacy.sessions.write() as session:
        used = formulations.in_force(session, "LDN-CAPS", date(2026, 11, 23))
        assert used is not None
        formulations.mark_used(session, used.id, now=MORNING)
        formulations.mark_used(session, used.id, now=MORNING)

    with pytest.raises(DBAPIError, match="never changes"), connection.begin_nested():
        connection.execute(text("UPDATE formulations SET first_used_at = NULL WHERE code = 'LDN-CAPS'"))
