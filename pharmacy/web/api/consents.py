"""What patients agree to, word for word."""

from __future__ import annotations

from typing import Any

from pharmacy.domain.label_phrases import Language
from pharmacy.domain.orders import Role
from pharmacy.store import consents as books
from pharmacy.usecases.add_consent_text import NewConsentText, add_consent_text
from pharmacy.web.api.notice_shapes import ConsentTextInput, ConsentTextsOutput
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading
from pharmacy.web.wording import worded_by

blueprint = Blueprint(
    "consent-texts", __name__, url_prefix="/api/v1/consent-texts", description="Texts of consent"
)


@blueprint.get("")
@needs_staff()
@blueprint.response(200, ConsentTextsOutput)
def listing() -> Any:
    """Every text that a patient may have been read, newest first."""
    with staff_reading() as (session, _):
        return {"texts": books.texts(session)}


@blueprint.post("")
@needs_staff(Role.PHARMACIST_IN_CHARGE)
@blueprint.arguments(ConsentTextInput())
@blueprint.response(201, ConsentTextsOutput)
def add(asked: dict[str, str]) -> Any:
    """A new version; no version is ever changed."""
    new = NewConsentText(
        version=asked["version"],
        wordings={Language.ENGLISH: asked["wording_en"], Language.SPANISH: asked["wording_es"]},
    )
    return staff_answer_once(
        lambda session, actor: {
            "texts": add_consent_text(session, new, by=actor, now=the_pharmacy().clock())
        },
        worded_by(ConsentTextsOutput()),
    )
