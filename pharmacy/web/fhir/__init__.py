"""The FHIR R4 face, under /fhir/r4: a border, and nothing of FHIR passes it.

What comes in is read strictly into the same commands as at the REST door (`medication_request`), what goes out is
put together from records (`resources`); both are pure. An element that is not understood is refused with its
place, because the one that is passed over may be the one that halves the dose.
"""

from __future__ import annotations

from flask import Flask

from pharmacy.domain.errors import PharmacyError
from pharmacy.web.errors import speak_as
from pharmacy.web.fhir import cds_hooks
from pharmacy.web.fhir.element import NotUnderstood
from pharmacy.web.fhir.outcome import refused_as_read, refused_by_rule, worded
from pharmacy.web.fhir.views import PREFIX, blueprint

__all__ = ["PREFIX", "register"]

for face in (blueprint, cds_hooks.blueprint):
    face.register_error_handler(NotUnderstood, refused_as_read)
    face.register_error_handler(PharmacyError, refused_by_rule)


def register(app: Flask) -> None:
    """The addresses, and their way of saying no."""
    app.register_blueprint(blueprint)
    app.register_blueprint(cds_hooks.blueprint)
    speak_as(app, "/fhir", worded)
    speak_as(app, cds_hooks.PREFIX, worded)
