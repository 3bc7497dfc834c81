"""What came written with a prescription, held against its steps.

The steps decide; text, bounds, quantity, days' supply, refills and start date are other tellings of the same, and
other tellings contain errors: a published guide says "day 22" where its ten-day steps give day 21, and HL7's own
taper orders 51 tablets where its steps need 49. Nothing is chosen silently: every disagreement is a finding with its
place, the expected and the found value. Findings of severity `block` wait for the prescriber.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from pharmacy.domain.calendar import ONE_DAY
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.errors import Where
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.free_text import read_directions
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.sig_reader import ProposedStep
from pharmacy.domain.sig_words import Token, Word, tokens_of
from pharmacy.domain.supply import Window, supply_options
from pharmacy.domain.titration import ScheduledStep, Step, TimeOfDay, TitrationPlan, scheduled_between


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenStep:
    """What was written about one step, as far as it was; days and periods include both ends."""

    text: str | None = None
    duration_days: int | None = None
    duration_days_most: int | None = None
    first_day: int | None = None
    last_day: int | None = None
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AsWritten:
    """Everything that arrived beside the steps. `quantity` counts capsules or tablets of `unit_strength`, where known."""

    text: str | None = None
    quantity: int | None = None
    unit_strength: Micrograms | None = None
    days_supply: int | None = None
    refills: int | None = None
    start_on: date | None = None
    steps: tuple[WrittenStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What the prescription itself says: the plan, the days of this fill, and what is known of it besides."""

    plan: TitrationPlan
    window: Window
    refills: int | None = None
    written_on: date | None = None


def check_as_written(written: AsWritten, ordered: Ordered) -> tuple[Finding, ...]:
    """Every disagreement between what was written and the steps, in the order of the fields."""
    return (
        *_text(written.text, ordered.plan),
        *_quantity(written, ordered),
        *_days_supply(written, ordered),
        *_refills(written, ordered),
        *_start(written, ordered),
        *_steps(written.steps, ordered.plan),
    )


def is_written(code: str) -> bool:
    """Whether a finding of that code is about what was written beside the steps."""
    return code.startswith("W-")


def _differs(code: str, where: Where, what: str, *, expected: object, found: object) -> Finding:
    because = f"{what}: {expected} expected from the steps, {found} written."
    return Finding(code, Severity.BLOCK, because, where, str(expected), str(found))


def _unfixed(token: Token, where: Where) -> Finding:
    found = token.text.strip()
    is_range = any(map(str.isdigit, found))
    code = "W-RANGE" if is_range else "W-AS-TOLERATED"
    because = f"\u201c{found}\u201d leaves a choice to somebody; a plan needs a fixed number."
    return Finding(code, Severity.BLOCK, because, where, "a fixed number", found)


def _text(text: str | None, plan: TitrationPlan) -> Iterator[Finding]:
    if text is None:
        return
    where: Where = ("text",)
    unfixed = [token for token in tokens_of(text) if token.word is Word.UNFIT]
    yield from (_unfixed(token, where) for token in unfixed)
    proposal = read_directions(text)
    if unfixed or not proposal.steps:
        return
    if len(proposal.steps) != len(plan.steps):
        yield _differs(
            "W-TEXT", where, "Steps in the text", expected=len(plan.steps), found=len(proposal.steps)
        )
        return
    for position, (said, step) in enumerate(zip(proposal.steps, plan.steps, strict=True), start=1):
        yield from _said(said, step, f"Step {position} in the text", where)


def _said(said: ProposedStep, step: Step, what: str, where: Where) -> Iterator[Finding]:
    """Doses, times and days as far as the text says them."""
    ordered = sorted(intake.dose for intake in step.intakes)
    if said.doses and len(said.doses) in (1, len(ordered)) and set(said.doses) != set(ordered):
        yield _differs("W-TEXT", where, what, expected=_doses(ordered), found=_doses(said.doses))
    times = {intake.time_of_day for intake in step.intakes}
    if said.times and set(said.times) != times:
        yield _differs("W-TEXT", where, what, expected=_words(times), found=_words(said.times))
    if said.duration_days is not None and said.duration_days != step.duration_days:
        expected = "no end" if step.duration_days is None else f"{step.duration_days} days"
        yield _differs("W-TEXT", where, what, expected=expected, found=f"{said.duration_days} days")
    if said.is_open and step.duration_days is not None:
        yield _differs("W-TEXT", where, what, expected=f"{step.duration_days} days", found="no end")


def _doses(doses: Iterable[Micrograms]) -> str:
    return " and ".join(dict.fromkeys(format_dose(dose) for dose in doses))


def _words(times: Iterable[TimeOfDay]) -> str:
    return " and ".join(sorted(time.words for time in times))


def _days_meant(written: AsWritten, ordered: Ordered) -> int:
    """The days that quantity and days' supply are for: the whole plan where it ends, else what one fill covers."""
    closed = ordered.plan.closed_days
    asked = written.days_supply or ordered.window.days
    return asked if closed is None else min(closed, written.days_supply or closed)


def _quantity(written: AsWritten, ordered: Ordered) -> Iterator[Finding]:
    if written.quantity is None:
        return
    window = Window(1, _days_meant(written, ordered))
    parts = scheduled_between(ordered.plan, window.first_day, window.last_day)
    if written.unit_strength is None:
        options = supply_options(ordered.plan, window)
        counts = list(dict.fromkeys(option.capsules for option in options))
        if written.quantity not in counts:
            expected = " or ".join(map(str, counts))
            yield _differs("W-QUANTITY", ("quantity",), "Quantity", expected=expected, found=written.quantity)
        return
    unit = written.unit_strength
    doses = [intake.dose for part in parts for intake in part.step.doses]
    unfit = next((dose for dose in doses if not unit.value or dose.value % unit.value), None)
    if unfit is not None:
        expected = f"a strength that makes up {format_dose(unfit)}"
        yield _differs(
            "W-UNIT-STRENGTH", ("unit_strength_mg",), "Strength", expected=expected, found=format_dose(unit)
        )
        return
    needed = sum(part.step.daily_dose.value // unit.value * part.days for part in parts)
    if written.quantity != needed:
        yield _differs("W-QUANTITY", ("quantity",), "Quantity", expected=needed, found=written.quantity)


def _days_supply(written: AsWritten, ordered: Ordered) -> Iterator[Finding]:
    found, closed = written.days_supply, ordered.plan.closed_days
    if found is None:
        return
    where: Where = ("days_supply",)
    refills = written.refills if ordered.refills is None else ordered.refills
    if closed is not None and (found > closed or (found < closed and not refills)):
        yield _differs("W-DAYS-SUPPLY", where, "Days' supply", expected=closed, found=found)
    elif found != ordered.window.days:
        because = f"Days' supply: this fill covers {ordered.window.days} days, {found} written."
        yield Finding("W-DAYS-SUPPLY", Severity.WARN, because, where, str(ordered.window.days), str(found))


def _refills(written: AsWritten, ordered: Ordered) -> Iterator[Finding]:
    if written.refills is None or ordered.refills is None or written.refills == ordered.refills:
        return
    because = f"Refills: {ordered.refills} ordered, {written.refills} written."
    yield Finding(
        "W-REFILLS", Severity.BLOCK, because, ("refills",), str(ordered.refills), str(written.refills)
    )


def _start(written: AsWritten, ordered: Ordered) -> Iterator[Finding]:
    start = written.start_on
    if start is None:
        return
    if ordered.written_on is not None and start < ordered.written_on:
        because = f"The start {start} is before the prescription was written, {ordered.written_on}."
        on_or_after = f"{ordered.written_on} or later"
        yield Finding("W-START", Severity.BLOCK, because, ("start_on",), on_or_after, str(start))
    first_on = written.steps[0].first_on if written.steps else None
    if first_on is not None and first_on != start:
        yield _differs(
            "W-START", ("steps", 0, "first_on"), "First day of step 1", expected=start, found=first_on
        )


def _steps(written: tuple[WrittenStep, ...], plan: TitrationPlan) -> Iterator[Finding]:
    if not written:
        return
    if len(written) != len(plan.steps):
        yield _differs("W-STEPS", ("steps",), "Steps", expected=len(plan.steps), found=len(written))
        return
    closed = sum(step.duration_days or 0 for step in plan.steps)
    parts = scheduled_between(plan, 1, closed + 1 if plan.closed_days is None else closed)
    for index, (each, part) in enumerate(zip(written, parts, strict=True)):
        where: Where = ("steps", index)
        yield from _duration(each, part, where)
        yield from _day_numbers(each, part, where)
        yield from _period(each, part, where)
        yield from _step_text(each.text, part.step, where)
    yield from _gaps(written)


def _duration(each: WrittenStep, part: ScheduledStep, where: Where) -> Iterator[Finding]:
    duration = part.step.duration_days
    if each.duration_days_most not in (None, each.duration_days):
        found = f"{each.duration_days or 0} to {each.duration_days_most} days"
        because = f"Step {part.position}: {found} is a range; a plan needs a fixed number."
        expected = "a fixed number" if duration is None else f"{duration} days"
        yield Finding("W-RANGE", Severity.BLOCK, because, (*where, "duration_days_most"), expected, found)
    elif each.duration_days is not None and each.duration_days != duration:
        yield _differs(
            "W-DURATION",
            (*where, "duration_days"),
            f"Duration of step {part.position} in days",
            expected="no end" if duration is None else duration,
            found=each.duration_days,
        )


def _day_numbers(each: WrittenStep, part: ScheduledStep, where: Where) -> Iterator[Finding]:
    last = None if part.step.duration_days is None else part.last_day
    for name, expected, found in (
        ("first_day", part.first_day, each.first_day),
        ("last_day", last, each.last_day),
    ):
        if found is not None and found != expected:
            what = f"{name.replace('_', ' ').capitalize()} of step {part.position}"
            shown = "none" if expected is None else expected
            yield _differs("W-DAY", (*where, name), what, expected=shown, found=found)


def _period(each: WrittenStep, part: ScheduledStep, where: Where) -> Iterator[Finding]:
    if each.first_on is None or each.last_on is None:
        return
    days = (each.last_on - each.first_on).days + 1
    if days != part.step.duration_days:
        expected = (
            "no last day"
            if part.step.duration_days is None
            else each.first_on + timedelta(days=part.step.duration_days - 1)
        )
        what = f"Last day of step {part.position}"
        yield _differs("W-PERIOD", (*where, "last_on"), what, expected=expected, found=each.last_on)


def _gaps(written: tuple[WrittenStep, ...]) -> Iterator[Finding]:
    """Days between two periods that belong to neither step, or to both."""
    for index, (before, after) in enumerate(pairwise(written), start=1):
        if before.last_on is None or after.first_on is None:
            continue
        expected = before.last_on + ONE_DAY
        if after.first_on != expected:
            code = "W-GAP" if after.first_on > expected else "W-OVERLAP"
            what = f"First day of step {index + 1}"
            yield _differs(code, ("steps", index, "first_on"), what, expected=expected, found=after.first_on)


def _step_text(text: str | None, step: Step, where: Where) -> Iterator[Finding]:
    if text is None:
        return
    place: Where = (*where, "text")
    unfixed = [token for token in tokens_of(text) if token.word is Word.UNFIT]
    yield from (_unfixed(token, place) for token in unfixed)
    proposal = read_directions(text)
    if not unfixed and len(proposal.steps) == 1:
        yield from _said(proposal.steps[0], step, "The text", place)
