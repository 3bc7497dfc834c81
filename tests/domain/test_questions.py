"""The questions that come before screening, and what has to be said to set a finding aside."""

import pytest

from pharmacy.domain.findings import Finding, Severity, gravest_first
from pharmacy.domain.screening import (
    Answers,
    ContactMissing,
    OpioidAnswer,
    ReasonTooShort,
    Rejection,
    StaffQuestion,
    clarifications,
    is_question,
    is_screened,
    require_contact,
    require_reason,
)


def _answers(**changes):
    """An adult without opioids, allergies and other medicines."""
    said = {
        "opioid_last_14_days": OpioidAnswer.NO,
        "allergies": (),
        "no_known_allergies": True,
        "medicines": (),
    }
    return Answers(**said | changes)


def _asked(answers, **known):
    standing = {"has_authorisation": True, "prescriber_on_roster": True} | known
    return [(finding.code, finding.where) for finding in clarifications(answers, **standing)]


def test_a_complete_order_needs_no_clarification():
    assert _asked(_answers()) == []


@pytest.mark.parametrize("answer", [None, OpioidAnswer.UNKNOWN])
def test_an_unknown_opioid_answer_is_asked_again(answer):
    assert _asked(_answers(opioid_last_14_days=answer)) == [("C-OPIOID-ANSWER", ("opioid_last_14_days",))]


@pytest.mark.parametrize(
    ("allergies", "none_known"),
    [(None, False), ((), False), (("penicillin",), True)],
    ids=["unsaid", "empty", "both"],
)
def test_allergies_are_listed_or_none_are_known(allergies, none_known):
    asked = _asked(_answers(allergies=allergies, no_known_allergies=none_known))

    assert asked == [("C-ALLERGIES", ("allergies",))]


@pytest.mark.parametrize(("allergies", "none_known"), [(None, True), ((), True), (("penicillin",), False)])
def test_one_answer_about_allergies_is_enough(allergies, none_known):
    assert _asked(_answers(allergies=allergies, no_known_allergies=none_known)) == []


def test_missing_medicines_authorisation_and_roster_are_asked_for():
    asked = _asked(_answers(medicines=None), has_authorisation=False, prescriber_on_roster=False)

    assert asked == [
        ("C-MEDICINES", ("medicines",)),
        ("C-AUTHORISATION", ("authorization",)),
        ("C-ROSTER", ("prescriber", "npi")),
    ]


def test_the_gravest_finding_comes_first():
    found = [Finding("A", severity, "") for severity in reversed(Severity)]

    assert [finding.severity for finding in gravest_first(found)] == list(Severity)


@pytest.mark.parametrize("reason", ["", ".", "too short", "   a         b        ", "         "])
def test_a_reason_on_record_says_something(reason):
    require_reason("ten signs.")

    with pytest.raises(ReasonTooShort, match="at least 10 characters") as refused:
        require_reason(reason)
    assert refused.value.where == ("reason",)


@pytest.mark.parametrize("contact", ["", "Dr. Example", "14:05", "23"])
def test_a_contact_has_a_name_and_a_time(contact):
    with pytest.raises(ContactMissing, match="To override S-OPIOID-RECENT, say with whom") as refused:
        require_contact(contact, ("S-OPIOID-RECENT",))
    assert refused.value.where == ("contact",)

    require_contact("Dr. Example, 14:05", ("S-OPIOID-RECENT",))


def test_questions_and_what_screening_finds_are_told_apart_by_their_codes():
    asked = clarifications(
        _answers(opioid_last_14_days=None, medicines=None, allergies=None, no_known_allergies=False),
        has_authorisation=False,
        prescriber_on_roster=False,
    )

    assert len(asked) == 5
    assert all(is_question(finding.code) and not is_screened(finding.code) for finding in asked)
    assert all(is_question(code) for code in StaffQuestion)
    assert is_screened("S-OPIOID-RECENT")
    assert not is_question("S-OPIOID-RECENT")
    assert all(code.startswith("R-") for code in Rejection)
