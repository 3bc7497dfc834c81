"""Every refusal says in one sentence what is the matter."""

import importlib
import pkgutil
from dataclasses import is_dataclass

import pytest

from pharmacy import domain
from pharmacy.domain.errors import Conflict, NotAllowed, NotFound, PharmacyError, Unfit, within

FAMILIES = (NotFound, Conflict, NotAllowed, Unfit)


def _leaves():
    for module in pkgutil.iter_modules(domain.__path__, prefix="pharmacy.domain."):
        importlib.import_module(module.name)
    return sorted(
        {
            leaf
            for family in FAMILIES
            for leaf in family.__subclasses__()
            if leaf.__module__.startswith(domain.__name__)
        },
        key=lambda leaf: leaf.__name__,
    )


@pytest.mark.parametrize("leaf", _leaves())
def test_every_refusal_of_the_domain_carries_values_and_speaks_a_sentence(leaf):
    assert is_dataclass(leaf)
    assert "__str__" in vars(leaf)
    assert leaf.__hash__ is not None


def test_a_refusal_without_a_field_at_fault_points_nowhere():
    assert NotFound().where == ()
    assert isinstance(NotFound(where=("id",)), PharmacyError)


def test_a_refusal_inside_a_part_of_the_submission_points_into_that_part():
    with pytest.raises(Unfit) as refused, within("lines", 2):
        raise Unfit(where=("strength_mg",))

    assert refused.value.where == ("lines", 2, "strength_mg")
