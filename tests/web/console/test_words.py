"""How the console says days, amounts and states."""

from datetime import date, timedelta

import pytest

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.web.console.rooms import NEXT_ACT, ROOMS, waiting_for
from pharmacy.web.console.words import (
    ACT_WORDS,
    STATUS_WORDS,
    Aligned,
    aligned,
    counted,
    day_text,
    order_number,
    relation,
    with_days_in_words,
)

DAY = date(2026, 3, 2)


def test_a_day_is_said_in_full() -> None:
    assert day_text(DAY) == "Mon 2 Mar 2026"


@pytest.mark.parametrize(
    ("away", "told"),
    [(0, "today"), (1, "tomorrow"), (4, "in 4 days"), (-1, "yesterday"), (-3, "3 days ago")],
)
def test_how_far_away_a_day_is(away: int, told: str) -> None:
    assert relation(DAY + timedelta(days=away), DAY) == told


def test_days_within_a_text_are_said_as_people_read_them() -> None:
    assert with_days_in_words("from 2026-03-02 on") == "from Mon 2 Mar 2026 on"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1.5 mg", Aligned("1", ".5", "mg")),
        ("3 mg", Aligned("3", "", "mg")),
        ("-10.67", Aligned("-10", ".67", "")),
        ("1.5 mg + 3 mg", Aligned("1.5 mg + 3 mg", "", "")),
        ("Mon 2 Mar 2026", Aligned("Mon 2 Mar 2026", "", "")),
    ],
)
def test_quantities_part_at_the_decimal_point(text: str, parts: Aligned) -> None:
    assert aligned(text) == parts


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("100234", "100234"),
        ("Rx 100234-1", "100234"),
        ("#7", "7"),
        ("", ""),
        ("Rx", ""),
        ("٣", ""),
        ("1" * 10, ""),
    ],
)
def test_an_order_is_known_by_what_is_on_its_label(typed: str, number: str) -> None:
    assert order_number(typed) == number


def test_things_are_counted_in_english() -> None:
    assert (counted(1, "vial"), counted(3, "vial"), counted(2, "batch")) == ("1 vial", "3 vials", "2 batches")


def test_every_state_and_every_act_has_words_and_letters_of_rooms_differ() -> None:
    assert set(STATUS_WORDS) == set(OrderStatus)
    assert set(ACT_WORDS) == set(Act)
    assert len({room.letter for room in ROOMS}) == len(ROOMS)


def test_no_state_waits_for_a_person_who_may_do_nothing_about_it() -> None:
    assert waiting_for(Role.AUDITOR) == frozenset()
    assert waiting_for(Role.SHIPPING) == {OrderStatus.VERIFIED}
    assert OrderStatus.LABELLED not in waiting_for(Role.TECHNICIAN)
    assert waiting_for(Role.PHARMACIST) <= set(NEXT_ACT)
