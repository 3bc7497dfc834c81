"""Emergency access: reading what one's role does not open, with a reason, for a while, and not unseen."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for

from pharmacy.domain.calendar import local_day
from pharmacy.domain.errors import PharmacyError
from pharmacy.store.waits import told_apart
from pharmacy.usecases.emergency_access import begin_emergency, end_emergency
from pharmacy.usecases.sign_in_policy import sign_in_policy
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.presence import the_actor, the_key
from pharmacy.web.console.signature import require_signature
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import signed_in


@blueprint.get("/emergency")
@signed_in
def emergency_page() -> Any:
    """What emergency access is, and the form that begins it."""
    return _page(Form())


@blueprint.post("/emergency")
@signed_in
def take_emergency() -> Any:
    """It has begun, and the pharmacist-in-charge is told; or the form again, saying why not."""
    pharmacy, form = the_pharmacy(), Form.typed("reason")
    now = pharmacy.clock()
    try:
        require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            today = local_day(now, pharmacy.zone)
            begin_emergency(session, the_key(), form["reason"], today, by=the_actor(), now=now)
    except PharmacyError as refusal:
        return _page(form.refused(refusal, ["reason", "signature"])), status_of(refusal)
    return redirect(url_for("console.emergency_page"), code=303)


@blueprint.post("/emergency/end")
@signed_in
def leave_emergency() -> Any:
    """It is over."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        end_emergency(session, the_key(), by=the_actor(), now=pharmacy.clock())
    return redirect(url_for("console.queue_page"), code=303)


def _page(form: Form) -> str:
    with told_apart(), the_pharmacy().sessions.read() as session:
        around = frame(session, "emergency")
        minutes = int(sign_in_policy(session).emergency_lasts.total_seconds() // 60)
    return render_template("console/emergency.html", frame=around, form=form, minutes=minutes)
