"""Balances and their calibrations, shells, and what fills them; for staff."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.domain.quantities import Milligrams
from pharmacy.store import equipment as books
from pharmacy.usecases.add_equipment import NewBalance, NewShell, add_balance, add_shell, balance_view
from pharmacy.usecases.calibrate_balance import NewCalibration, calibrate_balance
from pharmacy.usecases.measure_packing import Packing, PackingMeasured, measure_packing
from pharmacy.web.api.equipment_shapes import (
    BalanceInput,
    BalanceList,
    BalanceOutput,
    CalibrationInput,
    CalibrationLog,
    CalibrationOutput,
    PackingInput,
    PackingList,
    PackingOutput,
    ShellInput,
    ShellList,
    ShellOutput,
)
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading
from pharmacy.web.wording import worded_by

blueprint = Blueprint("equipment", __name__, url_prefix="/api/v1", description="Balances and shells")
_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_BENCH = (Role.TECHNICIAN, *_PHARMACISTS)


@blueprint.get("/balances")
@needs_staff()
@blueprint.response(200, BalanceList)
def balances() -> Any:
    """Every balance, and whether it may be used today."""
    with staff_reading() as (session, _):
        return {"balances": [balance_view(row, _today()) for row in books.balances(session)]}


@blueprint.post("/balances")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(BalanceInput())
@blueprint.response(201, BalanceOutput)
def new_balance(asked: dict[str, Any]) -> Any:
    """Enter a balance; it is out of use until its first calibration is recorded."""
    now, today = the_pharmacy().clock(), _today()
    new = NewBalance(today=today, **asked)
    return staff_answer_once(
        lambda session, actor: balance_view(add_balance(session, new, by=actor, now=now), today),
        worded_by(BalanceOutput()),
    )


@blueprint.get("/balances/<uuid:balance_id>/calibrations")
@needs_staff()
@blueprint.response(200, CalibrationLog)
def calibrations(balance_id: UUID) -> Any:
    """The calibration log of one balance, newest first."""
    with staff_reading() as (session, _):
        books.balance(session, balance_id)
        return {"calibrations": books.calibrations_of(session, balance_id)}


@blueprint.post("/balances/<uuid:balance_id>/calibrations")
@needs_staff(*_BENCH)
@blueprint.arguments(CalibrationInput())
@blueprint.response(201, CalibrationOutput)
def calibrate(asked: dict[str, Any], balance_id: UUID) -> Any:
    """Record a calibration; one that failed takes the balance out of use."""
    now = the_pharmacy().clock()
    new = NewCalibration(balance_id=balance_id, today=_today(), **asked)
    return staff_answer_once(
        lambda session, actor: _fields(calibrate_balance(session, new, by=actor, now=now)),
        worded_by(CalibrationOutput()),
    )


@blueprint.get("/shells")
@needs_staff()
@blueprint.response(200, ShellList)
def shells() -> Any:
    """Every shell with its vendor's volume."""
    with staff_reading() as (session, _):
        return {"shells": books.shells(session)}


@blueprint.post("/shells")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(ShellInput())
@blueprint.response(201, ShellOutput)
def new_shell(asked: dict[str, Any]) -> Any:
    """Enter a shell as its vendor describes it."""
    now = the_pharmacy().clock()
    return staff_answer_once(
        lambda session, actor: _fields(add_shell(session, NewShell(**asked), by=actor, now=now)),
        worded_by(ShellOutput()),
    )


@blueprint.get("/stock/<uuid:stock_id>/packing-statistics")
@needs_staff()
@blueprint.response(200, PackingList)
def packing(stock_id: UUID) -> Any:
    """What of this lot or triturate fills one shell, by shell, vendor and machine."""
    with staff_reading() as (session, _):
        return {"packing_statistics": books.packing_of(session, stock_id)}


@blueprint.post("/stock/<uuid:stock_id>/packing-statistics")
@needs_staff(*_BENCH)
@blueprint.arguments(PackingInput())
@blueprint.response(201, PackingOutput)
def measure(asked: dict[str, Any], stock_id: UUID) -> Any:
    """Record filled and empty shells; the statistic takes the place of the former one."""
    now = the_pharmacy().clock()
    measured = PackingMeasured(
        stock_id=stock_id,
        shell_id=asked["shell_id"],
        machine=asked["machine"],
        shells_filled=asked["shells_filled"],
        filled=Milligrams(asked["filled_mg"]),
        empty=Milligrams(asked["empty_mg"]),
        tapped_g_per_ml=asked["tapped_g_per_ml"],
        on=_today(),
    )
    return staff_answer_once(
        lambda session, actor: _packing(measure_packing(session, measured, by=actor, now=now)),
        worded_by(PackingOutput()),
    )


def _packing(packing: Packing) -> dict[str, Any]:
    plausible = None if packing.plausible is None else packing.plausible.value
    return {**_fields(packing.statistic), "plausible_mg": plausible}


def _today() -> date:
    pharmacy = the_pharmacy()
    return local_day(pharmacy.clock(), pharmacy.zone)


def _fields(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
