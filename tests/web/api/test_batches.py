"""A batch from its plan to its release, by two people at the API, and everything that is refused on the way."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store import audit
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch, BatchKind
from pharmacy.store.reference import BalanceRow, ComponentLot, LotStatus, Setting
from pharmacy.store.training import TrainingRecord, records_of
from tests.benching import BenchApi, a_lot, bench_api, came, figure
from tests.books import MORNING
from tests.callers import StaffApi
from tests.work import Work

SEVEN = {"strength_mg": "1.5", "capsules": 7}


@pytest.fixture
def bench(staff_api: Callable[[Role], StaffApi]) -> BenchApi:
    return bench_api(staff_api)


def refused(work: Work, batch_id: str) -> list[str]:
    """What was refused of that batch, as the audit trail tells it."""
    with work.sessions.read() as session:
        entries = audit.of_subject(session, batch_id)
    return [entry.detail["code"] for entry in entries if entry.action == "batch.refused"]


def test_a_batch_goes_from_its_plan_to_its_release(bench: BenchApi) -> None:
    planned = bench.plan(capsules=SEVEN)
    assert planned["status"] == "planned"
    assert [(each["step"], each["target_mg"]) for each in planned["weighings"]] == [
        ("active", "120"), ("filler", "984"),
    ]  # fmt: skip

    released = bench.released(planned)

    assert released["status"] == "released"
    meanings = [each["meaning"] for each in released["signatures"]]
    assert meanings == [
        "weighed active", "saw the weighing of active", "weighed filler", "saw the weighing of filler",
        "compounded: mixed", "compounded: filled", "checked weights", "reconciled",
        "reviewed the record and released",
    ]  # fmt: skip
    compounders = {
        each["name"] for each in released["signatures"] if each["meaning"].startswith(("weighed", "comp"))
    }
    others = {each["name"] for each in released["signatures"]} - compounders
    assert len(compounders) == len(others) == 1
    assert released["capsules_on_offer"] == 7


def test_what_was_weighed_leaves_the_ledger_as_it_was_read(bench: BenchApi, work: Work) -> None:
    with work.sessions.read() as session:
        triturate = session.scalars(select(Batch).where(Batch.kind == BatchKind.TRITURATE)).one()
        before = ledger.on_hand(session, triturate.id), ledger.on_hand(session, triturate.filler_lot_id)

    batch = bench.blended(bench.plan(capsules=SEVEN), {"active": "121", "filler": "980"})

    with work.sessions.read() as session:
        after = ledger.on_hand(session, triturate.id), ledger.on_hand(session, triturate.filler_lot_id)
    assert (before[0] - after[0], before[1] - after[1]) == (121_000, 980_000)
    assert figure(batch, "blend", "figures_as_weighed") == "1101"
    assert figure(batch, "delivered_pct", "figures_as_weighed") == "100.80"


def test_another_lot_is_another_calculation_and_the_difference_is_shown(bench: BenchApi, work: Work) -> None:
    a_lot(work, "NTX-2602", assay_pct="95.0", packing_mg="150")
    planned = bench.plan(capsules={"strength_mg": "4.5", "capsules": 90}, lots={"api_lot": "NTX-2601"})
    before = planned["weighings"][0]["target_mg"]

    swapped = came(bench.tess.post(f"/batches/{planned['id']}/lots", {"api_lot": "NTX-2602"}), 200)

    assert swapped["batch"]["weighings"][0]["target_mg"] > before
    told = [each for each in swapped["changed"] if each.startswith("/Potency as is")]
    assert told == ["/Potency as is: kept 0.961248, now 0.920550"]


@pytest.mark.parametrize(
    ("reading", "status", "code"),
    [
        ({"step": "filler", "read_mg": "984"}, 409, "nothing-such-to-weigh"),
        ({"step": "active", "read_mg": "120.5"}, 422, "off-the-grid"),
        ({"step": "active", "read_mg": "119"}, 422, "below-minimum"),
        ({"step": "active", "read_mg": "130"}, 422, "out-of-tolerance"),
        ({"step": "active", "read_mg": "120", "balance": "Nobody's"}, 404, "nothing-scanned"),
    ],
)
def test_a_reading_that_may_not_be_is_refused_and_changes_nothing(
    bench: BenchApi, work: Work, reading: dict[str, str], status: int, code: str
) -> None:
    batch = bench.scanned(bench.plan(capsules=SEVEN))
    body = {"balance": "Class III, balance 1", **reading}

    answer = bench.tess.post(f"/batches/{batch['id']}/weighings", body)

    assert answer.status_code == status
    assert answer.get_json()["type"].endswith(code)
    assert came(bench.tess.get(f"/batches/{batch['id']}"), 200)["status"] == "lots_assigned"
    if status != 404:
        assert len(refused(work, batch["id"])) == 1
        assert "balance 1" in answer.get_json()["detail"] or code == "nothing-such-to-weigh"


@pytest.mark.parametrize("status", [LotStatus.QUARANTINED, LotStatus.RECALLED, LotStatus.EXPIRED])
def test_a_lot_that_may_not_be_used_is_not_weighed(bench: BenchApi, work: Work, status: LotStatus) -> None:
    batch = bench.scanned(
        bench.plan(capsules={"strength_mg": "4.5", "capsules": 90}, lots={"api_lot": "NTX-2601"})
    )
    with work.sessions.write() as session:
        session.execute(update(ComponentLot).where(ComponentLot.number == "NTX-2601").values(status=status))
    body = {
        "step": "active",
        "read_mg": batch["weighings"][0]["target_mg"],
        "balance": "Class III, balance 1",
    }

    answer = bench.tess.post(f"/batches/{batch['id']}/weighings", body)

    assert (answer.status_code, status in answer.get_json()["detail"]) == (409, True)
    assert refused(work, batch["id"]) == ["LotNotUsable"]


def test_a_lot_past_its_last_day_is_not_even_scanned(bench: BenchApi, work: Work) -> None:
    batch = bench.plan(capsules=SEVEN)
    with work.sessions.write() as session:
        ended = MORNING.date().replace(day=22)
        session.execute(
            update(ComponentLot).where(ComponentLot.number == "MCC-2601").values(expires_on=ended)
        )

    answer = bench.tess.post(f"/batches/{batch['id']}/lots", {})

    assert answer.status_code == 409
    assert answer.get_json()["detail"] == "Lot MCC-2601 may not be used: it ended on 2026-11-22."


def test_nothing_is_weighed_on_a_balance_out_of_calibration(bench: BenchApi, work: Work) -> None:
    batch = bench.scanned(bench.plan(capsules=SEVEN))
    with work.sessions.write() as session:
        session.execute(update(BalanceRow).values(calibration_due_on=MORNING.date().replace(day=1)))
    body = {"step": "active", "read_mg": "120", "balance": "Class III, balance 1"}

    answer = bench.tess.post(f"/batches/{batch['id']}/weighings", body)

    assert answer.status_code == 409
    assert answer.get_json()["detail"].startswith(
        "Balance Class III, balance 1 may not be used: its calibration"
    )
    assert refused(work, batch["id"]) == ["BalanceNotUsable"]


def test_whoever_is_not_trained_weighs_nothing(bench: BenchApi, work: Work) -> None:
    batch = bench.scanned(bench.plan(capsules=SEVEN))
    who = work.member(Role.TECHNICIAN).id
    with work.sessions.write() as session:
        for record in records_of(session, who):
            lapsed = {"trained_on": record.trained_on, "training_expires_on": MORNING.date().replace(day=22)}
            told = {
                "competency": record.competency,
                "method": record.method,
                "assessed_by": record.assessed_by,
            }
            session.add(
                TrainingRecord(
                    id=new_id(),
                    staff_member_id=who,
                    corrects_id=record.id,
                    recorded_at=MORNING,
                    **lapsed,
                    **told,
                )
            )
    body = {"step": "active", "read_mg": "120", "balance": "Class III, balance 1"}

    answer = bench.tess.post(f"/batches/{batch['id']}/weighings", body)

    assert (answer.status_code, answer.get_json()["type"].rsplit("/", 1)[1]) == (403, "training-lapsed")
    assert refused(work, batch["id"]) == ["TrainingLapsed"]


def test_the_second_person_is_another(bench: BenchApi, work: Work) -> None:
    batch = bench.scanned(bench.plan(capsules=SEVEN))
    body = {"step": "active", "read_mg": "120", "balance": "Class III, balance 1"}
    came(bench.tess.post(f"/batches/{batch['id']}/weighings", body), 201)

    alone = bench.tess.post(f"/batches/{batch['id']}/weighings/active/check", {})
    assert (alone.status_code, alone.get_json()["type"].rsplit("/", 1)[1]) == (403, "same-person-twice")
    early = bench.tess.post(f"/batches/{batch['id']}/blend", {"appearance": "white"})
    assert "waits for the weighing of" in early.get_json()["detail"]
    came(bench.paul.post(f"/batches/{batch['id']}/weighings/active/check", {}), 200)
    twice = bench.paul.post(f"/batches/{batch['id']}/weighings/active/check", {})

    assert twice.status_code == 409
    assert refused(work, batch["id"]) == ["SamePersonTwice", "WeighingsOpen", "SignedAlready"]


def test_whoever_compounds_releases_nothing(staff_api: Callable[[Role], StaffApi], work: Work) -> None:
    turned = bench_api(staff_api, compounds=Role.PHARMACIST, checks=Role.PHARMACIST_IN_CHARGE)
    batch = turned.plan(capsules=SEVEN)
    checked = turned.checked(batch)
    counts = {"released": 7, "rejected": 0, "retained": 0, "waste_mg": "138"}
    came(turned.paul.post(f"/batches/{batch['id']}/yield", counts), 200)

    alone = turned.tess.post(f"/batches/{batch['id']}/release", {})
    excused = turned.tess.post(f"/batches/{batch['id']}/release", {"exception_reason": "nobody else is here"})

    assert checked["status"] == "qc_passed"
    assert (alone.status_code, excused.status_code) == (403, 422)
    assert refused(work, batch["id"]) == ["SamePersonTwice", "ExceptionNotInForce"]
    assert came(turned.paul.post(f"/batches/{batch['id']}/release", {}), 200)["status"] == "released"


def test_the_exception_of_one_pharmacist_is_a_setting_and_the_pharmacist_in_charges_reason(
    staff_api: Callable[[Role], StaffApi], work: Work
) -> None:
    with work.sessions.write() as session:
        session.execute(update(Setting).where(Setting.name == "single_pharmacist").values(value=True))
    turned = bench_api(staff_api, compounds=Role.PHARMACIST_IN_CHARGE, checks=Role.TECHNICIAN)
    batch = turned.plan(capsules=SEVEN)
    turned.checked(batch)
    counts = {"released": 7, "rejected": 0, "retained": 0, "waste_mg": "138"}
    came(turned.paul.post(f"/batches/{batch['id']}/yield", counts), 200)

    said = {"exception_reason": "the only pharmacist on duty during the storm"}
    released = came(turned.tess.post(f"/batches/{batch['id']}/release", said), 200)

    assert released["status"] == "released"


def test_a_failed_check_is_final_and_its_order_waits_for_other_capsules(bench: BenchApi, work: Work) -> None:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    listed = came(bench.tess.get("/batches?status=lots_assigned"), 200)["batches"]
    batch = came(bench.tess.get(f"/batches/{listed[0]['id']}"), 200)
    bench.filled(batch)
    count = min(10, batch["capsules_required"])
    weights = {"gross_mg": ["186"] * (count - 1) + ["240"], "mean_shell_mg": "48"}
    failed = came(bench.paul.post(f"/batches/{batch['id']}/qc", {"weights": weights}), 201)
    again = bench.paul.post(f"/batches/{batch['id']}/qc", {"weights": weights})

    rejected = came(
        bench.paul.post(f"/batches/{batch['id']}/reject", {"reason": "one capsule too heavy"}), 200
    )

    assert failed["status"] == "qc_failed"
    assert "Capsule" in failed["checks"][0]["faults"][0]
    assert again.status_code == 409
    assert (rejected["status"], rejected["capsules_allocated"]) == ("rejected", 0)
    tasks = came(bench.paul.get("/tasks?kind=order.remake"), 200)["tasks"]
    assert str(work.order(order_id).number) in tasks[0]["wording"]


def test_a_deviation_is_answered_for_at_release(bench: BenchApi) -> None:
    batch = bench.plan(capsules=SEVEN)
    bench.checked(batch)
    counts = {"released": 7, "rejected": 0, "retained": 0, "waste_mg": "138"}
    came(bench.paul.post(f"/batches/{batch['id']}/yield", counts), 200)
    came(bench.tess.post(f"/batches/{batch['id']}/deviations", {"wording": "the mortar was chipped"}), 201)

    silent = bench.paul.post(f"/batches/{batch['id']}/release", {})
    answered = came(
        bench.paul.post(f"/batches/{batch['id']}/release", {"assessment": "no glass in the sieve"}), 200
    )

    assert silent.status_code == 422
    assert answered["deviations"][0]["wording"] == "the mortar was chipped"


def test_a_worksheet_is_worked_out_again_and_a_changed_input_breaks_it(bench: BenchApi, work: Work) -> None:
    batch = bench.plan(capsules={"strength_mg": "4.5", "capsules": 90}, lots={"api_lot": "NTX-2601"})
    held = came(bench.paul.post(f"/batches/{batch['id']}/worksheet/verify", {}), 200)
    assert (held["holds"], held["differences"]) == (True, [])

    with work.sessions.write() as session:
        session.execute(update(ComponentLot).where(ComponentLot.number == "NTX-2601").values(assay_pct="97"))
    changed = came(bench.paul.post(f"/batches/{batch['id']}/worksheet/verify", {}), 200)
    assert changed["differences"] == ["/inputs/bench/api_lot/certificate/assay_pct: kept 99.2, now 97"]

    with work.sessions.write() as session:
        row = session.get(Batch, batch["id"])
        certificate = dict(row.certificate)
        inputs = {**certificate["inputs"], "compounded_on": "2026-11-24"}
        row.certificate = {**certificate, "inputs": inputs}
    forged = came(bench.paul.post(f"/batches/{batch['id']}/worksheet/verify", {}), 200)
    assert not forged["holds"]
    assert any("/sha256" in each for each in forged["differences"])
