"""Every notice in both languages: one text message, the pharmacy and its telephone, and never what is taken or why.

The texts are kept in test-output/messages, for a person to read.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.label_phrases import Language
from pharmacy.domain.notice_phrases import ANSWERS, FRAMES, STEPS, WORDINGS
from pharmacy.domain.notice_texts import (
    NoticeText,
    Sender,
    StepNews,
    fits_sms,
    in_gsm,
    notice_text,
    sms_text,
    step_words,
)
from pharmacy.domain.notices import NoticeKind, Start
from pharmacy.domain.supply import Window, own_strength
from tests.domain.plans import usual_plan

OUTPUT = Path(__file__).parents[2] / "test-output" / "messages"
HOUSE = Sender("Example Pharmacy", "(555) 010-0000")
LINK = "https://pharmacy.example/p/" + "x" * 22
TODAY = date(2026, 3, 3)
TOLD = sorted(set(NoticeKind) - {NoticeKind.RENEWAL, NoticeKind.STEP})
NEVER = re.compile(r"naltrexon|ldn|opioid|fibromyalg|adicc|addict|\bmg\b|\bmcg\b|[áíóúÁÍÓÚ]")
each_language = pytest.mark.parametrize("language", Language)


def _news(language: Language, begins_on: date, start: Start) -> StepNews:
    words = step_words(own_strength(usual_plan(), Window(1, 30)), 2, language)
    return StepNews(words=words, begins_on=begins_on, told_on=TODAY, start=start)


def every_text(language: Language) -> Iterator[tuple[str, NoticeText]]:
    """Every text by a name, the step in each of its four ways."""
    for kind in TOLD:
        yield kind, notice_text(kind, HOUSE, language=language)
    for name, days, start in (
        ("step-tomorrow", 1, Start.CONFIRMED),
        ("step-begins", 3, Start.CONFIRMED),
        ("step-began", -2, Start.CONFIRMED),
        ("step-asked", 1, Start.ASSUMED),
    ):
        news = _news(language, TODAY + timedelta(days=days), start)
        yield name, notice_text(NoticeKind.STEP, HOUSE, news, language)


@each_language
def test_every_message_is_kept_for_a_person_to_read(language: Language) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    shown = []
    for name, text in every_text(language):
        sms = sms_text(text, LINK, language)
        assert sms is not None, name
        shown.append(
            f"== {name}\nSubject: {text.subject}\n{text.body}\n[{text.link_words}]\nSMS {len(sms)}: {sms}\n"
        )
    shown += [f"== answer to a text message\nSMS {len(each)}: {each}\n" for each in ANSWERS[language]]
    (OUTPUT / f"texts-{language}.txt").write_text("\n".join(shown))


@each_language
@pytest.mark.parametrize("link", [LINK, None])
def test_every_text_message_is_one_of_160_places_that_names_the_pharmacy(
    language: Language, link: str | None
) -> None:
    for name, text in every_text(language):
        sms = sms_text(text, link, language)
        assert sms is not None, name
        assert fits_sms(sms), name
        assert HOUSE.name in sms, name
        assert HOUSE.phone in sms, name
        assert sms.endswith(in_gsm(FRAMES[language].opt_out)), name
        assert NEVER.search(sms.casefold()) is None, name


@each_language
def test_no_message_names_drug_strength_or_condition(language: Language) -> None:
    for name, text in every_text(language):
        said = in_gsm(f"{text.subject} {text.body} {text.link_words}").casefold()
        assert NEVER.search(said) is None, name
        assert HOUSE.phone in text.body, name


def test_spanish_has_what_english_has_with_the_same_things_put_in() -> None:
    for table in (WORDINGS, STEPS, FRAMES, ANSWERS):
        english, spanish = (table[language] for language in Language)
        for one, other in zip(_texts(english), _texts(spanish), strict=True):
            assert bool(one) == bool(other), (one, other)
            assert set(re.findall(r"{\w+}", one)) == set(re.findall(r"{\w+}", other)), (one, other)


def test_a_spanish_step_is_told_in_the_words_of_the_label() -> None:
    texts = dict(every_text(Language.SPANISH))

    assert texts["step-tomorrow"].body == (
        "Mañana: Paso 2, 1 cápsula al acostarse. ¿Preguntas? Example Pharmacy, (555) 010-0000."
    )
    assert "empieza el vie 6 mar" in texts["step-begins"].body
    assert "empezó el dom 1 mar" in texts["step-began"].body
    assert "empezo el dom 1 mar" in (sms_text(texts["step-began"], None, Language.SPANISH) or "")


@each_language
def test_answers_to_text_messages_fit_one_and_tell_the_way_out(language: Language) -> None:
    for said in ANSWERS[language]:
        text = in_gsm(said.format(name=HOUSE.name, phone=HOUSE.phone))
        assert fits_sms(text)
        assert HOUSE.name in text


@given(st.text(alphabet="áéíóúñ¿¡ÁÉÍÓÚÑ abc", max_size=60))
def test_spanish_letters_always_find_a_place_in_a_text_message(said: str) -> None:
    assert fits_sms(in_gsm(said))


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for key in sorted(part):
            yield from _texts(part[key])
    elif isinstance(part, tuple):
        for each in part:
            yield from _texts(each)
