"""The console's language: every word for people goes through here, in templates and in presenters.

Templates say `{{ _("Sign in") }}` and `{% trans %}`, presenters `gettext` and, in tables that are made when the
module is read, `lazy_gettext`. A percent sign inside such a text is written twice: it is a template. Outside a
request a text stays as it is written, so that presenters can be tried without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Flask, request
from flask_babel import Babel, format_date, get_locale, lazy_gettext
from flask_babel import gettext as _gettext
from flask_babel import ngettext as _ngettext
from markupsafe import Markup

__all__ = [
    "LANGUAGES",
    "LANGUAGE_COOKIE",
    "english",
    "gettext",
    "language",
    "lazy_gettext",
    "ngettext",
    "register",
]

# A language is offered once its catalogue is whole: a page never says it is in another than its words are.
LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Español"}
LANGUAGE_COOKIE = "console_language"
_CATALOGUES = "web/translations"
_babel = Babel()


def gettext(text: str, **given: object) -> str:
    """The text in the language of this request, with what is given put in its places."""
    return str(_gettext(text, **given))


def ngettext(one: str, many: str, num: int, **given: object) -> str:
    """The one or the other text, as the number asks."""
    return str(_ngettext(one, many, num, **given))


def said_day(day: date, form: str) -> str:
    """The day in the language of this request; `form` as Unicode's date patterns have it ("EEE d MMM y")."""
    return str(format_date(day, form))


def register(app: Flask) -> None:
    """Texts are looked up in the catalogues under `pharmacy/web/translations`."""
    _babel.init_app(
        app,
        default_locale="en",
        default_translation_directories=_CATALOGUES,
        locale_selector=_chosen,
    )
    app.context_processor(lambda: {"language": language(), "in_english": _in_english()})
    app.add_template_filter(english)


def language() -> str:
    """The language of this request, as the page says it: "en"."""
    return str(get_locale() or "en")


def english(text: object) -> object:
    """Words of the record, which is kept in English; on a page in another language they are marked as English."""
    if not text or not _in_english():
        return text
    return Markup("<span{}>{}</span>").format(_in_english(), text)


def _in_english() -> Markup:
    """The attribute of what holds words of the record, on a page in another language."""
    return Markup("") if language() == "en" else Markup(' lang="en"')


def _chosen() -> str:
    """What the person chose in this browser; what the browser asks for otherwise, and English at last."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    wanted: Any = chosen if chosen in LANGUAGES else request.accept_languages.best_match(list(LANGUAGES))
    return str(wanted or "en")
