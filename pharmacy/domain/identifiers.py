"""The National Provider Identifier, checked before anybody looks it up.

Ten digits, the first a 1 or a 2, the last a Luhn check digit over "80840" followed by
the number (CMS; 80840 stands for health, United States). The check digit catches every
wrong digit and nearly every transposition, but not 09 written for 90: a valid number is
not proof that the prescriber exists, so a look-up must follow.
"""

from dataclasses import dataclass

from pharmacy.domain.errors import Unfit

NPI_LENGTH = 10
NPI_FIRST_DIGITS = "12"
_PREFIX = "80840"
_DIGITS = frozenset("0123456789")


@dataclass(eq=False)
class InvalidNpi(Unfit):
    """The text is not a National Provider Identifier."""

    reason: str

    def __str__(self) -> str:
        return f"Not a valid NPI: {self.reason}."


def compact_npi(text: str) -> str:
    """The identifier without the spaces and hyphens that people write into it."""
    return text.replace(" ", "").replace("-", "")


def validate_npi(text: str) -> str:
    """The identifier as ten digits; InvalidNpi, with the reason, when it is none."""
    number = compact_npi(text)
    if not _DIGITS.issuperset(number):
        raise InvalidNpi("it may hold digits only")
    if len(number) != NPI_LENGTH:
        raise InvalidNpi(f"it has {len(number)} digits, not {NPI_LENGTH}")
    if number[0] not in NPI_FIRST_DIGITS:
        raise InvalidNpi("its first digit is neither 1 nor 2")
    if luhn_sum(_PREFIX + number) % 10:
        raise InvalidNpi("its check digit is wrong")
    return number


def is_valid_npi(text: str) -> bool:
    """Whether the text is a well-formed identifier; it says nothing of who holds it."""
    try:
        validate_npi(text)
    except InvalidNpi:
        return False
    return True


def luhn_sum(digits: str) -> int:
    """The sum of all digits, every second one from the right doubled and its own digits added."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        tens, ones = divmod(int(digit) * (1 + position % 2), 10)
        total += tens + ones
    return total
