"""A pharmacist releases a batch only while everything that went into it stands, and it may still be used."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text, update

from pharmacy.domain.orders import Role
from pharmacy.store.batches import Batch
from pharmacy.store.reference import ComponentLot
from tests.benching import BenchApi, bench_api, came, figure
from tests.callers import StaffApi
from tests.work import Work

SEVEN = {"strength_mg": "1.5", "capsules": 7}


def counted(bench: BenchApi) -> dict[str, str]:
    """Checked and counted, and so only to be released."""
    batch = bench.checked(bench.plan(capsules=SEVEN))
    waste = figure(batch, "theoretical_fill", "figures_as_weighed")
    counts = {"released": 7, "rejected": 0, "retained": 0, "waste_mg": waste}
    return came(bench.paul.post(f"/batches/{batch['id']}/yield", counts), 200)


def test_a_batch_of_a_lot_that_was_put_back_into_quarantine_is_not_released(
    staff_api: Callable[[Role], StaffApi], work: Work
) -> None:
    bench = bench_api(staff_api)
    batch = counted(bench)
    with work.sessions.read() as session:
        kept = session.get_one(Batch, UUID(batch["id"]))
        filler = session.get_one(ComponentLot, kept.filler_lot_id)
    put_back = {"act": "quarantine", "reason": "The maker asks us to wait for a second assay."}
    came(bench.paul.post(f"/component-lots/{filler.id}/decisions", put_back), 200)

    refused = bench.paul.post(f"/batches/{batch['id']}/release", {})

    assert refused.status_code == 409
    assert refused.get_json()["detail"].endswith(f"lot {filler.number} that went into it is quarantined.")


def test_a_batch_past_its_beyond_use_date_is_not_released(
    staff_api: Callable[[Role], StaffApi], work: Work
) -> None:
    bench = bench_api(staff_api)
    batch = counted(bench)
    with work.sessions.write() as session:
        kept = session.get_one(Batch, UUID(batch["id"]))
        on, last = kept.compounded_on, kept.compounded_on - timedelta(days=1)
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            update(Batch).where(Batch.id == kept.id).values(compounded_on=last, beyond_use_on=last)
        )
        session.execute(text("SET LOCAL session_replication_role = origin"))

    refused = bench.paul.post(f"/batches/{batch['id']}/release", {})

    assert last < on
    assert refused.status_code == 409
    assert refused.get_json()["detail"].endswith(f"it may be used until {last.isoformat()} only.")
