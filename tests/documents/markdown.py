"""The pieces of our own documents that tests run or compare."""

import re

_FENCE = re.compile(r"^```(?P<kind>[a-z]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def fenced(page: str, kind: str) -> list[str]:
    """The texts of the fenced blocks of that kind, in order."""
    return [found["text"] for found in _FENCE.finditer(page) if found["kind"] == kind]
