"""The console for staff, under /console: pages made here, one stylesheet, one small script.

Views read the books and hand rows to presenters; presenters are pure and decide every word; templates place
what they are given. Every form bears a token against forgery, and every page works without the script.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, redirect, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect

from pharmacy.web.console import (
    acts,
    adjusting,
    answers,
    bench,
    counter,
    entries,
    figures,
    language,
    openings,
    order,
    packet,
    payments,
    prices,
    proposals,
    queue,
    review,
    sign_in,
    verification,
    views,
)
from pharmacy.web.console.blueprint import PREFIX, blueprint
from pharmacy.web.console.entry_form import READS_ORDER, ReadsOrder
from pharmacy.web.console.error_page import error_page
from pharmacy.web.console.presence import let_in
from pharmacy.web.errors import speak_as
from pharmacy.web.guards import public
from pharmacy.web.strict_json import require_keepable_text

__all__ = ["register"]

ROOMS = (
    sign_in,
    queue,
    order,
    acts,
    answers,
    bench,
    review,
    verification,
    counter,
    entries,
    adjusting,
    figures,
    packet,
    views,
    openings,
    proposals,
    prices,
    payments,
)
_FORGED = "This form has lain open too long, or was not ours. Go back, load the page again, and repeat what you did."
_csrf = CSRFProtect()


def register(app: Flask, read_order: ReadsOrder) -> None:
    """The rooms of the console, and the way to them from the front door.

    `read_order` reads what staff typed as the API reads an order: the same fields, the same refusals.
    """
    app.extensions[READS_ORDER] = read_order
    # The API proves its callers otherwise; forms of the console are checked below, all of them.
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    _csrf.init_app(app)
    language.register(app)
    app.register_blueprint(blueprint)
    app.add_url_rule("/", "front_door", _front_door)
    speak_as(app, PREFIX, error_page)


@public("leads to the console, which asks who comes")
def _front_door() -> Any:
    return redirect(url_for("console.queue_page"), code=303)


@blueprint.before_request
def _check() -> Any:
    """Forms are ours and keepable, and whoever comes may come."""
    if request.method == "POST":
        for name, value in request.form.items(multi=True):
            require_keepable_text(name)
            require_keepable_text(value)
        _csrf.protect()
    return let_in()


@blueprint.errorhandler(CSRFError)
def _forged(_: CSRFError) -> Response:
    return error_page(400, _FORGED, {})


@blueprint.after_request
def _never_kept(response: Response) -> Response:
    """Pages about patients stay in no cache, and are nobody's but the person's who is signed in."""
    response.headers["Cache-Control"] = "no-store"
    return response
