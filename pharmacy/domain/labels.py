"""What the label on one vial says.

The required fields are those that states ask of a dispensed compounded drug (Cal. Code
Regs. 16 s. 1707.5, Fla. Admin. Code 64B16-28.502, USP <795>): patient, drug and strength,
directions, purpose, and around them the rest. Directions are plain sentences in numerals
with an explicit time of day, without abbreviations (USP <17>, ISMP). Before lot and
beyond-use date are known there is only a proof, which must never be dispensed from.
Dates are written MM/DD/YYYY; the salt is left out, as ISMP advises where only one is sold.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from functools import reduce
from itertools import groupby
from typing import Protocol

from pharmacy.domain.dose_text import DoseUnit, capsules_text, format_dose_in
from pharmacy.domain.figures import require_whole
from pharmacy.domain.label_phrases import Language, Phrase, say, say_capsules
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import Vial, VialStep
from pharmacy.domain.titration import TimeOfDay, date_of

DRUG = "naltrexone"
COMPOUNDED_BY_THIS_PHARMACY = say(Language.ENGLISH, Phrase.COMPOUNDED)
NO_OPIOIDS = say(Language.ENGLISH, Phrase.NO_OPIOIDS)
TIMES: Mapping[TimeOfDay, Phrase] = {TimeOfDay.MORNING: Phrase.MORNING, TimeOfDay.BEDTIME: Phrase.BEDTIME}


class LabelTemplate(StrEnum):
    """The sizes we print, in inches. Only the first two are labels; the sticker goes beside one."""

    FOUR_BY_TWO = "4x2"
    THREE_BY_TWO = "3x2"
    STICKER = "2.25x1.25"


@dataclass(frozen=True, slots=True, kw_only=True)
class PharmacyOnLabel:
    """The pharmacy as it names itself on a label."""

    name: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsuleLook:
    """What the capsules look like (Cal. Bus. & Prof. Code s. 4076), so that one found loose can be told.

    `colours` by language, such as "clear/white"; `imprint` is None for shells that bear none.
    """

    colours: Mapping[Language, str]
    size: str
    imprint: str | None

    def said(self, language: Language) -> str:
        """ "Clear/white capsule, size 3, no imprint"."""
        mark = (
            say(language, Phrase.MARKED, imprint=self.imprint)
            if self.imprint
            else say(language, Phrase.UNMARKED)
        )
        text = say(language, Phrase.CAPSULE_LOOK, colour=self.colours[language], size=self.size, mark=mark)
        return text[0].upper() + text[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrescriptionOnLabel:
    """What the label takes from the prescription and its fill. `purpose` is None when not given or not wanted.

    `dose_unit` is one for all labels of the fill: mg and mcg side by side are misread (ISMP).
    """

    patient: str
    prescriber: str
    purpose: str | None
    rx_number: str
    filled_on: date
    refills_left: int
    dose_unit: DoseUnit
    language: Language = Language.ENGLISH
    # Initials of the pharmacist who reviewed the order.
    pharmacist: str | None = None
    look: CapsuleLook | None = None

    def __post_init__(self) -> None:
        require_whole(self.refills_left, "refills_left")


@dataclass(frozen=True, slots=True)
class Origin:
    """From which batch the capsules came, the last day on which they may be used, and when they were made."""

    lot: str
    beyond_use_on: date
    compounded_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelContent:
    """All texts of one label, ready to be set; a proof is one without lot or beyond-use date."""

    patient: str
    drug_and_strength: str
    directions: tuple[str, ...]
    purpose: str | None
    rx_number: str
    filled_on: str
    quantity: str
    prescriber: str
    refills_left: str
    lot: str | None
    beyond_use: str | None
    step_text: str
    pharmacy_name: str
    pharmacy_address: str
    pharmacy_phone: str
    auxiliary: tuple[str, ...]
    is_proof: bool
    # Beside directions in another language: the same in English, for the pharmacist who checks.
    english_directions: tuple[str, ...] = ()
    # Which copy this is, if it is not the first.
    reprint: str | None = None
    # Initials of the pharmacist who reviewed the order; no proof has them.
    pharmacist: str | None = None
    # What is in the vial, to the eye.
    description: str | None = None
    # What stands before the purpose, where there is one, in the patient's language.
    purpose_lead: str | None = None

    def __post_init__(self) -> None:
        if not self.is_proof and (self.lot is None or self.beyond_use is None):
            raise ValueError("A label for dispensing names its lot and its beyond-use date")
        texts = asdict(self).values()
        if not all(text is None or isinstance(text, str | tuple | bool) for text in texts):
            raise TypeError("A label consists of texts")


def label_content(
    vial: Vial,
    strength: Micrograms,
    prescription: PrescriptionOnLabel,
    pharmacy: PharmacyOnLabel,
    *,
    origin: Origin | None,
    start_on: date | None,
) -> LabelContent:
    """The label of one vial: a proof while `origin` is None.

    `start_on` is the date of day 1 of the plan; None while it is not known, and then the
    label counts days and names no dates.
    """
    spoken = prescription.language
    strength_text = format_dose_in(prescription.dose_unit, strength)
    return LabelContent(
        patient=prescription.patient,
        drug_and_strength=say(spoken, Phrase.DRUG_AND_STRENGTH, drug=DRUG, strength=strength_text),
        directions=directions(vial, prescription.dose_unit, spoken),
        purpose=prescription.purpose,
        rx_number=prescription.rx_number,
        filled_on=label_date(prescription.filled_on),
        quantity=capsules_text(vial.capsules),
        prescriber=prescription.prescriber,
        refills_left=refills_said(prescription.refills_left),
        lot=origin.lot if origin else None,
        beyond_use=label_date(origin.beyond_use_on) if origin else None,
        step_text=step_text(vial, start_on),
        pharmacy_name=pharmacy.name,
        pharmacy_address=pharmacy.address,
        pharmacy_phone=pharmacy.phone,
        # That we made it is said to inspectors and patients alike, so it stays in English beside any language.
        auxiliary=(COMPOUNDED_BY_THIS_PHARMACY, say(spoken, Phrase.NO_OPIOIDS)),
        is_proof=origin is None,
        english_directions=()
        if spoken is Language.ENGLISH
        else directions(vial, prescription.dose_unit, Language.ENGLISH),
        pharmacist=prescription.pharmacist if origin else None,
        description=prescription.look.said(spoken) if prescription.look else None,
        purpose_lead=say(spoken, Phrase.PURPOSE) if prescription.purpose else None,
    )


def directions(
    vial: Vial, unit: DoseUnit = DoseUnit.MILLIGRAMS, language: Language = Language.ENGLISH
) -> tuple[str, ...]:
    """What the patient does, in lines; strengths in other vials are named in `unit`.

    One step: "Step 1 of 3, days 1 to 7:" and "take 1 capsule by mouth at bedtime."
    Several steps in one vial: a sentence each, "Days 1 to 7: take 1 capsule by mouth at bedtime."
    A plan of a single step: "Take 1 capsule by mouth at bedtime."
    A dose from two vials: "take 1 capsule by mouth at bedtime, together with 1 capsule of 0.5 mg."
    """
    parts = [tuple(same) for _, same in groupby(vial.steps, key=lambda step: (step.position, step.first_day))]
    if len(parts) > 1:
        return tuple(
            f"{days_said(part[0], part[0], language).capitalize()}: {_take(part, unit, language)}"
            for part in parts
        )
    take = _take(parts[0], unit, language)
    if vial.steps[0].of_steps == 1:
        return (take[0].upper() + take[1:],)
    return (f"{steps_said(vial.steps[0], vial.steps[-1], language)}:", take)


def step_text(vial: Vial, start_on: date | None) -> str:
    """Which steps and days the vial is for: "Step 1 of 3, days 1 to 7", with dates when the start is known."""
    first, last = vial.steps[0], vial.steps[-1]
    return dated(steps_said(first, last, Language.ENGLISH), first.first_day, last.last_day, start_on)


def dated(text: str, first_day: int, last_day: int, start_on: date | None) -> str:
    """The text with the dates of these plan days, both included, in brackets; without where the start is unknown."""
    if start_on is None:
        return text
    begins, ends = date_of(start_on, first_day), date_of(start_on, last_day)
    if begins == ends:
        return f"{text} ({label_date(begins)})"
    return f"{text} ({label_date(begins)} to {label_date(ends)})"


def refills_said(left: int) -> str:
    """ "1 refill", "0 refills"."""
    return "1 refill" if left == 1 else f"{left} refills"


def label_date(day: date) -> str:
    """The day as United States labels write it: "03/02/2026"."""
    return f"{day:%m/%d/%Y}"


def canonical_text(content: LabelContent) -> str:
    """The label as one text that is equal exactly when the labels are, for hashing."""
    return json.dumps(asdict(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


class PartOfPlan(Protocol):
    """A part of one step; days are plan days, both included."""

    @property
    def position(self) -> int: ...
    @property
    def of_steps(self) -> int: ...
    @property
    def first_day(self) -> int: ...
    @property
    def last_day(self) -> int: ...


def steps_said(first: PartOfPlan, last: PartOfPlan, language: Language) -> str:
    """ "Step 1 of 3, days 1 to 7", "Steps 1 to 3 of 3, days 1 to 30"; the days alone in a plan of one step."""
    days = days_said(first, last, language)
    if first.of_steps == 1:
        return days.capitalize()
    phrase = Phrase.STEP if first.position == last.position else Phrase.STEPS
    return say(language, phrase, position=first.position, through=last.position, of=first.of_steps, days=days)


def days_said(first: PartOfPlan, last: PartOfPlan, language: Language) -> str:
    """ "day 8", "days 8 to 14"."""
    if first.first_day == last.last_day:
        return say(language, Phrase.DAY, first=first.first_day)
    return say(language, Phrase.DAYS, first=first.first_day, last=last.last_day)


def _take(part: Iterable[VialStep], unit: DoseUnit, language: Language) -> str:
    by_time = {step.time_of_day: step for step in part if step.capsules_per_dose}
    amounts = [_amount(by_time[time], unit, language) for time in TimeOfDay if time in by_time]
    if not amounts:
        return say(language, Phrase.TAKE_NONE)
    return say(language, Phrase.TAKE, amounts=both_said(amounts, language))


def _amount(step: VialStep, unit: DoseUnit, language: Language) -> str:
    amount = say(
        language,
        Phrase.BY_MOUTH,
        capsules=say_capsules(language, step.capsules_per_dose),
        time=say(language, TIMES[step.time_of_day]),
    )
    others = [
        say(
            language,
            Phrase.OF_STRENGTH,
            capsules=say_capsules(language, count),
            strength=format_dose_in(unit, strength),
        )
        for strength, count in step.beside
    ]
    return (
        say(language, Phrase.TOGETHER, amount=amount, others=both_said(others, language))
        if others
        else amount
    )


def both_said(texts: Sequence[str], language: Language) -> str:
    """ "... and ..."."""
    return reduce(lambda one, other: say(language, Phrase.AND, first=one, second=other), texts)
