"""Patients' pages say the same in every language: no sentence is missing, and each puts in what the other does."""

from collections.abc import Iterator, Mapping
from datetime import date
from string import Formatter
from typing import Any

import pytest

from pharmacy.domain.check_ins import CheckInAnswer
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.page_phrases import PAGES, day_in_full
from pharmacy.domain.pricing import LineKind

# What is said the same way in both.
SAME = {"price.total"}
others = pytest.mark.parametrize("language", sorted(set(Language) - {Language.ENGLISH}))


def sentences(place: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every sentence by its key: "entry.heading", "check_in.answers.fine"."""
    if isinstance(place, str):
        yield path.removeprefix("."), place
    elif isinstance(place, Mapping):
        for key, each in place.items():
            yield from sentences(each, f"{path}.{key}")
    elif hasattr(place, "_asdict"):
        yield from sentences(place._asdict(), path)
    else:
        for position, each in enumerate(place):
            yield from sentences(each, f"{path}.{position}")


def put_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_language_that_we_write_has_its_pages() -> None:
    assert set(PAGES) == set(Language)


@others
def test_no_key_lacks_its_sentence_and_none_was_left_in_english(language: Language) -> None:
    english, other = (dict(sentences(PAGES[each])) for each in (Language.ENGLISH, language))

    assert other.keys() == english.keys()
    assert all(each.strip() for each in other.values())
    # The parts of a date stand in the order of the language.
    worded = {key for key in english if not key.startswith(("entry.fields", "price.lines"))}
    assert {key for key in worded if english[key] == other[key]} == SAME


@others
def test_every_sentence_puts_in_what_the_english_one_does(language: Language) -> None:
    english, other = (dict(sentences(PAGES[each])) for each in (Language.ENGLISH, language))
    for key in english.keys() - {f"price.lines.{kind}" for kind in LineKind}:
        assert put_in(other[key]) == put_in(english[key]), key


@pytest.mark.parametrize("language", Language)
def test_every_answer_and_every_line_of_a_price_has_its_words(language: Language) -> None:
    pages = PAGES[language]

    assert set(pages.check_in.answers) == set(CheckInAnswer)
    assert set(pages.price.lines) == set(LineKind)
    assert sorted(name for name, _ in pages.entry.fields) == ["day", "month", "year"]
    assert (len(pages.dates.weekdays), len(pages.dates.months)) == (7, 12)


def test_the_advice_in_spanish_is_word_for_word_what_was_reviewed() -> None:
    """A word that falls out here, such as the first of the third sentence, could hurt somebody."""
    advice = PAGES[Language.SPANISH].advice

    assert advice.emergency == "En una emergencia llame al 911"
    assert advice.emergency_is.endswith(
        "También puede llamar o enviar un mensaje de texto al 988 a cualquier hora."
    )
    assert advice.opioids == (
        "No tome medicinas opioides para el dolor, la tos o la diarrea, ni nada que contenga un opioide, sin hablar "
        "antes con nosotros. Si tomó una, o le van a operar, llámenos antes de su próxima dosis."
    )
    assert advice.double_dose.startswith("Nunca tome una dosis doble.")


def test_the_advice_in_english_forbids_what_it_must() -> None:
    advice = PAGES[Language.ENGLISH].advice

    assert "911" in advice.emergency
    assert "call or text 988" in advice.emergency_is
    assert advice.opioids.startswith("Do not take opioid")
    assert advice.double_dose.startswith("Never take a double dose.")


def test_a_day_is_said_in_full() -> None:
    day = date(2026, 12, 2)

    assert day_in_full(day, Language.ENGLISH) == "Wednesday, 2 December"
    assert day_in_full(day, Language.SPANISH) == "miércoles 2 de diciembre"
