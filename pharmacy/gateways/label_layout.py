"""Where each word of a label goes.

California's rule (16 CCR 1707.5) gives half of the label or more to four things and only
these, in this order, in 12-point sans serif or larger: patient, drug and strength,
directions, purpose. We call them the cluster. It stands at the top, between 50 and 65 % of
the height; everything else stands below at 6.5 points or more, with the barcode at the
bottom right. Styles are tried from the roomiest to the tightest. When even the tightest is
too full, the directions are shared out among panels of the same size, each a complete
label. When that does not help the label is refused: nothing is cut or made smaller.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from pharmacy.gateways.barcode import BAR_HEIGHT, PRINTER_DOT, QUIET_WIDTH
from pharmacy.gateways.label_type import Weight, width
from pharmacy.usecases.ports import LabelDoesNotFit

_Part = TypeVar("_Part")

MARGIN = 5.0
MOST_PANELS = 4
CLUSTER_LEAST_SHARE, CLUSTER_MOST_SHARE = 0.5, 0.65

_INDENT = 10.0
# Parts of the type size: how far letters reach above and below the line they stand on.
_ASCENT, _DESCENT = 0.75, 0.25
_BELOW_RULE = 3.0
_ABOVE_BARS = 2.0
# Parts of the type size; the first is the blank of both faces.
_BETWEEN_WORDS, _BETWEEN_FACTS = 0.2, 1.1
_LONGEST_FACT_KEPT, _LONGEST_PHRASE_KEPT = 32, 62
_MOST_CLUSTER_ROWS = 8
# Widths are sums of floats; a row may be over its room by less than anybody can print.
_TOLERANCE = 1e-6


class Style(NamedTuple):
    """Sizes in points; a leading is a multiple of its size. `runs_on` gives the warnings no row of their own."""

    cluster: float
    leading: float
    small: float
    small_leading: float = 1.17
    runs_on: bool = False


# USP <17> asks for 25 to 30 % between lines; the last four give that up before a second panel is needed.
STYLES: tuple[Style, ...] = (
    Style(14, 1.25, 8),
    Style(13, 1.25, 8),
    Style(13, 1.25, 7.5),
    Style(12, 1.25, 8),
    Style(12, 1.25, 7.5),
    Style(12, 1.25, 7),
    Style(12, 1.25, 6.5),
    Style(12, 1.13, 7),
    Style(12, 1.13, 6.5),
    Style(12, 1.13, 6.5, 1.1, True),
    Style(12, 1.04, 6.5, 1.1, True),
)


class Atom(NamedTuple):
    """Something that is never broken across rows: a word, or a fact with its caption.

    `space_before` and `wide` are parts of the type size.
    """

    label_field: str
    runs: tuple[tuple[str, Weight], ...]
    space_before: float
    wide: float


# A line of text before it is laid out, and a row of the label: each atom with its distance from the left.
Line = tuple[Atom, ...]
Row = list[tuple[float, Atom]]


class Placed(NamedTuple):
    """A run of text with the start of its base line; the origin is the bottom left corner."""

    x: float
    y: float
    text: str
    weight: Weight
    size: float


@dataclass(frozen=True, slots=True)
class Face:
    """The size of a label, in points."""

    width: float
    height: float

    @property
    def text_width(self) -> float:
        return self.width - 2 * MARGIN

    def bars_x(self, barcode_width: float) -> float:
        """Where bars begin so that they end at the right quiet zone, on a dot of the printer."""
        return int((self.width - max(MARGIN, QUIET_WIDTH) - barcode_width) / PRINTER_DOT) * PRINTER_DOT


FOUR_BY_TWO = Face(288.0, 144.0)
THREE_BY_TWO = Face(216.0, 144.0)
STICKER = Face(162.0, 90.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One printed face: its words, the rule under the cluster, and where the bars begin, where it has them."""

    face: Face
    words: tuple[Placed, ...]
    rule_y: float | None = None
    bars_x: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a label says, in the parts that are laid out apart.

    `facts` stand on every panel; `notes` and `warnings` are shared out where one panel has no room for them all.
    """

    names: tuple[Line, ...]
    directions: tuple[Line, ...]
    purpose: Line
    facts: Line
    notes: tuple[Line, ...]
    warnings: tuple[Line, ...]
    pharmacy: Line


def words(label_field: str, text: str, weight: Weight) -> Line:
    """The text as words that may flow; a break is possible at blanks only."""
    return tuple(
        Atom(label_field, ((word, weight),), _BETWEEN_WORDS, width(word, weight)) for word in text.split()
    )


def fact(label_field: str, caption: str, value: str) -> Line:
    """A caption and its value: on one row together, unless the value is so long that it must flow."""
    kept, *flowing = [value] if len(value) <= _LONGEST_FACT_KEPT else value.split()
    lead = f"{caption} "
    wide = width(lead, Weight.REGULAR) + width(kept, Weight.BOLD)
    start = Atom(label_field, ((lead, Weight.REGULAR), (kept, Weight.BOLD)), _BETWEEN_FACTS, wide)
    return (start, *words(label_field, " ".join(flowing), Weight.BOLD))


def phrase(label_field: str, text: str, weight: Weight) -> Line:
    """A text set off from what stands before it: on one row, unless it is so long that it must flow."""
    if len(text) <= _LONGEST_PHRASE_KEPT:
        return (Atom(label_field, ((text, weight),), _BETWEEN_FACTS, width(text, weight)),)
    return sentence(label_field, text, weight)


def sentence(label_field: str, text: str, weight: Weight) -> Line:
    """Words that flow, set off from what stands before them."""
    first, *others = words(label_field, text, weight)
    return (first._replace(space_before=_BETWEEN_FACTS), *others)


def panels(wording: Wording, barcode_width: float, face: Face = FOUR_BY_TWO) -> tuple[Panel, ...]:
    """The fewest panels, in the roomiest style that holds everything. Raises LabelDoesNotFit."""
    if face.bars_x(barcode_width) < QUIET_WIDTH:
        raise LabelDoesNotFit("barcode")
    refusal: LabelDoesNotFit | None = None
    for shares in _ways(wording):
        for style in STYLES:
            try:
                return tuple(_panel(share, style, barcode_width, face) for share in shares)
            except LabelDoesNotFit as error:
                refusal = error
    raise refusal or LabelDoesNotFit("directions")


def _ways(wording: Wording) -> Iterator[list[Wording]]:
    """The label on one panel; its directions shared out; its notes and warnings shared out as well."""
    sentences = _sentences(wording.directions)
    for count in range(1, min(MOST_PANELS, len(sentences)) + 1):
        yield _shared_out(wording, sentences, count)
    for count in range(2, min(MOST_PANELS, len(wording.notes) + len(wording.warnings)) + 1):
        yield _spread_out(wording, sentences, count)


def _sentences(directions: Sequence[Line]) -> list[tuple[Line, ...]]:
    """The directions in parts that stay together: a line that ends in a colon announces the next."""
    sentences: list[tuple[Line, ...]] = []
    is_announced = False
    for line in directions:
        if is_announced:
            sentences[-1] += (line,)
        else:
            sentences.append((line,))
        is_announced = line[-1].runs[-1][0].endswith(":")
    return sentences


def _shared_out(wording: Wording, sentences: Sequence[tuple[Line, ...]], count: int) -> list[Wording]:
    """One wording for each of `count` panels, with as equal a share of the directions as can be."""
    if count == 1:
        return [wording]
    shares = []
    for number in range(count):
        mine = tuple(line for together in _share(sentences, number, count) for line in together)
        shares.append(_marked(replace(wording, directions=mine), number, count))
    return shares


def _spread_out(wording: Wording, sentences: Sequence[tuple[Line, ...]], count: int) -> list[Wording]:
    """One wording for each of `count` panels: directions too short to be shared stand on every one of them."""
    apart = len(sentences) >= count
    shares = (
        _shared_out(wording, sentences, count)
        if apart
        else [_marked(wording, number, count) for number in range(count)]
    )
    # The warnings first: who sees one panel only sees them.
    rest = [*((True, line) for line in wording.warnings), *((False, line) for line in wording.notes)]
    spread = []
    for number, share in enumerate(shares):
        mine = _share(rest, number, count)
        warnings = tuple(line for is_warning, line in mine if is_warning)
        notes = tuple(line for is_warning, line in mine if not is_warning)
        spread.append(replace(share, warnings=warnings, notes=notes))
    return spread


def _share(parts: Sequence[_Part], number: int, count: int) -> Sequence[_Part]:
    """What falls to panel `number`, counted from 0, of `count`."""
    first, end = (len(parts) * edge // count for edge in (number, number + 1))
    return parts[first:end]


def _marked(wording: Wording, number: int, count: int) -> Wording:
    """The wording with which panel it is."""
    goes_on = f", continued on panel {number + 2}" if number + 1 < count else ""
    mark = phrase("directions", f"PANEL {number + 1} OF {count}{goes_on}", Weight.BOLD)
    return replace(wording, facts=(*mark, *wording.facts))


def _joined(lines: Sequence[Line]) -> Line:
    return tuple(atom for line in lines for atom in line)


def _panel(wording: Wording, style: Style, barcode_width: float, face: Face) -> Panel:
    cluster, cluster_height = _cluster(wording, style, face)
    rule_y = face.height - cluster_height
    bars_x = face.bars_x(barcode_width)
    below = _Below(
        full=face.text_width,
        size=style.small,
        pitch=style.small * style.small_leading,
        top=rule_y - _BELOW_RULE,
        band_top=MARGIN + BAR_HEIGHT + _ABOVE_BARS,
        beside=bars_x - QUIET_WIDTH - MARGIN,
        runs_on=style.runs_on,
    )
    return Panel(face=face, words=(*cluster, *below.arranged(wording)), rule_y=rule_y, bars_x=bars_x)


def _cluster(wording: Wording, style: Style, face: Face) -> tuple[list[Placed], float]:
    """The four great things, in the middle of their part of the label, and the height of that part."""
    paragraphs = [*wording.names, *wording.directions, *([wording.purpose] if wording.purpose else [])]
    rows: list[tuple[float, Row]] = []
    for paragraph in paragraphs:
        first, *others = wrapped(paragraph, style.cluster, lambda row: _cluster_room(row, face.text_width))
        rows += [(MARGIN, first), *((MARGIN + _INDENT, row) for row in others)]
    pitch = style.cluster * style.leading
    needed = (len(rows) - 1) * pitch + style.cluster * (_ASCENT + _DESCENT) + MARGIN + 1
    if needed > face.height * CLUSTER_MOST_SHARE:
        longest = max(paragraphs, key=lambda atoms: sum(atom.wide for atom in atoms))
        raise LabelDoesNotFit(longest[0].label_field)
    height = max(needed, face.height * CLUSTER_LEAST_SHARE)
    first_y = face.height - MARGIN - style.cluster * _ASCENT - (height - needed) / 2
    placed: list[Placed] = []
    for number, (x, row) in enumerate(rows):
        placed += placed_row(row, x, first_y - number * pitch, style.cluster)
    return placed, height


def _cluster_room(row: int, text_width: float) -> float:
    if row >= _MOST_CLUSTER_ROWS:
        return 0.0
    return text_width - (_INDENT if row else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Below:
    """The part under the rule: facts and warnings from above, the pharmacy from below, the barcode beside it.

    `band_top` is the height up to which rows are only `beside` points wide, and above which they are `full`.
    """

    full: float
    size: float
    pitch: float
    top: float
    band_top: float
    beside: float
    runs_on: bool

    def arranged(self, wording: Wording) -> list[Placed]:
        foot, floor = self._foot(wording.pharmacy)
        apart = () if self.runs_on else _joined(wording.warnings)
        facts_and_notes = (*wording.facts, *_joined(wording.notes))
        together = (*facts_and_notes, *_joined(wording.warnings)) if self.runs_on else facts_and_notes
        facts = wrapped(together, self.size, lambda row: self._room(row, floor))
        warnings = wrapped(apart, self.size, lambda row: self._room(row + len(facts), floor)) if apart else []
        bottom = self._base_line(len(facts) + len(warnings) - 1) - self.size * _DESCENT
        # What is left over sets the warnings off from the facts, but moves no row down beside the barcode.
        spare = min(max(bottom - max(floor, self.band_top), 0.0) / 2, self.size / 2)
        placed: list[Placed] = []
        for number, row in enumerate([*facts, *warnings]):
            lowered = spare if number >= len(facts) else 0.0
            placed += placed_row(row, MARGIN, self._base_line(number) - lowered, self.size)
        return placed + foot

    def _foot(self, pharmacy: Line) -> tuple[list[Placed], float]:
        """The pharmacy's rows, beside the barcode or else above it, and the height they reach."""
        try:
            rows, lowest = wrapped(pharmacy, self.size, lambda row: self.beside if row < 3 else 0.0), MARGIN
        except LabelDoesNotFit:
            rows, lowest = (
                wrapped(pharmacy, self.size, lambda row: self.full if row < 3 else 0.0),
                self.band_top,
            )
        y = lowest + self.size * _DESCENT + len(rows) * self.pitch
        placed: list[Placed] = []
        for number, row in enumerate(rows, start=1):
            placed += placed_row(row, MARGIN, y - number * self.pitch, self.size)
        return placed, y - self.size * _DESCENT

    def _base_line(self, row: int) -> float:
        return self.top - self.size * _ASCENT - row * self.pitch

    def _room(self, row: int, floor: float) -> float:
        """The width of a row; none where the pharmacy's rows begin."""
        bottom = self._base_line(row) - self.size * _DESCENT
        if bottom < floor:
            return 0.0
        return self.beside if bottom < self.band_top else self.full


def wrapped(atoms: Line, size: float, room: Callable[[int], float]) -> list[Row]:
    """The atoms in rows; `room(n)` is the width of row n, counted from 0, and 0 where there is no such row."""
    rows: list[Row] = [[]]
    used = 0.0
    for atom in atoms:
        wide = atom.wide * size
        gap = atom.space_before * size if rows[-1] else 0.0
        while used + gap + wide > room(len(rows) - 1) + _TOLERANCE:
            if room(len(rows)) <= 0:
                raise LabelDoesNotFit(atom.label_field)
            rows.append([])
            used = gap = 0.0
        rows[-1].append((used + gap, atom))
        used += gap + wide
    return rows


def placed_row(row: Row, x: float, y: float, size: float) -> list[Placed]:
    """The row's runs; neighbouring words of one weight become one run, as they are read."""
    placed: list[Placed] = []
    for offset, atom in row:
        start = x + offset
        for text, weight in atom.runs:
            before = placed[-1] if placed and atom.space_before == _BETWEEN_WORDS else None
            if before and before.weight is weight:
                placed[-1] = Placed(before.x, y, f"{before.text} {text}", weight, size)
            else:
                placed.append(Placed(start, y, text, weight, size))
            start += size * width(text, weight)
    return placed
