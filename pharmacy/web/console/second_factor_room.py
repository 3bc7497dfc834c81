"""The second factor, on the way in: proved by a code or a passkey, or set up where none is.

Whoever stands here has given the password and may do nothing else. Recovery codes are shown once, when they are
made, and never again.
"""

from __future__ import annotations

from typing import Any

import segno
from flask import redirect, render_template, request, url_for

from pharmacy.domain.errors import PharmacyError
from pharmacy.store import second_factors, staff
from pharmacy.store.staff import StaffMember
from pharmacy.store.waits import told_apart
from pharmacy.usecases.passkeys import PasskeyRefused, ask_passkey, prove_passkey
from pharmacy.usecases.second_factor import (
    TooManyCodes,
    begin_authenticator,
    confirm_authenticator,
    prove_code,
    waiting_enrolment,
)
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form, given
from pharmacy.web.console.language import gettext
from pharmacy.web.console.presence import the_actor, the_key, the_member, the_sign_in
from pharmacy.web.console.sign_in import safe
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import half_way

LONGEST_CREDENTIAL = 20_000
_LONGEST_CODE = 40


@blueprint.get("/second-factor")
@half_way
def second_factor_page() -> Any:
    """The code is asked for, or an authenticator is set up."""
    onward = request.args.get("next", "")
    return redirect(safe(onward), code=303) if the_sign_in().proved_at else _page(Form(), onward)


@blueprint.post("/second-factor")
@half_way
def prove() -> Any:
    """In; or the form again, saying why not. After too many wrong codes the sign-in begins anew."""
    pharmacy, onward = the_pharmacy(), given("next")
    form = Form.typed("code", longest=_LONGEST_CODE)
    with told_apart(), pharmacy.sessions.write() as session:
        refused = prove_code(
            session, the_key(), form["code"], pharmacy.vault, by=the_actor(), now=pharmacy.clock()
        )
    if isinstance(refused, TooManyCodes):
        return render_template(
            "console/refusal.html", heading=gettext("Sign in again"), sentence=str(refused)
        ), status_of(refused)
    if refused is not None:
        return _page(form.refused(refused), onward), status_of(refused)
    return redirect(safe(onward), code=303)


@blueprint.post("/second-factor/begin")
@half_way
def begin() -> Any:
    """A fresh secret waits to be scanned."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        begin_authenticator(session, the_member(), pharmacy.vault, by=the_actor(), now=pharmacy.clock())
    if the_sign_in().proved_at:
        return redirect(url_for("console.account_page", _anchor="authenticator"), code=303)
    return redirect(url_for("console.second_factor_page", next=given("next") or None), code=303)


@blueprint.post("/second-factor/confirm")
@half_way
def confirm() -> Any:
    """The authenticator counts, and its owner reads the recovery codes, once."""
    pharmacy, onward = the_pharmacy(), given("next")
    form = Form.typed("code", longest=_LONGEST_CODE)
    try:
        with told_apart(), pharmacy.sessions.write() as session:
            codes = confirm_authenticator(
                session, the_key(), form["code"], pharmacy.vault, by=the_actor(), now=pharmacy.clock()
            )
    except PharmacyError as refusal:
        return _page(form.refused(refusal), onward), status_of(refusal)
    return show_codes(codes, safe(onward))


@blueprint.post("/second-factor/passkey/ask")
@half_way
def passkey_ask() -> Any:
    """What the browser has a passkey sign."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        asked = ask_passkey(session, the_key(), pharmacy.site, by=the_actor(), now=pharmacy.clock())
    return asked, {"Content-Type": "application/json"}


@blueprint.post("/second-factor/passkey")
@half_way
def passkey_prove() -> Any:
    """In by a passkey; or the form again, saying why not."""
    pharmacy, onward = the_pharmacy(), given("next")
    credential = given("credential")[:LONGEST_CREDENTIAL]
    with told_apart(), pharmacy.sessions.write() as session:
        refused: PasskeyRefused | None = prove_passkey(
            session, the_key(), credential, pharmacy.site, by=the_actor(), now=pharmacy.clock()
        )
    if refused is not None:
        return _page(Form().refused(refused), onward), status_of(refused)
    return redirect(safe(onward), code=303)


def show_codes(codes: tuple[str, ...], onward: str) -> str:
    """The recovery codes, to be written down."""
    return render_template("console/recovery_codes.html", codes=codes, onward=onward)


def qr_code(address: str) -> str:
    """The address as a picture in the page itself."""
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff"))


def _page(form: Form, onward: str) -> str:
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        member: StaffMember = staff.member(session, the_member().id) or the_member()
        has_passkeys = bool(second_factors.passkeys_of(session, member.id)) and pharmacy.site.has_passkeys
    enrolment = waiting_enrolment(member, pharmacy.vault)
    return render_template(
        "console/second_factor.html",
        form=form,
        onward=onward,
        is_enrolled=member.totp_confirmed_at is not None or has_passkeys,
        has_passkeys=has_passkeys,
        enrolment=enrolment,
        picture=qr_code(enrolment.address) if enrolment else "",
    )
