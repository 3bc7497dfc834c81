"""Balances with their calibrations, and shells as their vendors make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import redirect, render_template, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotFound, Unfit
from pharmacy.domain.figures import shown
from pharmacy.domain.orders import Role
from pharmacy.store import equipment
from pharmacy.store.equipment import ShellMaterial
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.add_equipment import NewBalance, NewShell, add_balance, add_shell, balance_view
from pharmacy.usecases.calibrate_balance import NewCalibration, calibrate_balance
from pharmacy.usecases.refusals import Of
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.presence import the_member
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.stock_rows import BENCH, PHARMACISTS
from pharmacy.web.console.tries import attempt
from pharmacy.web.console.typed import a_day, a_day_or_none, a_number, a_number_or_none, a_text
from pharmacy.web.console.words import day_moment, in_words, with_days_in_words
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role, signed_in

_FIELDS = (
    "balance_id", "calibrated_on", "has_passed", "due_on", "performed_by", "certificate", "remark", "name",
    "readability_mg", "sensitivity_requirement_mg", "certificate_minimum_mg", "size", "vendor", "material",
    "volume_ml", "empty_mg", "source",
)  # fmt: skip
_FOR_PHARMACISTS = frozenset({"balance", "shell"})
_SIZES = ("000", "00", "0", "1", "2", "3", "4", "5")
_SOON_DAYS = 30


class NothingLikeThat(NotFound):
    def __str__(self) -> str:
        return gettext("There is no such balance or act.")


class NotOfTheList(Unfit):
    def __str__(self) -> str:
        return gettext("One of the list is due here.")


@blueprint.get("/stock/equipment")
@signed_in
def equipment_page() -> Any:
    """Every balance and whether it may be used today, every shell, and the forms."""
    return _page(Form())


@blueprint.post("/stock/equipment/<act_name>")
@needs_role(Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
def equipment_act(act_name: str) -> Any:
    """A calibration, a balance or a shell is on record."""
    if act_name not in _ACTS:
        raise NothingLikeThat
    form = Form.typed(*_FIELDS, name=act_name)
    if act_name in _FOR_PHARMACISTS and the_viewer().role not in PHARMACISTS:
        return _page(Form(name=act_name, refusal=gettext("This is for a pharmacist."))), 403
    tried = attempt(
        form,
        lambda session, by, now: (_ACTS[act_name](session, form, by, now), True)[1],
        of=Of.EQUIPMENT,
        about=the_member().id,
    )
    if tried.is_refused:
        return _page(tried.form), tried.status
    return redirect(url_for("console.equipment_page"), code=303)


def _page(form: Form) -> str:
    viewer = the_viewer()
    with told_apart(), the_pharmacy().sessions.read() as session:
        balances = [balance_view(row, viewer.today) for row in equipment.balances(session)]
        logs = {each["id"]: equipment.calibrations_of(session, each["id"]) for each in balances}
        shells = equipment.shells(session)
        around = frame(session, "stock")
    return render_template(
        "console/equipment.html",
        frame=around,
        balances=[
            {
                **each,
                "least": shown(each["minimum_weighable_mg"], 1),
                "due": day_moment(each["calibration_due_on"], viewer.today),
                "is_soon": (each["calibration_due_on"] - viewer.today).days <= _SOON_DAYS,
                "why_not": with_days_in_words(each["why_not"] or ""),
                "log": logs[each["id"]],
            }
            for each in balances
        ],
        shells=shells,
        choices=[(str(each["id"]), each["name"]) for each in balances],
        sizes=[(each, each) for each in _SIZES],
        materials=[(each.value, each.value) for each in ShellMaterial],
        may_calibrate=viewer.role in BENCH,
        in_words=in_words,
        may_add=viewer.role in PHARMACISTS,
        form=form,
        form_of=lambda name: (
            form
            if form.name == name
            else Form.showing({"calibrated_on": viewer.today.isoformat()}, name=name)
        ),
    )


def _calibrate(session: Session, form: Form, by: Actor, now: datetime) -> Any:
    try:
        balance_id = UUID(form["balance_id"])
    except ValueError:
        raise NothingLikeThat from None
    new = NewCalibration(
        balance_id=balance_id,
        calibrated_on=a_day(form, "calibrated_on", gettext("The day of the calibration")),
        has_passed=form["has_passed"] != "no",
        due_on=a_day_or_none(form, "due_on", gettext("The day when the next is due")),
        performed_by=a_text(form, "performed_by", gettext("Who calibrated it")),
        certificate=form["certificate"] or None,
        remark=form["remark"] or None,
        corrects_id=None,
        today=the_viewer().today,
    )
    return calibrate_balance(session, new, by=by, now=now)


def _balance(session: Session, form: Form, by: Actor, now: datetime) -> Any:
    new = NewBalance(
        name=a_text(form, "name", gettext("The name")),
        readability_mg=a_number(form, "readability_mg", gettext("The readability")),
        sensitivity_requirement_mg=a_number_or_none(
            form, "sensitivity_requirement_mg", gettext("The sensitivity requirement")
        ),
        max_error_pct=None,
        certificate_minimum_mg=a_number_or_none(
            form, "certificate_minimum_mg", gettext("The certified minimum")
        ),
        today=the_viewer().today,
    )
    if not new.readability_mg:
        raise NotOfTheList(where=("readability_mg",))
    return add_balance(session, new, by=by, now=now)


def _shell(session: Session, form: Form, by: Actor, now: datetime) -> Any:
    if form["size"] not in _SIZES:
        raise NotOfTheList(where=("size",))
    if form["material"] not in set(ShellMaterial):
        raise NotOfTheList(where=("material",))
    new = NewShell(
        size=form["size"],
        vendor=a_text(form, "vendor", gettext("The vendor")),
        material=ShellMaterial(form["material"]),
        volume_ml=a_number(form, "volume_ml", gettext("The volume")),
        empty_mg=a_number(form, "empty_mg", gettext("The empty weight")),
        tags=(),
        source=a_text(form, "source", gettext("Where that is from")),
    )
    if not new.volume_ml or not new.empty_mg:
        raise NotOfTheList(where=("volume_ml",))
    return add_shell(session, new, by=by, now=now)


_ACTS: Mapping[str, Callable[[Session, Form, Actor, datetime], Any]] = {
    "calibration": _calibrate,
    "balance": _balance,
    "shell": _shell,
}
