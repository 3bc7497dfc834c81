"""People: who works here, in which role, until when they are trained, and how they come in.

Administrator and pharmacist-in-charge keep the people; whatever they change has a reason and a signature. A link
by which somebody chooses a password is shown once, to whoever made it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotFound, PharmacyError, Unfit
from pharmacy.domain.orders import Role
from pharmacy.domain.readiness import Competency
from pharmacy.store import staff, training
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.store.staff import MemberNotFound, StaffMember
from pharmacy.store.waits import told_apart
from pharmacy.usecases.keep_staff import (
    AboutMember,
    NewMember,
    change_role,
    disable_member,
    enable_member,
    end_sign_ins,
    invite_member,
    open_again,
    reset_factor,
    reset_password,
)
from pharmacy.usecases.record_training import NewTraining, record_training
from pharmacy.usecases.sign_in import is_locked
from pharmacy.usecases.sign_in_policy import sign_in_policy
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form, seen_version
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.lists import Pages
from pharmacy.web.console.names import named
from pharmacy.web.console.people_shown import ROLE_CHOICES, MemberActs, member_row, member_sheet
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.signature import require_signature
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import needs_role

KEEPERS = (Role.PHARMACIST_IN_CHARGE, Role.ADMINISTRATOR)
READERS = (*KEEPERS, Role.PHARMACIST, Role.AUDITOR)
_ASSESSORS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_PER_PAGE = 50
_INVITED = ("username", "full_name", "initials", "role")
_TRAINED = ("competency", "trained_on", "method")

# What is done to a member; those that make a link answer with its token.
Deed = Callable[..., StaffMember | tuple[StaffMember, str]]
_DEEDS: Mapping[str, Deed] = {
    "disable": disable_member,
    "enable": enable_member,
    "open-again": open_again,
    "reset-password": reset_password,
    "reset-factor": reset_factor,
    "end-sign-ins": end_sign_ins,
}


@dataclass(eq=False)
class RoleUnknown(Unfit):
    def __str__(self) -> str:
        return gettext("Choose one of the roles.")


@dataclass(eq=False)
class TrainingUnreadable(Unfit):
    because: str

    def __str__(self) -> str:
        return self.because


@blueprint.get("/people")
@needs_role(*READERS)
def people_page() -> Any:
    """Everybody who works or has worked here."""
    return _people(Form.showing({"role": Role.TECHNICIAN.value}))


@blueprint.post("/people")
@needs_role(*KEEPERS)
def invite() -> Any:
    """Somebody new, and the link for them; or the form again, saying why not."""
    pharmacy, form = the_pharmacy(), Form.typed(*_INVITED, longest=100)
    try:
        require_signature()
        role = _role(form["role"])
        new = NewMember(
            username=form["username"].casefold(),
            full_name=form["full_name"],
            initials=form["initials"],
            role=role,
        )
        with told_apart(), pharmacy.sessions.write() as session:
            member, token = invite_member(session, new, by=the_actor(), now=pharmacy.clock())
    except PharmacyError as refusal:
        return _people(form.refused(refusal, [*_INVITED, "signature"])), status_of(refusal)
    return _link(member, token)


@blueprint.get("/people/<uuid:member_id>")
@needs_role(*READERS)
def member_page(member_id: UUID) -> Any:
    """One person: role, training, sign-ins, and what was done about them."""
    return _member(member_id, {})


@blueprint.post("/people/<uuid:member_id>/role")
@needs_role(*KEEPERS)
def give_role(member_id: UUID) -> Any:
    """Another role from now on; or the page again, saying why not."""
    form = Form.typed("role", "reason", name="role")

    def deed(session: Session, about: AboutMember, *, by: Actor, now: datetime) -> StaffMember:
        return change_role(session, about, _role(form["role"]), by=by, now=now)

    return _done(member_id, form, deed)


@blueprint.post("/people/<uuid:member_id>/training")
@needs_role(*_ASSESSORS)
def train(member_id: UUID) -> Any:
    """The training is on record, assessed by whoever signs; or the page again, saying why not."""
    pharmacy, form = the_pharmacy(), Form.typed(*_TRAINED, name="training")
    try:
        with told_apart(), pharmacy.sessions.read() as session:
            if staff.member(session, member_id) is None:
                raise MemberNotFound
        new = _training(member_id, form)
        require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            record_training(session, new, by=the_actor(), now=pharmacy.clock())
    except NotFound:
        raise
    except PharmacyError as refusal:
        shown = form.refused(refusal, [*_TRAINED, "signature"])
        return _member(member_id, {"training": shown}), status_of(refusal)
    return redirect(url_for("console.member_page", member_id=member_id, _anchor="training"), code=303)


@blueprint.post("/people/<uuid:member_id>/<deed_name>")
@needs_role(*KEEPERS)
def keep(member_id: UUID, deed_name: str) -> Any:
    """It is done, on record with its reason; or the page again, saying why not."""
    if deed_name not in _DEEDS:
        raise MemberNotFound
    return _done(member_id, Form.typed("reason", name=deed_name), _DEEDS[deed_name])


def _done(member_id: UUID, form: Form, deed: Deed) -> Any:
    pharmacy = the_pharmacy()
    about = AboutMember(member_id=member_id, seen_version=seen_version(), reason=form["reason"])
    try:
        with told_apart(), pharmacy.sessions.read() as session:
            if staff.member(session, member_id) is None:
                raise MemberNotFound
        require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            done = deed(session, about, by=the_actor(), now=pharmacy.clock())
    except NotFound:
        raise
    except PharmacyError as refusal:
        shown = form.refused(refusal, ["role", "reason", "signature"])
        return _member(member_id, {form.name: shown}), status_of(refusal)
    if isinstance(done, tuple):
        return _link(*done)
    return redirect(url_for("console.member_page", member_id=member_id), code=303)


def _people(form: Form) -> str:
    viewer = the_viewer()
    bookmark = read_bookmark(request.args.get("page"))
    with told_apart(), the_pharmacy().sessions.read() as session:
        page = page_of(session, staff.everybody(), _PER_PAGE, bookmark)
        lasting = {member.id: expiries for member, expiries in training.everybody(session)}
        around = frame(session, "people")
    following = sign_bookmark(page.next_bookmark)
    return render_template(
        "console/people.html",
        frame=around,
        rows=[member_row(member, lasting.get(member.id, {}), viewer.today) for member in page.records],
        pages=Pages(
            next_href=url_for("console.people_page", page=following) if following else "",
            first_href=url_for("console.people_page") if bookmark else "",
        ),
        form=form,
        roles=ROLE_CHOICES,
        may_keep=the_actor().role in KEEPERS,
    )


def _member(member_id: UUID, forms: Mapping[str, Form]) -> str:
    pharmacy, viewer = the_pharmacy(), the_viewer()
    now = pharmacy.clock()
    with told_apart(), pharmacy.sessions.read() as session:
        member = staff.member(session, member_id)
        if member is None:
            raise MemberNotFound
        policy = sign_in_policy(session)
        sign_ins = [
            each
            for each in staff.sessions_of(session, member.id, since=now - policy.idle)
            if policy.holds(each, now)
        ]
        acts = MemberActs(
            may_keep=the_actor().role in KEEPERS and member.id != viewer.member_id,
            may_train=the_actor().role in _ASSESSORS and member.id != viewer.member_id,
            is_locked=is_locked(session, member, policy, now),
        )
        sheet = member_sheet(
            member, training.records_of(session, member.id), training.expiries(session, member.id),
            sign_ins, acts, viewer,
        )  # fmt: skip
        around = frame(session, "people")
    return render_template(
        "console/member.html",
        frame=around,
        member=sheet,
        forms_by_name=forms,
        blank=lambda name: Form(name=name),
        role_form=forms.get("role") or Form.showing({"role": member.role.value}, name="role"),
        roles=ROLE_CHOICES,
        competencies=[(each.value, named(each)) for each in Competency],
    )


def _link(member: StaffMember, token: str) -> str:
    """The link for that person, shown once."""
    address = f"{the_pharmacy().public_url.rstrip('/')}{url_for('console.set_password_page', token=token)}"
    with told_apart(), the_pharmacy().sessions.read() as session:
        around = frame(session, "people")
        hours = int(sign_in_policy(session).link_lasts.total_seconds() // 3600)
    return render_template(
        "console/password_link.html", frame=around, member=member, address=address, hours=hours
    )


def _role(value: str) -> Role:
    if value not in set(Role):
        raise RoleUnknown(where=("role",))
    return Role(value)


def _training(member_id: UUID, form: Form) -> NewTraining:
    """What was typed. Raises TrainingUnreadable at the field that is at fault."""
    if form["competency"] not in set(Competency):
        raise TrainingUnreadable(gettext("Choose in what."), where=("competency",))
    try:
        trained_on = date.fromisoformat(form["trained_on"])
    except ValueError:
        raise TrainingUnreadable(gettext("Give the day of the training."), where=("trained_on",)) from None
    if not form["method"]:
        raise TrainingUnreadable(gettext("Say how it was assessed."), where=("method",))
    return NewTraining(
        staff_member_id=member_id,
        competency=Competency(form["competency"]),
        trained_on=trained_on,
        expires_on=None,
        method=form["method"],
        corrects_id=None,
        today=the_viewer().today,
    )
