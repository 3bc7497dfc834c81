"""A balance was calibrated: the log has it, and the balance may be used until the next is due, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import months_after
from pharmacy.domain.errors import Unfit
from pharmacy.store import audit
from pharmacy.store.base import new_id
from pharmacy.store.corrections import require_correctable, standing
from pharmacy.store.equipment import BalanceNotFound, Calibration
from pharmacy.store.reference import BalanceRow, settings_in_force


@dataclass(eq=False)
class CalibrationUnfit(Unfit):
    because: str

    def __str__(self) -> str:
        return self.because


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCalibration:
    """What was done to which balance; `due_on` None means as long as the house allows."""

    balance_id: UUID
    calibrated_on: date
    has_passed: bool
    due_on: date | None
    performed_by: str
    certificate: str | None
    remark: str | None
    corrects_id: UUID | None
    today: date


def calibrate_balance(session: Session, new: NewCalibration, *, by: Actor, now: datetime) -> Calibration:
    """The calibration is on record, and the balance follows the newest that stands.

    One that failed takes the balance out of use. Raises BalanceNotFound, CalibrationUnfit, NothingToCorrect and
    AlreadyCorrected.
    """
    balance = session.scalar(select(BalanceRow).where(BalanceRow.id == new.balance_id).with_for_update())
    if balance is None:
        raise BalanceNotFound
    require_correctable(session, Calibration, new.corrects_id)
    row = Calibration(
        id=new_id(),
        balance_id=balance.id,
        calibrated_on=new.calibrated_on,
        has_passed=new.has_passed,
        due_on=_due_on(session, new),
        performed_by=new.performed_by,
        certificate=new.certificate,
        remark=new.remark,
        corrects_id=new.corrects_id,
        recorded_at=now,
        recorded_by=by.id,
    )
    session.add(row)
    session.flush()  # The newest that stands may be this one.
    newest = session.scalars(
        standing(Calibration)
        .where(Calibration.balance_id == balance.id)
        .order_by(Calibration.calibrated_on.desc(), Calibration.id.desc())
        .limit(1)
    ).one()
    balance.in_use = newest.has_passed
    balance.calibration_due_on = newest.due_on or balance.calibration_due_on
    audit.record(
        session,
        "balance.calibrated",
        balance.id,
        by=by,
        at=now,
        passed=new.has_passed,
        due_on=balance.calibration_due_on.isoformat(),
    )
    return row


def _due_on(session: Session, new: NewCalibration) -> date | None:
    if new.calibrated_on > new.today:
        raise CalibrationUnfit("A calibration is recorded once it was done.", where=("calibrated_on",))
    if not new.has_passed:
        return None
    latest = months_after(new.calibrated_on, settings_in_force(session)["calibration_months"])
    due_on = new.due_on or latest
    if not new.calibrated_on < due_on <= latest:
        raise CalibrationUnfit(
            f"The next calibration is due after this one and by {latest.isoformat()}.", where=("due_on",)
        )
    return due_on
