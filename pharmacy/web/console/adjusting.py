"""Adjusting a plan after a call: the whole difference first, then the record, then a pharmacist's acceptance.

Nothing is written by looking: the same form is sent twice, once to be shown what would change and once to be kept.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.adjustments import AdjustmentKind
from pharmacy.domain.authority import AdjustmentState
from pharmacy.domain.errors import NotFound, PharmacyError
from pharmacy.domain.orders import Role
from pharmacy.domain.titration import TimeOfDay
from pharmacy.store import adjustments, prescriptions
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.accept_adjustment import Acceptance, accept_adjustment
from pharmacy.usecases.act_on_order import Surroundings
from pharmacy.usecases.adjust_prescription import (
    AdjustmentPreview,
    AdjustmentRequest,
    ask_adjustment,
    authorise_adjustment,
    end_adjustment,
    preview_adjustment,
)
from pharmacy.usecases.commands import Authorization
from pharmacy.usecases.standing_course import course_now
from pharmacy.web.console.adjusting_shown import (
    KINDS,
    SIGNED,
    TIMES,
    adjustment_shown,
    authority_words,
    difference_shown,
)
from pharmacy.web.console.attempts import tried, tried_signed
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.queue import reference_of_today, the_viewer
from pharmacy.web.console.queue_rows import doses_text
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import needs_role

_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_ASKED = ("kind", "from_day", "days", "time_of_day", "usual_bedtime", "reason")
_SIGNED = ("signed_kind", "signed_at", "signed_agent")


@blueprint.get("/prescriptions/<uuid:prescription_id>/adjust")
@needs_role(*_PHARMACISTS)
def adjust_page(prescription_id: UUID) -> Any:
    """The plan as it stands, what was asked for before, and the form."""
    return show_adjusting(
        prescription_id, Form.showing({"kind": "move_time_of_day", "time_of_day": "morning"})
    )


@blueprint.post("/prescriptions/<uuid:prescription_id>/adjust")
@needs_role(*_PHARMACISTS)
def adjust(prescription_id: UUID) -> Any:
    """What would change is shown; or, once it was seen, recorded."""
    form = _checked(Form.typed(*_ASKED, *_SIGNED))
    if form.faults:
        return show_adjusting(prescription_id, form), 422
    pharmacy = the_pharmacy()
    try:
        with told_apart(), pharmacy.sessions.write() as session:
            wanted = _request(session, prescription_id, form)
            act = ask_adjustment if request.form.get("step") == "record" else preview_adjustment
            found = act(session, wanted, reference_of_today(session), by=the_actor(), now=pharmacy.clock())
    except NotFound:
        raise
    except PharmacyError as refusal:
        return show_adjusting(prescription_id, form.refused(refusal)), status_of(refusal)
    if isinstance(found, AdjustmentPreview):
        return show_adjusting(prescription_id, form, found)
    return redirect(_page(prescription_id), code=303)


@blueprint.post("/adjustments/<uuid:adjustment_id>/accept")
@needs_role(*_PHARMACISTS)
def accept_change(adjustment_id: UUID) -> Any:
    """The plan in force is the changed one; signed."""
    form = Form.typed("reason", "contact", name="accept")
    prescription_id = _prescription_of(adjustment_id)

    def work(session: Session, by: Actor, now: datetime) -> None:
        around = Surroundings(reference=reference_of_today(session), imprint=the_pharmacy().imprint)
        accepted = Acceptance(adjustment_id=adjustment_id, reason=form["reason"], contact=form["contact"])
        accept_adjustment(session, accepted, around, by=by, now=now)

    return tried_signed(work, form, _again(prescription_id), _page(prescription_id))


@blueprint.post("/adjustments/<uuid:adjustment_id>/authorise")
@needs_role(*_PHARMACISTS)
def authorise_change(adjustment_id: UUID) -> Any:
    """The prescriber has authorised it, by word or in writing."""
    form = _signature_checked(Form.typed(*_SIGNED, name="authorise"))
    if not form["signed_kind"]:
        form = form.at_fault("signed_kind", gettext("Say how the prescriber authorised it."))
    prescription_id = _prescription_of(adjustment_id)

    def work(session: Session, by: Actor, now: datetime) -> None:
        npi = prescriptions.get(session, prescription_id).prescriber_npi
        signed = _authorization(form, npi)
        if signed is not None:
            reference = reference_of_today(session)
            authorise_adjustment(session, adjustment_id, signed, reference, by=by, now=now)

    return tried(work, form, _again(prescription_id), _page(prescription_id))


@blueprint.post("/adjustments/<uuid:adjustment_id>/decline")
@needs_role(*_PHARMACISTS)
def decline_change(adjustment_id: UUID) -> Any:
    """The plan stays as it is."""
    form = Form.typed("reason", name="decline").lacking({"reason": gettext("Say why it is declined.")})
    prescription_id = _prescription_of(adjustment_id)

    def work(session: Session, by: Actor, now: datetime) -> None:
        declined = AdjustmentState.DECLINED
        end_adjustment(session, adjustment_id, declined, form["reason"], by=by, now=now)

    return tried(work, form, _again(prescription_id), _page(prescription_id))


def show_adjusting(prescription_id: UUID, form: Form, preview: AdjustmentPreview | None = None) -> str:
    """The page; with what would change, once that was asked for."""
    viewer, pharmacy = the_viewer(), the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        reference = reference_of_today(session)
        standing = course_now(session, prescription_id)
        asked = adjustments.of_prescription(session, prescription_id)
        today = standing.day_of(pharmacy.clock(), reference)
        around = frame(session)
    asking = form if not form.name else Form()
    return render_template(
        "console/adjust.html",
        frame=around,
        prescription_id=prescription_id,
        patient=standing.prescription.patient.full_name,
        order_id=standing.newest.id,
        number=standing.newest.number,
        plan=doses_text(standing.course.plan),
        day_today=today,
        form=form,
        asking=asking,
        preview=difference_shown(preview.difference, viewer.today) if preview else None,
        authority=preview.authority if preview else None,
        authority_words=authority_words(preview.authority) if preview else "",
        from_day=preview.from_day if preview else None,
        adjustments=[adjustment_shown(row, pharmacy.zone, viewer.today) for row in asked],
        kinds=KINDS,
        times=TIMES,
        signed=SIGNED,
    )


def _checked(form: Form) -> Form:
    """The form with what is wrong with its shape at each field."""
    form = form.lacking(
        {"kind": gettext("Choose what is to change."), "reason": gettext("Say why, as the patient told it.")}
    )
    if form["kind"] and form["kind"] not in set(AdjustmentKind):
        form = form.at_fault("kind", gettext("Choose what is to change."))
    for name in ("from_day", "days"):
        if form[name] and not (
            form[name].isascii() and form[name].isdecimal() and 1 <= int(form[name][:9]) <= 3660
        ):
            form = form.at_fault(name, gettext("A whole number of days is due here."))
    if form["usual_bedtime"] and _clock(form["usual_bedtime"]) is None:
        form = form.at_fault("usual_bedtime", gettext("A local time is due here, such as 22:30."))
    return _signature_checked(form)


def _signature_checked(form: Form) -> Form:
    if form["signed_kind"] and _instant(form["signed_at"]) is None:
        form = form.at_fault(
            "signed_at", gettext("Say on which day, and when, the prescriber authorised it.")
        )
    return form


def _request(session: Session, prescription_id: UUID, form: Form) -> AdjustmentRequest:
    npi = prescriptions.get(session, prescription_id).prescriber_npi
    return AdjustmentRequest(
        prescription_id=prescription_id,
        kind=AdjustmentKind(form["kind"]),
        reason=form["reason"],
        from_day=int(form["from_day"]) if form["from_day"] else None,
        days=int(form["days"]) if form["days"] else None,
        to=TimeOfDay(form["time_of_day"]) if form["time_of_day"] in set(TimeOfDay) else None,
        bedtime_at=_clock(form["usual_bedtime"]),
        authorization=_authorization(form, npi),
    )


def _authorization(form: Form, npi: str) -> Authorization | None:
    at = _instant(form["signed_at"])
    if not form["signed_kind"] or at is None:
        return None
    agent = form["signed_agent"] or None
    return Authorization(kind=form["signed_kind"], signer_npi=npi, signed_at=at, agent=agent)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=the_pharmacy().zone)
    except ValueError:
        return None


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        return None


def _prescription_of(adjustment_id: UUID) -> UUID:
    with told_apart(), the_pharmacy().sessions.read() as session:
        return adjustments.prescription_of(session, adjustment_id)


def _again(prescription_id: UUID) -> Any:
    return lambda form: show_adjusting(prescription_id, form)


def _page(prescription_id: UUID) -> str:
    return url_for("console.adjust_page", prescription_id=prescription_id)
