"""The auditor reads every figure, and takes one along."""

from pharmacy.domain.orders import Role
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    callers.work.submit()
    auditor = callers.staff_api(Role.AUDITOR)
    names = ("orders", "turnaround", "stock", "batches", "outcomes", "notices")
    read = {
        ("GET", f"/api/v1/figures/{name}"): [auditor.get(f"/figures/{name}?last_on=2026-12-31")]
        for name in names
    }
    export = [
        auditor.get("/figures/export?figure=orders"),
        auditor.get("/figures/export?figure=turnaround&form=svg"),
    ]
    return {**read, ("GET", "/api/v1/figures/export"): export}
