"""Label PDFs a second beside a bare reportlab page that carries the same words and the same bars.

The floor places nothing: its words and bars stand where ours were found to belong. Both are drawn in turns by
one process, and the medians are compared.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable
from datetime import date
from functools import partial

from reportlab.pdfgen.canvas import Canvas

from pharmacy.domain.dose_text import DoseUnit
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.labels import (
    CapsuleLook,
    LabelContent,
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
from pharmacy.gateways.label_type import Weight

BARCODE = "123456789012345678901234"
ROUNDS, EACH = 7, 60
WIDTH, HEIGHT = 288, 144


def main() -> None:
    renderer, content = LabelPdf(), typical_label()
    ours, bare = partial(renderer.render, content, BARCODE), partial(bare_page, content)
    ours()
    pairs = [(_per_second(bare), _per_second(ours)) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / floor for floor, mine in pairs)
    floor, mine = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"label PDFs a second              {floor:10.0f}{mine:10.0f}{ratio:8.2f}   T6 0.8")


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
    begun = time.perf_counter()
    for _ in range(EACH):
        draw()
    return EACH / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
