"""Plots as SVG, drawn here: for the page, and as a picture to keep.

Readable without colour: bars stand apart, lines have dashes and points have shapes, and what matters is written
beside its mark. Colours are attributes, which a stylesheet of the page overrides and a picture keeps, so that one
drawing serves both and no style stands in it. Same plot, same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from xml.sax.saxutils import escape, quoteattr

_WIDTH = 760
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 96, 16, 34
_TALL = 240
_ROW, _LABELS = 30, 230
# A letter of the usual size is hardly ever wider.
_LETTER = Decimal("7.2")
_INK, _SOFT, _RULE, _PLAN, _RED = "#17191c", "#565a60", "#d9d9d3", "#2f5a7c", "#a8201a"
_MOST_NAMES = 8
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


class Look(StrEnum):
    BARS = "bars"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Level:
    """A line across: a centre or a limit, named at its end."""

    name: str
    value: Decimal
    is_limit: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Values in a row, such as days or batches; None leaves a gap. `signals` are places that stand out."""

    title: str
    unit: str
    names: tuple[str, ...]
    values: tuple[Decimal | None, ...]
    look: Look = Look.BARS
    levels: tuple[Level, ...] = ()
    signals: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A bar with its name before and its words behind it; `marks` are further values, each with a shape's name."""

    name: str
    value: Decimal | None
    words: str
    marks: tuple[tuple[str, Decimal], ...] = ()
    is_faint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Bars under one another."""

    title: str
    unit: str
    rows: tuple[Row, ...]


Plot = Course | Rows


def draw(plot: Plot) -> str:
    """The plot as an SVG document of its own, which a page may hold too."""
    tall = _TOP + _TALL + _BOTTOM if isinstance(plot, Course) else _TOP + _ROW * len(plot.rows) + 8
    body = "".join(_course(plot) if isinstance(plot, Course) else _rows(plot))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {tall}" role="img" class="plot"'
        f' aria-label={quoteattr(plot.title)} font-family="system-ui, sans-serif" font-size="13">'
        f"<title>{escape(plot.title)}</title>{body}</svg>\n"
    )


def scale(values: Sequence[Decimal], from_zero: bool) -> tuple[Decimal, Decimal, Decimal]:
    """Where an axis begins, where it ends, and its step: round numbers around all values, four steps or so."""
    high: Decimal = max([*values, Decimal(0)]) if from_zero else max(values, default=Decimal(1))
    low: Decimal = min([*values, Decimal(0)]) if from_zero else min(values, default=Decimal(0))
    raw = (high - low or abs(high) or Decimal(1)) / 4
    unit = Decimal(10) ** raw.adjusted()
    step = next(unit * each for each in _STEPS if unit * each >= raw)
    begin = (low / step).to_integral_value(ROUND_FLOOR) * step
    steps = max(Decimal(1), ((high - begin) / step).to_integral_value(ROUND_CEILING))
    return begin, begin + steps * step, step


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where a place and a value lie on the drawing."""

    begin: Decimal
    end: Decimal
    places: int

    def across(self, place: int) -> Decimal:
        return Decimal(_LEFT) + (Decimal(place) + Decimal("0.5")) * (_WIDTH - _LEFT - _RIGHT) / self.places

    def up(self, value: Decimal) -> Decimal:
        return Decimal(_TOP + _TALL) - (value - self.begin) * _TALL / (self.end - self.begin)


def _course(plot: Course) -> Iterator[str]:
    known = [value for value in plot.values if value is not None]
    begin, end, step = scale([*known, *(each.value for each in plot.levels)], plot.look is Look.BARS)
    axes = _Axes(begin, end, max(1, len(plot.values)))
    tick = begin
    while tick <= end:
        yield _line(axes.up(tick), _RULE, "plot-rule")
        yield _words(_LEFT - 8, axes.up(tick) + 4, f"{tick.normalize():f}", "end", _SOFT)
        tick += step
    yield _words(4, Decimal(_TOP + _TALL + _BOTTOM - 6), plot.unit, "start", _SOFT)
    every = max(1, -(-len(plot.names) // _MOST_NAMES))
    for place in range(0, len(plot.names), every):
        yield _words(axes.across(place), Decimal(_TOP + _TALL + 18), plot.names[place], "middle", _SOFT)
    for level in plot.levels:
        yield _line(axes.up(level.value), _SOFT, "plot-level", "6 4" if level.is_limit else "")
        yield _words(_WIDTH - _RIGHT + 6, axes.up(level.value) + 4, level.name, "start", _SOFT)
    yield from _bars(plot, axes) if plot.look is Look.BARS else _points(plot, axes)


def _bars(plot: Course, axes: _Axes) -> Iterator[str]:
    wide = max(Decimal("0.8"), Decimal(_WIDTH - _LEFT - _RIGHT) / axes.places * Decimal("0.7"))
    for place, value in enumerate(plot.values):
        if value:
            top, ground = sorted((axes.up(value), axes.up(Decimal(0))))
            told = f"{plot.names[place]}: {value:f} {plot.unit}"
            yield _bar(axes.across(place) - wide / 2, top, wide, ground - top, told)


def _points(plot: Course, axes: _Axes) -> Iterator[str]:
    at = [
        (place, axes.across(place), axes.up(value))
        for place, value in enumerate(plot.values)
        if value is not None
    ]
    if len(at) > 1:
        path = " ".join(f"{_n(x)},{_n(y)}" for _, x, y in at)
        yield f'<polyline class="plot-line" fill="none" stroke="{_PLAN}" stroke-width="1.5" points="{path}"/>'
    for place, x, y in at:
        told = escape(f"{plot.names[place]}: {plot.values[place]} {plot.unit}")
        if place in plot.signals:
            yield (
                f'<rect class="plot-signal" x="{_n(x - 6)}" y="{_n(y - 6)}" width="12" height="12" fill="none"'
                f' stroke="{_RED}" stroke-width="2"><title>{told}, a signal</title></rect>'
            )
        yield (
            f'<circle class="plot-point" cx="{_n(x)}" cy="{_n(y)}" r="3" fill="{_PLAN}">'
            f"<title>{told}</title></circle>"
        )


def _rows(plot: Rows) -> Iterator[str]:
    values = [each.value for each in plot.rows if each.value is not None]
    values += [value for each in plot.rows for _, value in each.marks]
    most = max(values, default=Decimal(1)) or Decimal(1)
    room = _WIDTH - _LABELS - _words_room(plot)
    for place, row in enumerate(plot.rows):
        middle = Decimal(_TOP + place * _ROW + _ROW // 2 - 4)
        yield _words(_LABELS - 10, middle + 4, row.name, "end", _INK)
        wide = Decimal(0) if row.value is None else max(Decimal(1), row.value * room / most)
        if row.value is not None:
            told = f"{row.name}: {row.words}"
            yield _bar(Decimal(_LABELS), middle - 7, wide, Decimal(14), told, row.is_faint)
        furthest = wide
        for shape, value in row.marks:
            x = Decimal(_LABELS) + value * room / most
            furthest = max(furthest, value * room / most + 6)
            yield _mark(shape, x, middle)
        yield _words(Decimal(_LABELS) + furthest + 8, middle + 4, row.words, "start", _SOFT)


def _words_room(plot: Rows) -> Decimal:
    """So much of the width is left to the words behind the longest bar, which may reach as far as its marks do."""
    longest = max((len(each.words) for each in plot.rows), default=0)
    return min(Decimal(longest) * _LETTER + 24, Decimal(_WIDTH - _LABELS) * 2 / 3)


def _mark(shape: str, x: Decimal, y: Decimal) -> str:
    if shape == "tick":
        return f'<path class="plot-mark" d="M{_n(x)} {_n(y - 10)}V{_n(y + 10)}" stroke="{_INK}" stroke-width="2"/>'
    diamond = f"M{_n(x)} {_n(y - 6)}L{_n(x + 6)} {_n(y)}L{_n(x)} {_n(y + 6)}L{_n(x - 6)} {_n(y)}Z"
    return f'<path class="plot-mark hollow" d="{diamond}" fill="none" stroke="{_INK}" stroke-width="1.5"/>'


def _bar(x: Decimal, y: Decimal, wide: Decimal, tall: Decimal, told: str, is_faint: bool = False) -> str:
    look = f'fill="none" stroke="{_PLAN}" stroke-dasharray="3 3"' if is_faint else f'fill="{_PLAN}"'
    return (
        f'<rect class="plot-bar{" faint" if is_faint else ""}" x="{_n(x)}" y="{_n(y)}" width="{_n(wide)}"'
        f' height="{_n(tall)}" {look}><title>{escape(told)}</title></rect>'
    )


def _line(y: Decimal, color: str, look: str, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path class="{look}" d="M{_LEFT} {_n(y)}H{_WIDTH - _RIGHT}" stroke="{color}"{dashes}/>'


def _words(x: Decimal | int, y: Decimal, text: str, anchor: str, color: str) -> str:
    look = "plot-ink" if color == _INK else "plot-soft"
    return (
        f'<text class="{look}" x="{_n(Decimal(x))}" y="{_n(y)}" text-anchor="{anchor}" fill="{color}">'
        f"{escape(text)}</text>"
    )


def _n(value: Decimal) -> str:
    return f"{value:.1f}"
