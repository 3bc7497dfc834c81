"""What a balance may be asked to weigh, and where a mass is rounded.

Every balance has a smallest mass it weighs within the allowed error: its sensitivity requirement x 100 / error %
(6 mg at 5 % is 120 mg), or the stricter minimum of its certificate. A mass is rounded once, half-up to the
readability, at the weigh target; the gate tests that *rounded* target, because that is what lies on the pan, and
what the rounding changed must stay within 0.5 % for filler as for drug (house policy). What is too small is not
weighed with a larger error: it is weighed as a triturate or as an aliquot of a larger mixture.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum

from pharmacy.domain.dose_text import format_mass_mg
from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import Figure, Input, require_decimal, shown
from pharmacy.domain.quantities import Milligrams

_FINEST = Decimal("0.000001")
HUNDRED = Decimal(100)
WHOLE = Decimal(1)
EXACT_PLACES = 3

MAX_ERROR_PCT = Decimal(5)  # Usual allowed error of a compounding weighing (sensitivity requirement method).
ROUNDING_LIMIT_PCT = Decimal("0.5")  # House policy: how far a weigh target may lie from the exact mass.
ROUNDING_SOURCE = "house policy"

# USP <41>: repeatability 2 s / m within 0.10 %, and s taken as no less than 0.41 d.
USP41_FACTOR = Decimal(2000)
USP41_LEAST_DEVIATIONS = Decimal("0.41")

# House policy for the aliquot method.
MOST_ALIQUOTS = 50
ALIQUOT_STEP = Milligrams(Decimal(10))


class Cure(StrEnum):
    """What makes a refused weighing possible."""

    FINER_BALANCE = "finer_balance"
    ASSIGN_TRITURATE = "assign_triturate"
    WEAKER_TRITURATE = "weaker_triturate"
    LARGER_BATCH = "larger_batch"


_CURE_TEXT: Mapping[Cure, str] = {
    Cure.FINER_BALANCE: "use a finer balance",
    Cure.ASSIGN_TRITURATE: "assign a released triturate, pool it into a larger batch, or take an aliquot",
    Cure.WEAKER_TRITURATE: "assign a weaker triturate, or pool it into a larger batch",
    Cure.LARGER_BATCH: "pool it into a larger batch",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A balance as its record and certificate describe it; it has at least one of the three limits.

    `repeatability_sd` is the standard deviation of repeated weighings, for the stricter minimum of USP <41>.
    `rounding_limit_pct` is the largest part of an exact mass that rounding to the readability may change.
    """

    name: str
    readability: Milligrams
    sensitivity_requirement: Milligrams | None
    max_error_pct: Decimal
    certificate_minimum: Milligrams | None
    rounding_limit_pct: Decimal = ROUNDING_LIMIT_PCT
    repeatability_sd: Milligrams | None = None

    def __post_init__(self) -> None:
        require_decimal(self.max_error_pct, "The allowed error")
        require_decimal(self.rounding_limit_pct, "The rounding limit")
        if self.max_error_pct <= 0 or self.rounding_limit_pct <= 0:
            raise ValueError("The allowed errors of a balance are above 0 %.")
        limits = (self.sensitivity_requirement, self.certificate_minimum, self.repeatability_sd)
        masses = (self.readability, *limits)
        if not all(isinstance(mass, Milligrams) for mass in masses if mass is not None):
            raise TypeError("The masses of a balance are Milligrams.")
        if any(mass.value == 0 for mass in masses if mass is not None):
            raise ValueError("The masses of a balance are above zero.")
        if all(limit is None for limit in limits):
            raise ValueError("A balance has a sensitivity requirement or a certified minimum.")

    @property
    def decimals(self) -> int:
        """How many decimals of a milligram this balance shows."""
        return len(shown(self.readability.value).partition(".")[2])

    def on_pan(self, exact: Milligrams) -> Milligrams:
        """`exact` rounded half-up to the readability: what can be weighed and read."""
        steps = (exact.value / self.readability.value).quantize(WHOLE, rounding=ROUND_HALF_UP)
        return self.readability.times(steps)

    def text(self, mass: Milligrams) -> str:
        """A mass on this balance's grid, with its unit: "984 mg"."""
        return format_mass_mg(mass, self.readability)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """One mass to put on one balance: what is needed, what is weighed, and the rounding between them.

    `error_pct` is signed: above zero when more is weighed than needed. `figure` is the weigh target.
    """

    exact: Milligrams
    target: Milligrams
    error_pct: Decimal
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Aliquot:
    """`multiple` times the `needed` powder, diluted so that one `portion` of the mixture holds what is needed."""

    needed: Milligrams
    multiple: int
    powder: Weighing
    diluent: Weighing
    mixture: Milligrams
    portion: Milligrams
    pure: Figure


@dataclass(eq=False)
class TooSmallToWeigh(Unfit):
    """What would lie on the pan is less than the balance weighs within its allowed error.

    `pool_from` is the fewest capsules of that strength whose powder could be weighed directly, where that is known.
    """

    name: str
    needed: Milligrams
    target: Milligrams
    minimum: Milligrams
    balance: str
    cure: Cure
    pool_from: int | None = None

    def __str__(self) -> str:
        pooled = (
            "" if self.pool_from is None else f" Pooled to {self.pool_from} capsules it is weighed directly."
        )
        return (
            f"{shown(self.needed.value, EXACT_PLACES)} mg of {self.name} is too small to weigh on {self.balance},"
            f" which weighs no less than {shown(self.minimum.value)} mg: {_CURE_TEXT[self.cure]}.{pooled}"
        )


@dataclass(eq=False)
class RoundingTooCoarse(Unfit):
    """The balance's readability would change the mass by more than the rounding limit."""

    name: str
    needed: Milligrams
    target: Milligrams
    limit_pct: Decimal
    balance: str
    cure: Cure

    def __str__(self) -> str:
        return (
            f"{shown(self.needed.value, EXACT_PLACES)} mg of {self.name} would become"
            f" {shown(self.target.value)} mg on {self.balance}, more than {shown(self.limit_pct)} % off:"
            f" {_CURE_TEXT[self.cure]}."
        )


@dataclass(eq=False)
class NoAliquotFits(Unfit):
    """No allowed multiple of the mass can be weighed and diluted on the balance."""

    needed: Milligrams
    most: int
    balance: str

    def __str__(self) -> str:
        return (
            f"{shown(self.needed.value, EXACT_PLACES)} mg cannot be taken as an aliquot:"
            f" no multiple up to {self.most} can be weighed and diluted on {self.balance}."
        )


def minimum_weighable(balance: Balance) -> Figure:
    """The smallest mass in milligrams this balance may weigh: the stricter of its limits.

    A quotient without an end is rounded up to a nanogram, so that it never allows less than is due.
    """
    limits = (_certified(balance), _by_sensitivity(balance), _by_repeatability(balance))
    return max((limit for limit in limits if limit is not None), key=lambda limit: limit.number)


def _certified(balance: Balance) -> Figure | None:
    certified = balance.certificate_minimum
    if certified is None:
        return None
    return Figure(
        key="minimum_weighable",
        name="Minimum weighable quantity",
        value=certified.value,
        unit="mg",
        formula="minimum weight of the certificate",
        inputs=(Input("certified minimum", f"{shown(certified.value)} mg", f"balance {balance.name}"),),
        places=1,
    )


def _by_sensitivity(balance: Balance) -> Figure | None:
    requirement = balance.sensitivity_requirement
    if requirement is None:
        return None
    source = f"balance {balance.name}"
    return Figure(
        key="minimum_weighable",
        name="Minimum weighable quantity",
        value=(requirement.value * HUNDRED / balance.max_error_pct).quantize(_FINEST, ROUND_CEILING),
        unit="mg",
        formula="sensitivity requirement x 100 / allowed error %",
        inputs=(
            Input("sensitivity requirement", f"{shown(requirement.value)} mg", source),
            Input("allowed error", f"{shown(balance.max_error_pct)} %", source),
        ),
        places=1,
    )


def _by_repeatability(balance: Balance) -> Figure | None:
    deviation = balance.repeatability_sd
    if deviation is None:
        return None
    return Figure(
        key="minimum_weighable",
        name="Minimum weighable quantity",
        value=usp41_minimum(balance.readability, deviation).value,
        unit="mg",
        formula="2000 x the larger of repeatability and 0.41 x readability",
        inputs=(
            Input("repeatability", f"{shown(deviation.value)} mg", f"balance {balance.name}"),
            Input("readability", f"{shown(balance.readability.value)} mg", f"balance {balance.name}"),
        ),
        places=1,
    )


def usp41_minimum(readability: Milligrams, repeatability_sd: Milligrams) -> Milligrams:
    """The minimum weight of USP <41>: 2000 x the larger of the standard deviation and 0.41 readability."""
    least = readability.times(USP41_LEAST_DEVIATIONS)
    return max(repeatability_sd, least).times(USP41_FACTOR)


def weigh(
    name: str,
    exact: Milligrams,
    balance: Balance,
    *,
    key: str = "weigh_target",
    cure: Cure = Cure.FINER_BALANCE,
) -> Weighing:
    """The weigh target: `exact` rounded half-up to the readability, and allowed on this balance.

    Raises `TooSmallToWeigh` when the rounded target is below the minimum weighable quantity, and
    `RoundingTooCoarse` when rounding changed the mass by more than the balance's rounding limit;
    `cure` is what they advise.
    """
    target = balance.on_pan(exact)
    minimum = Milligrams(minimum_weighable(balance).number)
    if target < minimum:
        raise TooSmallToWeigh(name, exact, target, minimum, balance.name, cure)
    error_pct = (target.value - exact.value) * HUNDRED / exact.value
    if abs(error_pct) > balance.rounding_limit_pct:
        raise RoundingTooCoarse(name, exact, target, balance.rounding_limit_pct, balance.name, cure)
    figure = Figure(
        key=key,
        name=f"Weigh {name}",
        value=target.value,
        unit="mg",
        formula="exact mass, rounded to what the balance reads",
        inputs=(
            Input("exact mass", f"{shown(exact.value, EXACT_PLACES)} mg"),
            Input("readability", f"{shown(balance.readability.value)} mg", f"balance {balance.name}"),
            Input("rounding limit", f"{shown(balance.rounding_limit_pct)} %", ROUNDING_SOURCE),
        ),
        rounding=f"half-up to {shown(balance.readability.value)} mg, {shown(error_pct, 2)} % from exact",
        places=balance.decimals,
    )
    return Weighing(exact=exact, target=target, error_pct=error_pct, figure=figure)


def aliquot(
    pure: Milligrams, content: Figure, balance: Balance, *, portion: Milligrams | None = None
) -> Aliquot:
    """A mixture of which one weighable portion holds `pure` milligrams, within the rounding of its weighing.

    The smallest multiple, at most 50, for which powder and diluent can both be weighed; the portion is the
    minimum weighable quantity rounded up to 10 mg unless given (house policy). `content` is the pure fraction
    of the powder. Raises `NoAliquotFits`.
    """
    minimum = Milligrams(minimum_weighable(balance).number)
    needed = Milligrams(pure.value / content.number)
    taken = portion or _smallest_portion(minimum)
    weigh("aliquot", taken, balance)
    least = int((minimum.value / needed.value).to_integral_value(ROUND_CEILING))
    for multiple in range(least, MOST_ALIQUOTS + 1):
        powder, mixture = balance.on_pan(needed.times(multiple)), taken.times(multiple)
        if mixture < powder + minimum:
            continue
        try:
            return _mixed(needed, content, balance, multiple, taken)
        except (TooSmallToWeigh, RoundingTooCoarse):
            continue  # This multiple rounds too far, or below the minimum; a larger one may not.
    raise NoAliquotFits(needed, MOST_ALIQUOTS, balance.name)


def _smallest_portion(minimum: Milligrams) -> Milligrams:
    steps = (minimum.value / ALIQUOT_STEP.value).to_integral_value(ROUND_CEILING)
    return ALIQUOT_STEP.times(steps)


def _mixed(
    needed: Milligrams, content: Figure, balance: Balance, multiple: int, portion: Milligrams
) -> Aliquot:
    powder = weigh("powder for the aliquot mixture", needed.times(multiple), balance, key="aliquot_powder")
    mixture = portion.times(multiple)
    diluent = weigh("diluent", mixture - powder.target, balance, key="aliquot_diluent")
    held = portion.value * powder.target.value * content.number / mixture.value
    pure = Figure(
        key="aliquot_pure",
        name="Pure drug in the aliquot",
        value=held,
        unit="mg",
        formula="aliquot x powder x content / mixture",
        inputs=(
            Input("aliquot", balance.text(portion)),
            powder.figure.as_input(),
            content.as_input(),
            Input("mixture", f"{balance.text(mixture)} ({multiple} aliquots)"),
        ),
        places=4,
    )
    return Aliquot(
        needed=needed,
        multiple=multiple,
        powder=powder,
        diluent=diluent,
        mixture=mixture,
        portion=portion,
        pure=pure,
    )
