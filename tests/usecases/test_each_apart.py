"""One delivery never spoils another, and what went wrong is told without a patient's words."""

from uuid import UUID

import pytest

from pharmacy.usecases.each_apart import DeliveriesFailed, each_apart

ONE, TWO = UUID(int=1), UUID(int=2)


class TimeIsUp(Exception):
    """Ends the task itself."""


def test_the_others_are_delivered_when_one_fails_and_its_words_are_kept_back() -> None:
    delivered: list[UUID] = []

    def deliver(each: UUID) -> None:
        if each == ONE:
            raise ValueError("Failing row contains (Anna Sample)")
        delivered.append(each)

    with pytest.raises(DeliveriesFailed) as told:
        each_apart([str(ONE), str(TWO)], deliver, ends=(TimeIsUp,))

    assert delivered == [TWO]
    assert "ValueError in deliver" in str(told.value)
    assert "Anna" not in repr(told.value) + str(told.value)
    assert told.value.__cause__ is None
    assert told.value.__context__ is None


def test_a_time_limit_ends_the_task_at_once() -> None:
    delivered: list[UUID] = []

    def deliver(each: UUID) -> None:
        if each == ONE:
            raise TimeIsUp
        delivered.append(each)

    with pytest.raises(TimeIsUp):
        each_apart([str(ONE), str(TWO)], deliver, ends=(TimeIsUp,))

    assert delivered == []
