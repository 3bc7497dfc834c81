"""What has to be put in words before a finding is set aside: a reason, and with whom the pharmacist spoke."""

from dataclasses import dataclass

from pharmacy.domain.errors import Unfit

# What a reason on record has at least (house policy): a full stop is no reason.
SHORTEST_REASON = 10


@dataclass(eq=False)
class ReasonTooShort(Unfit):
    """A reason on record that says nothing."""

    def __str__(self) -> str:
        return f"Give the reason in at least {SHORTEST_REASON} characters."


@dataclass(eq=False)
class ContactMissing(Unfit):
    """A finding that blocks is overridden only after the prescriber was contacted (screening policy)."""

    codes: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"To override {', '.join(self.codes)}, say with whom you spoke and when,"
            " such as “Dr. Example, 23 Nov, 14:05”."
        )


def require_reason(reason: str) -> None:
    """ReasonTooShort unless the reason is long enough to say something; runs of spaces count as one."""
    if len(" ".join(reason.split())) < SHORTEST_REASON:
        raise ReasonTooShort(where=("reason",))


def require_contact(contact: str, codes: tuple[str, ...]) -> None:
    """ContactMissing unless the contact has a name and a time: a letter and a digit at least."""
    if not (any(map(str.isalpha, contact)) and any(map(str.isdecimal, contact))):
        raise ContactMissing(codes, where=("contact",))
