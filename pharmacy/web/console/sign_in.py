"""Coming in and going out."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for

from pharmacy.store.waits import told_apart
from pharmacy.usecases.open_demo import DEMO_PASSWORD, DEMO_STAFF
from pharmacy.usecases.sign_in import SeenBy, SignedIn, TooManyTries, sign_in
from pharmacy.usecases.sign_out import sign_out
from pharmacy.web.console.blueprint import PREFIX, blueprint
from pharmacy.web.console.presence import give_key, take_key, the_actor, the_key
from pharmacy.web.console.words import ROLE_WORDS
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import half_way, public

LONGEST_PASSWORD = 1000
_LONGEST_NAME = 100


@blueprint.get("/sign-in")
@public("here a member of staff says who they are")
def sign_in_page() -> Any:
    """The form."""
    return _form(request.args.get("next", ""))


@blueprint.post("/sign-in")
@public("here a member of staff proves who they are")
def come_in() -> Any:
    """In, or on to the second factor, with a key in the browser; or the form again, saying why not."""
    username, password = _typed()
    onward = request.form.get("next", "")
    pharmacy = the_pharmacy()
    seen = SeenBy(door="console", browser=request.user_agent.string)
    with told_apart(), pharmacy.sessions.write() as session:
        answer = sign_in(session, username, password, seen, by=pharmacy.clockwork, now=pharmacy.clock())
    if not isinstance(answer, SignedIn):
        status = 429 if isinstance(answer, TooManyTries) else 403
        return _form(onward, username=username, refusal=str(answer)), status
    there = safe(onward) if answer.due is None else url_for("console.second_factor_page", next=onward or None)
    response = make_response(redirect(there, code=303))
    give_key(response, answer.key)
    return response


@blueprint.post("/sign-out")
@half_way
def leave() -> Any:
    """Out: the key opens nothing any more, here or anywhere."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        sign_out(session, the_key(), by=the_actor(), now=pharmacy.clock())
    response = make_response(redirect(url_for("console.sign_in_page"), code=303))
    take_key(response)
    return response


def _typed() -> tuple[str, str]:
    """Name and password as they were typed; what is longer than any of ours cannot be right."""
    username = request.form.get("username", "").strip()[:_LONGEST_NAME]
    return username, request.form.get("password", "")[:LONGEST_PASSWORD]


def _form(onward: str, *, username: str = "", refusal: str = "") -> str:
    is_demo = the_pharmacy().is_demo
    return render_template(
        "console/sign_in.html",
        onward=onward,
        username=username,
        refusal=refusal,
        demo=[(login.username, ROLE_WORDS[login.role]) for login in DEMO_STAFF] if is_demo else [],
        demo_password=DEMO_PASSWORD if is_demo else "",
    )


def safe(onward: str) -> str:
    """Where they wanted to go, if that is a page of the console; the queue otherwise."""
    onward = onward.partition("?")[0]
    is_ours = onward.startswith(f"{PREFIX}/") and "//" not in onward and "\\" not in onward
    return onward if is_ours and onward.isprintable() else url_for("console.queue_page")
