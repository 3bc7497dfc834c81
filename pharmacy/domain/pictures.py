"""What a file of a scanner or a camera is, told by its first bytes and never by its name.

Kept are PDF, PNG and JPEG (PDF 32000-1, 7.5.2; ISO/IEC 15948, 5.2; ISO/IEC 10918-1, B.1.1.3): what a browser shows
beside a form without running anything of ours. Whatever else says it is one of these is refused.
"""

from dataclasses import dataclass
from enum import StrEnum

from pharmacy.domain.errors import Unfit


class PictureKind(StrEnum):
    """The media types that are kept."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


_BEGINNINGS = (
    (b"%PDF-", PictureKind.PDF),
    (b"\x89PNG\r\n\x1a\n", PictureKind.PNG),
    (b"\xff\xd8\xff", PictureKind.JPEG),
)


@dataclass(eq=False)
class NotAPicture(Unfit):
    def __str__(self) -> str:
        return "This is neither PDF, PNG nor JPEG."


@dataclass(eq=False)
class PictureTooLarge(Unfit):
    most_bytes: int

    def __str__(self) -> str:
        return f"A picture has at most {self.most_bytes // 1024} KiB."


def kind_of(content: bytes, most_bytes: int) -> PictureKind:
    """What the file is. Raises PictureTooLarge, or NotAPicture for what begins otherwise, or is empty."""
    if len(content) > most_bytes:
        raise PictureTooLarge(most_bytes)
    for beginning, kind in _BEGINNINGS:
        if content.startswith(beginning):
            return kind
    raise NotAPicture
