"""The worked examples E1 to E25 of the trade, each through the API as the bench would meet it.

Lot NTX-2601 of the demonstration is that of the examples: assay 99.2 % anhydrous, water 3.1 %; size 3 shells pack
138 mg of cellulose and 150 mg of powder; the triturate is the one of E8; the balance weighs 120 mg and more.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from pharmacy.domain.figures import shown
from pharmacy.domain.orders import Role
from pharmacy.domain.potency import ApiForm, AssayBasis
from pharmacy.store.reference import PackingStatistic, Setting
from tests.benching import FINE, BenchApi, a_balance_row, a_lot, a_vehicle, bench_api, came, figure
from tests.books import MORNING
from tests.callers import StaffApi
from tests.work import Work

E1 = {"api_lot": "NTX-2601", "filler_lot": "MCC-2601", "balance": "Class III, balance 1"}
OIL, WATER = "medium-chain triglycerides", "purified water"
MANY = {"strength_mg": "4.5", "capsules": 900}
CLASS_III = {"readability_mg": "1", "sensitivity_requirement_mg": "6", "max_error_pct": "5"}


@pytest.fixture
def bench(staff_api: Callable[[Role], StaffApi]) -> BenchApi:
    return bench_api(staff_api)


def targets(batch: dict[str, Any]) -> dict[str, str]:
    return {each["step"]: each["target_mg"] for each in batch["weighings"]}


def each_capsule(batch: dict[str, Any]) -> str:
    """The powder for one capsule, in milligrams."""
    return shown(Decimal(figure(batch, "api_exact")) / batch["capsules_prepared"], 4)


def asked(bench: BenchApi, question: str, **body: Any) -> dict[str, Any]:
    return came(bench.tess.post(f"/bench/{question}", body), 200)


def fine_balance(work: Work) -> None:
    with work.sessions.write() as session:
        a_balance_row(session)


def constant_fill(work: Work, fill_mg: str) -> None:
    with work.sessions.write() as session:
        filling = {"method": "constant_fill", "target_fill_mg": fill_mg}
        session.execute(update(Setting).where(Setting.name == "filler_method").values(value=filling))


def measured(work: Work, batch_id: str) -> None:
    """The triturate packs like cellulose."""
    with work.sessions.write() as session:
        session.add(
            PackingStatistic(
                shell="3", batch_id=UUID(batch_id), mass_mg=Decimal(138), measured_on=MORNING.date()
            )
        )


def test_e1_potency_of_the_common_lot(bench: BenchApi) -> None:
    batch = bench.plan(E1, capsules=MANY)

    assert figure(batch, "potency") == "0.961248"
    assert figure(batch, "adjustment_factor") == "1.040314"
    assert each_capsule(batch) == "4.6814"


def test_e2_an_assay_as_is_is_not_corrected_again(bench: BenchApi, work: Work) -> None:
    fine_balance(work)
    a_lot(work, "NTX-ASIS", assay_pct=Decimal("97.9"), assay_basis=AssayBasis.AS_IS)
    batch = bench.plan(
        {**E1, "api_lot": "NTX-ASIS", "balance": FINE}, capsules={"strength_mg": "4.5", "capsules": 16}
    )

    assert (figure(batch, "pure_drug"), figure(batch, "api_exact")) == ("76.5", "78.141")


def test_e3_strength_as_base_is_corrected_by_the_salt_factor(bench: BenchApi) -> None:
    batch = bench.plan(E1, capsules={**MANY, "strength_basis": "naltrexone_base"})

    assert (figure(batch, "salt_factor"), each_capsule(batch)) == ("1.10676", "5.1812")


def test_e4_a_dihydrate_without_a_water_figure_is_counted_by_formula(bench: BenchApi, work: Work) -> None:
    form = ApiForm.HYDROCHLORIDE_DIHYDRATE
    a_lot(work, "NTX-2H2O", form=form, assay_pct=Decimal(100), water_pct=None)
    batch = bench.plan({**E1, "api_lot": "NTX-2H2O"}, capsules=MANY)

    assert (figure(batch, "hydrate_factor"), each_capsule(batch)) == ("1.09535", "4.9291")


@pytest.mark.parametrize(
    ("requirement", "error", "least"),
    [
        ("6", "5", "120.0"), ("10", "5", "200.0"), ("4", "5", "80.0"), ("1", "5", "20.0"), ("2.5", "3", "83.3"),
        ("10", "2", "500.0"),
    ],
)  # fmt: skip
def test_e5_the_least_that_a_balance_weighs(
    bench: BenchApi, requirement: str, error: str, least: str
) -> None:
    told = asked(
        bench,
        "minimum-weighable",
        readability_mg="1",
        sensitivity_requirement_mg=requirement,
        max_error_pct=error,
    )

    assert told["answer"] == f"Weigh no less than {least} mg."


@pytest.mark.parametrize(
    ("readability", "deviation", "least"),
    [("0.1", "0.04", "82.0"), ("1", "0.3", "820.0"), ("0.1", "0.09", "180.0")],
)
def test_e6_the_stricter_least_of_usp_41(
    bench: BenchApi, readability: str, deviation: str, least: str
) -> None:
    told = asked(bench, "minimum-weighable", readability_mg=readability, repeatability_mg=deviation)

    assert told["figures"][0]["value"] == least


@pytest.mark.parametrize(
    ("required", "prepared"), [(7, 8), (16, 17), (30, 32), (76, 80), (90, 95), (300, 309), (900, 918)]
)
def test_e7_powder_for_more_capsules_and_never_a_stronger_one(
    bench: BenchApi, required: int, prepared: int
) -> None:
    batch = bench.plan(capsules={"strength_mg": "4.5", "capsules": required})

    assert batch["capsules_prepared"] == prepared


def test_e8_a_stock_triturate_of_ten_grams(bench: BenchApi) -> None:
    planned = bench.plan(E1, triturate={"strength_pct": "10", "total_mg": "10000"})
    assert targets(planned) == {"active": "1040", "filler": "8960"}

    made = bench.released(planned)

    assert made["strength"] == "9.9970 % w/w"
    assert figure(made, "strength_as_weighed", "figures_as_weighed") == "0.09996979"


def test_e9_seven_capsules_by_way_of_the_triturate(bench: BenchApi) -> None:
    directly = bench.tess.post(
        "/batches", {"capsules": {"strength_mg": "1.5", "capsules": 7, "route": "direct"}}
    )
    assert directly.status_code == 422
    assert (
        "12.484 mg of naltrexone powder, lot NTX-2601 is too small to weigh" in directly.get_json()["detail"]
    )

    batch = bench.plan(capsules={"strength_mg": "1.5", "capsules": 7})

    assert figure(batch, "triturate_exact") == "120.036"
    assert targets(batch) == {"active": "120", "filler": "984"}
    assert (figure(batch, "blend"), figure(batch, "theoretical_fill")) == ("1104", "138.00")
    assert figure(batch, "filler_per_capsule") == "122.995"
    assert figure(batch, "delivered_pct") == "99.97"


def test_e10_the_same_seven_by_an_aliquot(bench: BenchApi) -> None:
    batch = bench.plan(
        E1, capsules={"strength_mg": "1.5", "capsules": 7, "route": "aliquot", "aliquot_mg": "150"}
    )

    assert targets(batch) == {
        "aliquot_powder": "125", "aliquot_diluent": "1375", "active": "150", "filler": "955",
    }  # fmt: skip
    assert figure(batch, "aliquot_pure") == "12.0156"
    assert bench.released(batch)["status"] == "released"


def test_e11_a_microgram_by_two_triturates(bench: BenchApi, work: Work) -> None:
    fine_balance(work)
    lots = {**E1, "balance": FINE}
    first = bench.released(bench.plan(lots, triturate={"strength_pct": "1", "total_mg": "10000"}))
    diluted = {"triturate": first["number"], "filler_lot": "MCC-2601", "balance": FINE}
    second = bench.released(bench.plan(diluted, triturate={"strength_pct": "0.01", "total_mg": "10000"}))
    assert targets(second)["active"] == "100.0"
    measured(work, second["id"])

    batch = bench.plan(
        {**diluted, "triturate": second["number"]}, capsules={"strength_mg": "0.001", "capsules": 30}
    )

    assert batch["capsules_prepared"] == 32
    # 320 mg of a triturate of exactly 100 mcg/g; this one was weighed, and is a ten-thousandth off.
    assert abs(Decimal(figure(batch, "triturate_exact")) - 320) < Decimal("0.2")
    roles = [each["role"] for each in batch["components"]]
    assert roles == ["active (in the triturate)", "filler", "triturate"]


def test_e12_e23_e24_nine_hundred_capsules_with_their_mixing_and_loads(bench: BenchApi) -> None:
    batch = bench.plan(E1, capsules={**MANY, "plate": 300})

    assert batch["capsules_prepared"] == 918
    assert figure(batch, "api_exact") == "4297.538"
    assert targets(batch) == {"active": "4298", "filler": "122730"}
    assert (figure(batch, "blend"), figure(batch, "delivered_pct")) == ("127028", "100.01")
    assert Decimal(figure(batch, "theoretical_fill")) == Decimal("138.37")
    assert [each["total_mg"] for each in batch["rounds"]] == ["8596", "17192", "34384", "68768", "127028"]
    assert batch["rounds"][-1]["added_mg"] == "58260"
    assert batch["machine_loads"] == [300, 300, 300]


def test_e13_the_same_by_constant_fill(bench: BenchApi, work: Work) -> None:
    constant_fill(work, "138.0")

    batch = bench.plan(E1, capsules=MANY)

    assert targets(batch) == {"active": "4298", "filler": "122386"}
    assert figure(batch, "filler_per_capsule") == "133.319"


@pytest.mark.parametrize(
    ("strength", "required", "expected"),
    [
        ("1.5", 7, (8, "120.036", "120", "984", "1104")),
        ("3", 7, (8, "240.073", "240", "864", "1104")),
        ("4.5", 16, (17, "765.231", "765", "1581", "2346")),
        ("4.5", 30, (32, "1440.435", "1440", "2976", "4416")),
        ("1.5", 69, (73, "1095.331", "1095", "8979", "10074")),
    ],
)
def test_e14_e15_e16_a_titration_from_one_triturate(
    bench: BenchApi, strength: str, required: int, expected: tuple[int, str, str, str, str]
) -> None:
    what = {"strength_mg": strength, "capsules": required, "route": "triturate"}

    batch = bench.plan(capsules=what)

    weighed = targets(batch)
    told = figure(batch, "triturate_exact"), weighed["active"], weighed["filler"], figure(batch, "blend")
    assert (batch["capsules_prepared"], *told) == expected
    assert (figure(batch, "theoretical_fill"), figure(batch, "delivered_pct")) == ("138.00", "99.97")


def test_e17_crushed_tablets_are_diluted_where_too_little(bench: BenchApi) -> None:
    told = asked(
        bench,
        "tablets",
        needed_mg="12",
        label_mg="50",
        mean_tablet_mg="312",
        mixture_mg="1000",
        balance=CLASS_III,
    )

    assert told["figures"][0]["value"] == "74.880"
    assert told["answer"] == "Crush 1, add 688 mg of diluent, and weigh 240 mg of the mixture."


def test_e18_the_smallest_shell(bench: BenchApi) -> None:
    volumes = [
        {"size": "1", "volume_ml": "0.50"},
        {"size": "2", "volume_ml": "0.37"},
        {"size": "0", "volume_ml": "0.68"},
    ]

    told = asked(bench, "shells", fill_mg="250", tapped_density_g_per_ml="0.60", shells=volumes)

    assert told["answer"] == "Size 1."
    assert [each["value"] for each in told["figures"]] == ["0.4167", "83.3"]


@pytest.mark.parametrize(
    ("seventh_on", "status", "mean", "scatter", "ends"),
    [
        (("198", "205", "196"), "qc_passed", "152.50", "1.99", ("98.67", "104.67")),
        (("198", "216", "182"), "qc_failed", "152.20", "5.47", ("89.33", "112.00")),
    ],
    ids=["e19", "e20"],
)
def test_e19_e20_each_capsule_is_judged_by_itself(
    bench: BenchApi,
    work: Work,
    seventh_on: tuple[str, str, str],
    status: str,
    mean: str,
    scatter: str,
    ends: tuple[str, str],
) -> None:
    constant_fill(work, "150")
    planned = bench.plan(E1, capsules={"strength_mg": "4.5", "capsules": 90})
    # 95 capsules' powder: read so that each should hold 150 mg exactly.
    filler = str(150 * 95 - int(targets(planned)["active"]))
    bench.blended(planned, {"filler": filler})
    came(bench.tess.post(f"/batches/{planned['id']}/fill", {"capsules_filled": 90}), 200)
    gross = ["201", "199", "204", "197", "203", "200", *seventh_on, "202"]

    checked = came(
        bench.paul.post(
            f"/batches/{planned['id']}/qc", {"weights": {"gross_mg": gross, "mean_shell_mg": "48.0"}}
        ),
        201,
    )

    told = {each["key"]: each["value"] for each in checked["checks"][0]["figures"]}
    assert checked["status"] == status
    assert (told["net_mean"], told["net_rsd_pct"]) == (mean, scatter)
    assert (told["net_least_pct"], told["net_most_pct"]) == ends


@pytest.mark.parametrize(
    ("mean", "deviation", "value", "passes"),
    [
        ("98.6", "2.1", "5.04", True), ("96.0", "5.2", "14.98", True), ("96.0", "5.3", "15.22", False),
        ("105.9", "5.0", "16.40", False),
    ],
)  # fmt: skip
def test_e21_the_acceptance_value(
    bench: BenchApi, mean: str, deviation: str, value: str, passes: bool
) -> None:  # A row of the table.
    told = asked(bench, "acceptance", mean_pct=mean, deviation_pct=deviation)

    assert (told["figures"][-1]["value"], told["passes"]) == (value, passes)


def test_e21_a_batch_that_waits_for_the_laboratory(bench: BenchApi) -> None:
    batch = bench.plan(E1, capsules={"strength_mg": "4.5", "capsules": 90})
    bench.filled(batch)
    weights = {"gross_mg": ["186"] * 10, "mean_shell_mg": "48", "awaits_laboratory": True}
    waiting = came(bench.paul.post(f"/batches/{batch['id']}/qc", {"weights": weights}), 201)

    result = {"contents_pct": ["98", "101", "99.5", "100.2", "97.8", "102", "99", "100", "98.5", "101.5"]}
    passed = came(bench.paul.post(f"/batches/{batch['id']}/qc", result), 201)

    assert (waiting["status"], passed["status"]) == ("qc_pending", "qc_passed")
    assert [each["kind"] for each in passed["checks"]] == ["weights", "contents"]


def test_e22_everything_is_accounted_for(bench: BenchApi) -> None:
    planned = bench.plan(E1, capsules=MANY)
    bench.blended(planned)
    came(bench.tess.post(f"/batches/{planned['id']}/fill", {"capsules_filled": 908}), 200)
    weights = {"gross_mg": ["186.37"] * 10, "mean_shell_mg": "48"}
    came(bench.paul.post(f"/batches/{planned['id']}/qc", {"weights": weights}), 201)
    uneven = {"released": 900, "rejected": 3, "retained": 4, "waste_mg": "1100"}
    refused = bench.paul.post(f"/batches/{planned['id']}/yield", uneven)

    counted = came(bench.paul.post(f"/batches/{planned['id']}/yield", {**uneven, "retained": 5}), 200)

    assert refused.status_code == 422
    told = {each["key"]: each["value"] for each in counted["reconciliation"]}
    assert told == {"yield_pct": "98.91", "powder_unaccounted": "288.0", "powder_unaccounted_pct": "0.23"}
    assert counted["reconciliation_faults"] == []
    assert came(bench.paul.post(f"/batches/{planned['id']}/release", {}), 200)["capsules_on_offer"] == 900


@pytest.mark.parametrize(
    ("capsules", "plate", "loads"),
    [
        (120, 100, "60 + 60"),
        (360, 100, "90 + 90 + 90 + 90"),
        (918, 300, "230 + 230 + 229 + 229"),
        (8, 50, "8"),
    ],
)
def test_e24_loads_of_the_machine(bench: BenchApi, capsules: int, plate: int, loads: str) -> None:
    assert asked(bench, "loads", capsules=capsules, plate=plate)["answer"] == loads


def test_e25_a_liquid_of_one_milligram_a_millilitre(bench: BenchApi, work: Work) -> None:
    steps = [{"dose_mg": dose, "days": days} for dose, days in (("0.5", 14), ("1.5", 14), ("4.5", 30))]
    told = asked(bench, "volumes", concentration_mg_per_ml="1", steps=steps)
    assert told["answer"] == "163.0 mL for 58 days; one bottle lasts as oral non aqueous only."
    oil, water = a_vehicle(work, "MCT-2601", OIL), a_vehicle(work, "PW-2601", WATER)

    liquid = {"concentration_mg_per_ml": "1", "volume_ml": "163", "category": "oral_non_aqueous"}
    made = bench.released(bench.plan({**E1, "filler_lot": oil}, liquid=liquid))

    assert (made["strength"], made["quantity"]) == ("1 mg/mL", "163 mL")
    assert figure(made, "pure_drug") == "163"
    assert made["beyond_use_limited_by"] == "USP <795> limit of 90 days"
    # Without a lot named, the vehicle is one of what was asked for, and never a filler.
    aqueous = bench.plan({}, liquid={**liquid, "category": "aqueous"})
    assert aqueous["beyond_use_on"] == "2026-12-06"
    assert water in str(aqueous)


@pytest.mark.parametrize(
    ("lot", "because"),
    [
        (
            "MCC-2601",
            "Lot MCC-2601 is not known as a vehicle of a liquid: scan a lot of aqueous preserved vehicle.",
        ),
        ("PW-2601", "Lot PW-2601 makes a liquid aqueous, not aqueous preserved"),
    ],
)
def test_a_liquid_never_lasts_longer_than_its_vehicle_lets_it(
    bench: BenchApi, work: Work, lot: str, because: str
) -> None:
    a_vehicle(work, "PW-2601", WATER)
    liquid = {"concentration_mg_per_ml": "1", "volume_ml": "100", "category": "aqueous_preserved"}

    refused = bench.tess.post("/batches", {"liquid": liquid, "lots": {**E1, "filler_lot": lot}})
    unnamed = bench.tess.post("/batches", {"liquid": liquid, "lots": {}})

    assert (refused.status_code, unnamed.status_code) == (422, 409)
    assert because in refused.get_json()["detail"]
    assert refused.get_json()["errors"][0]["pointer"] == "/lots/filler_lot"
    assert "released lot of aqueous preserved vehicle" in unnamed.get_json()["detail"]


def test_a_liquid_is_made_of_powder_and_what_else_was_scanned_is_not_passed_over(
    bench: BenchApi, work: Work
) -> None:
    oil = a_vehicle(work, "MCT-2601", OIL)
    liquid = {"concentration_mg_per_ml": "1", "volume_ml": "163", "category": "oral_non_aqueous"}

    refused = bench.tess.post(
        "/batches", {"liquid": liquid, "lots": {"triturate": "TRIT-2601", "filler_lot": oil}}
    )

    assert refused.status_code == 422
    assert "A lot of naltrexone, no triturate and no tablets, is due" in refused.get_json()["detail"]


def test_a_vehicle_swapped_for_another_kind_is_refused_at_its_field(bench: BenchApi, work: Work) -> None:
    a_vehicle(work, "MCT-2601", OIL)
    a_vehicle(work, "PW-2601", WATER)
    liquid = {"concentration_mg_per_ml": "1", "volume_ml": "163", "category": "oral_non_aqueous"}
    planned = bench.plan({}, liquid=liquid)

    refused = bench.tess.post(f"/batches/{planned['id']}/lots", {"filler_lot": "PW-2601"})

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "/filler_lot"
    assert bench.tess.get(f"/batches/{planned['id']}").get_json()["status"] == "planned"
