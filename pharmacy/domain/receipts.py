"""What a receipt says: what was charged line by line, what was paid and given back, and when.

A receipt tells of money that has moved, never of what is only held. Its lines sum to the charge and its payments to
what the payer is out of pocket, so that patient, insurer and pharmacy read the same sums.
"""

from dataclasses import dataclass
from datetime import date

from pharmacy.domain.money import Money, total


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of the price, or one movement of money; what was given back is below zero."""

    wording: str
    amount: Money
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Everything on one receipt. `supplied` are the capsules by strength, in words.

    Raises ValueError when more was given back than taken, or the lines are none.
    """

    number: str
    issued_on: date
    pharmacy: tuple[str, ...]
    payer: tuple[str, ...]
    prescription: tuple[tuple[str, str], ...]
    supplied: tuple[str, ...]
    lines: tuple[ReceiptLine, ...]
    movements: tuple[ReceiptLine, ...]

    def __post_init__(self) -> None:
        if not self.lines or not self.movements:
            raise ValueError("A receipt has lines, and money that has moved.")
        if self.paid.cents < 0:
            raise ValueError("No more is given back than was taken.")

    @property
    def charged(self) -> Money:
        """The sum of the lines."""
        return total([line.amount for line in self.lines])

    @property
    def paid(self) -> Money:
        """What was taken less what was given back."""
        return total([each.amount for each in self.movements])
