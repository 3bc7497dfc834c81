"""The patients' pages, under /p: small, server-rendered, without script, opened by a private link.

Nothing of the patient stands on a page before the birth date was given. Whoever has given it is told so by a pass,
signed here and good for a quarter of an hour, which the page's own forms carry: no cookie is set. What a page is
about is decided by the link's purpose (`ROOMS`); a new purpose is a room of its own.
"""

from __future__ import annotations

from flask import Flask

from pharmacy.web.errors import speak_as
from pharmacy.web.patient import pages, stop_page
from pharmacy.web.patient.blueprint import PREFIX, blueprint, refusal_page

__all__ = ["PREFIX", "register"]

VIEWS = (pages, stop_page)


def register(app: Flask) -> None:
    """The pages, and their way of saying no."""
    app.register_blueprint(blueprint)
    speak_as(app, PREFIX, refusal_page)
