"""One dosage instruction: which dose at which times of day, for how many days.

Everything a Dosage may hold is either understood here or refused with its place, never passed over: as needed,
ranges, rates, counts, days of the week and codes alone are doses that somebody would have to guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from pharmacy.domain.consistency import WrittenStep
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.sig_words import MOST_CHARACTERS
from pharmacy.domain.titration import Intake, TimeOfDay
from pharmacy.web.fhir.element import BUSINESS_RULE, INVALID, REQUIRED, Element, gathered
from pharmacy.web.fhir.medication import Medicine
from pharmacy.web.fhir.quantity import Unit, amount, days, mass, whole_micrograms

_TEXT_ONLY = frozenset(["id", "sequence", "text", "patientInstruction"])
_UNDERSTOOD = (
    "sequence", "text", "additionalInstruction", "patientInstruction", "timing", "asNeededBoolean", "route", "method",
    "doseAndRate", "maxDosePerPeriod", "maxDosePerAdministration",
)  # fmt: skip
_REPEAT = ("boundsDuration", "boundsPeriod", "frequency", "period", "periodUnit", "when")
_WHEN: Mapping[str, TimeOfDay] = {"MORN": TimeOfDay.MORNING, "HS": TimeOfDay.BEDTIME}
# Abbreviations (HL7 v3 GTS) and how often a day each says; a code beside a repeat must say the same.
_A_DAY: Mapping[str, int] = {"QD": 1, "BID": 2, "AM": 1, "BED": 1}
_ABBREVIATIONS = "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation"
_SNOMED = "http://snomed.info/sct"
_ORAL_CODES = frozenset(["26643006"])
_ORAL_WORDS = frozenset(
    ["oral", "orally", "oral route", "by mouth", "po", "per os", "oral use", "oral administration"]
)
_SWALLOW = "421521009"
MOST_STEP_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one instruction says; `days` is None where it has no end, `numbered` is its sequence."""

    element: Element
    numbered: int | None
    intakes: tuple[Intake, ...]
    days: int | None
    first_on: date | None
    last_on: date | None
    text: str | None
    rest_of_text: tuple[str, ...]

    def written(self) -> WrittenStep:
        """What stands beside the structure, to be held against it."""
        return WrittenStep(text=self.text, first_on=self.first_on, last_on=self.last_on)


def is_text_only(dosage: Element) -> bool:
    """Whether the instruction is words alone, for a pharmacist to read."""
    return _TEXT_ONLY.issuperset(dosage.members)


def taken(dosage: Element, medicine: Medicine) -> Taken:
    """What the instruction says; NotUnderstood with the place of whatever is not understood."""
    _, times, dose, (length, first_on, last_on), text, rest_of_text = gathered(
        lambda: _require_plain(dosage),
        lambda: _times_of(dosage),
        lambda: _dose(dosage, medicine),
        lambda: _bounds_of(dosage),
        lambda: directions(dosage, "text"),
        lambda: tuple(_other_words(dosage)),
    )
    _require_within_most(dosage, dose, len(times))
    return Taken(
        element=dosage,
        numbered=dosage.whole("sequence"),
        intakes=tuple(Intake(time, dose) for time in times),
        days=length,
        first_on=first_on,
        last_on=last_on,
        text=text,
        rest_of_text=rest_of_text,
    )


def _times_of(dosage: Element) -> tuple[TimeOfDay, ...]:
    """The times of day of the one daily rhythm, with nothing beside it that says another."""
    timing = dosage.due("timing")
    repeat = timing.one("repeat")
    gathered(
        lambda: timing.require_only("repeat", "code"),
        lambda: None if repeat is None else repeat.require_only(*_REPEAT),
        lambda: timing.due("repeat"),
    )
    assert repeat is not None  # It is due, just above; the type does not know it.
    times = _times(repeat)
    _require_same_code(timing, len(times))
    return times


def _bounds_of(dosage: Element) -> tuple[int | None, date | None, date | None]:
    timing = dosage.one("timing")
    repeat = None if timing is None else timing.one("repeat")
    return (None, None, None) if repeat is None else _bounds(repeat)


def directions(element: Element, name: str) -> str | None:
    """Words of directions, short enough to be read; blank ones are none."""
    words = element.text(name)
    if words is None or not words.strip():
        return None
    if len(words) > MOST_CHARACTERS:
        element.refuse(f"Directions have at most {MOST_CHARACTERS} characters.", name, code=INVALID)
    return " ".join(words.split())


def _require_plain(dosage: Element) -> None:
    gathered(
        lambda: dosage.require_only(*_UNDERSTOOD),
        lambda: _require_not_as_needed(dosage),
        lambda: _require_oral(dosage.one("route")),
        lambda: _require_swallowed(dosage.one("method")),
    )


def _require_not_as_needed(dosage: Element) -> None:
    if dosage.flag("asNeededBoolean"):
        dosage.refuse("A dose as needed is not a plan.", "asNeededBoolean")


def _require_oral(route: Element | None) -> None:
    if route is not None and not _is(route, _ORAL_CODES, _ORAL_WORDS):
        route.refuse("Only the oral route is supplied here.")


def _require_swallowed(method: Element | None) -> None:
    if method is not None and not _is(method, frozenset([_SWALLOW]), frozenset(["swallow"])):
        method.refuse("This method is not understood here.")


def _is(concept: Element, codes: frozenset[str], words: frozenset[str]) -> bool:
    """Whether everything the concept says is one of these, and it says something."""
    concept.require_only("coding", "text")
    said = []
    for coding in concept.many("coding"):
        if coding.text("system") == _SNOMED:
            said.append(coding.text("code") in codes)
        else:
            said.append((coding.text("display") or "").strip().lower() in words)
    text = concept.text("text")
    # Beside a code that is understood the words are how somebody reads it.
    return all(said) if said else (text or "").strip().lower() in words


def _times(repeat: Element) -> tuple[TimeOfDay, ...]:
    """The times of day; a daily rhythm is due, once or twice."""
    a_day = _times_a_day(repeat)
    named = repeat.words("when")
    unknown = next((each for each in named if each not in _WHEN), None)
    if unknown is not None:
        repeat.refuse(f"The time of day {unknown[:20]} is not understood; MORN and HS are.", "when")
    if not named:
        if a_day == len(TimeOfDay):
            return tuple(TimeOfDay)
        text = "Say when: MORN or HS; no time of day is chosen for the patient."
        repeat.refuse(text, "when", code=REQUIRED, reason="C-TIME-OF-DAY")
    if len(set(named)) != len(named) or len(named) != a_day:
        repeat.refuse(f"{a_day} a day does not fit the times named.", "when", code=INVALID)
    return tuple(time for time in TimeOfDay if time in {_WHEN[each] for each in named})


def _times_a_day(repeat: Element) -> int:
    period, unit = repeat.number("period"), repeat.text("periodUnit")
    if period is None or unit is None:
        name = "period" if period is None else "periodUnit"
        repeat.refuse("Say how often: frequency, period and periodUnit.", name, code=REQUIRED)
    hours = {"d": 24, "h": 1}.get(unit)
    if hours is None or period <= 0:
        repeat.refuse("Only a daily rhythm is understood here.", "periodUnit")
    frequency = 1 if not repeat.has("frequency") else repeat.whole("frequency")
    a_day = Fraction(frequency or 0) * 24 / (Fraction(period) * hours)
    # Seven times in seven days is not the same as daily, and is not taken for it.
    is_daily = period * hours <= 24
    if not is_daily or a_day not in (1, 2):
        repeat.refuse("Only once or twice a day is understood here.", "frequency")
    return int(a_day)


def _require_same_code(timing: Element, a_day: int) -> None:
    """A code beside the repeat must be known, and say the same."""
    code = timing.one("code")
    if code is None:
        return
    code.require_only("coding", "text")
    if not code.has("coding"):
        code.refuse("The words of a timing code are not read beside its repeat.", "text")
    for coding in code.many("coding"):
        known = coding.text("system") == _ABBREVIATIONS and _A_DAY.get(coding.text("code") or "")
        if known != a_day:
            coding.refuse("This timing code is not understood, or does not say what the repeat says.")


def _dose(dosage: Element, medicine: Medicine) -> Micrograms:
    given = dosage.many("doseAndRate")
    if len(given) != 1:
        dosage.refuse("One dose is due in doseAndRate.", "doseAndRate", code=REQUIRED)
    given[0].require_only("type", "doseQuantity")
    quantity = given[0].due("doseQuantity")
    return whole_micrograms(_micrograms(quantity, medicine), quantity)


def _micrograms(quantity: Element, medicine: Medicine) -> Fraction:
    value, unit = amount(quantity)
    told = mass(value, unit)
    if told is not None:
        return told
    if unit is Unit.CAPSULE and medicine.strength is not None:
        if value.denominator != 1:
            quantity.refuse("A capsule is not divided.", "value", code=INVALID)
        return value * medicine.strength.value
    if unit is Unit.ML and medicine.per_millilitre is not None:
        return value * medicine.per_millilitre
    text = "The dose is not a mass, and the medication states no single strength or concentration for it."
    raise quantity.fault(text, reason="C-DOSE-UNIT")


def _require_within_most(dosage: Element, dose: Micrograms, a_day: int) -> None:
    """The most that is written, a day or at once, is no less than what the instruction gives."""
    ratio = dosage.one("maxDosePerPeriod")
    if ratio is not None:
        ratio.require_only("numerator", "denominator")
        most, per = mass(*amount(ratio.due("numerator"))), days(ratio.due("denominator"))
        if most is None:
            ratio.refuse("The most in a period is given as a mass.", "numerator", reason="C-DOSE-UNIT")
        if dose.value * a_day * per > most:
            ratio.refuse("The doses are over the most that is written.", code=BUSINESS_RULE, reason="C-DOSE")
    at_once = dosage.one("maxDosePerAdministration")
    if at_once is not None:
        most = mass(*amount(at_once))
        if most is None or dose.value > most:
            at_once.refuse("The dose is over the most at once, or that is no mass.", code=BUSINESS_RULE)


def _bounds(repeat: Element) -> tuple[int | None, date | None, date | None]:
    """Days, first day and last day of the instruction, as far as they are written."""
    duration, period = repeat.one("boundsDuration"), repeat.one("boundsPeriod")
    if duration is not None and period is not None:
        repeat.refuse("Bounds are a duration or a period, not both.", "boundsPeriod", code=INVALID)
    if duration is not None:
        return _in_reason(days(duration), duration), None, None
    if period is None:
        return None, None, None
    period.require_only("start", "end")
    first, last = period.day("start"), period.day("end")
    if first is None:
        period.refuse("A period needs its first day.", "start", code=REQUIRED)
    if last is None:
        return None, first, None
    if last < first:
        period.refuse("The last day is before the first.", "end", code=INVALID)
    return _in_reason((last - first).days + 1, period), first, last


def _in_reason(length: int, element: Element) -> int:
    if length > MOST_STEP_DAYS:
        element.refuse(f"A step lasts at most {MOST_STEP_DAYS} days.", code=INVALID)
    return length


def _other_words(dosage: Element) -> list[str]:
    """Further instructions in words, which must not take back what the structure says."""
    words = [directions(dosage, "patientInstruction")]
    for concept in dosage.many("additionalInstruction"):
        told = [concept, *concept.many("coding")]
        read = [directions(each, name) for each in told for name in ("text", "display")]
        if not any(read):
            concept.refuse("An instruction in code alone is not understood here.")
        words += read
    return [each for each in words if each is not None]
