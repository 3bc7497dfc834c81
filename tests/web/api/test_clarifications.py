"""What is merely missing makes an order that waits for an answer; it is neither refused nor reviewed."""

from typing import Any

import pytest

from tests.builders import GONE, an_order
from tests.callers import Api

MISSING: dict[str, tuple[dict[str, Any], str, str]] = {
    "no opioid answer": (
        {"/opioid_last_14_days": GONE}, "C-OPIOID-ANSWER", "/opioid_last_14_days",
    ),
    "an opioid answer of unknown": (
        {"/opioid_last_14_days": "unknown"}, "C-OPIOID-ANSWER", "/opioid_last_14_days",
    ),
    "neither allergies nor none": ({"/no_known_allergies": False}, "C-ALLERGIES", "/allergies"),
    "both allergies and none": ({"/allergies": ["dust"]}, "C-ALLERGIES", "/allergies"),
    "no medicines": ({"/medicines": GONE}, "C-MEDICINES", "/medicines"),
    "no authorization": ({"/authorization": GONE}, "C-AUTHORISATION", "/authorization"),
    "an authorization by somebody else": (
        {"/authorization/signer_npi": "1234567893"}, "C-AUTHORISATION", "/authorization",
    ),
    "a prescriber who is not on the roster": (
        {"/prescriber/npi": "1234567893", "/authorization/signer_npi": "1234567893"},
        "C-ROSTER",
        "/prescriber/npi",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "code", "pointer"), MISSING.values(), ids=MISSING.keys())
def test_what_is_missing_is_asked_for(api: Api, changes: dict[str, Any], code: str, pointer: str) -> None:
    order = api.order(an_order(changes))

    assert (order["status"], order["resumes_to"]) == ("clarification", "received")
    questions = [finding for finding in order["findings"] if finding["code"].startswith("C-")]
    assert [(each["code"], each["severity"], each["pointer"]) for each in questions] == [
        (code, "block", pointer)
    ]
    assert questions[0]["because"]


def test_everything_that_is_missing_is_asked_at_once(api: Api) -> None:
    order = api.order(
        an_order(opioid_last_14_days=None, no_known_allergies=False, medicines=None, authorization=None)
    )

    codes = [finding["code"] for finding in order["findings"]]
    assert codes[:4] == ["C-OPIOID-ANSWER", "C-ALLERGIES", "C-MEDICINES", "C-AUTHORISATION"]
    assert api.get(f"/orders/{order['id']}").get_json()["findings"] == order["findings"]


def test_answers_that_speak_against_the_drug_are_findings_and_no_clarification(api: Api) -> None:
    order = api.order(
        an_order(
            {"/prescription/refills": 0},
            opioid_last_14_days="yes",
            no_known_allergies=False,
            allergies=["Naltrexone"],
            medicines=["tramadol 50 mg"],
        )
    )

    assert (order["status"], order["resumes_to"]) == ("received", None)
    assert [(each["code"], each["severity"]) for each in order["findings"]] == [
        ("S-ALLERGY-NALTREXONE", "block"),
        ("S-OPIOID-RECENT", "block"),
        ("S-MEDICINE-OPIOID", "warn"),
    ]
