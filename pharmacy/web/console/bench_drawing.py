"""What the bench draws: the tolerance band of a weighing, and the control chart of weighed capsules.

Pure geometry: across everything is a share in percent, so that a drawing fits any width while its words keep their
size. A reading is told in words before it is told by a place or a colour; what lies outside has another shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import Figure, shown
from pharmacy.domain.quality import WeightLimits, weight_check
from pharmacy.domain.quantities import Milligrams
from pharmacy.web.console.language import gettext

HUNDRED = Decimal(100)
# The band takes the middle half of the line: a reading may lie as far outside as the band is wide.
_BAND_FROM, _BAND_WIDTH = Decimal(25), Decimal(50)
CHART_HEIGHT, _CHART_TOP, _CHART_BOTTOM = 190, 18, 160
_SPARE_PCT = Decimal(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The readings that are allowed, and the one there is; `look` is within, outside or nothing."""

    least: str
    most: str
    target: str
    reading_x: str
    words: str
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointShown:
    """One capsule: where it lies, and how it is told."""

    position: int
    x: str
    y: str
    net: str
    share: str
    is_within: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShown:
    y: str
    words: str
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsChart:
    """Every capsule against the theoretical fill, with the limits; `verdict` says in words what it comes to."""

    points: tuple[PointShown, ...]
    lines: tuple[LineShown, ...]
    figures: tuple[Figure, ...]
    faults: tuple[str, ...]
    verdict: str
    height: int = CHART_HEIGHT


def tolerance_band(target: Decimal, tolerance_pct: Decimal, read: Decimal | None) -> Band:
    """The band around the target, and where a reading lies."""
    within = target * tolerance_pct / HUNDRED
    words, look, x = "", "", ""
    if read is not None:
        words, look = reading_words(target, tolerance_pct, read)
        share = (read - (target - within)) / (2 * within) * _BAND_WIDTH + _BAND_FROM
        x = shown(min(max(share, Decimal(1)), Decimal(99)), 2)
    return Band(
        least=shown(target - within, 1),
        most=shown(target + within, 1),
        target=shown(target),
        reading_x=x,
        words=words,
        look=look,
    )


def reading_words(target: Decimal, tolerance_pct: Decimal, read: Decimal) -> tuple[str, str]:
    """How a reading is told, and whether it is within: "12 mg under: add powder"."""
    off = read - target
    if not off:
        return gettext("On target"), "within"
    direction, cure = (
        (gettext("over"), gettext("take powder off"))
        if off > 0
        else (gettext("under"), gettext("add powder"))
    )
    told = f"{shown(abs(off))} mg {direction}"
    if abs(off) * HUNDRED <= tolerance_pct * target:
        return gettext("%(told)s, within tolerance", told=told), "within"
    return f"{told}: {cure}", "outside"


def weights_chart(
    gross: Sequence[Decimal], shell: Decimal, theoretical: Milligrams, limits: WeightLimits
) -> WeightsChart | None:
    """The chart of what was weighed so far; None where nothing can be drawn of it."""
    nets = [each - shell for each in gross]
    if not nets or min(nets) <= 0:
        return None
    try:
        check = weight_check([Milligrams(each) for each in gross], Milligrams(shell), theoretical, limits)
    except Unfit:
        return None
    shares = [net * HUNDRED / theoretical.value for net in nets]
    low = min(limits.least_pct, *shares) - _SPARE_PCT
    high = max(limits.most_pct, *shares) + _SPARE_PCT
    count = len(nets)

    def y(share: Decimal) -> str:
        depth = (high - share) / (high - low) * (_CHART_BOTTOM - _CHART_TOP)
        return shown(_CHART_TOP + depth, 1)

    points = tuple(
        PointShown(
            position=position,
            x=shown(Decimal(8) + (Decimal(position) - Decimal("0.5")) * Decimal(90) / count, 2),
            y=y(share),
            net=f"{shown(net, 1)} mg",
            share=f"{shown(share, 1)} %",
            is_within=limits.least_pct <= share <= limits.most_pct,
        )
        for position, (net, share) in enumerate(zip(nets, shares, strict=True), start=1)
    )
    mean = sum(shares, Decimal(0)) / count
    lines = (
        LineShown(y=y(limits.most_pct), words=f"{shown(limits.most_pct)} %", look="limit"),
        LineShown(y=y(HUNDRED), words="100 %", look="middle"),
        LineShown(y=y(limits.least_pct), words=f"{shown(limits.least_pct)} %", look="limit"),
        LineShown(y=y(mean), words="", look="mean"),
    )
    outside = sum(1 for each in points if not each.is_within)
    return WeightsChart(
        points=points,
        lines=lines,
        figures=check.figures,
        faults=check.faults,
        verdict=_verdict(count, outside, check.passed),
    )


def _verdict(count: int, outside: int, has_passed: bool) -> str:
    if has_passed:
        return gettext("%(count)s weighed, all within the limits", count=count)
    return (
        gettext("%(count)s weighed, %(outside)s outside the limits", count=count, outside=outside)
        if outside
        else gettext("%(count)s weighed, too scattered", count=count)
    )
