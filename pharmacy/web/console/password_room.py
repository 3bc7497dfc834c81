"""Choosing a password: by a link that holds once, with a meter that says how hard a guess would be.

The meter is asked of the server while somebody types; without a script the answer to the form says the same.
"""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from pharmacy.domain.errors import NotFound, PharmacyError
from pharmacy.store.staff import StaffMember
from pharmacy.store.waits import told_apart
from pharmacy.usecases.choose_password import (
    PasswordUnfit,
    choose_password,
    member_of_link,
    strength_of,
    words_about,
)
from pharmacy.usecases.sign_in_policy import sign_in_policy
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.language import gettext
from pharmacy.web.console.sign_in import LONGEST_PASSWORD
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import public


@blueprint.get("/set-password/<token>")
@public("whoever was given the link chooses a password by it, once")
def set_password_page(token: str) -> Any:
    """The form."""
    return _page(token, Form())


@blueprint.post("/set-password/<token>")
@public("whoever was given the link chooses a password by it, once")
def set_password(token: str) -> Any:
    """The password is chosen, and the sign-in asks for it; or the form again, saying why not."""
    pharmacy, form = the_pharmacy(), Form()
    try:
        with told_apart(), pharmacy.sessions.write() as session:
            choose_password(session, token, password_typed(), by=pharmacy.clockwork, now=pharmacy.clock())
    except NotFound:
        raise
    except PharmacyError as refusal:
        return _page(token, form.refused(refusal, ["password", "again"])), status_of(refusal)
    return redirect(url_for("console.sign_in_page"), code=303)


@blueprint.post("/set-password/<token>/strength")
@public("whoever was given the link chooses a password by it, once")
def strength(token: str) -> Any:
    """How hard the password that is being typed would be to guess."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        return meter(session, member_of_link(session, token, now=pharmacy.clock()))


def meter(session: Any, member: StaffMember) -> str:
    """The meter for what was typed."""
    password = request.form.get("password", "")[:LONGEST_PASSWORD]
    policy = sign_in_policy(session)
    told = strength_of(password, words_about(member), policy) if password else None
    return render_template("console/_strength.html", strength=told, shortest=policy.shortest_password)


def password_typed() -> str:
    """The password, typed twice alike. Raises PasswordUnfit."""
    password = request.form.get("password", "")[:LONGEST_PASSWORD]
    if password != request.form.get("again", "")[:LONGEST_PASSWORD]:
        raise PasswordUnfit(gettext("The two are not alike."), where=("again",))
    return password


def _page(token: str, form: Form) -> str:
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        member = member_of_link(session, token, now=pharmacy.clock())
        shortest = sign_in_policy(session).shortest_password
    return render_template(
        "console/set_password.html", form=form, token=token, member=member, shortest=shortest
    )
