"""What labels and leaflets say, by key, in English and Spanish.

The sentences are fixed (16 CCR 1707.5 asks for standard directions) and only numbers and times are put in; so a person
who reads Spanish has read every one of them before a patient does. Nothing is translated by machine at the bench.
"""

from collections.abc import Mapping
from enum import StrEnum


class Language(StrEnum):
    ENGLISH = "en"
    SPANISH = "es"


class Phrase(StrEnum):
    """The keys; both languages have every one."""

    CAPSULE = "capsule"
    CAPSULES = "capsules"
    DRUG_AND_STRENGTH = "drug_and_strength"
    MORNING = "morning"
    BEDTIME = "bedtime"
    TAKE = "take"
    TAKE_NONE = "take_none"
    TAKE_NO_DOSE = "take_no_dose"
    BY_MOUTH = "by_mouth"
    OF_STRENGTH = "of_strength"
    TOGETHER = "together"
    AND = "and"
    DAY = "day"
    DAYS = "days"
    STEP = "step"
    STEPS = "steps"
    CAPSULE_LOOK = "capsule_look"
    MARKED = "marked"
    UNMARKED = "unmarked"
    LIQUID_AND_STRENGTH = "liquid_and_strength"
    MILLILITRES_BY_MOUTH = "millilitres_by_mouth"
    PURPOSE = "purpose"
    COMPOUNDED = "compounded"
    NO_OPIOIDS = "no_opioids"
    DREAMS = "dreams"
    SWALLOW_WHOLE = "swallow_whole"
    STORAGE = "storage"
    SURGERY = "surgery"
    SHAKE_WELL = "shake_well"
    REFRIGERATE = "refrigerate"
    ORAL_SYRINGE = "oral_syringe"


_ENGLISH: Mapping[Phrase, str] = {
    Phrase.CAPSULE: "1 capsule",
    Phrase.CAPSULES: "{count} capsules",
    Phrase.DRUG_AND_STRENGTH: "{drug} {strength} capsule",
    Phrase.MORNING: "in the morning",
    Phrase.BEDTIME: "at bedtime",
    Phrase.TAKE: "take {amounts}.",
    Phrase.TAKE_NONE: "take no capsules.",
    Phrase.TAKE_NO_DOSE: "take no dose.",
    Phrase.BY_MOUTH: "{capsules} by mouth {time}",
    Phrase.OF_STRENGTH: "{capsules} of {strength}",
    Phrase.TOGETHER: "{amount}, together with {others}",
    Phrase.AND: "{first} and {second}",
    Phrase.DAY: "day {first}",
    Phrase.DAYS: "days {first} to {last}",
    Phrase.STEP: "Step {position} of {of}, {days}",
    Phrase.STEPS: "Steps {position} to {through} of {of}, {days}",
    Phrase.CAPSULE_LOOK: "{colour} capsule, size {size}, {mark}",
    Phrase.MARKED: "marked {imprint}",
    Phrase.UNMARKED: "no imprint",
    Phrase.LIQUID_AND_STRENGTH: "{drug} {strength} oral liquid",
    Phrase.MILLILITRES_BY_MOUTH: "{volume} mL by mouth {time}",
    Phrase.PURPOSE: "For:",
    Phrase.COMPOUNDED: "COMPOUNDED BY THIS PHARMACY",
    Phrase.NO_OPIOIDS: "Do not take with opioid pain, cough or diarrhea medicines.",
    Phrase.DREAMS: "May disturb sleep or cause vivid dreams.",
    Phrase.SWALLOW_WHOLE: "Swallow whole.",
    Phrase.STORAGE: "Keep out of reach of children. Store dry, away from light, at room temperature.",
    Phrase.SURGERY: "Do not stop for surgery without asking: tell your surgeon.",
    Phrase.SHAKE_WELL: "Shake well.",
    Phrase.REFRIGERATE: "Refrigerate.",
    Phrase.ORAL_SYRINGE: "Measure with the oral syringe only.",
}
_SPANISH: Mapping[Phrase, str] = {
    Phrase.CAPSULE: "1 cápsula",
    Phrase.CAPSULES: "{count} cápsulas",
    Phrase.DRUG_AND_STRENGTH: "{drug} {strength} cápsula",
    Phrase.MORNING: "por la mañana",
    Phrase.BEDTIME: "al acostarse",
    Phrase.TAKE: "tome {amounts}.",
    Phrase.TAKE_NONE: "no tome ninguna cápsula.",
    Phrase.TAKE_NO_DOSE: "no tome ninguna dosis.",
    Phrase.BY_MOUTH: "{capsules} por la boca {time}",
    Phrase.OF_STRENGTH: "{capsules} de {strength}",
    Phrase.TOGETHER: "{amount}, junto con {others}",
    Phrase.AND: "{first} y {second}",
    Phrase.DAY: "día {first}",
    Phrase.DAYS: "días {first} a {last}",
    Phrase.STEP: "Paso {position} de {of}, {days}",
    Phrase.STEPS: "Pasos {position} a {through} de {of}, {days}",
    Phrase.CAPSULE_LOOK: "cápsula {colour}, tamaño {size}, {mark}",
    Phrase.MARKED: "marcada {imprint}",
    Phrase.UNMARKED: "sin marca",
    Phrase.LIQUID_AND_STRENGTH: "{drug} {strength} líquido oral",
    Phrase.MILLILITRES_BY_MOUTH: "{volume} mL por la boca {time}",
    Phrase.PURPOSE: "Para:",
    Phrase.COMPOUNDED: "PREPARADO POR ESTA FARMACIA",
    Phrase.NO_OPIOIDS: "No tomar con medicinas opioides para el dolor, la tos o la diarrea.",
    Phrase.DREAMS: "Puede alterar el sueño o causar sueños vívidos.",
    Phrase.SWALLOW_WHOLE: "Tragar entera.",
    Phrase.STORAGE: "Mantener fuera del alcance de los niños. Guardar en lugar seco, sin luz, a temperatura ambiente.",
    Phrase.SURGERY: "No suspender por una cirugía sin preguntar: avise a su cirujano.",
    Phrase.SHAKE_WELL: "Agitar bien.",
    Phrase.REFRIGERATE: "Guardar en el refrigerador.",
    Phrase.ORAL_SYRINGE: "Medir solo con la jeringa oral.",
}
PHRASES: Mapping[Language, Mapping[Phrase, str]] = {Language.ENGLISH: _ENGLISH, Language.SPANISH: _SPANISH}
AUXILIARY = (
    Phrase.COMPOUNDED,
    Phrase.NO_OPIOIDS,
    Phrase.DREAMS,
    Phrase.SWALLOW_WHOLE,
    Phrase.STORAGE,
    Phrase.SURGERY,
    Phrase.SHAKE_WELL,
    Phrase.REFRIGERATE,
    Phrase.ORAL_SYRINGE,
)


def say(language: Language, phrase: Phrase, **told: object) -> str:
    """The phrase with what is told put in."""
    return PHRASES[language][phrase].format(**told)


def say_capsules(language: Language, count: int) -> str:
    """How many capsules, in numerals."""
    return say(language, Phrase.CAPSULE if count == 1 else Phrase.CAPSULES, count=count)


def language_of(code: str) -> Language:
    """The language of labels for a patient of that language ("es", "es-MX"); English where we have no phrases."""
    spoken = code.casefold().partition("-")[0]
    return Language(spoken) if spoken in set(Language) else Language.ENGLISH
