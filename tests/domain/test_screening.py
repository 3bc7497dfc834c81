"""Findings about a patient, and the questions that come before them."""

import pytest

from pharmacy.domain.findings import Finding, Severity, gravest_first
from pharmacy.domain.screening import (
    Answers,
    ContactMissing,
    OpioidAnswer,
    ReasonTooShort,
    clarifications,
    is_question,
    is_screened,
    require_contact,
    require_reason,
    screen,
)


def _answers(**changes):
    """An adult without opioids, allergies and other medicines."""
    said = {
        "opioid_last_14_days": OpioidAnswer.NO,
        "allergies": (),
        "no_known_allergies": True,
        "medicines": (),
        "age": 44,
    }
    return Answers(**said | changes)


def _asked(answers, **known):
    standing = {"has_authorisation": True, "prescriber_on_roster": True} | known
    return [(finding.code, finding.where) for finding in clarifications(answers, **standing)]


def test_a_complete_order_needs_no_clarification_and_has_no_findings():
    assert _asked(_answers()) == []
    assert screen(_answers()) == ()


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


def test_a_recent_opioid_blocks():
    (finding,) = screen(_answers(opioid_last_14_days=OpioidAnswer.YES))

    assert (finding.code, finding.severity) == ("S-OPIOID-RECENT", Severity.BLOCK)


def test_an_allergy_to_naltrexone_blocks_and_points_at_the_entry():
    (finding,) = screen(_answers(allergies=("penicillin", "Naltrexone HCl"), no_known_allergies=False))

    assert (finding.severity, finding.where) == (Severity.BLOCK, ("allergies", 1))


@pytest.mark.parametrize(("age", "codes"), [(17, ["S-AGE-UNDER-18"]), (18, [])])
def test_use_under_eighteen_needs_an_override(age, codes):
    assert [finding.code for finding in screen(_answers(age=age))] == codes


def test_names_in_free_text_only_warn_and_repeat_nothing_the_patient_wrote():
    findings = screen(_answers(medicines=("vitamin D", "TraMADol 50 for my aunt Anna", "Contrave")))

    assert [(finding.code, finding.severity, finding.where) for finding in findings] == [
        ("S-MEDICINE-DUPLICATE", Severity.WARN, ("medicines", 2)),
        ("S-MEDICINE-OPIOID", Severity.WARN, ("medicines", 1)),
    ]
    assert not any("Anna" in finding.because for finding in findings)


def test_the_gravest_finding_comes_first():
    found = [Finding("A", severity, "") for severity in reversed(Severity)]

    assert [finding.severity for finding in gravest_first(found)] == list(Severity)


def test_the_findings_of_the_plan_are_sorted_in():
    of_plan = Finding("D-DOSE-OVER-USUAL", Severity.WARN, "")

    findings = screen(_answers(age=17, opioid_last_14_days=OpioidAnswer.YES), [of_plan])

    assert [finding.severity for finding in findings] == [Severity.BLOCK, Severity.OVERRIDE, Severity.WARN]


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
    found = screen(
        _answers(
            opioid_last_14_days=OpioidAnswer.YES,
            allergies=("naltrexone",),
            medicines=("tramadol", "vivitrol"),
            age=17,
        )
    )

    assert len(asked) == 5
    assert all(is_question(finding.code) and not is_screened(finding.code) for finding in asked)
    assert len(found) == 5
    assert all(is_screened(finding.code) and not is_question(finding.code) for finding in found)
