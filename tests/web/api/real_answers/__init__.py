"""For every operation of the API at least one real answer, so that the description is held to what is said.

One module for each noun; each has `answers(callers)`: from (method, path as described) to the answers.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from werkzeug.test import TestResponse

from pharmacy.domain.orders import Role
from tests.callers import Api, StaffApi
from tests.work import Work

Answers = Mapping[tuple[str, str], list[TestResponse]]


@dataclass(frozen=True)
class Callers:
    """Everybody who may call, and the pharmacy at work behind them."""

    api: Api
    staff_api: Callable[[Role], StaffApi]
    work: Work


def real_answers(callers: Callers) -> Answers:
    """What the operations really answered, noun by noun."""
    gathered: dict[tuple[str, str], list[TestResponse]] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        gathered.update(importlib.import_module(module.name).answers(callers))
    return gathered
