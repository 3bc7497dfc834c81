"""What came written beside the steps is held against them, and nothing is chosen silently."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.consistency import AsWritten, Ordered, WrittenStep, check_as_written
from pharmacy.domain.findings import Severity
from pharmacy.domain.supply import Window, own_strength
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan, scheduled_between
from tests.domain.plans import bedtime_plan, mg, usual_plan
from tests.domain.strategies import closed_plans

TEN_DAYS = bedtime_plan(("1.5", 10), ("3", 10), ("4.5", None))
MONTH = Window(1, 30)


def _found(plan, written, window=MONTH, **ordered):
    findings = check_as_written(written, Ordered(plan=plan, window=window, **ordered))
    return [(each.code, each.where, each.expected, each.found) for each in findings]


def test_the_taper_of_the_standard_s_own_example_needs_forty_nine_tablets():
    # HL7 FHIR, example of a tapering dose: 4 tablets for 7 days, 2 for 7, 1 for 7, and a quantity of 51.
    taper = bedtime_plan(("4", 7), ("2", 7), ("1", 7))
    written = AsWritten(quantity=51, unit_strength=mg("1"))

    assert _found(taper, written, Window(1, 21)) == [("W-QUANTITY", ("quantity",), "49", "51")]
    (finding,) = check_as_written(written, Ordered(plan=taper, window=Window(1, 21)))
    assert finding.severity is Severity.BLOCK
    assert finding.because == "Quantity: 49 expected from the steps, 51 written."


def test_day_labels_of_a_published_guide_are_found_a_day_late():
    steps = [WrittenStep(first_day=1), WrittenStep(first_day=11), WrittenStep(first_day=22)]

    assert _found(TEN_DAYS, AsWritten(steps=tuple(steps))) == [
        ("W-DAY", ("steps", 2, "first_day"), "21", "22")
    ]


FIRST = date(2026, 2, 23)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (AsWritten(quantity=30), []),
        (AsWritten(quantity=69), []),
        (AsWritten(quantity=60), [("W-QUANTITY", ("quantity",), "30 or 69", "60")]),
        (AsWritten(quantity=69, unit_strength=mg("1.5")), []),
        (
            AsWritten(quantity=69, unit_strength=mg("2")),
            [("W-UNIT-STRENGTH", ("unit_strength_mg",), "a strength that makes up 1.5 mg", "2 mg")],
        ),
        (AsWritten(days_supply=44), [("W-DAYS-SUPPLY", ("days_supply",), "30", "44")]),
        (AsWritten(refills=5), [("W-REFILLS", ("refills",), "2", "5")]),
        (
            AsWritten(start_on=date(2026, 2, 1)),
            [("W-START", ("start_on",), "2026-02-20 or later", "2026-02-01")],
        ),
        (AsWritten(text="1.5 mg qhs x7d, 3 mg qhs x7d, 4.5 mg qhs thereafter"), []),
        (
            AsWritten(text="1.5 mg qhs x7d, 2 mg qhs x7d, 4.5 mg qhs thereafter"),
            [("W-TEXT", ("text",), "3 mg", "2 mg")],
        ),
        (
            AsWritten(text="1.5 mg qam x10d, 3 mg qhs x7d, 4.5 mg qhs thereafter"),
            [
                ("W-TEXT", ("text",), "at bedtime", "in the morning"),
                ("W-TEXT", ("text",), "7 days", "10 days"),
            ],
        ),
        (AsWritten(text="4.5 mg qhs"), [("W-TEXT", ("text",), "3", "1")]),
        (
            AsWritten(text="each step 7 to 14 days as tolerated"),
            [
                ("W-RANGE", ("text",), "a fixed number", "7 to 14 days"),
                ("W-AS-TOLERATED", ("text",), "a fixed number", "as tolerated"),
            ],
        ),
        (
            AsWritten(
                steps=(WrittenStep(duration_days=7, duration_days_most=14), WrittenStep(), WrittenStep())
            ),
            [("W-RANGE", ("steps", 0, "duration_days_most"), "7 days", "7 to 14 days")],
        ),
        (
            AsWritten(steps=(WrittenStep(duration_days=8), WrittenStep(), WrittenStep(duration_days=30))),
            [
                ("W-DURATION", ("steps", 0, "duration_days"), "7", "8"),
                ("W-DURATION", ("steps", 2, "duration_days"), "no end", "30"),
            ],
        ),
        (AsWritten(steps=(WrittenStep(),)), [("W-STEPS", ("steps",), "3", "1")]),
        (
            AsWritten(steps=(WrittenStep(text="2 mg at bedtime"), WrittenStep(), WrittenStep())),
            [("W-TEXT", ("steps", 0, "text"), "1.5 mg", "2 mg")],
        ),
    ],
)
def test_each_disagreement_has_its_place_and_both_values(written, found):
    assert _found(usual_plan(), written, refills=2, written_on=date(2026, 2, 20)) == found


def _periods(*spans):
    return tuple(
        WrittenStep(first_on=FIRST + timedelta(days=first), last_on=FIRST + timedelta(days=last))
        for first, last in spans
    )


def test_periods_with_a_gap_an_overlap_and_a_wrong_length_are_told_apart():
    plan = bedtime_plan(("1.5", 7), ("3", 7), ("4.5", 7))

    assert _found(plan, AsWritten(start_on=FIRST, steps=_periods((0, 6), (7, 13), (14, 20)))) == []
    assert _found(plan, AsWritten(steps=_periods((0, 6), (8, 14), (14, 21)))) == [
        ("W-PERIOD", ("steps", 2, "last_on"), "2026-03-15", "2026-03-16"),
        ("W-GAP", ("steps", 1, "first_on"), "2026-03-02", "2026-03-03"),
        ("W-OVERLAP", ("steps", 2, "first_on"), "2026-03-10", "2026-03-09"),
    ]


def test_a_supply_beyond_the_end_of_a_plan_is_found():
    plan = bedtime_plan(("1.5", 7), ("3", 7))

    assert _found(plan, AsWritten(days_supply=30), Window(1, 14)) == [
        ("W-DAYS-SUPPLY", ("days_supply",), "14", "30")
    ]


def test_two_amounts_a_day_are_counted_together():
    both = Step((Intake(TimeOfDay.MORNING, mg("1.5")), Intake(TimeOfDay.BEDTIME, mg("3"))), 10)

    written = AsWritten(quantity=30, unit_strength=mg("1.5"), text="1.5 mg qam and 3 mg qhs x10d")
    assert _found(TitrationPlan((both,)), written, Window(1, 10)) == []


@given(closed_plans())
def test_what_is_written_as_the_plan_says_is_never_found_fault_with(plan):
    window = Window(1, plan.closed_days)
    parts = scheduled_between(plan, 1, plan.closed_days)
    written = AsWritten(
        quantity=own_strength(plan, window).capsules or None,
        days_supply=plan.closed_days,
        start_on=FIRST,
        steps=tuple(
            WrittenStep(
                duration_days=part.days,
                duration_days_most=part.days,
                first_day=part.first_day,
                last_day=part.last_day,
                first_on=FIRST + timedelta(days=part.first_day - 1),
                last_on=FIRST + timedelta(days=part.last_day - 1),
            )
            for part in parts
        ),
    )

    assert _found(plan, written, window, written_on=FIRST) == []


@given(plan=closed_plans(), text=st.text(max_size=80), quantity=st.integers(1, 400))
def test_no_text_and_no_number_is_ever_too_odd_to_check(plan, text, quantity):
    written = AsWritten(text=text, quantity=quantity, steps=(WrittenStep(text=text),))

    for finding in check_as_written(written, Ordered(plan=plan, window=Window(1, plan.closed_days))):
        assert finding.because
        assert finding.where
