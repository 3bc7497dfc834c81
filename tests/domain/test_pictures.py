"""A file is what its first bytes say, whatever it is called."""

import pytest

from pharmacy.domain.pictures import NotAPicture, PictureKind, PictureTooLarge, kind_of

PDF, PNG, JPEG = b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"


@pytest.mark.parametrize(
    ("content", "kind"), [(PDF, PictureKind.PDF), (PNG, PictureKind.PNG), (JPEG, PictureKind.JPEG)]
)
def test_the_kinds_that_are_kept_are_told_by_their_beginning(content: bytes, kind: PictureKind) -> None:
    assert kind_of(content + b"rest", 100) is kind


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"GIF89a", b" %PDF-1.7", PNG[:7]])
def test_whatever_begins_otherwise_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        kind_of(content, 100)


def test_a_file_of_exactly_the_limit_is_kept_and_a_byte_more_is_not() -> None:
    assert kind_of(PDF.ljust(100), 100) is PictureKind.PDF
    with pytest.raises(PictureTooLarge, match="at most"):
        kind_of(PDF.ljust(101), 100)
