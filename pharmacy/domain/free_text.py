"""Directions in free text, read into a plan that somebody may accept: never an order by itself.

"LDN 1.5mg caps #69 1 qhs x7d, 2 qhs x7d, 3 qhs thereafter" is three steps of 1.5, 3 and 4.5 mg. Every number of the
proposal stands in the text or follows from it by arithmetic that is told with it ("2 x 1.5 mg = 3 mg"). What is a
range, "as tolerated", or without a time of day is nobody's to choose here: then there is no plan, and the text says
where it stops. What no pattern knows is told as not read, with its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pharmacy.domain.errors import Unfit
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.sig_reader import ProposedStep, Reading, SigReader
from pharmacy.domain.sig_words import MOST_CHARACTERS, tokens_of
from pharmacy.domain.titration import MOST_STEPS, Intake, Step, TimeOfDay, TitrationPlan


@dataclass(eq=False)
class TextTooLong(Unfit):
    """Nobody writes directions of that length; the field is read to its end or not at all."""

    characters: int

    def __str__(self) -> str:
        return f"Directions have at most {MOST_CHARACTERS} characters, not {self.characters}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a text seems to say. `plan` is there only when the text leaves nothing to choose; `lacks` says what does."""

    text: str
    plan: TitrationPlan | None
    steps: tuple[ProposedStep, ...]
    strength: Micrograms | None
    quantity: int | None
    refills: int | None
    readings: tuple[Reading, ...]
    unread: tuple[Reading, ...]
    lacks: tuple[str, ...]


def read_directions(text: str) -> Proposal:
    """What the text seems to say, with the place of everything that was and was not read. Raises TextTooLong."""
    if len(text) > MOST_CHARACTERS:
        raise TextTooLong(len(text), where=("text",))
    reader = SigReader(text, tokens_of(text))
    reader.read()
    steps = tuple(reader.steps())
    lacks = [*reader.lacks, *_lacking(steps)]
    unread = tuple(sorted(reader.unread, key=lambda each: each.start))
    return Proposal(
        text=text,
        plan=None if lacks else _plan(steps),
        steps=steps,
        strength=reader.strength,
        quantity=reader.quantity,
        refills=reader.refills,
        readings=tuple(sorted(reader.readings, key=lambda each: each.start)),
        unread=unread,
        lacks=tuple(lacks),
    )


def _lacking(steps: tuple[ProposedStep, ...]) -> Iterator[str]:
    """What must be asked before the steps are a plan."""
    if not steps:
        yield "No dose could be read."
    if len(steps) > MOST_STEPS:
        yield f"More than {MOST_STEPS} steps were read."
    for position, step in enumerate(steps, start=1):
        is_last = position == len(steps)
        if not step.times:
            yield f"Step {position}: the time of day is not said."
        elif len(step.times) != len(step.doses) or len(set(step.times)) < len(step.times):
            yield f"Step {position}: which dose is taken at which time is not clear."
        if step.duration_days is None and not is_last:
            yield f"Step {position}: how many days it lasts is not said."
        if step.duration_days is None and is_last and not step.is_open and len(steps) > 1:
            yield f"Step {position}: neither an end nor “thereafter” is said."


def _plan(steps: tuple[ProposedStep, ...]) -> TitrationPlan:
    return TitrationPlan(
        tuple(
            Step(
                tuple(
                    sorted(
                        (Intake(time, dose) for time, dose in zip(step.times, step.doses, strict=True)),
                        key=lambda intake: tuple(TimeOfDay).index(intake.time_of_day),
                    )
                ),
                step.duration_days,
            )
            for step in steps
        )
    )
