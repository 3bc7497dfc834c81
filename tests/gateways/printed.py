"""Labels made, and labels read again from their PDF as a printer and a scanner would see them."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pypdfium2 as pdfium
import zxingcpp
from PIL import Image, ImageFilter

from pharmacy.domain.labels import COMPOUNDED_BY_THIS_PHARMACY, NO_OPIOIDS, LabelContent
from pharmacy.gateways.label_pdf import LabelPdf

BARCODE = "482913750164829375016482"
THERMAL_PRINTER_DPI = 203
_TURNED_DEGREES, _BLUR, _QUIET_ZONE = 2, 0.6, 40
TAKE = "take {} by mouth at bedtime."
ALL_WARNINGS = (
    COMPOUNDED_BY_THIS_PHARMACY,
    NO_OPIOIDS,
    "May disturb sleep or cause vivid dreams.",
    "Swallow whole.",
    "Keep out of reach of children; store dry, away from light, at room temperature.",
    "Do not stop for surgery without asking: tell your surgeon.",
)


def a_label(**fields: Any) -> LabelContent:
    """The vial of the first of three steps, with everything a dispensing label needs."""
    label = LabelContent(
        patient="Anna Sample",
        drug_and_strength="naltrexone 1.5 mg capsule",
        directions=("Step 1 of 3, days 1 to 7:", "take 1 capsule by mouth at bedtime."),
        purpose="fibromyalgia",
        rx_number="100234-1",
        filled_on="03/02/2026",
        quantity="7 capsules",
        prescriber="R. Example, MD",
        refills_left="0 refills",
        lot="B260301-01",
        beyond_use="08/27/2026",
        step_text="Step 1 of 3, days 1 to 7 (03/04/2026 to 03/10/2026)",
        pharmacy_name="Example Pharmacy",
        pharmacy_address="1 Main St, Town ST 00000",
        pharmacy_phone="(555) 010-0000",
        auxiliary=(COMPOUNDED_BY_THIS_PHARMACY, NO_OPIOIDS),
        is_proof=False,
        pharmacist="KL",
        description="Clear/white capsule, size 3, no imprint",
    )
    return replace(label, **fields)


def a_proof(**fields: Any) -> LabelContent:
    """The same vial before its lot is known."""
    return a_label(lot=None, beyond_use=None, is_proof=True, pharmacist=None, **fields)


def sentences(count: int) -> tuple[str, ...]:
    """Directions for a vial that serves `count` weekly steps."""
    return tuple(
        f"Days {7 * week + 1} to {7 * week + 7}: take {week + 2} capsules by mouth at bedtime."
        for week in range(count)
    )


def printed(content: LabelContent) -> bytes:
    """The PDF, with the usual barcode unless it is a proof."""
    return LabelPdf().render(content, None if content.is_proof else BARCODE)


@dataclass(frozen=True)
class ReadRun:
    """A run of text on a page, with its type size and its place in points."""

    text: str
    size: float
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class ReadPanel:
    """What one page shows."""

    text: str
    runs: tuple[ReadRun, ...]
    fonts: frozenset[tuple[str, bool]]
    picture: Any
    width: float
    height: float

    @cached_property
    def barcodes(self) -> tuple[str, ...]:
        """What a decoder reads off the page."""
        return tuple(symbol.text for symbol in zxingcpp.read_barcodes(self.picture))

    @property
    def flat_text(self) -> str:
        """The text with every break and gap as one blank; the reader marks a hyphen before a break in its own way."""
        return " ".join(self.text.replace("\ufffe", "-").split())

    def runs_of(self, *texts: str) -> list[ReadRun]:
        """The runs that are part of one of the texts, from the top down."""
        found = [run for run in self.runs if any(run.text in text for text in texts)]
        return sorted(found, key=lambda run: -run.bottom)


def scanned(picture: Any) -> tuple[str, ...]:
    """What a decoder reads off a label that lies two degrees askew and is slightly blurred."""
    paper = Image.new("L", (picture.width + 2 * _QUIET_ZONE, picture.height + 2 * _QUIET_ZONE), 255)
    paper.paste(picture, (_QUIET_ZONE, _QUIET_ZONE))
    turned = paper.rotate(_TURNED_DEGREES, Image.Resampling.BILINEAR, fillcolor=255)
    blurred = turned.filter(ImageFilter.GaussianBlur(_BLUR))
    return tuple(
        symbol.text for symbol in zxingcpp.read_barcodes(blurred, try_downscale=False, try_invert=False)
    )


def read(pdf: bytes) -> list[ReadPanel]:
    """Every page of a label."""
    document = pdfium.PdfDocument(pdf)
    try:
        return [_panel(page) for page in document]
    finally:
        document.close()


def _panel(page: pdfium.PdfPage) -> ReadPanel:
    words = page.get_textpage()
    objects = [found for found in page.get_objects(textpage=words) if isinstance(found, pdfium.PdfTextObj)]
    fonts = [found.get_font() for found in objects]
    return ReadPanel(
        text=words.get_text_range(),
        runs=tuple(_run(found) for found in objects),
        fonts=frozenset((font.get_base_name(), font.is_embedded) for font in fonts),
        picture=_picture(page),
        width=page.get_width(),
        height=page.get_height(),
    )


def _run(found: pdfium.PdfTextObj) -> ReadRun:
    left, bottom, right, top = found.get_bounds()
    return ReadRun(found.extract(), found.get_font_size(), left, bottom, right, top)


def _picture(page: pdfium.PdfPage) -> Any:
    """The page as a thermal printer sees it: black or white, 203 dots to the inch."""
    rendered = page.render(scale=THERMAL_PRINTER_DPI / 72).to_pil().convert("L")
    return rendered.point(lambda shade: 255 if shade > 127 else 0)
