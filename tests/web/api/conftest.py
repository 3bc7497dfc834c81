"""A search in depth, for `pytest tests/web/api --hypothesis-profile=thorough`."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

from pharmacy.domain.orders import Role
from tests.books import Clock
from tests.callers import Api, StaffApi
from tests.web.api.courses import Course, course_order
from tests.work import Work

settings.register_profile("thorough", max_examples=500, deadline=None)


@pytest.fixture
def course(
    api: Api, staff_api: Callable[[Role], StaffApi], work: Work, clock: Clock
) -> Callable[..., Course]:
    """A prescription whose typical fill has been shipped, on the tenth day at the patient's."""

    def begin(body: dict[str, Any] | None = None, *, day: int | None = 10, **options: Any) -> Course:
        made = Course(api, staff_api, work, clock)
        made.begin(body or course_order(), **options)
        if day is not None:
            made.go_to_day(day)
        return made

    return begin
