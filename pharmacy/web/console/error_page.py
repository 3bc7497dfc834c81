"""How the console says no: a page in words, with the way back."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Response, make_response, render_template

_HEADINGS: Mapping[int, str] = {
    400: "That could not be read",
    403: "That is not yours to do",
    404: "There is nothing here",
    405: "That is not how this page works",
    409: "Something has changed",
    413: "That was too much at once",
    422: "That does not fit",
    500: "Something broke, and it is our mistake",
    503: "The books are closed for a moment",
}


def error_page(status: int, sentence: str, headers: Mapping[str, str]) -> Response:
    """The refusal as a page of its own."""
    heading = _HEADINGS.get(status, HTTPStatus(status).phrase)
    page = make_response(render_template("console/refusal.html", heading=heading, sentence=sentence), status)
    page.headers.extend(headers)
    return page
