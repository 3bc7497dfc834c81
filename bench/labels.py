"""Label PDFs a second beside a bare reportlab page with the same words and bars; ZPL beside a bare template.

The floor of a PDF places nothing: its words and bars stand where ours were found to belong. The floor of ZPL fills
the same commands with the same texts and escapes nothing. Each pair is made in turns by one process, and the medians
are compared. PDFs are laid out from the content each time. ZPL is told twice: written from a layout, which is what the
target means (no two labels alike, one name in four made of what must be escaped), and the whole way from the content.
All is counted by the processor's own clock, so that others at work on the machine do not count.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TypeVar

from reportlab.pdfgen.canvas import Canvas

from pharmacy.domain.dose_text import DoseUnit
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.labels import (
    CapsuleLook,
    LabelContent,
    LabelTemplate,
    Origin,
    PharmacyOnLabel,
    PrescriptionOnLabel,
    label_content,
)
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import Window, own_strength
from pharmacy.domain.titration import TimeOfDay, TitrationPlan, once_daily
from pharmacy.gateways.barcode import code_128
from pharmacy.gateways.label_pdf import LabelPdf
from pharmacy.gateways.label_templates import panels_of
from pharmacy.gateways.label_type import Weight
from pharmacy.gateways.label_zpl import LabelZpl, bars_width, panels_zpl

BARCODE = "123456789012345678901234"
ROUNDS, EACH = 7, 60
WIDTH, HEIGHT = 288, 144
LABELS, LAID_OUT, DPI = 2000, 200, 203
_Thing = TypeVar("_Thing")


def main() -> None:
    renderer, content = LabelPdf(), typical_label()
    ours, bare = partial(renderer.render, content, BARCODE), partial(bare_page, content)
    ours()
    pairs = [(_per_second(bare), _per_second(ours)) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / floor for floor, mine in pairs)
    floor, mine = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"label PDFs, a CPU second          {floor:10.0f}{mine:10.0f}{ratio:8.2f}   T6 0.8")
    _tell_zpl()


def _tell_zpl() -> None:
    contents = [replace(typical_label(), patient=name, rx_number=rx) for name, rx in _people()]
    wide = bars_width(BARCODE, DPI)
    pages = [panels_of(content, wide, LabelTemplate.FOUR_BY_TWO) for content in contents]
    written = partial(_each, pages, lambda page: panels_zpl(page, BARCODE, DPI))
    bare = partial(_each, contents, _bare_zpl)
    whole = partial(_each, contents[:LAID_OUT], lambda content: LabelZpl(DPI).render(content, BARCODE))
    whole()
    pairs = [(LABELS / _cpu_seconds(bare), LABELS / _cpu_seconds(written)) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / floor for floor, mine in pairs)
    floor, mine = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"ZPL written, a CPU second         {floor:10.0f}{mine:10.0f}{ratio:8.2f}   T7 50,000 a second")
    laid_out = statistics.median(LAID_OUT / _cpu_seconds(whole) for _ in range(ROUNDS))
    print(
        f"ZPL from the content, the same    {floor:10.0f}{laid_out:10.0f}{laid_out / floor:8.2f}   no target"
    )


def _people() -> Iterator[tuple[str, str]]:
    names = ("Anna Sample", "José Ñuñez", "Maria de la Cruz Ortiz", "A^FS^XZ ~JA")
    for number in range(LABELS):
        yield f"{names[number % len(names)]} {number}", f"{100_000 + number}-1"


def _bare_zpl(content: LabelContent) -> bytes:
    """A template with its places written down once, filled in and not escaped."""
    fields = "".join(
        f"^FT10,{20 + 20 * row}^A@N,33,33,E:LABELREG.TTF^FH^FD{words}^FS\n"
        for row, words in enumerate(_words(content))
    )
    return (
        f"^XA^CI28^PW812^LL406^LH0,0\n{fields}^FO400,340^BY2^BCN,51,N,N,N,N^FD>;{BARCODE}^FS\n^XZ\n".encode()
    )


def _each(things: Sequence[_Thing], make: Callable[[_Thing], object]) -> None:
    for thing in things:
        make(thing)


def _cpu_seconds(work: Callable[[], None]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def typical_label() -> LabelContent:
    """Step 1 of the usual titration."""
    steps = tuple(
        once_daily(Micrograms(dose), TimeOfDay.BEDTIME, days)
        for dose, days in ((1500, 7), (3000, 7), (4500, 16))
    )
    line = own_strength(TitrationPlan(steps), Window(1, 30)).lines[0]
    prescription = PrescriptionOnLabel(
        patient="Anna Sample",
        prescriber="Dr. Rosa Example",
        purpose="fibromyalgia",
        rx_number="100234-1",
        filled_on=date(2026, 3, 2),
        refills_left=2,
        dose_unit=DoseUnit.MILLIGRAMS,
        pharmacist="KL",
        look=CapsuleLook(colours={Language.ENGLISH: "clear/white"}, size="3", imprint=None),
    )
    return label_content(
        line.vials[0],
        line.strength,
        prescription,
        PharmacyOnLabel(name="Example Pharmacy", address="1 Main St, Town, NY 10001", phone="(555) 010-0000"),
        origin=Origin("B260301-0001", date(2026, 8, 27)),
        start_on=None,
    )


def bare_page(content: LabelContent) -> bytes:
    """The same words in the same typeface and the same bars, placed without a thought."""
    page = io.BytesIO()
    canvas = Canvas(page, pagesize=(WIDTH, HEIGHT), invariant=True)
    for number, words in enumerate(_words(content)):
        # Two faces as on our labels, so that the floor embeds what we embed.
        canvas.setFont(Weight.BOLD if number % 3 == 0 else Weight.REGULAR, 8)
        canvas.drawString(10, HEIGHT - 12 - 9 * (number % 14), words)
    path = canvas.beginPath()
    symbol = code_128(BARCODE)
    for start, wide in symbol.bars:
        path.rect(10 + start * 0.7, 5, wide * 0.7, 18)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.save()
    return page.getvalue()


def _words(content: LabelContent) -> list[str]:
    texts = [getattr(content, name) for name in content.__slots__ if name != "is_proof"]
    flat = [part for text in texts for part in (text if isinstance(text, tuple) else (text,))]
    return [part for part in flat if part]


def _per_second(draw: Callable[[], bytes]) -> float:
    begun = time.process_time()
    for _ in range(EACH):
        draw()
    return EACH / (time.process_time() - begun)


if __name__ == "__main__":
    main()
