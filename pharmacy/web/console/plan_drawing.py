"""The plan as a drawing: one bar per step, its height the dose, its width the days.

Pure geometry. Across, everything is a share of the plan in percent, so that the drawing fits any width while
its words keep their size; down, everything is in pixels. What is past is solid, what is to come is outlined,
a pause is hatched. Below the line lie the vials over the days that they serve.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pharmacy.domain.dose_text import format_dose, strength_text
from pharmacy.domain.figures import shown
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import Supply, Vial
from pharmacy.domain.titration import ScheduledStep, TitrationPlan, date_of, schedule
from pharmacy.web.console.language import gettext
from pharmacy.web.console.words import TIME_WORDS, amount_words, day_text, short_day

TOP = 26
TALLEST = 92
LOWEST = 8
BASELINE = TOP + TALLEST
_TICKS_AT = BASELINE + 17
_VIALS_FROM = BASELINE + 28
VIAL_HEIGHT = 22
_VIAL_GAP = 4
# How wide the drawing is at least, on a wide screen and on a narrow one, and how wide a letter, all in pixels.
_WIDE, _NARROW, _LETTER, _LARGE_LETTER = 700, 310, 8, 11
# Plans of more steps than this are lettered small throughout.
_FEW_STEPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A rectangle of the drawing; `look` is past, future, pause, ghost, vial or spent."""

    x: str
    width: str
    y: str
    height: str
    look: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text of the drawing; `room` says where it fits: anywhere, on wide screens, on narrow ones only, nowhere."""

    x: str
    y: str
    text: str
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An upright line: today, or a day on which something is due."""

    x: str
    text: str
    look: str
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDrawing:
    """Everything that the template draws, and the sentence that says the same."""

    lettering: str
    height: str
    baseline: str
    # The plan before it was changed, drawn behind the one in force.
    ghosts: tuple[Bar, ...]
    bars: tuple[Bar, ...]
    doses: tuple[Words, ...]
    dates: tuple[Words, ...]
    vials: tuple[Bar, ...]
    vial_words: tuple[Words, ...]
    marks: tuple[Mark, ...]
    reminders: tuple[Mark, ...]
    end_date: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A plan as it runs: day 1 on `start_on`; what lies before `today` is past once it is `begun`."""

    plan: TitrationPlan
    supply: Supply
    start_on: date
    today: date
    is_begun: bool
    # The plan that this one took the place of, if it was changed.
    before: TitrationPlan | None = None

    @property
    def days(self) -> int:
        """How many days are drawn: the whole plan, or as far as this fill reaches in an open one."""
        return max(self.plan.closed_days or 0, self.supply.window.last_day)

    @property
    def day_today(self) -> int:
        """The day number of today; 0 or less before the start."""
        return (self.today - self.start_on).days + 1 if self.is_begun else 0


def draw_plan(course: Course, refill_on: date | None = None, reminders: Iterable[date] = ()) -> PlanDrawing:
    """The drawing of that course; `refill_on` and the days of reminders are marked when they fall within."""
    parts = schedule(course.plan, through_day=course.days)
    rows = _rows(course.supply)
    return PlanDrawing(
        lettering="large" if len(parts) <= _FEW_STEPS else "small",
        height=str(_VIALS_FROM + max(1, len(rows)) * (VIAL_HEIGHT + _VIAL_GAP)),
        baseline=str(BASELINE),
        ghosts=tuple(_ghosts(course)),
        bars=tuple(bar for part in parts for bar in _bars(part, course)),
        doses=tuple(_dose(part, course) for part in parts),
        dates=tuple(_date(part, course) for part in parts),
        vials=tuple(
            bar for row, vials in enumerate(rows) for each in vials for bar in _vial(each, row, course)
        ),
        vial_words=tuple(
            words
            for row, vials in enumerate(rows)
            for each in vials
            for words in _vial_words(each, row, course)
        ),
        marks=tuple(_marks(course, refill_on)),
        reminders=tuple(_reminders(course, reminders)),
        end_date=short_day(date_of(course.start_on, course.days)),
        sentence="; ".join(_told(part, course) for part in parts),
    )


def left_in(vial: Vial, course: Course) -> int:
    """How many capsules of the vial are still to be taken, today's dose included, if the plan is kept to."""
    taken = sum(
        max(0, min(course.day_today - step.first_day, step.last_day - step.first_day + 1))
        * step.capsules_per_dose
        for step in vial.steps
    )
    return max(0, vial.capsules - taken)


def _bars(part: ScheduledStep, course: Course) -> Iterable[Bar]:
    """One bar, or two where today falls within the step."""
    told = _told(part, course)
    height = _height(part.step.daily_dose, course)
    gone = max(0, min(course.day_today - part.first_day, part.days))
    stretches = ((part.first_day, gone, "past"), (part.first_day + gone, part.days - gone, "future"))
    for first, days, look in stretches:
        if days:
            yield Bar(
                x=_share(first - 1, course),
                width=_share(days, course),
                y=str(BASELINE - height),
                height=str(height),
                look="pause" if part.step.is_pause else look,
                told=told,
            )


def _ghosts(course: Course) -> Iterable[Bar]:
    """The bars of the plan before, as far as the drawing reaches; none where it was not changed."""
    if course.before is None:
        return
    for part in schedule(course.before, through_day=course.days):
        if part.first_day <= course.days:
            days = min(part.last_day, course.days) - part.first_day + 1
            height = _height(part.step.daily_dose, course)
            yield Bar(
                x=_share(part.first_day - 1, course),
                width=_share(days, course),
                y=str(BASELINE - height),
                height=str(height),
                look="ghost",
                told=gettext("Before the change: %(course)s", course=_told(part, course)),
            )


def _height(dose: Micrograms, course: Course) -> int:
    steps = (*course.plan.steps, *(course.before.steps if course.before else ()))
    highest = max(step.daily_dose.value for step in steps)
    return LOWEST + (TALLEST - LOWEST) * dose.value // highest if highest else LOWEST


def _dose(part: ScheduledStep, course: Course) -> Words:
    text = " + ".join(format_dose(intake.dose) for intake in part.step.doses) or "pause"
    letter = _LARGE_LETTER if len(course.plan.steps) <= _FEW_STEPS else _LETTER
    return Words(
        x=_share(part.first_day - 1, course),
        y=str(BASELINE - _height(part.step.daily_dose, course) - 6),
        text=text,
        room=_room(text, part.days, course, letter),
    )


def _date(part: ScheduledStep, course: Course) -> Words:
    text = short_day(date_of(course.start_on, part.first_day))
    return Words(
        x=_share(part.first_day - 1, course),
        y=str(_TICKS_AT),
        text=text,
        room=_room(text, part.days, course),
    )


def _rows(supply: Supply) -> list[list[tuple[Micrograms, Vial]]]:
    """The vials in as few rows as let none lie over another."""
    rows: list[list[tuple[Micrograms, Vial]]] = []
    vials = [(line.strength, vial) for line in supply.lines for vial in line.vials]
    for strength, vial in sorted(vials, key=lambda each: _span(each[1])):
        free = (row for row in rows if _span(row[-1][1])[1] < _span(vial)[0])
        row = next(free, None)
        if row is None:
            rows.append([(strength, vial)])
        else:
            row.append((strength, vial))
    return rows


def _span(vial: Vial) -> tuple[int, int]:
    """First and last day that the vial serves."""
    return min(step.first_day for step in vial.steps), max(step.last_day for step in vial.steps)


def _vial(each: tuple[Micrograms, Vial], row: int, course: Course) -> Iterable[Bar]:
    """The block of a vial; over it, in the tone of what is gone, the part that has been taken."""
    strength, vial = each
    first, last = _span(vial)
    days = last - first + 1
    told = gettext(
        "Vial of %(amount)s of %(strength)s, days %(first)s to %(last)s",
        amount=_held(vial.capsules, vial),
        strength=_strength(strength, vial),
        first=first,
        last=last,
    )
    gone = max(0, min(course.day_today - first, days))
    for begin, length, look in ((first, days, "vial"), (first, gone, "spent")):
        if length:
            yield Bar(
                x=_share(begin - 1, course),
                width=_share(length, course),
                y=str(_VIALS_FROM + row * (VIAL_HEIGHT + _VIAL_GAP)),
                height=str(VIAL_HEIGHT),
                look=look,
                told=told,
            )


def _held(count: int, vial: Vial) -> str:
    return amount_words(count, vial.steps[0].unit_ml)


def _few(count: int, vial: Vial) -> str:
    """A bare number of capsules, or millilitres."""
    return str(count) if vial.steps[0].unit_ml is None else _held(count, vial)


def _strength(strength: Micrograms, vial: Vial) -> str:
    return strength_text(strength, vial.steps[0].unit_ml)


def _vial_words(each: tuple[Micrograms, Vial], row: int, course: Course) -> Iterable[Words]:
    """What is in the vial, in full where that fits, else only how many capsules are left."""
    strength, vial = each
    first, last = _span(vial)
    left = left_in(vial, course)
    whole = _held(vial.capsules, vial)
    count = (
        gettext("%(left)s of %(all)s left", left=_few(left, vial), all=_few(vial.capsules, vial))
        if left < vial.capsules
        else whole
    )
    x, y = _share(first - 1, course), str(_VIALS_FROM + row * (VIAL_HEIGHT + _VIAL_GAP) + 15)
    full, short = f"{_strength(strength, vial)}, {count}", _few(left, vial)
    full_room, short_room = (_room(text, last - first + 1, course) for text in (full, short))
    if full_room != "nowhere":
        yield Words(x=x, y=y, text=full, room=full_room)
    if full_room == "wide" and short_room == "anywhere":
        yield Words(x=x, y=y, text=short, room="narrow")
    if full_room == "nowhere":
        yield Words(x=x, y=y, text=short, room=short_room)


def _marks(course: Course, refill_on: date | None) -> Iterable[Mark]:
    due: Sequence[tuple[date | None, str, str]] = (
        (course.today if course.is_begun else None, gettext("today"), "today"),
        (refill_on, gettext("refill"), "refill"),
    )
    for on, text, look in due:
        day = 0 if on is None else (on - course.start_on).days + 1
        if 1 <= day <= course.days:
            is_late = day * 2 > course.days
            yield Mark(x=_share(Decimal(day) - Decimal("0.5"), course), text=text, look=look, is_late=is_late)


def _reminders(course: Course, reminders: Iterable[date]) -> Iterable[Mark]:
    for on in sorted(set(reminders)):
        day = (on - course.start_on).days + 1
        if 1 <= day <= course.days:
            x = _share(Decimal(day) - Decimal("0.5"), course)
            yield Mark(
                x=x, text=gettext("Reminder on %(on)s", on=day_text(on)), look="reminder", is_late=False
            )


def _told(part: ScheduledStep, course: Course) -> str:
    first_on, last_on = date_of(course.start_on, part.first_day), date_of(course.start_on, part.last_day)
    doses = gettext(" and ").join(
        f"{format_dose(intake.dose)} {TIME_WORDS[intake.time_of_day]}" for intake in part.step.doses
    )
    days = gettext("days %(first_day)s to %(last_day)s", first_day=part.first_day, last_day=part.last_day)
    return gettext(
        "Step %(position)s: %(dose)s, %(days)s, %(first_on)s to %(last_on)s",
        position=part.position,
        dose=doses or gettext("no dose"),
        days=days,
        first_on=day_text(first_on),
        last_on=day_text(last_on),
    )


def _room(text: str, days: int, course: Course, letter: int = _LETTER) -> str:
    """Where so long a text fits over so many days."""
    if len(text) * _LETTER * course.days <= days * _NARROW:
        return "anywhere"
    return "wide" if len(text) * letter * course.days <= days * _WIDE else "nowhere"


def _share(days: int | Decimal, course: Course) -> str:
    return f"{shown(Decimal(days) * 100 / course.days, 3)}%"
