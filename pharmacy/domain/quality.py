"""The checks that a batch of capsules must pass.

Each capsule is weighed by itself, ten of them, or all where there are fewer: a group weighed together and
divided by ten hides the two that are wrong. Net weights lie within 90 to 110 % of the theoretical fill, each of
them, and their relative standard deviation within 5 % (house policy after USP <795>). Weight says nothing of how
evenly a trace of drug is mixed; where a laboratory assays ten capsules, the acceptance value of USP <905> decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import Figure, Input, require_decimal, shown
from pharmacy.domain.quantities import Milligrams

HUNDRED = Decimal(100)
SAMPLE = 10
LIMITS_SOURCE = "USP <795>, house policy"
ACCEPTANCE_SOURCE = "USP <905>, stage 1, n = 10"

# USP <905>: the reference value is the mean, held within these; k = 2.4 for ten units; L1 = 15.0.
REFERENCE_LEAST, REFERENCE_MOST = Decimal("98.5"), Decimal("101.5")
ACCEPTABILITY_CONSTANT = Decimal("2.4")
ACCEPTANCE_LIMIT = Decimal(15)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightLimits:
    """How far one capsule may lie from the theoretical fill, and how far they may scatter, in per cent."""

    least_pct: Decimal
    most_pct: Decimal
    most_deviation_pct: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What a check found; `faults` are sentences, and there are none when it passed."""

    figures: tuple[Figure, ...]
    faults: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.faults


@dataclass(eq=False)
class WrongSample(Unfit):
    """Too few or too many capsules were weighed."""

    due: int
    got: int

    def __str__(self) -> str:
        return (
            f"{self.due} capsules are weighed one by one, and {self.got} weights came: weigh each by itself."
        )


@dataclass(eq=False)
class LighterThanShell(Unfit):
    """A filled capsule was said to weigh no more than an empty one."""

    position: int

    def __str__(self) -> str:
        return f"Capsule {self.position} weighs no more than an empty shell: weigh it again."


def sample_due(filled: int) -> int:
    """How many capsules are weighed: ten, or all where there are fewer."""
    return min(SAMPLE, filled)


def weight_check(
    gross: Sequence[Milligrams], mean_shell: Milligrams, theoretical_fill: Milligrams, limits: WeightLimits
) -> Check:
    """Whether every net weight lies within the limits, and their scatter too. `gross` is capsule by capsule.

    Raises LighterThanShell for a gross weight of no more than the mean empty shell; none at all is a ValueError.
    """
    nets = [_net(position, each, mean_shell) for position, each in enumerate(gross, start=1)]
    mean = _mean("net_mean", "Mean net weight", nets, "mg")
    deviation = _deviation("net_sd", "Standard deviation", nets, "mg")
    relative = _relative(deviation, mean)
    share = _share("net_mean_pct", "Mean of theoretical", mean.number, theoretical_fill)
    lightest = _share("net_least_pct", "Lightest of theoretical", min(nets), theoretical_fill)
    heaviest = _share("net_most_pct", "Heaviest of theoretical", max(nets), theoretical_fill)
    return Check(
        figures=(mean, deviation, relative, share, lightest, heaviest),
        faults=(*_outside(nets, theoretical_fill, limits), *_scattered(relative, limits)),
    )


def acceptance_value(contents_pct: Sequence[Decimal]) -> Check:
    """The acceptance value of ten assayed capsules, each in per cent of label (USP <905>, stage 1)."""
    if len(contents_pct) != SAMPLE:
        raise WrongSample(SAMPLE, len(contents_pct))
    for content in contents_pct:
        require_decimal(content, "A content")
    mean = _mean("content_mean", "Mean content", contents_pct, "%")
    return acceptance_of(mean, _deviation("content_sd", "Standard deviation", contents_pct, "%"))


def acceptance_of(mean: Figure, deviation: Figure) -> Check:
    """The acceptance value of that mean and standard deviation of ten contents, in per cent of label."""
    reference = min(max(mean.number, REFERENCE_LEAST), REFERENCE_MOST)
    value = Figure(
        key="acceptance_value",
        name="Acceptance value",
        value=abs(reference - mean.number) + ACCEPTABILITY_CONSTANT * deviation.number,
        unit="",
        formula="|M - mean| + 2.4 x standard deviation; M is the mean held within 98.5 and 101.5",
        inputs=(Input("M", shown(reference, 2), ACCEPTANCE_SOURCE), mean.as_input(), deviation.as_input()),
        places=2,
    )
    over = value.number > ACCEPTANCE_LIMIT
    fault = f"The acceptance value {value.text} is above {shown(ACCEPTANCE_LIMIT, 1)}."
    return Check(figures=(mean, deviation, value), faults=(fault,) if over else ())


def stated(key: str, name: str, value: Decimal, unit: str) -> Figure:
    """A number that came from outside, as a figure to go on with."""
    return Figure(key=key, name=name, value=value, unit=unit, formula="as reported", inputs=(), places=2)


def _net(position: int, gross: Milligrams, mean_shell: Milligrams) -> Decimal:
    if gross <= mean_shell:
        raise LighterThanShell(position)
    return (gross - mean_shell).value


def _mean(key: str, name: str, values: Sequence[Decimal], unit: str) -> Figure:
    if not values:
        raise ValueError("A mean is of something.")
    total = sum(values, Decimal(0))
    return Figure(
        key=key,
        name=name,
        value=total / len(values),
        unit=unit,
        formula="sum / number",
        inputs=(Input("sum", f"{shown(total)} {unit}"), Input("number", str(len(values)))),
        places=2,
    )


def _deviation(key: str, name: str, values: Sequence[Decimal], unit: str) -> Figure:
    mean = sum(values, Decimal(0)) / len(values)
    squares = sum(((value - mean) ** 2 for value in values), Decimal(0))
    # One capsule has no scatter; dividing by n - 1 would be dividing by nothing.
    variance = squares / (len(values) - 1) if len(values) > 1 else Decimal(0)
    return Figure(
        key=key,
        name=name,
        value=variance.sqrt(),
        unit=unit,
        formula="root of (sum of squared distances from the mean / (number - 1))",
        inputs=(Input("sum of squares", shown(squares, 4)), Input("number", str(len(values)))),
        places=3,
    )


def _relative(deviation: Figure, mean: Figure) -> Figure:
    return Figure(
        key="net_rsd_pct",
        name="Relative standard deviation",
        value=deviation.number * HUNDRED / mean.number,
        unit="%",
        formula="standard deviation x 100 / mean",
        inputs=(deviation.as_input(), mean.as_input()),
        places=2,
    )


def _share(key: str, name: str, net: Decimal, theoretical: Milligrams) -> Figure:
    return Figure(
        key=key,
        name=name,
        value=net * HUNDRED / theoretical.value,
        unit="%",
        formula="net weight x 100 / theoretical fill",
        inputs=(
            Input("net weight", f"{shown(net, 2)} mg"),
            Input("theoretical fill", f"{shown(theoretical.value, 2)} mg"),
        ),
        places=2,
    )


def _outside(nets: Sequence[Decimal], theoretical: Milligrams, limits: WeightLimits) -> list[str]:
    shares = [net * HUNDRED / theoretical.value for net in nets]
    allowed = f"{shown(limits.least_pct)} to {shown(limits.most_pct)} %"
    return [
        f"Capsule {position} holds {shown(share, 1)} % of the theoretical fill; {allowed} are allowed."
        for position, share in enumerate(shares, start=1)
        if not limits.least_pct <= share <= limits.most_pct
    ]


def _scattered(relative: Figure, limits: WeightLimits) -> list[str]:
    if relative.number <= limits.most_deviation_pct:
        return []
    most = shown(limits.most_deviation_pct)
    return [f"The relative standard deviation is {relative.text} %; {most} % are allowed."]
