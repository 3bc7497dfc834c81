"""The bench through the API: a technician compounds, a pharmacist sees, checks, counts and releases."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from pharmacy.domain.orders import Role
from pharmacy.domain.potency import ApiForm, AssayBasis
from pharmacy.domain.stock import Movement, MovementKind
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.base import new_id
from pharmacy.store.components import Component
from pharmacy.store.reference import BalanceRow, ComponentKind, ComponentLot, LotStatus, PackingStatistic
from tests.books import MORNING
from tests.callers import StaffApi
from tests.rows import member
from tests.work import Work

SHELL_MG = "48"
AHEAD = "made for the tests, and for nobody"
FINE = "Analytical, balance 2"


@dataclass
class BenchApi:
    """Two people at the bench, and the pharmacist-in-charge, who has batches planned that nobody ordered."""

    tess: StaffApi
    paul: StaffApi
    iris: StaffApi

    def plan(self, lots: Mapping[str, str] | None = None, **what: Any) -> dict[str, Any]:
        """A planned batch that must be possible; whoever scans its lots compounds it."""
        why = {"override_reason": AHEAD} if "capsules" in what else {}
        return came(self.iris.post("/batches", {**what, **why, "lots": dict(lots or {})}), 201)

    def scanned(self, batch: Mapping[str, Any], **lots: str) -> dict[str, Any]:
        """The batch on those lots, or on the ones it was planned on."""
        return came(self.tess.post(f"/batches/{batch['id']}/lots", lots), 200)["batch"]

    def weigh(self, batch: Mapping[str, Any], read: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Every weighing, on target unless a step has another reading, each seen by the pharmacist."""
        for each in batch["weighings"]:
            step = each["step"]
            body = {
                "step": step,
                "read_mg": (read or {}).get(step, each["target_mg"]),
                "balance": balance_of(batch),
            }
            came(self.tess.post(f"/batches/{batch['id']}/weighings", body), 201)
            batch = came(self.paul.post(f"/batches/{batch['id']}/weighings/{step}/check", {}), 200)
        return dict(batch)

    def blended(self, batch: Mapping[str, Any], read: Mapping[str, str] | None = None) -> dict[str, Any]:
        self.weigh(self.scanned(batch), read)
        return came(
            self.tess.post(f"/batches/{batch['id']}/blend", {"appearance": "white, even powder"}), 200
        )

    def filled(self, batch: Mapping[str, Any], capsules: int | None = None) -> dict[str, Any]:
        self.blended(batch)
        body = (
            {} if batch["kind"] != "capsules" else {"capsules_filled": capsules or batch["capsules_required"]}
        )
        return came(self.tess.post(f"/batches/{batch['id']}/fill", body), 200)

    def checked(self, batch: Mapping[str, Any], capsules: int | None = None) -> dict[str, Any]:
        """Filled, and every weighed capsule of exactly the theoretical fill; or looked at."""
        filled = self.filled(batch, capsules)
        if batch["kind"] != "capsules":
            looked = {"appearance": {"conforms": True, "remark": "as described"}}
            return came(self.paul.post(f"/batches/{batch['id']}/qc", looked), 201)
        fill = Decimal(figure(filled, "theoretical_fill", "figures_as_weighed"))
        count = min(10, filled["capsules_filled"])
        weights = {"gross_mg": [str(fill + Decimal(SHELL_MG))] * count, "mean_shell_mg": SHELL_MG}
        return came(self.paul.post(f"/batches/{batch['id']}/qc", {"weights": weights}), 201)

    def released(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        """The whole way to release, nothing rejected or retained."""
        checked = self.checked(batch)
        if batch["kind"] == "capsules":
            count = checked["capsules_filled"]
            blend = Decimal(figure(checked, "blend", "figures_as_weighed"))
            fill = Decimal(figure(checked, "theoretical_fill", "figures_as_weighed"))
            counts = {"released": count, "rejected": 0, "retained": 0, "waste_mg": str(blend - fill * count)}
            came(self.paul.post(f"/batches/{batch['id']}/yield", counts), 200)
        return came(self.paul.post(f"/batches/{batch['id']}/release", {}), 200)


def bench_api(
    staff_api: Callable[[Role], StaffApi],
    *,
    compounds: Role = Role.TECHNICIAN,
    checks: Role = Role.PHARMACIST,
) -> BenchApi:
    """People at the bench in these roles."""
    return BenchApi(
        tess=staff_api(compounds), paul=staff_api(checks), iris=staff_api(Role.PHARMACIST_IN_CHARGE)
    )


def came(answer: TestResponse, status: int) -> dict[str, Any]:
    """The body of an answer that must have that status."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def figure(batch: Mapping[str, Any], key: str, among: str = "figures") -> str:
    """What the record shows for that figure."""
    return {each["key"]: each["value"] for each in batch[among]}[key]


def balance_of(batch: Mapping[str, Any]) -> str:
    """The balance that the batch was calculated for."""
    return str(batch["certificate"]["inputs"]["bench"]["balance"]["name"])


def a_balance_row(session: Session, **fields: Any) -> BalanceRow:
    """A balance of 0.1 mg that weighs 20 mg and more, unless told otherwise."""
    usual = {
        "id": new_id(),
        "name": FINE,
        "readability_mg": Decimal("0.1"),
        "sensitivity_requirement_mg": Decimal(1),
        "max_error_pct": Decimal(5),
        "calibration_due_on": MORNING.date().replace(year=2027),
        "in_use": True,
    }
    row = BalanceRow(**{**usual, **fields})
    session.add(row)
    return row


def a_lot(work: Work, number: str, *, packing_mg: str = "150", grams: int = 100, **fields: Any) -> None:
    """A released lot of powder with a ledger and a packing statistic; that of example E1 unless told otherwise."""
    usual = {
        "id": new_id(),
        "number": number,
        "kind": ComponentKind.API,
        "name": "naltrexone hydrochloride",
        "status": LotStatus.RELEASED,
        "expires_on": MORNING.date().replace(year=2028),
        "form": ApiForm.HYDROCHLORIDE,
        "assay_pct": Decimal("99.2"),
        "assay_basis": AssayBasis.ANHYDROUS,
        "water_pct": Decimal("3.1"),
        "solvents_pct": Decimal(0),
    }
    today = MORNING.date()
    with work.sessions.write() as session:
        lot = ComponentLot(**{**usual, **fields})
        session.add(lot)
        session.flush()  # Statistic and ledger name the lot.
        session.add(
            PackingStatistic(
                shell="3", component_lot_id=lot.id, mass_mg=Decimal(packing_mg), measured_on=today
            )
        )
        ledger.open_for_lot(session, lot.id)
        bought = Movement(
            stock_id=lot.id, ug=grams * 1_000_000, kind=MovementKind.RECEIVE, subject_id=lot.id, on=today
        )
        ledger.receive(session, bought, by=member(session, Role.PHARMACIST), now=MORNING)


def a_vehicle(work: Work, number: str, component: str) -> str:
    """A released lot of that vehicle, entered in the ledger; its number."""
    with work.sessions.write() as session:
        like = session.scalars(select(ComponentLot).where(ComponentLot.kind == ComponentKind.FILLER)).first()
        made_of = session.scalars(select(Component).where(Component.name == component)).one()
        assert like is not None
        kept = {column.name: getattr(like, column.name) for column in ComponentLot.__table__.columns}
        lot = ComponentLot(**{**kept, "id": new_id(), "number": number, "kind": ComponentKind.VEHICLE})
        lot.component_id, lot.name, lot.expires_on = made_of.id, made_of.name, date(2027, 11, 1)
        session.add(lot)
        session.flush()
        ledger.open_for_lot(session, lot.id)
        bought = Movement(
            stock_id=lot.id, ug=10**9, kind=MovementKind.RECEIVE, subject_id=lot.id, on=MORNING.date()
        )
        ledger.receive(session, bought, by=member(session, Role.TECHNICIAN), now=MORNING)
    return number
