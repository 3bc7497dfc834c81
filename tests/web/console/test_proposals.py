"""Directions in words in the console: read with places, accepted or declined by a pharmacist, and never an order."""

import re

from tests.web.console.pages import Console, words

WHOLE = "LDN 1.5mg caps #69 1 qhs x7d, 2 qhs x7d, 3 qhs thereafter"
VAGUE = "naltrexone 1.5 to 4.5 mg at bedtime as tolerated"


def read(console: Console, text: str) -> str:
    assert console.post("/proposals", text=text).status_code == 303
    found = re.findall(r'href="/console(/proposals/[0-9a-f-]+)"', console.get("/proposals").text)
    return str(found[-1])


def test_a_technician_has_directions_read_and_a_pharmacist_accepts_them(tess: Console, paul: Console) -> None:
    path = read(tess, WHOLE.replace(" 1 qhs", "\r\n1 qhs"))
    assert "A pharmacist accepts or declines it." in words(tess.get(path))
    assert tess.post(f"{path}/accept").status_code == 403

    page = words(paul.get(path))
    assert "3 4.5 mg at bedtime open-ended" in page
    assert paul.post(f"{path}/accept").status_code == 303

    assert "This was accepted" in words(paul.get(path))
    again = paul.post(f"{path}/accept")
    assert again.status_code == 409
    assert "No directions wait for a pharmacist." in words(paul.get("/proposals"))


def test_what_leaves_a_choice_can_only_be_declined_and_says_what_it_lacks(paul: Console) -> None:
    path = read(paul, VAGUE)

    page = paul.get(path)

    assert "<mark" in page.text
    assert "Accept as it was read" not in words(page)
    assert paul.post(f"{path}/accept").status_code == 422
    assert "Say why it is declined." in words(paul.post(f"{path}/decline"))
    assert paul.post(f"{path}/decline", reason="A range is no dose.").status_code == 303
    assert "This was declined: A range is no dose." in words(paul.get(path))
