"""Few strengths, few capsules: the best sets are truly the best."""

from itertools import combinations, combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.strength_sets import best_sets, made_up
from tests.domain.cases import case
from tests.domain.plans import mg

MOST = 9
FORMULARY = [mg(each) for each in ["0.1", "0.25", "0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "6"]]
# 0.5 to 4.5 mg, each a week.
SLOW = {mg("0.5").times(step): 7 for step in range(1, 10)}


def _by_trial(dose, strengths):
    """The fewest capsules, by trying every handful."""
    for count in range(MOST + 1):
        if any(sum(each) == dose for each in combinations_with_replacement(strengths, count)):
            return count
    return None


def _best_by_trial(doses, formulary, size):
    """The fewest capsules in all and in the largest dose of any set of that size, by trying every set."""
    totals, handfuls = [], []
    for strengths in combinations(formulary, size):
        counts = [_by_trial(dose, strengths) for dose in doses]
        if None not in counts:
            totals.append(sum(count * times for count, times in zip(counts, doses.values(), strict=True)))
            handfuls.append(max(counts))
    return (min(totals), min(handfuls)) if totals else None


@st.composite
def _problems(draw):
    formulary = draw(st.sets(st.integers(1, 24), min_size=1, max_size=6))
    doses = draw(st.dictionaries(st.integers(1, 24), st.integers(1, 30), min_size=1, max_size=12))
    return formulary, doses


@given(_problems())
def test_no_set_of_so_many_strengths_takes_fewer_capsules(problem):
    formulary, doses = problem

    found = best_sets(
        {Micrograms(dose): times for dose, times in doses.items()},
        [Micrograms(each) for each in formulary],
        most_strengths=len(formulary),
        most_per_dose=MOST,
    )

    for size in range(1, len(formulary) + 1):
        best = _best_by_trial(doses, sorted(formulary), size)
        upto = [each for each in found if len(each.strengths) <= size]
        if best is not None:
            assert min(each.capsules for each in upto) <= best[0]
            assert min(each.most_per_dose for each in upto) <= best[1]
        for each in (one for one in found if len(one.strengths) == size):
            assert each.capsules >= best[0]
            assert each.most_per_dose >= best[1]


@given(dose=st.integers(0, 60), strengths=st.sets(st.integers(1, 24), min_size=1, max_size=5))
def test_a_dose_is_made_up_exactly_and_from_the_fewest_capsules(dose, strengths):
    counts = made_up(Micrograms(dose), [Micrograms(each) for each in strengths], MOST)

    fewest = _by_trial(dose, sorted(strengths))
    assert (counts is None) == (fewest is None)
    if counts is not None:
        assert sum(strength.value * count for strength, count in counts.items()) == dose
        assert sum(counts.values()) == fewest


@pytest.mark.parametrize(
    ("count", "strengths", "capsules", "most"),
    [
        (1, ["0.5"], 315, 9),
        (2, ["0.5", "1.5"], 147, 4),
        (3, ["0.5", "1.5", "2"], 112, 3),
        (9, [f"{half / 2:g}" for half in range(1, 10)], 63, 1),
    ],
)
def test_half_a_milligram_a_week_has_its_known_best_sets(count, strengths, capsules, most):
    only = FORMULARY if count < 9 else [mg(each) for each in strengths]
    found = best_sets(SLOW, only, most_strengths=count, most_per_dose=MOST)

    best = min(found, key=lambda each: (each.capsules, each.most_per_dose))
    assert [best.strengths, best.capsules, best.most_per_dose] == [
        tuple(mg(each) for each in strengths),
        capsules,
        most,
    ]


def test_stock_strengths_make_up_doses_as_the_worked_case_says():
    worked = case("TIT-08")
    stock = [mg(each) for each in worked.inputs["stock_mg"]]

    told = {}
    for dose in worked.inputs["doses_mg"]:
        counts = made_up(mg(dose), stock, MOST)
        told[dose] = [strength for strength, count in counts.items() for _ in range(count)]

    expected = worked.expected["combos"]
    assert told == {dose: [mg(each) for each in combo] for dose, combo in expected.items()}
    assert max(map(len, told.values())) == worked.expected["max_capsules"]


def test_what_no_strength_of_the_formulary_makes_up_has_no_set():
    assert best_sets({mg("0.333"): 7}, FORMULARY, most_strengths=4, most_per_dose=MOST) == ()
    assert best_sets({}, FORMULARY, most_strengths=4, most_per_dose=MOST) == ()
