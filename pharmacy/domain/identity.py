"""By what two records may be of one person: name, birth date, and telephone or ZIP code.

Keys find records, people decide: nothing is merged because keys are equal. The key of a name forgives order,
accents, initials and titles, so that "Sample, Anna M." and "Ánna Sample" are looked at together.
"""

import re
from dataclasses import dataclass
from datetime import date

from pharmacy.domain.plain_text import without_accents

_LETTERS = re.compile(r"[^\W\d_]+")
_TITLES = frozenset({"dr", "jr", "mr", "mrs", "ms", "sr", "ii", "iii"})
_PHONE_DIGITS = 10
_ZIP_DIGITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityKeys:
    """What is looked for: the first two must agree, and one of the others."""

    name_key: str
    birth_on: date
    phone_key: str
    zip_code: str


def name_key(full_name: str) -> str:
    """The words of a name, without accents, initials and titles, in the order of the alphabet."""
    words = _LETTERS.findall(without_accents(full_name))
    return " ".join(sorted({word for word in words if len(word) > 1} - _TITLES))


def phone_key(phone: str) -> str:
    """The last ten digits: a number with and without its country code is the same."""
    return re.sub(r"[^0-9]", "", phone)[-_PHONE_DIGITS:]


def zip_code(postal_code: str) -> str:
    """The five digits that name the post office."""
    return postal_code[:_ZIP_DIGITS]
