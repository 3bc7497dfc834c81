"""Two readings of one sheet: where they agree, and every number on which they do not."""

from hypothesis import given

from pharmacy.domain.double_entry import Dose, differences
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import TimeOfDay, TitrationPlan, once_daily
from tests.domain.strategies import plans


def a_dose(*steps: tuple[int, int | None], days: int | None = 30) -> Dose:
    return Dose(
        plan=TitrationPlan(
            tuple(once_daily(Micrograms(dose), TimeOfDay.BEDTIME, lasts) for dose, lasts in steps)
        ),
        days=days,
    )


TYPICAL = a_dose((1500, 7), (3000, 7), (4500, None))


@given(plan=plans())
def test_whoever_reads_the_same_reads_no_difference(plan: TitrationPlan) -> None:
    assert differences(Dose(plan=plan, days=30), Dose(plan=plan, days=30)) == ()


@given(one=plans(), other=plans())
def test_differences_are_none_exactly_when_the_plans_are_the_same(
    one: TitrationPlan, other: TitrationPlan
) -> None:
    found = differences(Dose(plan=one, days=30), Dose(plan=other, days=30))
    assert (found == ()) == (one == other)
    swapped = differences(Dose(plan=other, days=30), Dose(plan=one, days=30))
    assert [(each.first, each.second) for each in found] == [(each.second, each.first) for each in swapped]


def test_a_slipped_decimal_point_a_day_more_and_a_step_less_are_all_told() -> None:
    second = a_dose((15000, 7), (3000, 8), days=60)

    told = [(each.step, each.what, each.first, each.second) for each in differences(TYPICAL, second)]

    assert told == [
        (0, "days", "30 days", "60 days"),
        (1, "at bedtime", "1.5 mg", "15 mg"),
        (2, "lasts", "7 days", "8 days"),
        (3, "step", "4.5 mg at bedtime, open-ended", "no such step"),
    ]


def test_the_time_of_day_is_part_of_the_dose() -> None:
    morning = Dose(plan=TitrationPlan((once_daily(Micrograms(1500), TimeOfDay.MORNING, 7),)), days=None)

    told = [
        (each.what, each.first, each.second) for each in differences(a_dose((1500, 7), days=None), morning)
    ]

    assert told == [("in the morning", "nothing", "1.5 mg"), ("at bedtime", "1.5 mg", "nothing")]
