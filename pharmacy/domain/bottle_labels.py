"""What the label on one bottle of oral liquid says.

The same fields, in the same order and under the same rules as on a vial of capsules (`pharmacy.domain.labels`), but
the strength is a concentration, a dose is a volume to be measured with the oral syringe, and what a liquid needs is
said: shake, refrigerate, measure. Volumes are exact multiples of the syringe's marks; nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from pharmacy.domain.beyond_use import Category
from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.label_phrases import Language, Phrase, say
from pharmacy.domain.labels import (
    COMPOUNDED_BY_THIS_PHARMACY,
    DRUG,
    TIMES,
    LabelContent,
    Origin,
    PharmacyOnLabel,
    PrescriptionOnLabel,
    both_said,
    dated,
    days_said,
    directions,
    label_date,
    refills_said,
    steps_said,
)
from pharmacy.domain.liquid import Bottle, LiquidDose, LiquidRules
from pharmacy.domain.supply import Vial
from pharmacy.domain.titration import TimeOfDay

# What grows in water is kept cold (USP <795>); without water room temperature will do.
_COLD = frozenset({Category.AQUEOUS, Category.AQUEOUS_PRESERVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class BottleStep:
    """What one bottle is for in one step: millilitres by time of day; days are plan days, both included."""

    position: int
    of_steps: int
    first_day: int
    last_day: int
    volumes: Mapping[TimeOfDay, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class BottleOnLabel:
    """One bottle with at least one step that it serves, and what the liquid is."""

    volume_ml: Decimal
    steps: tuple[BottleStep, ...]
    rules: LiquidRules

    def __post_init__(self) -> None:
        if not self.steps:
            raise ValueError("A bottle is for some step")


def bottle_steps(bottle: Bottle, doses: Sequence[LiquidDose], of_steps: int) -> tuple[BottleStep, ...]:
    """The steps that the bottle serves, in order; the days of each are those of the bottle alone."""
    served: dict[tuple[int, int], list[LiquidDose]] = {}
    for dose in doses:
        if dose.first_day <= bottle.last_day and dose.last_day >= bottle.first_day:
            served.setdefault((dose.position, dose.first_day), []).append(dose)
    return tuple(
        BottleStep(
            position=position,
            of_steps=of_steps,
            first_day=max(together[0].first_day, bottle.first_day),
            last_day=min(together[0].last_day, bottle.last_day),
            volumes={dose.time_of_day: dose.volume_ml for dose in together},
        )
        for (position, _), together in sorted(served.items(), key=lambda each: each[0][1])
    )


def steps_of_vial(vial: Vial, unit_ml: Decimal) -> tuple[BottleStep, ...]:
    """The same from a supply, whose bottles are vials that count marks of `unit_ml`."""
    in_order = sorted(vial.steps, key=lambda step: (step.position, step.first_day))
    alike = groupby(in_order, key=lambda step: (step.position, step.of_steps, step.first_day, step.last_day))
    return tuple(
        BottleStep(
            position=position,
            of_steps=of_steps,
            first_day=first_day,
            last_day=last_day,
            volumes={step.time_of_day: unit_ml * step.capsules_per_dose for step in together},
        )
        for (position, of_steps, first_day, last_day), together in alike
    )


def vial_directions(vial: Vial) -> tuple[str, ...]:
    """What the patient does with a vial of capsules or a bottle of liquid, in English lines."""
    unit_ml = vial.steps[0].unit_ml
    return directions(vial) if unit_ml is None else bottle_directions(steps_of_vial(vial, unit_ml))


def bottle_label(
    bottle: BottleOnLabel,
    prescription: PrescriptionOnLabel,
    pharmacy: PharmacyOnLabel,
    *,
    origin: Origin | None,
    start_on: date | None,
) -> LabelContent:
    """The label of one bottle: a proof while `origin` is None; without dates while `start_on` is."""
    spoken = prescription.language
    steps, rules = bottle.steps, bottle.rules
    first, last = steps[0], steps[-1]
    return LabelContent(
        patient=prescription.patient,
        drug_and_strength=say(spoken, Phrase.LIQUID_AND_STRENGTH, drug=DRUG, strength=rules.concentration),
        directions=bottle_directions(steps, spoken),
        purpose=prescription.purpose,
        rx_number=prescription.rx_number,
        filled_on=label_date(prescription.filled_on),
        quantity=f"{plain_decimal(bottle.volume_ml)} mL",
        prescriber=prescription.prescriber,
        refills_left=refills_said(prescription.refills_left),
        lot=origin.lot if origin else None,
        beyond_use=label_date(origin.beyond_use_on) if origin else None,
        step_text=dated(steps_said(first, last, Language.ENGLISH), first.first_day, last.last_day, start_on),
        pharmacy_name=pharmacy.name,
        pharmacy_address=pharmacy.address,
        pharmacy_phone=pharmacy.phone,
        auxiliary=(
            COMPOUNDED_BY_THIS_PHARMACY,
            *(say(spoken, phrase) for phrase in _warnings(rules.category)),
        ),
        is_proof=origin is None,
        english_directions=() if spoken is Language.ENGLISH else bottle_directions(steps, Language.ENGLISH),
        pharmacist=prescription.pharmacist if origin else None,
        purpose_lead=say(spoken, Phrase.PURPOSE) if prescription.purpose else None,
    )


def bottle_directions(steps: Sequence[BottleStep], language: Language = Language.ENGLISH) -> tuple[str, ...]:
    """What the patient does, in lines, as on a vial: "take 1.5 mL by mouth at bedtime."."""
    if len(steps) > 1:
        return tuple(
            f"{days_said(each, each, language).capitalize()}: {_take(each, language)}" for each in steps
        )
    take = _take(steps[0], language)
    if steps[0].of_steps == 1:
        return (take[0].upper() + take[1:],)
    return (f"{steps_said(steps[0], steps[0], language)}:", take)


def _take(step: BottleStep, language: Language) -> str:
    amounts = [
        say(
            language,
            Phrase.MILLILITRES_BY_MOUTH,
            volume=plain_decimal(step.volumes[time]),
            time=say(language, TIMES[time]),
        )
        for time in TimeOfDay
        if step.volumes.get(time)
    ]
    if not amounts:
        return say(language, Phrase.TAKE_NO_DOSE)
    return say(language, Phrase.TAKE, amounts=both_said(amounts, language))


def _warnings(category: Category) -> tuple[Phrase, ...]:
    cold = (Phrase.REFRIGERATE,) if category in _COLD else ()
    return (Phrase.SHAKE_WELL, *cold, Phrase.ORAL_SYRINGE, Phrase.NO_OPIOIDS)
