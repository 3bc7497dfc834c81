"""Goes through the words of directions once and keeps what it has understood: steps, strength, quantity, refills.

Each number that is kept stands in the text or follows from it by arithmetic told beside it. What no pattern knows
is kept as unread, with its place; what leaves a choice (a range, "as tolerated") is kept as lacking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pharmacy.domain.dose_text import format_dose, plain_decimal
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.sig_words import NUMBER_WORDS, Token, Word, number
from pharmacy.domain.titration import MOST_STEPS, TimeOfDay

DAYS_A_WEEK = 7
# What anybody takes at once, and what a step lasts, when read from free text.
MOST_COUNTED = 9
MOST_DAYS_READ = 366


@dataclass(frozen=True, slots=True)
class Reading:
    """Characters `start` to `end` (excluded) of the text and what they are taken to mean."""

    start: int
    end: int
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedStep:
    """A step as far as it could be read; `arithmetic` tells how numbers follow that do not stand in the text."""

    doses: tuple[Micrograms, ...]
    times: tuple[TimeOfDay, ...]
    duration_days: int | None
    is_open: bool
    arithmetic: tuple[str, ...]


@dataclass(slots=True)
class _Draft:
    """A step while it is being read."""

    amounts: list[Micrograms] = field(default_factory=list)
    times: list[tuple[TimeOfDay, ...]] = field(default_factory=list)
    duration: int | None = None
    is_open: bool = False
    arithmetic: list[str] = field(default_factory=list)

    @property
    def is_begun(self) -> bool:
        return bool(self.amounts)


class SigReader:
    """Goes through the tokens once and keeps what it has understood so far."""

    def __init__(self, text: str, tokens: tuple[Token, ...]) -> None:
        self.text = text
        self.tokens = tokens
        self.drafts: list[_Draft] = []
        self.strength: Micrograms | None = None
        self.quantity: int | None = None
        self.refills: int | None = None
        self.readings: list[Reading] = []
        self.unread: list[Reading] = []
        self.lacks: list[str] = []
        self._usual_times: tuple[TimeOfDay, ...] = ()
        self._increase: tuple[Micrograms, int] | None = None
        self._pending: tuple[int | None, int] | None = None
        self._is_joined = False
        self._days_before = 0

    def read(self) -> None:
        for place, token in enumerate(self.tokens):
            if token.word is Word.AND:
                self._is_joined = bool(self.drafts)
                continue
            self._take(token, place)
            if token.word not in {Word.FILLING, Word.TIME, Word.ONCE_A_DAY}:
                self._is_joined = False

    def _take(self, token: Token, place: int) -> None:
        if token.word is Word.DOSE:
            self._take_dose(token, place)
        elif token.word in _TAKEN_BY:
            _TAKEN_BY[token.word](self, token)

    def _take_drug(self, token: Token) -> None:
        self._told(token, "the drug, naltrexone")

    def _take_unfit(self, token: Token) -> None:
        self.unread.append(Reading(token.start, token.end, "leaves a choice to somebody"))
        self.lacks.append(f"“{token.text.strip()}” is no fixed number; ask the prescriber.")

    def _take_unread(self, token: Token) -> None:
        if any(map(str.isdigit, token.text)):
            self._refused(token, "a number that was not read")
        else:
            self.unread.append(Reading(token.start, token.end, "not read"))

    def _told(self, token: Token, meaning: str) -> None:
        self.readings.append(Reading(token.start, token.end, meaning))

    def _refused(self, token: Token, because: str) -> None:
        self.unread.append(Reading(token.start, token.end, because))
        self.lacks.append(f"“{token.text.strip()}”: {because}.")

    def _mass(self, token: Token) -> Micrograms | None:
        mass = _micrograms(token.parts[0], token.parts[1])
        if mass is None:
            self._refused(token, "finer than a microgram, or no dose")
        return mass

    def _take_strength(self, token: Token) -> None:
        mass = self._mass(token)
        if mass is None:
            return
        if self.strength not in (None, mass):
            self._refused(token, "a second strength, and no word which capsules are meant")
            return
        self.strength = mass
        self._told(token, f"capsules of {format_dose(mass)}")

    def _take_dose(self, token: Token, place: int) -> None:
        mass = self._mass(token)
        if mass is None:
            return
        counts_follow = any(later.word is Word.COUNT for later in self.tokens[place + 1 :])
        if counts_follow and not self.drafts and self.strength is None:
            self.strength = mass
            self._told(token, f"capsules of {format_dose(mass)}, since capsules are counted after it")
            return
        self._add_amount(mass, "")
        self._told(token, f"a dose of {format_dose(mass)}")

    def _take_count(self, token: Token) -> None:
        word = token.parts[1].lower() if len(token.parts) > 1 else ""
        count = Decimal(NUMBER_WORDS[word]) if word else number(token.parts[0])
        if self.strength is None:
            self._refused(token, "capsules are counted, and their strength is not said before")
            return
        if count != count.to_integral_value() or not 1 <= count <= MOST_COUNTED:
            self._refused(token, "not a number of whole capsules that anybody takes at once")
            return
        dose = self.strength.times(int(count))
        told = f"{plain_decimal(count)} x {format_dose(self.strength)} = {format_dose(dose)}"
        self._add_amount(dose, told)
        self._told(token, f"{plain_decimal(count)} capsules: {told}")

    def _add_amount(self, dose: Micrograms, arithmetic: str) -> None:
        draft = self.drafts[-1] if self.drafts else None
        joins = draft is not None and self._is_joined and draft.duration is None and not draft.is_open
        if draft is None or not joins:
            draft = _Draft()
            self.drafts.append(draft)
            if self._pending is not None:
                self._give_days(draft)
        draft.amounts.append(dose)
        if arithmetic:
            draft.arithmetic.append(arithmetic)

    def _take_supply(self, token: Token) -> None:
        count = int(next(part for part in token.parts if part))
        if token.word is Word.QUANTITY:
            self.quantity = count
            self._told(token, f"a quantity of {count}")
        else:
            self.refills = count
            self._told(token, f"{count} refills")

    def _take_time(self, token: Token) -> None:
        if token.word is Word.ONCE_A_DAY:
            self._told(token, "once a day; at which time is not said")
            return
        times = _times(token)
        self._told(token, " and ".join(time.words for time in times))
        if self.drafts and self.drafts[-1].is_begun:
            self.drafts[-1].times.append(times)
        self._usual_times = self._usual_times or times

    def _take_days(self, token: Token) -> None:
        draft = self.drafts[-1] if self.drafts else None
        if token.word is Word.SPAN:
            self._take_span(token, draft)
            return
        if draft is None or draft.duration is not None or draft.is_open:
            if token.word is Word.OPEN and draft is not None and draft.duration is not None:
                # "then continue 3 mg": the dose comes after the word.
                self._told(token, "without end")
                self._pending = (None, 0)
                return
            self._refused(token, "a duration that belongs to no dose")
            return
        if token.word is Word.OPEN:
            draft.is_open = True
            self._told(token, "without end")
            return
        days, arithmetic = _days(token.parts[0], token.parts[1])
        self._set_days(token, draft, days, arithmetic)

    def _set_days(self, token: Token, draft: _Draft, days: int, arithmetic: str) -> None:
        if not 1 <= days <= MOST_DAYS_READ:
            self._refused(token, "not a number of days that a step lasts")
            return
        draft.duration = days
        draft.arithmetic += [arithmetic] if arithmetic else []
        self._days_before += days
        self._told(token, f"for {days} days")

    def _take_span(self, token: Token, draft: _Draft | None) -> None:
        unit, first, last = (*token.parts, "", "")[:3]
        is_open = (not last and not unit.lower().startswith("w")) or token.text.rstrip().lower().endswith(
            ("+", "on", "onward", "onwards", "after")
        )
        factor = DAYS_A_WEEK if unit.lower().startswith("w") else 1
        begins = (int(first) - 1) * factor + 1
        ends = None if is_open else int(last or first) * factor
        if ends is not None and ends < begins:
            self._refused(token, "days that end before they begin")
            return
        if begins != self._days_before + 1:
            self._refused(token, f"day {self._days_before + 1} should follow here")
            return
        days = None if ends is None else ends - begins + 1
        self._told(token, f"from day {begins} on" if ends is None else f"days {begins} to {ends}")
        self._pending = (days, begins)
        if draft is not None and draft.duration is None and not draft.is_open:
            self._give_days(draft)

    def _give_days(self, draft: _Draft) -> None:
        """The days that were said before, or just after, the dose become the draft's."""
        if self._pending is None:
            return
        days, begins = self._pending
        self._pending = None
        if days is None:
            draft.is_open = True
            return
        draft.duration = days
        draft.arithmetic.append(f"days {begins} to {begins + days - 1} are {days} days")
        self._days_before += days

    def _take_increase(self, token: Token) -> None:
        if token.word is Word.INCREASE:
            self._begin_increase(token)
            return
        target = self._mass(token)
        if target is None:
            return
        if self._increase is not None:
            self._climb(token, target)
        elif self.drafts and max(dose for draft in self.drafts for dose in draft.amounts) <= target:
            self._told(token, f"at most {format_dose(target)}")
        else:
            self._refused(token, "an upper limit that no dose or increase was said for")

    def _begin_increase(self, token: Token) -> None:
        mass = self._mass(token)
        _, _, often, count, unit = token.parts
        days = _interval(often, count, unit)
        if mass is None or days is None or not self.drafts or len(self.drafts[-1].amounts) != 1:
            self._refused(token, "an increase from no single dose, or at no fixed interval")
            return
        self._increase = (mass, days)
        self._told(token, f"{format_dose(mass)} more every {days} days")

    def _climb(self, token: Token, target: Micrograms) -> None:
        by, days = self._increase or (Micrograms(0), 0)
        self._increase = None
        first = self.drafts[-1]
        begins = first.amounts[0].value
        steps, rest = divmod(target.value - begins, by.value) if by.value else (0, 1)
        if rest or steps < 1 or len(self.drafts) + steps > MOST_STEPS:
            self._refused(token, "not reached from the first dose by whole increases")
            return
        if first.duration is None:
            first.duration = days
        times = list(first.times)
        for count in range(1, steps + 1):
            dose = Micrograms(begins + count * by.value)
            told = f"{format_dose(Micrograms(begins))} + {count} x {format_dose(by)} = {format_dose(dose)}"
            is_last = count == steps
            self.drafts.append(_Draft([dose], list(times), None if is_last else days, is_last, [told]))
        self._told(token, f"until {format_dose(target)}, then without end")

    def steps(self) -> Iterator[ProposedStep]:
        """The drafts with their times: their own, or those said last before."""
        before = self._usual_times
        for draft in self.drafts:
            times = tuple(time for each in draft.times for time in each)
            arithmetic = tuple(draft.arithmetic)
            if not times and before:
                times = before
                arithmetic = (*arithmetic, "time of day as said for another step")
            before = times or before
            doses = tuple(draft.amounts)
            if len(doses) == 1 and len(times) > 1:
                doses = doses * len(times)
            yield ProposedStep(
                doses=doses,
                times=times,
                duration_days=draft.duration,
                is_open=draft.is_open,
                arithmetic=arithmetic,
            )


_TAKEN_BY: Mapping[Word, Callable[[SigReader, Token], None]] = {
    Word.DRUG: SigReader._take_drug,
    Word.STRENGTH: SigReader._take_strength,
    Word.COUNT: SigReader._take_count,
    Word.QUANTITY: SigReader._take_supply,
    Word.REFILLS: SigReader._take_supply,
    Word.TIME: SigReader._take_time,
    Word.ONCE_A_DAY: SigReader._take_time,
    Word.DURATION: SigReader._take_days,
    Word.SPAN: SigReader._take_days,
    Word.OPEN: SigReader._take_days,
    Word.INCREASE: SigReader._take_increase,
    Word.TARGET: SigReader._take_increase,
    Word.UNFIT: SigReader._take_unfit,
    Word.UNREAD: SigReader._take_unread,
}


def _micrograms(digits: str, unit: str) -> Micrograms | None:
    """The mass, or None when it is nothing or finer than a microgram."""
    value = number(digits) * (1000 if unit.lower() in {"mg", "milligram", "milligrams"} else 1)
    return Micrograms(int(value)) if value == value.to_integral_value() and value > 0 else None


def _times(token: Token) -> tuple[TimeOfDay, ...]:
    said = " ".join(part for part in token.parts if part).lower()
    if not said:
        return (TimeOfDay.BEDTIME,)
    if said in {"morning", "am", "a.m."}:
        return (TimeOfDay.MORNING,)
    return (TimeOfDay.MORNING, TimeOfDay.BEDTIME)


def _days(count: str, unit: str) -> tuple[int, str]:
    """Days, and how they follow from weeks."""
    word = count.lower()
    many = 1 if word == "a" else NUMBER_WORDS[word] if word in NUMBER_WORDS else int(word)
    if unit.lower().startswith("w"):
        return many * DAYS_A_WEEK, f"{many} x {DAYS_A_WEEK} days = {many * DAYS_A_WEEK} days"
    return many, ""


def _interval(often: str, count: str, unit: str) -> int | None:
    """The days between two increases; None when they are not fixed."""
    if count:
        days, _ = _days(count, unit)
        return days if 1 <= days <= MOST_DAYS_READ else None
    words = " ".join(often.lower().split())
    return {"daily": 1, "every day": 1, "every other week": 2 * DAYS_A_WEEK}.get(words, DAYS_A_WEEK)
