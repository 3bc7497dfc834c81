"""Shells and tablets as lots: received, reviewed, used, counted down, and refused when they do not fit."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from pharmacy.store.equipment import Shell
from tests.benching import BenchApi, balance_of, bench_api, came
from tests.callers import StaffApi
from tests.web.api.answers import kind, pointers, problem
from tests.web.api.stock_bodies import a_lot_body
from tests.work import Work

SEVEN = {"strength_mg": "1.5", "capsules": 7}


@pytest.fixture
def bench(staff_api: Callable[[Role], StaffApi]) -> BenchApi:
    return bench_api(staff_api)


def shell_id(pharmacy: Pharmacy) -> str:
    with pharmacy.sessions.read() as session:
        return str(session.scalars(select(Shell.id)).one())


def received(bench: BenchApi, body: dict[str, Any]) -> dict[str, Any]:
    lot = came(bench.tess.post("/component-lots", body), 201)
    decision = {"act": "release", "reason": "papers in order"}
    return came(bench.paul.post(f"/component-lots/{lot['id']}/decisions", decision), 200)


def shells(bench: BenchApi, pharmacy: Pharmacy, **changes: Any) -> dict[str, Any]:
    known = bench.paul.post("/components", {"name": "size 3 shells", "kind": "shell"})
    component = (
        known.get_json()["id"]
        if known.status_code == 201
        else next(
            each["id"]
            for each in bench.paul.get("/components").get_json()["components"]
            if each["name"] == "size 3 shells"
        )
    )
    body = a_lot_body(pharmacy, "microcrystalline cellulose", number="SH-1")
    usual = {"component_id": component, "mass_mg": None, "shell_id": shell_id(pharmacy), "shells": 1000}
    return received(bench, {**body, **usual, **changes})


def test_shells_are_counted_in_and_down_and_stand_on_the_record(bench: BenchApi, pharmacy: Pharmacy) -> None:
    lot = shells(bench, pharmacy)
    batch = bench.plan(capsules=SEVEN)
    bench.blended(batch)

    unscanned = bench.tess.post(f"/batches/{batch['id']}/fill", {"capsules_filled": 7})
    filled = came(
        bench.tess.post(f"/batches/{batch['id']}/fill", {"capsules_filled": 7, "shell_lot": "SH-1"}), 200
    )

    assert (lot["shells_on_hand"], lot["on_hand_mg"]) == (1000, "48000")
    assert "A lot of shells is due" in problem(unscanned, 422)["detail"]
    assert ("shell", "SH-1") in {(each["role"], each["number"]) for each in filled["components"]}
    assert came(bench.tess.get(f"/component-lots/{lot['id']}"), 200)["shells_on_hand"] == 993
    trace = came(bench.paul.get(f"/component-lots/{lot['id']}/trace"), 200)
    assert [each["number"] for each in trace["batches"]] == [batch["number"]]


def test_shells_that_end_before_the_batch_or_are_too_few_are_refused(
    bench: BenchApi, pharmacy: Pharmacy
) -> None:
    shells(bench, pharmacy, number="SH-SHORT", expiry={"year": 2026, "month": 12})
    shells(bench, pharmacy, number="SH-FEW", shells=3)
    batch = bench.plan(capsules=SEVEN)
    bench.blended(batch)
    path = f"/batches/{batch['id']}/fill"

    short = bench.tess.post(path, {"capsules_filled": 7, "shell_lot": "SH-SHORT"})
    few = bench.tess.post(path, {"capsules_filled": 7, "shell_lot": "SH-FEW"})
    powder = bench.tess.post(path, {"capsules_filled": 7, "shell_lot": "MCC-2601"})

    assert kind(short, 409) == "shells-end-too-early"
    assert kind(few, 409) == "stock-short"
    assert kind(powder, 404) == "nothing-scanned"
    assert came(bench.tess.get(f"/batches/{batch['id']}"), 200)["status"] == "blended"


@pytest.mark.parametrize("changes", [{"shells": None}, {"mass_mg": "48000"}, {"shell_id": None}])
def test_a_box_of_shells_is_whole_or_not_let_in(
    bench: BenchApi, pharmacy: Pharmacy, changes: dict[str, Any]
) -> None:
    component = came(bench.paul.post("/components", {"name": "shells", "kind": "shell"}), 201)["id"]
    body = a_lot_body(pharmacy, "microcrystalline cellulose", number="SH-2")
    usual = {"component_id": component, "mass_mg": None, "shell_id": shell_id(pharmacy), "shells": 1000}

    refused = bench.tess.post("/component-lots", {**body, **usual, **changes})

    assert kind(refused, 422) == "shells-uncounted"


def tablets(bench: BenchApi, pharmacy: Pharmacy) -> dict[str, Any]:
    """Example E17: 50 mg tablets of which twenty weigh 6.240 g."""
    component = came(
        bench.paul.post("/components", {"name": "naltrexone 50 mg tablets", "kind": "tablet"}), 201
    )
    body = a_lot_body(pharmacy, "microcrystalline cellulose", number="TAB-1", mass_mg="31200")
    weighed = {"label_mg": "50", "twenty_mg": "6240"}
    lot = received(bench, {**body, "component_id": component["id"], "tablets": weighed})
    packing = {
        "shell_id": shell_id(pharmacy), "machine": "house", "shells_filled": 10, "filled_mg": "1980",
        "empty_mg": "480",
    }  # fmt: skip
    came(bench.paul.post(f"/stock/{lot['id']}/packing-statistics", packing), 201)
    return lot


def test_e17_capsules_are_made_of_crushed_tablets_where_no_powder_serves(
    bench: BenchApi, pharmacy: Pharmacy, work: Work
) -> None:
    lot = tablets(bench, pharmacy)
    scanned = {"tablets": "TAB-1", "filler_lot": "MCC-2601", "balance": "Class III, balance 1"}

    batch = bench.plan(scanned, capsules=SEVEN)
    weighed = bench.weigh(bench.scanned(batch))

    assert [(each["step"], each["target_mg"]) for each in batch["weighings"]] == [
        ("aliquot_powder", "312"), ("aliquot_diluent", "688"), ("active", "240"), ("filler", "870"),
    ]  # fmt: skip
    assert weighed["status"] == "weighing"
    assert balance_of(batch) == "Class III, balance 1"
    assert came(bench.tess.get(f"/component-lots/{lot['id']}"), 200)["on_hand_mg"] == "30888"
    assert came(bench.paul.post(f"/batches/{batch['id']}/worksheet/verify", {}), 200)["holds"]
    swapped = bench.plan({"api_lot": "NTX-2601"}, capsules={"strength_mg": "4.5", "capsules": 32})
    onto = came(bench.tess.post(f"/batches/{swapped['id']}/lots", {"tablets": "TAB-1"}), 200)
    assert any("tablets" in each for each in onto["changed"])


def test_tablets_come_with_what_twenty_weigh(bench: BenchApi, pharmacy: Pharmacy) -> None:
    component = came(bench.paul.post("/components", {"name": "tablets", "kind": "tablet"}), 201)["id"]
    body = {**a_lot_body(pharmacy, "microcrystalline cellulose", number="TAB-2"), "component_id": component}

    unweighed = bench.tess.post("/component-lots", body)
    heavier = bench.tess.post("/component-lots", {**body, "tablets": {"label_mg": "50", "twenty_mg": "900"}})

    for refused in (unweighed, heavier):
        assert kind(refused, 422) == "tablets-unweighed"
        assert pointers(refused) == ["/tablets"]
