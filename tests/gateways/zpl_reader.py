"""A thermal printer's eyes: ZPL parsed strictly and drawn by another's renderer, pictures read by a scanner's decoder."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from PIL import Image
from zplkit import Options, render
from zplkit.parse import parse

from pharmacy.gateways.label_zpl import typeface_zpl
from tests.gateways.printed import scanned

# Every command that our labels may consist of; a printer obeys nothing else.
ALLOWED = frozenset(
    [
        "XA",
        "CI",
        "PW",
        "LL",
        "LH",
        "LS",
        "PO",
        "FW",
        "FO",
        "BY",
        "BC",
        "FH",
        "FD",
        "FS",
        "GB",
        "FT",
        "A@",
        "XZ",
    ]
)


@dataclass(frozen=True)
class ReadZpl:
    """One panel: its texts in reading order, its bars' data as written, and the picture."""

    texts: tuple[str, ...]
    commands: frozenset[str]
    picture: Any

    @property
    def flat_text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    @property
    def barcodes(self) -> tuple[str, ...]:
        """What a decoder reads off the picture, turned by two degrees and slightly blurred."""
        return scanned(self.picture)


def read_zpl(zpl: bytes, dpi: int) -> list[ReadZpl]:
    """Every panel. Raises when the ZPL is not well formed or holds a command that labels have no use for."""
    parsed = parse(zpl)
    assert b"".join(bytes(element) for element in parsed.elements) == zpl
    assert all(element.kind in {"format_command", "before_first_command"} for element in parsed.elements)
    panels = [b"^XA" + part for part in zpl.split(b"^XA")[1:]]
    return [_read(panel, dpi) for panel in panels]


def _read(panel: bytes, dpi: int) -> ReadZpl:
    commands = [bytes(element) for element in parse(panel).elements]
    names = frozenset(command[1:3].decode() for command in commands)
    assert names <= ALLOWED, names - ALLOWED
    texts, is_text = [], False
    for command in commands:
        if command.startswith(b"^A@"):
            is_text = True
        elif command.startswith(b"^FD") and is_text:
            texts.append(_unescaped(command[3:]))
            is_text = False
    return ReadZpl(tuple(texts), names, _picture(panel, dpi))


def _unescaped(written: bytes) -> str:
    hexadecimal = re.compile(rb"_([0-9A-F]{2})")
    return hexadecimal.sub(lambda found: bytes([int(found[1], 16)]), written).decode()


def _picture(panel: bytes, dpi: int) -> Any:
    document = render(_typeface() + panel, Options(profile="specification", dpi=dpi))
    assert document.warnings == []
    (scene,) = document.labels
    raster = scene.rasterize()
    return Image.frombytes("L", (raster.width, raster.height), raster.pixels)


@cache
def _typeface() -> bytes:
    return typeface_zpl()
