"""What no setting may loosen, and that a value keeps its shape."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.setting_floors import (
    BelowFloor,
    OtherShape,
    require_same_shape,
    require_within_floors,
)

NOTICES = {"opens": "09:00", "closes": "20:00", "most_a_day": 1, "most_a_week": 3}
SIGN_IN = {
    "tries": 5, "locked_after": 20, "shortest_password": 12, "least_strength": 3, "idle_minutes": 30,
    "tries_minutes": 15, "locked_hours": 24, "link_hours": 72, "longest_hours": 12, "emergency_minutes": 60,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("training_months", 12),
        ("training_months", 6),
        ("weight_limits", {"least_pct": "95", "most_pct": "105", "most_deviation_pct": "9"}),
        ("notices", NOTICES),
        ("notices", NOTICES | {"opens": "08:00", "closes": "21:00"}),
        ("sign_in", SIGN_IN),
        ("licensed_states", ["NY", "NJ"]),
        ("quote_valid_days", 1000),
    ],
)
def test_what_is_as_strict_as_the_law_or_stricter_is_left_to_the_house(name: str, value: Any) -> None:
    require_within_floors(name, value)


@pytest.mark.parametrize(
    ("name", "value", "source"),
    [
        ("training_months", 13, "USP <795>"),
        ("training_months", 0, "USP <795>"),
        ("calibration_months", 24, "22 TAC"),
        ("weight_limits", {"least_pct": "89.9", "most_pct": "110"}, "USP <795>"),
        ("weight_limits", {"least_pct": "90", "most_pct": "110.1"}, "USP <795>"),
        ("notices", NOTICES | {"opens": "07:59"}, "47 CFR"),
        ("notices", NOTICES | {"closes": "21:01"}, "47 CFR"),
        ("notices", NOTICES | {"opens": "20:00", "closes": "09:00"}, "47 CFR"),
        ("notices", NOTICES | {"most_a_day": 2}, "47 CFR"),
        ("sign_in", SIGN_IN | {"shortest_password": 7}, "NIST"),
        ("sign_in", SIGN_IN | {"least_strength": 0}, "NIST"),
        ("sign_in", SIGN_IN | {"tries": 0}, "NIST"),
        ("sign_in", SIGN_IN | {"longest_hours": 25}, "45 CFR"),
        ("sign_in", SIGN_IN | {"idle_minutes": 0}, "45 CFR"),
        ("licensed_states", ["New York"], "state law"),
    ],
)
def test_what_is_looser_than_the_law_is_refused_with_the_law(name: str, value: Any, source: str) -> None:
    with pytest.raises(BelowFloor, match=source):
        require_within_floors(name, value)


@pytest.mark.parametrize(
    ("was", "value", "where"),
    [
        (12, "12", ()),
        (12, True, ()),
        (True, 1, ()),
        ("0.80", "much", ()),
        ("0.80", "NaN", ()),
        ("solid", "", ()),
        ({"a": 1}, {"a": 1, "b": 2}, ()),
        ({"a": 1}, {}, ()),
        ({"a": {"b": 1}}, {"a": {"b": "x"}}, ("a", "b")),
        ([1, 2], [1, "x"], (1,)),
        ([1], 1, ()),
    ],
)
def test_another_shape_is_refused_at_its_place(was: Any, value: Any, where: tuple[Any, ...]) -> None:
    with pytest.raises(OtherShape) as refusal:
        require_same_shape(was, value)

    assert refusal.value.where == where


_PLAIN = (
    st.none() | st.booleans() | st.integers() | st.text(min_size=1) | st.decimals(allow_nan=False).map(str)
)
_VALUES = st.recursive(
    _PLAIN,
    lambda inner: st.lists(inner, max_size=1) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(_VALUES)
def test_every_value_has_its_own_shape(value: Any) -> None:
    require_same_shape(value, value)
