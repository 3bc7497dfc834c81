"""How the console says no: a page in words, with the way back."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Response, make_response, render_template

from pharmacy.web.console.language import lazy_gettext

_HEADINGS: Mapping[int, str] = {
    400: lazy_gettext("That could not be read"),
    403: lazy_gettext("That is not yours to do"),
    404: lazy_gettext("There is nothing here"),
    405: lazy_gettext("That is not how this page works"),
    409: lazy_gettext("Something has changed"),
    413: lazy_gettext("That was too much at once"),
    422: lazy_gettext("That does not fit"),
    500: lazy_gettext("Something broke, and it is our mistake"),
    503: lazy_gettext("The books are closed for a moment"),
}


def error_page(status: int, sentence: str, headers: Mapping[str, str]) -> Response:
    """The refusal as a page of its own."""
    heading = _HEADINGS.get(status, HTTPStatus(status).phrase)
    page = make_response(render_template("console/refusal.html", heading=heading, sentence=sentence), status)
    page.headers.extend(headers)
    return page
