"""What all patients' pages have in common: never kept, never named elsewhere, and one way of saying no."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, Response, make_response, render_template, request

from pharmacy.web.current import the_pharmacy
from pharmacy.web.strict_json import require_keepable_text

PREFIX = "/p"

blueprint = Blueprint("patient", __name__, url_prefix=PREFIX, template_folder="templates")

_HEADINGS: Mapping[int, str] = {
    HTTPStatus.NOT_FOUND: "This link does not work",
    HTTPStatus.CONFLICT: "Something has changed",
}


@blueprint.before_request
def _check() -> None:
    """What is typed can be kept."""
    for name, value in request.form.items(multi=True):
        require_keepable_text(name)
        require_keepable_text(value)


@blueprint.after_request
def private(response: Response) -> Response:
    """The address is a secret: no cache keeps the page, no other site is told where its reader came from."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def house() -> dict[str, str]:
    """The pharmacy's name and telephone, for every page."""
    identity = the_pharmacy().imprint.identity
    return {"name": identity.name, "phone": identity.phone}


def refusal_page(status: int, sentence: str, headers: Mapping[str, str]) -> Response:
    """The refusal as a page of its own, with whom to call."""
    heading = _HEADINGS.get(status, "That did not work")
    page = make_response(
        render_template("patient/refusal.html", heading=heading, sentence=sentence, house=house()), status
    )
    page.headers.extend(headers)
    return private(page)
