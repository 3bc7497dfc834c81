"""The console in Spanish: every word of it is in the catalogue, and a page says in which language its words are."""

import ast
import io
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from flask import Flask

from local.catalogue import CATALOGUES, gathered, is_translated, read
from pharmacy.domain.orders import OrderStatus
from pharmacy.web.console import words
from pharmacy.web.console.language import LANGUAGE_COOKIE, LANGUAGES
from tests.web.console.pages import Console
from tests.work import Work

_TEMPLATES = Path(words.__file__).parent / "templates"
_PLACES = re.compile(r"%\((\w+)\)s")
# What kind of page it is goes into a class; of the rest nothing is shown as it stands in the template.
_JINJA = r"{%-?\s*trans.*?endtrans\s*-?%}|{% block page %}.*?{% endblock %}|{#.*?#}|{%.*?%}|{{.*?}}"
# Units, codes and names stand in every language as they are.
_SAME_EVERYWHERE = re.compile(r"&nbsp;|\b(Rx|mg|mL|USD|CSV|PDF|SHA|LDN pharmacy|Enter)\b")


@pytest.fixture(params=CATALOGUES, ids=lambda path: path.parent.parent.name)
def catalogue(request: pytest.FixtureRequest) -> tuple[Path, Catalog]:
    return request.param, read(request.param)


def _forms(message: Message) -> tuple[str, ...]:
    told = message.string
    return (told,) if isinstance(told, str) else tuple(told or ())


def test_every_language_that_is_offered_has_a_catalogue() -> None:
    assert {path.parent.parent.name for path in CATALOGUES} == set(LANGUAGES) - {"en"}


def test_a_catalogue_has_everything_that_is_said_and_nothing_else(catalogue: tuple[Path, Catalog]) -> None:
    """`make catalogue` gathers what is new; whoever says something new translates it."""
    _, kept = catalogue
    said = {message.id for message in gathered() if message.id}

    assert len(said) > 1_500
    assert {message.id for message in kept if message.id} == said
    assert [message.id for message in kept if message.id and not is_translated(message)] == []
    assert not kept.obsolete


def test_a_translation_has_the_places_of_its_text(catalogue: tuple[Path, Catalog]) -> None:
    """A number that fell out of a sentence could be a dose."""
    _, kept = catalogue
    for message in kept:
        if not message.id:
            continue
        text = message.id if isinstance(message.id, str) else message.id[-1]
        for form in _forms(message):
            assert set(_PLACES.findall(form)) == set(_PLACES.findall(text)), text
            assert re.findall(r"\d+", form) == re.findall(r"\d+", text), text
            assert (form[:1].isspace(), form[-1:].isspace()) == (text[:1].isspace(), text[-1:].isspace()), (
                text
            )


def test_what_the_application_reads_is_what_is_written(catalogue: tuple[Path, Catalog]) -> None:
    path, kept = catalogue
    compiled = io.BytesIO()
    write_mo(compiled, kept)

    assert path.with_suffix(".mo").read_bytes() == compiled.getvalue()


def _words_of_its_own(template: Path) -> Iterator[str]:
    """Texts between the tags, and in what a reader hears, that no catalogue is asked for."""
    source = re.sub(_JINJA, "\0", template.read_text(), flags=re.S)
    heard = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', source)
    shown = re.sub(r'<[^>]*>|[a-z-]+="[^"\0]*"?', "\0", source).split("\0")
    return (text.strip() for text in [*heard, *shown] if text.strip())


@pytest.mark.parametrize("template", sorted(_TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_a_template_has_no_words_of_its_own(template: Path) -> None:
    words_left = (_SAME_EVERYWHERE.sub("", text) for text in _words_of_its_own(template))
    assert [text for text in words_left if re.search(r"[^\W\d_]{2}", text)] == []


_MARKS = {"_", "gettext", "lazy_gettext", "ngettext"}
# marshmallow's own sentence, which is looked for and never shown.
_LOOKED_FOR = {"Missing data for required field."}


def _sentences_of_its_own(presenter: Path) -> Iterator[str]:
    """Sentences and beginnings of sentences that are neither docstrings, nor reasons of a guard, nor marked."""
    tree = ast.parse(presenter.read_text())
    spared: set[int] = set()
    for node in ast.walk(tree):
        inside: Iterable[ast.AST] = ()
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _MARKS:
            inside = node.args
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside = [node.value]
        elif isinstance(node, ast.FunctionDef):
            inside = node.decorator_list
        spared |= {id(each) for part in inside for each in ast.walk(part)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spared:
            yield from re.findall(r"^[A-Z][a-z]+ .*[.:,?]$", node.value)


@pytest.mark.parametrize("presenter", sorted(_TEMPLATES.parent.glob("*.py")), ids=lambda path: path.stem)
def test_a_presenter_says_no_sentence_that_no_catalogue_knows(presenter: Path) -> None:
    assert set(_sentences_of_its_own(presenter)) - _LOOKED_FOR == set()


def test_a_browser_that_asks_for_spanish_gets_it(app: Flask) -> None:
    answer = app.test_client().get("/console/sign-in", headers={"Accept-Language": "es-US,es;q=0.9"})

    assert '<html lang="es"' in answer.text
    assert "Iniciar sesión" in answer.text
    assert "Sign in" not in answer.text


def test_a_browser_that_asks_for_neither_gets_english(app: Flask) -> None:
    answer = app.test_client().get("/console/sign-in", headers={"Accept-Language": "pt-BR,pt"})

    assert '<html lang="en"' in answer.text
    assert "Sign in" in answer.text


def test_an_order_in_spanish_has_the_same_numbers_and_marks_what_stays_english(
    work: Work, at_work: Callable[[str], Console]
) -> None:
    order_id = work.bring_to(OrderStatus.QUEUED)
    tess = at_work("tess")
    english = tess.order(order_id).text
    tess.client.set_cookie(LANGUAGE_COOKIE, "es", path="/console")

    spanish = tess.order(order_id).text

    assert "En cola" in spanish
    assert "lun 23 nov 2026" in spanish
    assert "Mon 23 Nov 2026" in english
    assert '<p class="formula"><span lang="en">' in spanish
    assert _quantities(spanish) == _quantities(english)


def _quantities(page: str) -> list[tuple[str, str]]:
    """Every amount on the page; days, which are said in words, are left out."""
    return re.findall(r'<span class="whole">(-?[0-9]+)</span><span class="fraction">([^<]*)', page)
