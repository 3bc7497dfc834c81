"""Somebody's own account: where they are signed in, their password, their second factor.

What changes how they come in is signed with the password they have.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for

from pharmacy.domain.errors import NotFound, PharmacyError
from pharmacy.store import second_factors, staff
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.choose_password import change_password
from pharmacy.usecases.keep_staff import end_own_sign_in, remove_own_factor
from pharmacy.usecases.passkeys import MadePasskey, keep_passkey, offer_passkey, remove_passkey
from pharmacy.usecases.second_factor import new_recovery_codes, waiting_enrolment
from pharmacy.usecases.sign_in_policy import sign_in_policy
from pharmacy.web.console.account_shown import account_shown
from pharmacy.web.console.blueprint import PREFIX, blueprint
from pharmacy.web.console.forms import Form, given
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import LANGUAGE_COOKIE, LANGUAGES, language
from pharmacy.web.console.password_room import meter, password_typed
from pharmacy.web.console.presence import the_actor, the_key, the_member, the_sign_in
from pharmacy.web.console.second_factor_room import LONGEST_CREDENTIAL, qr_code, show_codes
from pharmacy.web.console.signature import require_signature
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import signed_in

_LONGEST_NAME = 60


@blueprint.get("/account")
@signed_in
def account_page() -> Any:
    """The account of whoever is at work."""
    return _page({})


@blueprint.post("/account/sign-ins/<uuid:session_id>/end")
@signed_in
def end_sign_in(session_id: UUID) -> Any:
    """That sign-in of mine has ended. One that is not mine is not there."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        end_own_sign_in(session, session_id, by=the_actor(), now=pharmacy.clock())
    return _back("sign-ins")


@blueprint.post("/account/password")
@signed_in
def new_password() -> Any:
    """My password is another, and my other sign-ins have ended; or the form again, saying why not."""
    pharmacy, form = the_pharmacy(), Form(name="password")
    try:
        require_signature()
        password = password_typed()
        with told_apart(), pharmacy.sessions.write() as session:
            change_password(session, the_key(), password, by=the_actor(), now=pharmacy.clock())
    except PharmacyError as refusal:
        return _refused("password", form, refusal, "password", "again", "signature")
    return _back("password")


@blueprint.post("/account/strength")
@signed_in
def own_strength() -> Any:
    """How hard the password that is being typed would be to guess."""
    with told_apart(), the_pharmacy().sessions.read() as session:
        return meter(session, the_member())


@blueprint.post("/account/recovery-codes")
@signed_in
def recovery_codes() -> Any:
    """Ten fresh recovery codes, shown once; or the page again, saying why not."""
    pharmacy = the_pharmacy()
    try:
        require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            codes = new_recovery_codes(session, by=the_actor(), now=pharmacy.clock())
    except PharmacyError as refusal:
        return _refused("codes", Form(name="codes"), refusal, "signature")
    return show_codes(codes, url_for("console.account_page"))


@blueprint.post("/account/authenticator/remove")
@signed_in
def remove_authenticator() -> Any:
    """My authenticator proves nothing any more; a new one can be set up."""
    pharmacy = the_pharmacy()
    try:
        require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            remove_own_factor(session, by=the_actor(), now=pharmacy.clock())
    except PharmacyError as refusal:
        return _refused("remove", Form(name="remove"), refusal, "signature")
    return _back("authenticator")


@blueprint.post("/account/passkeys/ask")
@signed_in
def passkey_offer() -> Any:
    """What the browser makes a passkey from; asked once the form was signed."""
    pharmacy = the_pharmacy()
    try:
        require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            asked = offer_passkey(session, the_key(), pharmacy.site, by=the_actor(), now=pharmacy.clock())
    except PharmacyError as refusal:
        return str(refusal), status_of(refusal), {"Content-Type": "text/plain; charset=utf-8"}
    return asked, {"Content-Type": "application/json"}


@blueprint.post("/account/passkeys")
@signed_in
def passkey_keep() -> Any:
    """The passkey that the browser made is mine from now on."""
    pharmacy = the_pharmacy()
    made = MadePasskey(given("credential")[:LONGEST_CREDENTIAL], given("name")[:_LONGEST_NAME])
    try:
        with told_apart(), pharmacy.sessions.write() as session:
            keep_passkey(session, the_key(), made, pharmacy.site, by=the_actor(), now=pharmacy.clock())
    except PharmacyError as refusal:
        return _refused("passkey", Form(name="passkey"), refusal, "name", "signature")
    return _back("passkeys")


@blueprint.post("/account/passkeys/<uuid:passkey_id>/remove")
@signed_in
def passkey_remove(passkey_id: UUID) -> Any:
    """That passkey of mine proves nothing any more."""
    pharmacy = the_pharmacy()
    try:
        require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            remove_passkey(session, passkey_id, by=the_actor(), now=pharmacy.clock())
    except NotFound:
        raise
    except PharmacyError as refusal:
        name = f"passkey-{passkey_id}"
        return _refused(name, Form(name=name), refusal, "signature")
    return _back("passkeys")


@blueprint.post("/account/language")
@signed_in
def choose_language() -> Any:
    """This browser reads the console in that language."""
    response = make_response(redirect(url_for("console.account_page"), code=303))
    if given("language") in LANGUAGES:
        secure = request.is_secure
        response.set_cookie(
            LANGUAGE_COOKIE, given("language"), path=PREFIX, httponly=True, samesite="Lax", secure=secure
        )
    return response


def _back(anchor: str) -> Any:
    return redirect(url_for("console.account_page", _anchor=anchor), code=303)


def _refused(name: str, form: Form, refusal: PharmacyError, *fields: str) -> Any:
    return _page({name: form.refused(refusal, fields)}), status_of(refusal)


def _page(forms: dict[str, Form]) -> str:
    pharmacy, member = the_pharmacy(), the_member()
    with told_apart(), pharmacy.sessions.read() as session:
        shown = _shown(session)
        around = frame(session, "account")
        shortest = sign_in_policy(session).shortest_password
        fresh = staff.member(session, member.id) or member
    enrolment = waiting_enrolment(fresh, pharmacy.vault)
    return render_template(
        "console/account.html",
        frame=around,
        account=shown,
        forms_by_name=forms,
        shortest=shortest,
        enrolment=enrolment,
        picture=qr_code(enrolment.address) if enrolment else "",
        languages=list(LANGUAGES.items()),
        can_have_passkeys=pharmacy.site.has_passkeys,
        language_form=Form.showing({"language": language()}),
        blank=lambda name: Form(name=name),
    )


def _shown(session: Session) -> Any:
    pharmacy, member = the_pharmacy(), the_member()
    policy, now = sign_in_policy(session), pharmacy.clock()
    sign_ins = [
        each
        for each in staff.sessions_of(session, member.id, since=now - policy.idle)
        if policy.holds(each, now)
    ]
    return account_shown(
        member,
        sign_ins,
        second_factors.passkeys_of(session, member.id),
        second_factors.codes_left(session, member.id),
        the_sign_in().id,
        pharmacy.zone,
    )
