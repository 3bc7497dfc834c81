"""What all patients' pages have in common: never kept, never named elsewhere, and one way of speaking.

A page speaks the language of the patient whose link it is. A refusal often knows no patient: it says the same in every
language that we have, the browser's first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from pharmacy.domain.label_phrases import Language
from pharmacy.domain.page_phrases import PAGES
from pharmacy.domain.page_words import Refusals
from pharmacy.store.private_links import PrivateLink
from pharmacy.web.current import the_pharmacy
from pharmacy.web.strict_json import require_keepable_text

PREFIX = "/p"

blueprint = Blueprint("patient", __name__, url_prefix=PREFIX, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Visit:
    """A link in the hands of whom it is for: the language that they read, and the pass that their forms carry."""

    link: PrivateLink
    language: Language
    given_pass: str


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


def page(name: str, language: Language, **told: Any) -> str:
    """The page of that name in that language; `words` are its sentences."""
    return render_template(
        f"patient/{name}.html", house=_house(), language=language, words=PAGES[language], **told
    )


def refusal_page(status: int, sentence: str, headers: Mapping[str, str]) -> Response:
    """The refusal as a page of its own, with whom to call; the door's own sentence is not for patients."""
    languages = sorted(Language, key=lambda each: each != _of_browser())
    said = [(each, *_said(status, PAGES[each].refusals), PAGES[each].refusals.call) for each in languages]
    response = make_response(page("refusal", languages[0], said=said), status)
    response.headers.extend(headers)
    return private(response)


def closed_page(language: Language) -> str:
    """The link was tried too often."""
    refusals = PAGES[language].refusals
    return page("refusal", language, said=[(language, *refusals.closed, refusals.call)])


def _said(status: int, refusals: Refusals) -> tuple[str, str]:
    match status:
        case HTTPStatus.NOT_FOUND:
            return refusals.no_link
        case HTTPStatus.CONFLICT:
            return refusals.changed
        case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
            return refusals.busy
        case _:
            return refusals.other


def _of_browser() -> Language:
    return Language(request.accept_languages.best_match(list(Language)) or Language.ENGLISH)


def _house() -> dict[str, str]:
    """The pharmacy's name and telephone, for every page."""
    identity = the_pharmacy().imprint.identity
    return {"name": identity.name, "phone": identity.phone}
