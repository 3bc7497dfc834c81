"""A setting as fields of a form, and back again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.web.console.setting_fields import (
    FieldUnreadable,
    fields_of,
    value_in_words,
    value_typed,
)

_WORD = st.text(st.characters(categories=["L", "N"]), min_size=1)
_LEAVES = (
    st.booleans()
    | st.integers(-999_999, 999_999)
    | _WORD
    | st.lists(_WORD)
    | st.lists(st.integers(0, 99), min_size=1)
    | st.lists(st.dictionaries(_WORD, _WORD | st.none(), min_size=1), min_size=1)
)
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.dictionaries(_WORD, inner, min_size=1, max_size=3), max_leaves=8
)


@given(_VALUES)
def test_what_is_shown_and_sent_back_unchanged_is_the_same(value: Any) -> None:
    shown = {each.name: each.text for each in fields_of(value)}

    assert value_typed(value, shown) == value


@pytest.mark.parametrize(
    ("standing", "typed", "name"),
    [
        (12, {"value": "twelve"}, "value"),
        ({"a": 1}, {"value.a": ""}, "value.a"),
        ([1, 2], {"value": "1, x"}, "value"),
        ([{"a": 1}], {"value": "[{"}, "value"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(standing: Any, typed: dict[str, str], name: str) -> None:
    with pytest.raises(FieldUnreadable) as refusal:
        value_typed(standing, typed)

    assert refusal.value.where == (name,)


def test_a_value_is_told_in_one_line() -> None:
    assert value_in_words({"opens": "09:00", "lead_days": {"mail": 14}}) == "opens 09:00, lead days: mail 14"
    rows = [{"share": "0.05", "up_to": 100}, {"share": "0.02", "up_to": None}]
    assert value_in_words(rows) == "share 0.05, up to 100; share 0.02"
    assert value_in_words(3) == "3"
