"""The content of a label as words, facts and sentences that flow, every character checked.

A fact is kept together with its caption; a sentence may break at its blanks. What the typeface cannot show is
refused here, by field and character, before anything is laid out.
"""

import unicodedata
from collections.abc import Iterable

from pharmacy.domain.labels import COMPOUNDED_BY_THIS_PHARMACY, LabelContent
from pharmacy.gateways import label_type
from pharmacy.gateways.label_layout import Line, Wording, fact, phrase, sentence, words
from pharmacy.gateways.label_type import Weight
from pharmacy.usecases.ports import UnprintableCharacter

# Of labels that were made before they said it themselves.
_FOR = "For:"
NOT_YET = "not yet assigned"


def wording_of(content: LabelContent) -> Wording:
    """The content as words and facts, every character checked."""
    purpose = f"{content.purpose_lead or _FOR} {content.purpose}" if content.purpose else ""
    # That we made it is a fact about the vial; what remains are warnings.
    warnings = [text for text in content.auxiliary if text != COMPOUNDED_BY_THIS_PHARMACY]
    made_here = [text for text in content.auxiliary if text == COMPOUNDED_BY_THIS_PHARMACY]
    return Wording(
        names=(
            words("patient", said("patient", content.patient), Weight.BOLD),
            words("drug_and_strength", said("drug_and_strength", content.drug_and_strength), Weight.BOLD),
        ),
        directions=tuple(
            words("directions", said("directions", line), Weight.REGULAR) for line in content.directions
        ),
        purpose=words("purpose", said("purpose", purpose), Weight.REGULAR),
        facts=(*_facts(content), *_phrases("auxiliary", made_here, Weight.BOLD)),
        notes=_notes(content),
        warnings=tuple(sentence("auxiliary", said("auxiliary", text), Weight.REGULAR) for text in warnings),
        pharmacy=(
            *words("pharmacy_name", said("pharmacy_name", content.pharmacy_name), Weight.BOLD),
            *_phrases("pharmacy_address", [content.pharmacy_address], Weight.REGULAR),
            *_phrases("pharmacy_phone", [content.pharmacy_phone], Weight.REGULAR),
        ),
    )


def _facts(content: LabelContent) -> Line:
    return (
        *fact("rx_number", "Rx", said("rx_number", content.rx_number)),
        *fact("filled_on", "Filled", said("filled_on", content.filled_on)),
        *fact("quantity", "Qty", said("quantity", content.quantity)),
        *_phrases("refills_left", [content.refills_left], Weight.BOLD),
        *_phrases("reprint", [content.reprint] if content.reprint else [], Weight.BOLD),
        *fact("prescriber", "Prescriber", said("prescriber", content.prescriber)),
        *(fact("pharmacist", "RPh", said("pharmacist", content.pharmacist)) if content.pharmacist else ()),
        *fact("lot", "Lot", said("lot", content.lot or NOT_YET)),
        *fact("beyond_use", "Do not use after", said("beyond_use", content.beyond_use or NOT_YET)),
    )


def _notes(content: LabelContent) -> tuple[Line, ...]:
    """The dates of the steps, what is in the vial to the eye, and the directions in English for whoever checks them."""
    texts = {
        "step_text": _not_said_yet(content),
        "description": content.description,
        "english_directions": " ".join(content.english_directions),
    }
    return tuple(
        phrase(label_field, said(label_field, text), Weight.REGULAR)
        for label_field, text in texts.items()
        if text
    )


def _not_said_yet(content: LabelContent) -> str:
    """The steps with their dates; nothing where the directions say the same and no date is known."""
    return "" if f"{content.step_text}:" in content.directions else content.step_text


def _phrases(label_field: str, texts: Iterable[str], weight: Weight) -> Line:
    return tuple(atom for text in texts for atom in phrase(label_field, said(label_field, text), weight))


def said(label_field: str, text: str) -> str:
    """The text as it will be set. Raises UnprintableCharacter."""
    joined = unicodedata.normalize("NFC", text)
    missing = label_type.first_unprintable(joined)
    if missing is not None:
        raise UnprintableCharacter(label_field, missing)
    return joined
