"""Balances, their calibrations, shells and what fills them, as staff keep them at the API."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from pharmacy.domain.readiness import BalanceNotUsable
from pharmacy.store import equipment
from pharmacy.store.base import new_id
from tests.callers import StaffApi
from tests.domain.cases import case
from tests.web.api.answers import kind, pointers
from tests.web.api.stock_bodies import lot_id

StaffByRole = Callable[[Role], StaffApi]
TODAY = date(2026, 11, 23)


@pytest.fixture
def pharmacist(staff_api: StaffByRole) -> StaffApi:
    return staff_api(Role.PHARMACIST)


def balance(by: StaffApi, **changes: Any) -> dict[str, Any]:
    body = {"name": "B2", "readability_mg": "1", "sensitivity_requirement_mg": "6", **changes}
    answer = by.post("/balances", body)
    assert answer.status_code == 201, answer.text
    entered: dict[str, Any] = answer.get_json()
    return entered


def calibrated(by: StaffApi, balance_id: str, **changes: Any) -> Any:
    body = {"calibrated_on": "2026-11-20", "has_passed": True, "performed_by": "Example Service", **changes}
    return by.post(f"/balances/{balance_id}/calibrations", body)


def now(by: StaffApi, balance_id: str) -> dict[str, Any]:
    return next(each for each in by.get("/balances").get_json()["balances"] if each["id"] == balance_id)


@pytest.mark.parametrize("row", range(6), ids=lambda row: f"BAL-01 row {row + 1}")
def test_a_balance_is_told_with_the_least_it_weighs(pharmacist: StaffApi, row: int) -> None:
    bal = case("BAL-01").expected["rows"][row]

    told = balance(pharmacist, sensitivity_requirement_mg=bal["sr_mg"], max_error_pct=bal["max_error_pct"])

    assert abs(Decimal(told["minimum_weighable_mg"]) - Decimal(str(bal["mwq_mg"]))) <= Decimal("0.1")


def test_a_certified_minimum_that_is_stricter_counts(pharmacist: StaffApi) -> None:
    assert balance(pharmacist, certificate_minimum_mg="200")["minimum_weighable_mg"] == "200"


def test_a_new_balance_is_out_of_use_until_it_is_calibrated(pharmacist: StaffApi, pharmacy: Pharmacy) -> None:
    new = balance(pharmacist)
    assert new["why_not"] == "it is out of use"

    assert calibrated(pharmacist, new["id"]).get_json()["due_on"] == "2027-11-20"

    assert now(pharmacist, new["id"])["why_not"] is None
    with pharmacy.sessions.read() as session:
        assert equipment.balance_for_weighing(session, UUID(new["id"]), date(2027, 11, 20)).name == "B2"
        with pytest.raises(BalanceNotUsable, match="was due on 2027-11-20"):
            equipment.balance_for_weighing(session, UUID(new["id"]), date(2027, 11, 21))


def test_a_calibration_that_failed_takes_the_balance_out_of_use_and_a_later_one_brings_it_back(
    pharmacist: StaffApi,
) -> None:
    new = balance(pharmacist)["id"]
    calibrated(pharmacist, new)

    failed = calibrated(pharmacist, new, calibrated_on="2026-11-22", has_passed=False)

    assert failed.get_json()["due_on"] is None
    assert now(pharmacist, new)["why_not"] == "it is out of use"
    calibrated(pharmacist, new, calibrated_on="2026-11-23")
    assert now(pharmacist, new)["why_not"] is None
    # One that is entered late and lies before the newest changes nothing.
    calibrated(pharmacist, new, calibrated_on="2026-11-21", has_passed=False)
    assert now(pharmacist, new)["why_not"] is None


def test_a_mistaken_calibration_is_corrected_by_a_row_that_names_it_once(pharmacist: StaffApi) -> None:
    new = balance(pharmacist)["id"]
    wrong = calibrated(pharmacist, new, has_passed=False).get_json()["id"]

    right = calibrated(pharmacist, new, corrects_id=wrong)

    assert right.status_code == 201
    assert now(pharmacist, new)["why_not"] is None
    log = pharmacist.get(f"/balances/{new}/calibrations").get_json()["calibrations"]
    assert [each["corrects_id"] for each in log] == [wrong, None]
    assert kind(calibrated(pharmacist, new, corrects_id=wrong), 409) == "already-corrected"
    assert kind(calibrated(pharmacist, new, corrects_id=str(new_id())), 404) == "nothing-to-correct"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"due_on": "2027-11-21"}, ["/due_on"]),
        ({"due_on": "2026-11-20"}, ["/due_on"]),
        ({"calibrated_on": "2026-11-24"}, ["/calibrated_on"]),
    ],
)
def test_no_calibration_lasts_longer_than_a_year_or_is_to_come(
    pharmacist: StaffApi, changes: dict[str, Any], where: list[str]
) -> None:
    assert pointers(calibrated(pharmacist, balance(pharmacist)["id"], **changes), 422) == where


def test_a_balance_that_has_nothing_to_weigh_by_or_is_there_already_is_refused(pharmacist: StaffApi) -> None:
    nothing = pharmacist.post("/balances", {"name": "B3", "readability_mg": "1"})
    assert pointers(nothing, 422) == ["/sensitivity_requirement_mg"]
    balance(pharmacist)

    again = pharmacist.post(
        "/balances", {"name": "B2", "readability_mg": "1", "certificate_minimum_mg": "20"}
    )

    assert kind(again, 409) == "already-entered"
    assert kind(calibrated(pharmacist, str(new_id())), 404) == "balance-not-found"


def a_shell(by: StaffApi, **changes: Any) -> Any:
    body = {
        "size": "3", "vendor": "Vendor B", "material": "gelatin", "volume_ml": "0.27", "empty_mg": "48",
        "tags": ["animal"], "source": "vendor's table", **changes,
    }  # fmt: skip
    return by.post("/shells", body)


def test_the_same_size_differs_by_vendor(pharmacist: StaffApi) -> None:
    assert a_shell(pharmacist).status_code == 201

    listed = pharmacist.get("/shells").get_json()["shells"]
    assert [(each["vendor"], each["volume_ml"]) for each in listed] == [
        ("Vendor B", "0.27"),
        ("house", "0.3"),
    ]
    assert kind(a_shell(pharmacist), 409) == "already-entered"


def packing(by: StaffApi, stock_id: UUID, **changes: Any) -> Any:
    body = {
        "shell_id": a_shell(by, vendor=changes.pop("vendor", "Vendor B")).get_json()["id"],
        "machine": "300-hole", "shells_filled": 10, "filled_mg": "1722", "empty_mg": "480", **changes,
    }  # fmt: skip
    return by.post(f"/stock/{stock_id}/packing-statistics", body)


def test_what_fills_a_shell_belongs_to_lot_shell_vendor_and_machine(
    pharmacist: StaffApi, pharmacy: Pharmacy
) -> None:
    filler = lot_id(pharmacy, "MCC-2601")

    first = packing(pharmacist, filler, tapped_g_per_ml="0.46").get_json()

    assert (first["mass_mg"], first["plausible_mg"], first["shell_vendor"]) == ("124.2", "124.2", "Vendor B")
    again = {"shell_id": first["id"]}
    shell_id = pharmacist.get("/shells").get_json()["shells"][0]["id"]
    again = {
        "shell_id": shell_id,
        "machine": "300-hole",
        "shells_filled": 10,
        "filled_mg": "1730",
        "empty_mg": "480",
    }
    pharmacist.post(f"/stock/{filler}/packing-statistics", again)
    pharmacist.post(f"/stock/{filler}/packing-statistics", {**again, "machine": "by hand"})
    kept = pharmacist.get(f"/stock/{filler}/packing-statistics").get_json()["packing_statistics"]
    assert [(each["shell_vendor"], each["machine"], each["mass_mg"]) for each in kept] == [
        ("Vendor B", "300-hole", "125"), ("Vendor B", "by hand", "125"), ("house", "house", "138"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "where"),
    [({"shells_filled": 30}, ["/shells_filled"]), ({"filled_mg": "480"}, ["/filled_mg"])],
)
def test_a_measurement_that_divides_badly_or_weighs_nothing_is_refused(
    pharmacist: StaffApi, pharmacy: Pharmacy, changes: dict[str, Any], where: list[str]
) -> None:
    assert pointers(packing(pharmacist, lot_id(pharmacy, "MCC-2601"), **changes), 422) == where


def test_nothing_is_measured_of_what_is_not_there(pharmacist: StaffApi, pharmacy: Pharmacy) -> None:
    assert kind(packing(pharmacist, new_id()), 404) == "not-stocked"
    filler = lot_id(pharmacy, "MCC-2601")
    assert (
        kind(packing(pharmacist, filler, vendor="Vendor C", shell_id=str(new_id())), 404) == "shell-not-found"
    )
