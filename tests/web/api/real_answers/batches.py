"""A batch on its whole way, one that is rejected, and capsules promised and taken back."""

from pharmacy.domain.orders import OrderStatus, Role
from tests.benching import AHEAD, BenchApi, balance_of, bench_api
from tests.web.api.real_answers import Answers, Callers

_BATCH = "/api/v1/batches/{batch_id}"


def answers(callers: Callers) -> Answers:
    bench = bench_api(callers.staff_api)
    tess, paul = bench.tess, bench.paul
    planned = bench.iris.post(
        "/batches", {"capsules": {"strength_mg": "1.5", "capsules": 7}, "override_reason": AHEAD}
    )
    batch = planned.get_json()
    path = f"/batches/{batch['id']}"
    lots = tess.post(f"{path}/lots", {})
    weighed, seen = [], []
    for each in batch["weighings"]:
        body = {"step": each["step"], "read_mg": each["target_mg"], "balance": balance_of(batch)}
        weighed.append(tess.post(f"{path}/weighings", body))
        seen.append(paul.post(f"{path}/weighings/{each['step']}/check", {}))
    weights = {"gross_mg": ["186"] * 7, "mean_shell_mg": "48"}
    counts = {"released": 7, "rejected": 0, "retained": 0, "waste_mg": "138"}
    return {
        ("POST", "/api/v1/batches"): [planned],
        ("POST", f"{_BATCH}/lots"): [lots],
        ("POST", f"{_BATCH}/weighings"): weighed,
        ("POST", f"{_BATCH}/weighings/{{step}}/check"): seen,
        ("POST", f"{_BATCH}/blend"): [tess.post(f"{path}/blend", {"appearance": "white, even powder"})],
        ("POST", f"{_BATCH}/fill"): [tess.post(f"{path}/fill", {"capsules_filled": 7})],
        ("POST", f"{_BATCH}/qc"): [paul.post(f"{path}/qc", {"weights": weights})],
        ("POST", f"{_BATCH}/yield"): [paul.post(f"{path}/yield", counts)],
        ("POST", f"{_BATCH}/deviations"): [
            tess.post(f"{path}/deviations", {"wording": "the lamp flickered"})
        ],
        ("POST", f"{_BATCH}/release"): [paul.post(f"{path}/release", {"assessment": "no harm done"})],
        ("GET", _BATCH): [paul.get(path)],
        ("GET", "/api/v1/batches"): [paul.get("/batches?status=released")],
        ("GET", f"{_BATCH}/worksheet"): [
            paul.get(f"{path}/worksheet"),
            paul.get(f"{path}/worksheet?format=pdf"),
        ],
        ("POST", f"{_BATCH}/worksheet/verify"): [paul.post(f"{path}/worksheet/verify", {})],
        **_promised(callers, bench, path),
    }


def _promised(callers: Callers, bench: BenchApi, path: str) -> Answers:
    order = callers.work.order(callers.work.bring_to(OrderStatus.QUEUED))
    line = str(order.lines[0].id)
    promised = bench.tess.post(f"{path}/allocations", {"order_line_id": line, "capsules": 7})
    taken_back = bench.tess.post(f"{path}/withdrawals", {"order_line_id": line})
    other = bench.plan(capsules={"strength_mg": "3", "capsules": 7})
    charge = callers.staff_api(Role.PHARMACIST_IN_CHARGE)
    rejected = charge.post(f"/batches/{other['id']}/reject", {"reason": "planned by mistake"})
    destroyed = charge.post(f"/batches/{other['id']}/destroy", {"reason": "powder swept up"})
    return {
        ("POST", f"{_BATCH}/allocations"): [promised],
        ("POST", f"{_BATCH}/withdrawals"): [taken_back],
        ("POST", f"{_BATCH}/reject"): [rejected],
        ("POST", f"{_BATCH}/destroy"): [destroyed],
    }
