"""A lot comes in: the container is scanned first, the papers are typed, and it waits in quarantine."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.components import ComponentKind
from pharmacy.domain.errors import Unfit
from pharmacy.domain.gs1 import LONGEST_SCAN, BadScan
from pharmacy.domain.lots import Printed, PrintedExpiry
from pharmacy.domain.orders import Role
from pharmacy.domain.potency import ApiForm, AssayBasis
from pharmacy.store import components as catalogue
from pharmacy.store import equipment
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.lot_views import scan_view
from pharmacy.usecases.receive_lot import NewCertificate, NewLot, NewTablets, receive_lot
from pharmacy.usecases.refusals import Of
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.names import named
from pharmacy.web.console.presence import the_member
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.tries import attempt
from pharmacy.web.console.typed import (
    NoDay,
    a_count_or_none,
    a_day_or_none,
    a_mass,
    a_number,
    a_number_or_none,
    a_stock_mass,
    a_text,
    more_than_nothing,
)
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role

_BENCH = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_FIELDS = (
    "scan", "component_id", "number", "vendor", "manufacturer", "catalogue_number", "gtin", "serial", "mass_mg",
    "expiry", "retest_on", "received_on", "grade", "storage", "shell_id", "shells", "tablet_label_mg",
    "twenty_tablets_mg", "certificate_number", "form", "assay_pct", "basis", "water_pct", "solvents_pct",
    "identity_confirmed", "maker_is_registered",
)  # fmt: skip
_MONTH_ONLY = 7  # "2028-02".
_TWENTY = 20


@blueprint.get("/stock/receive")
@needs_role(*_BENCH)
def receipt_page() -> Any:
    """The form of a receipt, begun from a scan where there is one."""
    scan = request.args.get("scan", "")[:LONGEST_SCAN]
    if not scan:
        return _page(Form.showing({"received_on": the_viewer().today.isoformat()}))
    with told_apart(), the_pharmacy().sessions.read() as session:
        try:
            said = scan_view(session, scan, the_viewer().today)
        except BadScan as refusal:
            return _page(Form.showing({"scan": scan}).at_fault("scan", str(refusal))), 422
    if said["received_as"] is not None:
        return redirect(url_for("console.lot_page", lot_id=said["received_as"]), code=303)
    return _page(Form.showing(_begun(scan, said)))


def _begun(scan: str, said: dict[str, Any]) -> dict[str, str | None]:
    expires_on: date | None = said["expires_on"]
    expiry = None if expires_on is None else expires_on.isoformat()
    if expiry is not None and said["expires_by_month"]:
        expiry = expiry[:_MONTH_ONLY]
    return {
        "scan": scan,
        "number": said["lot"],
        "gtin": said["gtin"],
        "serial": said["serial"],
        "expiry": expiry,
        "component_id": None if said["component_id"] is None else str(said["component_id"]),
        "received_on": the_viewer().today.isoformat(),
    }


@blueprint.post("/stock/receive")
@needs_role(*_BENCH)
def receive() -> Any:
    """The lot is in quarantine; or the form shown with the reason why not."""
    form = Form.typed(*_FIELDS)
    tried = attempt(
        form,
        lambda session, by, now: _receive(session, form, by, now),
        of=Of.STOCK,
        about=the_member().id,
    )
    if tried.is_refused or tried.done is None:
        return _page(tried.form), tried.status
    return redirect(url_for("console.lot_page", lot_id=tried.done), code=303)


def _page(form: Form) -> str:
    with told_apart(), the_pharmacy().sessions.read() as session:
        components = catalogue.catalogue(session)
        shells = equipment.shells(session)
        around = frame(session, "stock")
    return render_template(
        "console/receipt.html",
        frame=around,
        form=form,
        components=[
            ("", gettext("choose")),
            *((str(each.id), f"{each.name} ({each.kind.value})") for each in components),
        ],
        shells=[
            ("", gettext("not shells")),
            *((str(each.id), f"{each.size}, {each.vendor}, {each.material.value}") for each in shells),
        ],
        forms_of_api=[(each.value, named(each.value)) for each in ApiForm],
        bases=[(each.value, named(each.value)) for each in AssayBasis],
    )


def _receive(session: Session, form: Form, by: Actor, now: datetime) -> UUID:
    today = the_viewer().today
    component = catalogue.component(session, _id(form, "component_id"))
    is_shell = component.kind is ComponentKind.SHELL
    lot = NewLot(
        component_id=component.id,
        number=a_text(form, "number", gettext("The lot number")),
        vendor=a_text(form, "vendor", gettext("The vendor")),
        manufacturer=a_text(form, "manufacturer", gettext("The maker")),
        catalogue_number=form["catalogue_number"] or None,
        gtin=form["gtin"] or None,
        serial=form["serial"] or None,
        mass=None
        if is_shell
        else more_than_nothing(a_stock_mass(form, "mass_mg", gettext("The mass")), "mass_mg"),
        printed=_printed(form),
        received_on=a_day_or_none(form, "received_on", gettext("The day of receipt")) or today,
        today=today,
        grade=form["grade"] or None,
        storage=a_text(form, "storage", gettext("The storage")),
        certificate=_certificate(form) if component.kind is ComponentKind.API else None,
        shell_id=_id(form, "shell_id") if is_shell else None,
        shells=a_count_or_none(form, "shells", gettext("The number of shells")),
        tablets=_tablets(form) if component.kind is ComponentKind.TABLET else None,
    )
    return receive_lot(session, lot, by=by, now=now).id


def _tablets(form: Form) -> NewTablets:
    twenty = a_number(form, "twenty_tablets_mg", gettext("The mass of twenty tablets"))
    return NewTablets(
        label=a_mass(form, "tablet_label_mg", gettext("The label of a tablet")), mean_mg=twenty / _TWENTY
    )


def _certificate(form: Form) -> NewCertificate:
    return NewCertificate(
        number=a_text(form, "certificate_number", gettext("The number of the certificate")),
        form=ApiForm(_one_of(form, "form", {each.value for each in ApiForm})),
        assay_pct=a_number(form, "assay_pct", gettext("The assay")),
        basis=AssayBasis(_one_of(form, "basis", {each.value for each in AssayBasis})),
        water_pct=a_number_or_none(form, "water_pct", gettext("The water")),
        solvents_pct=a_number_or_none(form, "solvents_pct", gettext("The solvents")) or Decimal(0),
        identity_confirmed=bool(form["identity_confirmed"]),
        maker_is_registered=bool(form["maker_is_registered"]),
    )


def _printed(form: Form) -> Printed:
    """A day, a month, or nothing, as the vendor printed it."""
    text, retest_on = form["expiry"], a_day_or_none(form, "retest_on", gettext("The retest date"))
    if not text:
        return Printed(expiry=PrintedExpiry.NONE, retest_on=retest_on)
    is_month = len(text) == _MONTH_ONLY
    try:
        day = date.fromisoformat(f"{text}-01" if is_month else text)
    except ValueError:
        raise NoDay(gettext("The expiry, by day or by month such as 2028-02,"), where=("expiry",)) from None
    return Printed(
        expiry=PrintedExpiry.MONTH if is_month else PrintedExpiry.DAY,
        year=day.year,
        month=day.month,
        day=None if is_month else day.day,
        retest_on=retest_on,
    )


class ChoiceDue(Unfit):
    def __str__(self) -> str:
        return gettext("One of the list is due here.")


def _one_of(form: Form, name: str, choices: set[str]) -> str:
    if form[name] not in choices:
        raise ChoiceDue(where=(name,))
    return form[name]


def _id(form: Form, name: str) -> UUID:
    try:
        return UUID(form[name])
    except ValueError:
        raise ChoiceDue(where=(name,)) from None
