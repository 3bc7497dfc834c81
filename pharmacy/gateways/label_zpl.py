"""A label as ZPL, the language of thermal printers, laid out exactly as the PDF is.

The printer sets the text in our own typeface, which `typeface_zpl` puts into its memory once: so widths are known
before anything is printed, nothing is clipped, and every letter that a PDF shows a printer shows. What stands in a
field is data and never a command: letters, digits and harmless marks go as they are, everything else as the bytes of
its UTF-8 in hexadecimal (^FH, ^CI28), so that a patient named "A^FS^XZ ~JA" is printed and not obeyed.

Bars are drawn by the printer, one module 2 dots at 203 dpi and 3 at 300. A proof is refused: nobody may dispense
from it, so no printer is given one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from pharmacy.domain.labels import LabelContent, LabelTemplate
from pharmacy.gateways import label_type
from pharmacy.gateways.barcode import BAR_HEIGHT, POINTS_PER_INCH
from pharmacy.gateways.label_layout import MARGIN, Panel, Placed
from pharmacy.gateways.label_pdf import symbol_of
from pharmacy.gateways.label_templates import panels_of
from pharmacy.gateways.label_type import Weight
from pharmacy.usecases.ports import Printer, PrintJob, ProofNotPrinted

# What the printer's memory calls the two faces: at most eight letters, on the flash drive.
_FACES = {Weight.REGULAR: "E:LABELREG.TTF", Weight.BOLD: "E:LABELBLD.TTF"}
_MODULE_DOTS = {203: 2, 300: 3}
# Code 128: start, check and stop beside the symbols; a code set C symbol holds two digits.
_SYMBOL_MODULES, _STOP_MODULES = 11, 13
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;/()-+#'")


@dataclass(frozen=True, slots=True)
class LabelZpl:
    """Labels for printers of 203 or 300 dots to the inch."""

    dpi: int = 203

    @property
    def template_version(self) -> str:
        return f"zpl-{self.dpi}/1"

    def render(
        self,
        content: LabelContent,
        barcode: str | None,
        template: LabelTemplate = LabelTemplate.FOUR_BY_TWO,
    ) -> bytes:
        """The label, a panel after another. Raises LabelDoesNotFit, UnprintableCharacter, or ProofNotPrinted."""
        if content.is_proof or barcode is None:
            raise ProofNotPrinted
        label_type.load()
        symbol_of(barcode)  # Refuses what no scanner gives back.
        return panels_zpl(panels_of(content, bars_width(barcode, self.dpi), template), barcode, self.dpi)


def panels_zpl(pages: Sequence[Panel], barcode: str | None, dpi: int) -> bytes:
    """The panels, one label after another; pure ASCII whatever the names."""
    return "".join(_panel(page, barcode, dpi) for page in pages).encode("ascii")


def bars_width(barcode: str, dpi: int) -> float:
    """How wide the printer draws that code, in points, without its quiet zones."""
    symbols = len(barcode) // 2 if _is_pairs(barcode) else len(barcode)
    modules = _SYMBOL_MODULES * (symbols + 2) + _STOP_MODULES
    return modules * _MODULE_DOTS[dpi] * POINTS_PER_INCH / dpi


def typeface_zpl() -> bytes:
    """What puts both faces into a printer's memory; sent once to each new printer."""
    return b"".join(_download(weight) for weight in Weight)


def load_typeface(printer: Printer) -> None:
    """The printer has both faces. Raises what a printer raises for a label."""
    drawn = typeface_zpl()
    printer.take(PrintJob(key=uuid5(NAMESPACE_OID, sha256(drawn).hexdigest()), content=drawn))


def _download(weight: Weight) -> bytes:
    face = Path(__file__).parent / "fonts" / f"{weight.value}.ttf"
    drawn = face.read_bytes()
    name = _FACES[weight].removesuffix(".TTF")
    return f"~DY{name},B,T,{len(drawn)},,".encode() + drawn


def _is_pairs(barcode: str) -> bool:
    return barcode.isdigit() and len(barcode) % 2 == 0


def _panel(page: Panel, barcode: str | None, dpi: int) -> str:
    dots = dpi / POINTS_PER_INCH
    width, height = _whole(page.face.width * dots), _whole(page.face.height * dots)
    return "".join(
        (
            f"^XA^CI28^PW{width}^LL{height}^LH0,0^LS0^PON^FWN\n",
            *_bars(page, barcode, dots, dpi),
            *_rule(page, dots, width),
            *[_field(run, dots, page.face.height) for run in page.words],
            "^XZ\n",
        )
    )


def _bars(page: Panel, barcode: str | None, dots: float, dpi: int) -> Iterator[str]:
    if page.bars_x is None or barcode is None:
        return
    tall = _whole(BAR_HEIGHT * dots)
    top = _whole((page.face.height - MARGIN) * dots) - tall
    # ">;" begins in digits by pairs, ">:" in letters, where a ">" of the text itself is written ">0".
    start = ">;" if _is_pairs(barcode) else ">:"
    code = start + barcode.replace(">", ">0")
    # Downwards: the bars end within the quiet zone that the layout left, not a dot beyond it.
    yield f"^FO{int(page.bars_x * dots)},{top}^BY{_MODULE_DOTS[dpi]}^BCN,{tall},N,N,N,N^FH^FD{_escaped(code, '>')}^FS\n"


def _rule(page: Panel, dots: float, width: int) -> Iterator[str]:
    if page.rule_y is not None:
        left, top = _whole(MARGIN * dots), _whole((page.face.height - page.rule_y) * dots)
        yield f"^FO{left},{top}^GB{width - 2 * left},1,1^FS\n"


def _field(run: Placed, dots: float, height: float) -> str:
    return f"{_place(run.x, height - run.y, run.size, run.weight, dots)}{_escaped(run.text)}^FS\n"


@lru_cache(maxsize=8192)
def _place(x: float, y: float, size: float, weight: Weight, dots: float) -> str:
    """Where a field stands and how it is set; labels of one layout share nearly all of their places."""
    # Rounded down: a row is never wider than it was measured.
    tall = int(size * dots)
    return f"^FT{_whole(x * dots)},{_whole(y * dots)}^A@N,{tall},{tall},{_FACES[weight]}^FH^FD"


@lru_cache(maxsize=4096)
def _escaped(text: str, also_plain: str = "") -> str:
    """The text as a field's data: what is not harmless is the hexadecimal of its UTF-8."""
    if _PLAIN.issuperset(text):
        return text
    return "".join(
        letter if letter in _PLAIN or letter in also_plain else _hexadecimal(letter) for letter in text
    )


@lru_cache(maxsize=1024)
def _hexadecimal(letter: str) -> str:
    return "".join(f"_{byte:02X}" for byte in letter.encode())


def _whole(number: float) -> int:
    """The nearest dot."""
    return int(number + 0.5)
