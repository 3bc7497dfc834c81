"""A figure is a number that can be opened.

A pharmacist who signs for a weighing must be able to ask of every number on the worksheet: by which formula,
from which inputs, taken from where, and rounded at which step? So a rule that derives a number returns it as a
`Figure`: the exact value, kept exact for the next step, and beside it what a reader needs to work it out again
on paper. Rounding for display happens in `Figure.text` and nowhere else, so what is shown is never what is
calculated with.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from pharmacy.domain.dose_text import plain_decimal

WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Input:
    """One number that went into a figure, as the reader saw it, and where it was read.

    `source` names the thing that vouches for the number ("lot NTX-2601, certificate of analysis",
    "balance B1", "house policy"); it is empty when the number is another figure of the same worksheet.
    """

    name: str
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A derived number: `value` is exact, `text` is what is shown.

    `rounding` says in words where the value was rounded, and is empty when it was not. `places` is how many
    decimals are *shown*; None shows them all. A float is a TypeError: it would not be the number it prints.
    """

    key: str
    name: str
    value: Decimal | int | date
    unit: str
    formula: str
    inputs: tuple[Input, ...]
    rounding: str = ""
    places: int | None = None

    def __post_init__(self) -> None:
        require_exact(self.value)
        if self.places is not None and (not isinstance(self.places, int) or self.places < 0):
            raise ValueError("A figure shows zero or more decimals.")

    @property
    def text(self) -> str:
        """The value as it is shown: half-up to `places`; whole numbers and dates plain."""
        if isinstance(self.value, date):
            return self.value.isoformat()
        if isinstance(self.value, int):
            return str(self.value)
        return shown(self.value, self.places)

    @property
    def number(self) -> Decimal:
        """The exact value for the next step of arithmetic; a date is a TypeError."""
        if isinstance(self.value, date):
            raise TypeError(f"{self.key} is a date, not a number.")
        return Decimal(self.value)

    @property
    def whole(self) -> int:
        """The value of a count; anything but an int is a TypeError."""
        return require_whole(self.value, self.key)

    def as_input(self, source: str = "") -> Input:
        """This figure as an input of the next one, shown as it is shown itself."""
        return Input(self.name, f"{self.text} {self.unit}".rstrip(), source)


def require_exact(value: object) -> None:
    """Refuse what is not an exact number or a date: float, bool, an instant (TypeError); NaN (ValueError)."""
    if isinstance(value, bool | datetime) or not isinstance(value, Decimal | int | date):
        raise TypeError(f"A figure is a Decimal, a whole number or a date, not {type(value).__name__}.")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError("A figure is a finite number.")


def require_decimal(value: object, name: str) -> Decimal:
    """The value, which is a finite Decimal: float, int and bool are TypeErrors, NaN is a ValueError."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{name} must be a Decimal, not {type(value).__name__}.")
    if not value.is_finite():
        raise ValueError(f"{name} must be finite.")
    return value


def require_whole(value: object, name: str) -> int:
    """The value, which is an int; bool, float and Decimal are TypeErrors."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number, not {type(value).__name__}.")
    return value


def shown(value: Decimal, places: int | None = None) -> str:
    """`value` in plain digits, half-up to `places`; without `places` every digit, no trailing zeros."""
    if places is None:
        return plain_decimal(value)
    rounded = value.quantize(WHOLE.scaleb(-places), rounding=ROUND_HALF_UP)
    # Adding nothing takes the sign off a zero: "-0.00" would puzzle the reader.
    return format(rounded + 0, "f")
