"""Dosage instructions, in one request or in several of one group, as one titration plan.

The sequence says the order: equal numbers are taken at the same time, different ones follow each other. Where the
requests of a group number each of theirs as the first, their periods say the order. Numbers with gaps are
renumbered, and the answer says so; where neither numbers nor periods tell, the request is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from pharmacy.domain.consistency import WrittenStep
from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.titration import MOST_STEPS, Step, TimeOfDay, TitrationPlan
from pharmacy.web.fhir.dosage import Taken
from pharmacy.web.fhir.element import BUSINESS_RULE, INVALID, REQUIRED, Issue, NotUnderstood

_TIMES = tuple(TimeOfDay)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRead:
    """The plan; `places` tells for each step where it stands, `instructions` are the same numbered from 1."""

    plan: TitrationPlan
    written: tuple[WrittenStep, ...]
    other_words: tuple[str, ...]
    places: tuple[str, ...]
    instructions: tuple[dict[str, Any], ...]
    notes: tuple[Issue, ...]


def plan_of(instructions: Sequence[Taken], *, is_group: bool) -> PlanRead:
    """The plan; NotUnderstood where the order or the parts of a step leave something to choose."""
    steps = _in_order(instructions, is_group)
    if len(steps) > MOST_STEPS:
        steps[MOST_STEPS][0].element.refuse(f"A plan has at most {MOST_STEPS} steps.", code=INVALID)
    for index, step in enumerate(steps):
        _require_one_length(step, is_last=index + 1 == len(steps))
    try:
        plan = TitrationPlan(tuple(_step(step) for step in steps))
    except PharmacyError as refusal:
        place = steps[0][0].element.path
        raise NotUnderstood(Issue(code=BUSINESS_RULE, text=str(refusal), expression=place)) from None
    return PlanRead(
        plan=plan,
        written=tuple(_written(step) for step in steps),
        other_words=tuple(words for step in steps for each in step for words in _beside(each, step)),
        places=tuple(step[0].element.path for step in steps),
        instructions=tuple(
            {**each.element.members, "sequence": number}
            for number, step in enumerate(steps, start=1)
            for each in step
        ),
        notes=_notes(steps, is_group),
    )


def _in_order(instructions: Sequence[Taken], is_group: bool) -> list[tuple[Taken, ...]]:
    """The instructions by step."""
    if len(instructions) == 1:
        return [tuple(instructions)]
    if is_group and len({each.numbered for each in instructions}) == 1 and _all_dated(instructions):
        return _by(instructions, lambda each: (each.first_on, each.last_on is None))
    for each in instructions:
        if each.numbered is None:
            text = "Several instructions need a sequence: it says which follows and which goes together."
            each.element.refuse(text, "sequence", code=REQUIRED, reason="C-SEQUENCE")
    return _by(instructions, lambda each: each.numbered)


def _by(instructions: Sequence[Taken], key: Any) -> list[tuple[Taken, ...]]:
    return [tuple(step) for _, step in groupby(sorted(instructions, key=key), key=key)]


def _all_dated(instructions: Sequence[Taken]) -> bool:
    return all(each.first_on is not None for each in instructions)


def _require_one_length(step: tuple[Taken, ...], *, is_last: bool) -> None:
    """What goes together lasts the same days, at different times of day; only the last has no end."""
    first = step[0]
    for each in step:
        if (each.days, each.first_on, each.last_on) != (first.days, first.first_on, first.last_on):
            text = "Instructions of one sequence go together, so they last the same days."
            each.element.refuse(text, "timing.repeat", code=INVALID, reason="C-SEQUENCE")
        if each.days is None and not is_last:
            text = "Only the last instruction may be without an end."
            each.element.refuse(text, "timing.repeat", code=REQUIRED, reason="C-BOUNDS")
    times = [intake.time_of_day for each in step for intake in each.intakes]
    if len(set(times)) < len(times):
        text = "Two instructions of one sequence are for the same time of day."
        step[-1].element.refuse(text, "timing.repeat.when", code=INVALID, reason="C-SEQUENCE")


def _step(step: tuple[Taken, ...]) -> Step:
    intakes = [intake for each in step for intake in each.intakes]
    return Step(tuple(sorted(intakes, key=lambda each: _TIMES.index(each.time_of_day))), step[0].days)


def _written(step: tuple[Taken, ...]) -> WrittenStep:
    """The words of a step are held against it where they are about the whole of it."""
    written = step[0].written()
    return written if len(step) == 1 else replace(written, text=None)


def _beside(each: Taken, step: tuple[Taken, ...]) -> tuple[str, ...]:
    """Words that are read for what leaves a choice, and no further."""
    own = (each.text,) if len(step) > 1 and each.text is not None else ()
    return (*own, *each.rest_of_text)


def _notes(steps: list[tuple[Taken, ...]], is_group: bool) -> tuple[Issue, ...]:
    numbers = [step[0].numbered for step in steps]
    if numbers == list(range(1, len(steps) + 1)) or numbers == [None] or is_group:
        return ()
    text = f"The sequences {', '.join(map(str, numbers))} were renumbered from 1 without gaps."
    return (
        Issue(
            code="informational", severity="information", text=text,
            expression=steps[0][0].element.at("sequence"), reason="renumbered",
        ),
    )  # fmt: skip
