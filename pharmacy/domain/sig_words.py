"""The words and abbreviations in which prescribers write directions, each found with its place in the text.

Nothing is decided here: a text becomes a row of tokens, and what no pattern knows becomes a token too, so that
nobody can overlook it. Numbers are taken exactly as they stand; a month is not taken as a number of days, because
it is 28 to 31 of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

MOST_CHARACTERS = 2000


class Word(StrEnum):
    """What a token is."""

    DRUG = "drug"
    STRENGTH = "strength"
    DOSE = "dose"
    COUNT = "count"
    QUANTITY = "quantity"
    REFILLS = "refills"
    TIME = "time of day"
    ONCE_A_DAY = "once a day, at a time not said"
    DURATION = "duration"
    SPAN = "days"
    OPEN = "without end"
    INCREASE = "increase"
    TARGET = "up to"
    AND = "and"
    FILLING = "filling"
    UNFIT = "unfit"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Token:
    """Characters `start` to `end` (excluded) of the text, what they are, and the groups that were found."""

    word: Word
    start: int
    end: int
    text: str
    parts: tuple[str, ...] = ()


_N = r"(\d{1,4}(?:\.\d{1,4})?|\.\d{1,4})"
_MASS = r"(mg|mcg|ug|\u00b5g|\u03bcg|milligrams?|micrograms?)\b"
_FORM = r"(?:caps?|capsules?|tabs?|tablets?)\b"
_DAYS = r"(days?|d|weeks?|wks?|w)\b"
_TO = r"\s*(?:-|\u2013|to|or)\s*"
_NUMBER_WORD = r"(one|two|three|four|five|six|seven|eight|nine)"
NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), start=1
    )
}

# The first pattern that fits wins: the longer readings stand before the shorter.
_PATTERNS: tuple[tuple[Word, str], ...] = (
    (Word.DRUG, r"(?:ldn|low[- ]dose naltrexone|naltrexone(?:\s+(?:hcl|hydrochloride))?)\b"),
    # "1,500 mcg" and "1,5 mg": whether the comma parts thousands, decimals or words is nobody's to guess.
    (Word.UNFIT, rf"\d+(?:,\d+)+(?:\.\d+)?\s*(?:{_MASS}|{_FORM})"),
    (Word.QUANTITY, r"(?:#|(?:qty|quantity|dispense|disp)\b[:.\s]*#?)\s*(\d{1,4})(?![\d.])"),
    (Word.REFILLS, r"(?:refills?|rf)\b[:\s]*(\d{1,2})(?![\d.])|(\d{1,2})\s*refills?\b"),
    (
        Word.UNFIT,
        r"(?:as|if)\s+(?:tolerated|needed|directed)\b|prn\b|per\s+protocol\b|use\s+as\s+directed\b|titrate\b(?!\s+(?:up\s+)?by)",
    ),
    (
        Word.SPAN,
        r"(days?|weeks?|wks?)\s*(\d{1,3})\s*(?:-|\u2013|to|through|thru)\s*(?:day\s*|week\s*)?(\d{1,3})(?![\d.])\s*:?",
    ),
    (Word.SPAN, r"(day|week|wk)\s*(\d{1,3})(?![\d.])\s*(?:\+|on(?:wards?)?\b|and\s+(?:after|on)\b)"),
    (Word.SPAN, r"(week|wk)\s*(\d{1,2})(?![\d.])\s*:?"),
    (Word.UNFIT, rf"{_N}\s*(?:mg|mcg)?{_TO}{_N}\s*(?:{_MASS}|{_FORM})"),
    (Word.UNFIT, rf"(?:x|\u00d7|for)?\s*{_N}{_TO}{_N}\s*(?:days?|d|weeks?|wks?|w|months?|mo)\b"),
    (Word.UNFIT, r"(?:x|\u00d7|for)?\s*(?:\d+|a|one)\s*(?:months?|mos?)\b|monthly\b"),
    (
        Word.INCREASE,
        rf"(?:increase|inc|titrate(?:\s+up)?|go\s+up)\s+by\s+{_N}\s*{_MASS}\s*"
        rf"(?:(weekly|every\s+week|qwk?|daily|every\s+day|every\s+other\s+week)|(?:every|q)\s*(\d{{1,3}})\s*{_DAYS})",
    ),
    (Word.TARGET, rf"(?:(?:up\s+)?to|until|max(?:imum)?(?:\s+(?:of|dose))?:?)\s*{_N}\s*{_MASS}"),
    (Word.STRENGTH, rf"{_N}\s*{_MASS}\s*{_FORM}"),
    (Word.DOSE, rf"{_N}\s*{_MASS}"),
    (Word.DURATION, rf"(?:x|\u00d7|for)\s*(\d{{1,3}}|a|one|two|three|four)\s*(?:more\s+)?{_DAYS}"),
    (Word.COUNT, rf"(?:{_N}|{_NUMBER_WORD})\s*{_FORM}"),
    (
        Word.TIME,
        r"(?:at\s+|every\s+|each\s+)?(?:bedtime|night)\b|nightly\b|q\.?h\.?s\.?\b|hs\b|h\.s\.|qpm\b|qnoc\b",
    ),
    (Word.TIME, r"(?:in\s+the\s+|every\s+|each\s+)(morning)\b|q\.?(am)\b|q\.?(a\.m\.)"),
    (Word.TIME, r"(b\.?i\.?d)\.?(?![a-z])|(twice\s+(?:daily|a\s+day))\b|(two\s+times\s+(?:daily|a\s+day))\b"),
    (Word.ONCE_A_DAY, r"(?:once\s+)?daily\b|once\s+a\s+day\b|q\.?d\b\.?|every\s+day\b|od\b"),
    (Word.OPEN, r"thereafter\b|ongoing\b|indefinitely\b|(?:and\s+)?continue\b|maintenance\b|and\s+stay\b"),
    (
        Word.COUNT,
        rf"{_N}(?=\s*(?:po\b|p\.o\.|by\s+mouth|q|hs\b|h\.s\.|at\b|in\s+the|every|nightly|bid|b\.i\.d|daily|twice|x\s*\d|\u00d7|for\s|thereafter|then\b|,|;|$))",
    ),
    (Word.AND, r"(?:and|&|\+|plus)(?!\s*then)"),
    (
        Word.FILLING,
        r"(?:take|sig|start|begin|with|at|then|next|and\s+then|t|po|p\.o\.|by\s+mouth|orally|oral|a|day|of|on|the|each|per|compounded)\b[:.]?|->|\u2192|[,;:.()/\-\u2013]",
    ),
)
_ALL = re.compile(
    "|".join(f"(?P<p{place}>{pattern})" for place, (_, pattern) in enumerate(_PATTERNS)), re.IGNORECASE
)
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\s,;:()]+")


def tokens_of(text: str) -> tuple[Token, ...]:
    """The text word by word; every character that is not white space is in exactly one token.

    >>> [token.word.value for token in tokens_of("1 qhs x7d")]
    ['count', 'time of day', 'duration']
    """
    found: list[Token] = []
    place = 0
    while place < len(text):
        space = _SPACE.match(text, place)
        if space:
            place = space.end()
            continue
        token = _known(text, place) or _unknown(text, place)
        found.append(token)
        place = token.end
    return tuple(found)


def _known(text: str, place: int) -> Token | None:
    fits = _ALL.match(text, place)
    if fits is None or fits.end() == place or fits.lastgroup is None:
        return None
    # Half a word is no word: "hsx" is not "hs".
    if fits.group()[-1].isalpha() and text[fits.end() : fits.end() + 1].isalpha():
        return None
    word, pattern = _PATTERNS[int(fits.lastgroup[1:])]
    again = re.compile(pattern, re.IGNORECASE).match(text, place)
    groups = again.groups() if again else ()
    return Token(word, place, fits.end(), fits.group(), tuple(each or "" for each in groups))


def _unknown(text: str, place: int) -> Token:
    word = _WORD.match(text, place)
    end = word.end() if word else place + 1
    return Token(Word.UNREAD, place, end, text[place:end])


def number(text: str) -> Decimal:
    """The number as it stands: "1.5", ".5"."""
    return Decimal(text)
