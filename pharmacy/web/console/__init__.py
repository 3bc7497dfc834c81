"""The console for staff, under /console: pages made here, one stylesheet, one small script.

Views read the books and hand rows to presenters; presenters are pure and decide every word; templates place
what they are given. Every form bears a token against forgery, and every page works without the script.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect

from pharmacy.usecases.readings import put_readings_on_record
from pharmacy.web.console import (
    account,
    acts,
    adjusting,
    answers,
    audit,
    batch_list,
    bench,
    counter,
    emergency,
    entries,
    equipment_room,
    figures,
    formulations_room,
    labels_room,
    language,
    logs_room,
    notices_room,
    openings,
    order,
    packet,
    password_room,
    patient_notices,
    patients,
    payments,
    people,
    planner,
    prices,
    proposals,
    queue,
    recalls_room,
    receipt_room,
    review,
    second_factor_room,
    settings,
    sign_in,
    stock,
    tasks_room,
    verification,
    views,
)
from pharmacy.web.console.blueprint import PREFIX, blueprint
from pharmacy.web.console.entry_form import READS_ORDER, ReadsOrder
from pharmacy.web.console.error_page import error_page
from pharmacy.web.console.language import lazy_gettext
from pharmacy.web.console.names import named
from pharmacy.web.console.presence import let_in, the_actor
from pharmacy.web.current import operation_asked, patients_shown, the_pharmacy, watch_readings
from pharmacy.web.errors import speak_as
from pharmacy.web.guards import public
from pharmacy.web.strict_json import require_keepable_text

__all__ = ["register"]

ROOMS = (
    sign_in,
    second_factor_room,
    password_room,
    account,
    emergency,
    people,
    patients,
    settings,
    audit,
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
    labels_room,
    notices_room,
    patient_notices,
    figures,
    formulations_room,
    packet,
    views,
    openings,
    proposals,
    tasks_room,
    prices,
    payments,
    batch_list,
    planner,
    stock,
    receipt_room,
    equipment_room,
    logs_room,
    recalls_room,
)
_FORGED = lazy_gettext(
    "This form has lain open too long, or was not ours. Go back, load the page again, and repeat what you did."
)
_csrf = CSRFProtect()
# A form that was refused shows the page it is on.
_SHOWN_AGAIN = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})
# Parts of a page that renew themselves.
_ASKED_AGAIN = frozenset({"console.labels_part"})


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
    app.add_template_filter(named)
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
    answer = let_in()
    watch_readings()
    return answer


@blueprint.errorhandler(CSRFError)
def _forged(_: CSRFError) -> Response:
    return error_page(400, _FORGED, {})


@blueprint.after_request
def _on_record(response: Response) -> Response:
    """Whose facts a page shows is on record before the page is answered; what a page asks again is not told twice."""
    is_page = response.status_code < HTTPStatus.MULTIPLE_CHOICES or response.status_code in _SHOWN_AGAIN
    view = current_app.view_functions.get(request.endpoint or "")
    is_asked_again = request.endpoint in _ASKED_AGAIN or getattr(view, "renews_itself", False)
    if "member" in g and is_page and not is_asked_again:
        pharmacy = the_pharmacy()
        put_readings_on_record(
            pharmacy.sessions, patients_shown(), operation_asked(), by=the_actor(), now=pharmacy.clock()
        )
    return response


@blueprint.after_request
def _never_kept(response: Response) -> Response:
    """Pages about patients stay in no cache, and are nobody's but the person's who is signed in."""
    response.headers["Cache-Control"] = "no-store"
    return response
