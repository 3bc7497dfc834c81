"""Text for comparing: what people write differently and mean the same."""

from unicodedata import combining
from unicodedata import normalize as decomposed  # Of characters; numbers are never normalised here.


def without_accents(text: str) -> str:
    """The text in lower case and without accents: "Ánna" is "anna"."""
    return "".join(each for each in decomposed("NFKD", text.casefold()) if not combining(each))
