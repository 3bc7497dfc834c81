"""Directions in free text become a proposal, and what cannot be read is said."""

import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pharmacy.domain.free_text import TextTooLong, read_directions
from pharmacy.domain.sig_words import MOST_CHARACTERS, Word, tokens_of
from pharmacy.domain.titration import TimeOfDay

TYPICAL = "LDN 1.5mg caps #69 1 qhs x7d, 2 qhs x7d, 3 qhs thereafter"
WEEKLY = [("0.5", 7), ("1", 7), ("1.5", 7), ("2", 7), ("2.5", 7), ("3", None)]


def _plan(text):
    """Bedtime doses in milligrams with their days; morning ones are marked."""
    plan = read_directions(text).plan
    if plan is None:
        return None
    return [
        (
            "+".join(
                f"{intake.dose.in_milligrams().value.normalize():f}"
                + ("am" if intake.time_of_day is TimeOfDay.MORNING else "")
                for intake in step.intakes
            ),
            step.duration_days,
        )
        for step in plan.steps
    ]


USUAL = [("1.5", 7), ("3", 7), ("4.5", None)]


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        (TYPICAL, USUAL),
        ("Naltrexone HCl 1.5 mg capsules. Take 1 capsule by mouth at bedtime for 7 days, then 2 capsules at "
         "bedtime for 7 days, then 3 capsules at bedtime thereafter.", USUAL),
        ("days 1-7: 1.5 mg hs; days 8-14: 3 mg hs; day 15 on: 4.5 mg hs", USUAL),
        ("week 1: 1.5 mg qhs, week 2: 3 mg qhs, then 4.5 mg qhs thereafter", USUAL),
        ("1.5 mg po qhs x 1 wk then 3 mg po qhs x 1 wk then 4.5 mg po qhs ongoing", USUAL),
        ("take one cap qhs x7d", None),
        ("LDN 1.5 mg tabs: one tab po nightly x 10 days, two tabs nightly x 10 days, three tabs nightly thereafter",
         [("1.5", 10), ("3", 10), ("4.5", None)]),
        ("start 0.5 mg qhs, increase by 0.5 mg weekly to 3 mg", WEEKLY),
        ("start .5 mg at bedtime, inc by 0.5 mg every 7 days up to 3 mg, max 3 mg", WEEKLY),
        ("LDN 1 mcg bid x4d then 2 mcg bid x 4 days then 4 mcg bid thereafter",
         [("0.001am+0.001", 4), ("0.002am+0.002", 4), ("0.004am+0.004", None)]),
        ("LDN 1.5 mg 1 qam and 2 qhs x 2 wk, then 3 qhs ongoing", [("1.5am+3", 14), ("4.5", None)]),
        ("4.5 mg qhs", [("4.5", None)]),
        ("4.5mg q.h.s.", [("4.5", None)]),
        ("4.5 mg every morning", [("4.5am", None)]),
    ],
)  # fmt: skip
def test_many_hands_write_the_same_plan(text, plan):
    assert _plan(text) == plan


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("naltrexone 4.5mg, titrate per protocol", "no fixed number"),
        ("1.5-4.5 mg as tolerated", "no fixed number"),
        ("1.5 mg qhs x 7 to 14 days, then 3 mg qhs thereafter", "no fixed number"),
        ("1 mg qhs for a month then 2 mg qhs thereafter", "no fixed number"),
        ("1-2 caps qhs", "no fixed number"),
        ("4.5 mg daily", "time of day is not said"),
        ("1 qhs x7d, 2 qhs thereafter", "strength is not said"),
        ("LDN 1.5mg caps 1/2 qhs", "not read"),
        ("LDN 1.5mg caps 0.5 qhs", "whole capsules"),
        ("1,500 mcg qhs", "no fixed number"),
        ("1,5 mg qhs", "no fixed number"),
        ("1.5 mg qhs, 3 mg qhs thereafter", "how many days"),
        ("1.5 mg qhs x7d, 3 mg qhs", "neither an end"),
        ("days 1-7: 1.5 mg hs; days 9-14: 3 mg hs", "day 8 should follow"),
        ("start 0.5 mg qhs, increase by 0.7 mg weekly to 3 mg", "whole increases"),
        ("use as directed", "No dose could be read"),
        ("please call me about this patient", "No dose could be read"),
    ],
)
def test_what_leaves_something_to_choose_is_no_plan_and_says_what(text, lacks):
    proposal = read_directions(text)

    assert proposal.plan is None
    assert any(lacks in each for each in proposal.lacks), proposal.lacks


def test_every_word_that_was_read_has_its_place_and_meaning():
    proposal = read_directions(TYPICAL)

    told = {TYPICAL[each.start : each.end]: each.meaning for each in proposal.readings}
    assert told["1.5mg caps"] == "capsules of 1.5 mg"
    assert told["#69"] == "a quantity of 69"
    assert told["2"] == "2 capsules: 2 x 1.5 mg = 3 mg"
    assert told["thereafter"] == "without end"
    assert (proposal.quantity, proposal.unread, proposal.lacks) == (69, (), ())


def test_words_that_were_not_read_are_shown_even_when_a_plan_was():
    text = "4.5 mg qhs unless vivid dreams"

    proposal = read_directions(text)

    assert proposal.plan is not None
    assert [text[each.start : each.end] for each in proposal.unread] == ["unless", "vivid", "dreams"]


PIECES = st.sampled_from(
    ["LDN", "naltrexone", "1.5mg", "3", "mg", "50", "mcg", ".5mg", "caps", "tab", "#69", "#30", "1", "2", "3", "qhs", "hs", "qam", "bid", "daily", "at", "bedtime", "x7d", "x2wk", "for", "7", "days", "then", ",", ";", "thereafter", "ongoing", "and", "increase", "by", "weekly", "to", "max", "4.5", "mg", "days", "1-7", "8-14:", "week", "one", "two", "as", "tolerated", "prn", "7", "to", "14", "refills", "2", "->", "(note)", "1,500", "1/2", "½", "café", "every", "q", "2", "0.5", "mg"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map(" ".join))


@given(TEXTS)
def test_every_character_is_in_one_token_or_is_white_space(text):
    place = 0
    for token in tokens_of(text):
        assert not text[place : token.start].strip()
        assert token.text == text[token.start : token.end] != ""
        place = token.end
    assert not text[place:].strip()


@given(TEXTS)
def test_no_text_makes_it_stumble_and_places_lie_in_the_text(text):
    proposal = read_directions(text)

    for each in (*proposal.readings, *proposal.unread):
        assert 0 <= each.start < each.end <= len(text)
        assert each.meaning
    assert (proposal.plan is None) == bool(proposal.lacks)
    unread = {each.start for each in proposal.unread}
    told = {each.start for each in proposal.readings} | unread
    assert all(token.start in told for token in tokens_of(text) if token.word not in {Word.FILLING, Word.AND})


_NUMBERS = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_WRITTEN = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}


@given(TEXTS)
@example(TYPICAL)
@example("start 0.5 mg qhs, increase by 0.5 mg weekly to 3 mg")
def test_no_number_is_invented(text):
    proposal = read_directions(text)

    stated = {Decimal(each) for each in _NUMBERS.findall(text)}
    stated |= {Decimal(number) for word, number in _WRITTEN.items() if word in text.lower()}
    for step in proposal.steps:
        told = {Decimal(each) for line in step.arithmetic for each in _NUMBERS.findall(line)}
        for dose in step.doses:
            assert {dose.in_milligrams().value, Decimal(dose.value)} & (stated | told)
        if step.duration_days is not None:
            weekly = {Decimal(7), Decimal(14), Decimal(1)} if "increase" in text else set()
            assert Decimal(step.duration_days) in stated | told | weekly
    for number in (proposal.quantity, proposal.refills):
        assert number is None or Decimal(number) in stated
    for step in proposal.steps:
        for line in step.arithmetic:
            if match := re.fullmatch(r"([\d.]+) x ([\d.]+) (m?c?g) = ([\d.]+) \3", line):
                assert Decimal(match[1]) * Decimal(match[2]) == Decimal(match[4])


def test_a_text_of_great_length_is_refused():
    with pytest.raises(TextTooLong) as refused:
        read_directions("x" * (MOST_CHARACTERS + 1))

    assert refused.value.where == ("text",)
    assert str(refused.value) == "Directions have at most 2000 characters, not 2001."
