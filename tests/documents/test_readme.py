"""The README is true: its commands exist, its request is sent as it stands there, its answer is what comes back."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.documents.compose_file import ROOT
from tests.documents.markdown import fenced
from tests.documents.served import ADDRESS, CURLS, programs, run

README = (ROOT / "README.md").read_text(encoding="utf-8")
MADE, REQUEST = fenced(README, "sh")
SHOWN = json.loads(fenced(README, "json")[0])


@pytest.mark.parametrize("curl", CURLS, ids=lambda curl: Path(curl).name)
def test_the_request_is_answered_as_shown(served: str, curl: str, tmp_path: Path) -> None:
    answer = json.loads(run(REQUEST.replace(ADDRESS, served), programs(tmp_path, curl)))

    assert _differences(SHOWN, answer) == []


def test_the_request_goes_to_where_the_pharmacy_is_served_by_default() -> None:
    assert REQUEST.count(ADDRESS) == 1


def test_the_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))

    named = set(re.findall(r"\bmake ([a-z]+)\b", "\n".join([MADE, *re.findall("`([^`\n]+)`", README)])))

    assert {"run", "test"} <= named <= targets


def test_everything_that_is_said_to_be_somewhere_is_there() -> None:
    tree = fenced(README, "text")[0]
    parent = ""
    missing = []
    for line in tree.splitlines():
        names = [name for name in re.split(r"\s{2,}", line.strip())[0].split() if name]
        parent = "" if not line.startswith(" ") else parent
        missing += [parent + name for name in names if not (ROOT / (parent + name)).exists()]
        parent = names[0] if not line.startswith(" ") else parent

    assert missing == []


def test_every_picture_and_page_that_is_linked_is_there() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", README)

    assert linked
    assert [path for path in linked if not (ROOT / path).exists()] == []


def _differences(shown: Any, real: Any, path: str = "") -> list[str]:
    """Where what is shown is not what came; objects may show fewer members, lists are shown whole."""
    if isinstance(shown, dict) and isinstance(real, dict):
        missing = [f"{path}/{name} did not come" for name in shown.keys() - real.keys()]
        return missing + [
            difference
            for name in shown.keys() & real.keys()
            for difference in _differences(shown[name], real[name], f"{path}/{name}")
        ]
    if isinstance(shown, list) and isinstance(real, list) and len(shown) == len(real):
        return [
            difference
            for place, (ours, theirs) in enumerate(zip(shown, real, strict=True))
            for difference in _differences(ours, theirs, f"{path}/{place}")
        ]
    return [] if shown == real else [f"{path} is {real!r}, not {shown!r}"]
