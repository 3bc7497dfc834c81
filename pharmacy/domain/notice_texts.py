"""What a notice may say.

A message may be read by others, so it names the pharmacy and its telephone, and never drug, strength or condition:
naltrexone itself suggests addiction. A text message has at most 160 characters of the GSM alphabet, so that it is
one message and not several (the exemption for health-care messages, 47 CFR 64.1200(a)(9)(iv), counts them).
"""

from dataclasses import dataclass
from datetime import date

from pharmacy.domain.calendar import ONE_DAY
from pharmacy.domain.dose_text import amount_text
from pharmacy.domain.label_phrases import Language, say, say_capsules
from pharmacy.domain.labels import TIMES, both_said
from pharmacy.domain.notice_phrases import FRAMES, STEPS, WORDINGS
from pharmacy.domain.notices import NoticeKind, Start
from pharmacy.domain.supply import Supply
from pharmacy.domain.titration import TimeOfDay

LONGEST_SMS = 160
# What Spanish has and the alphabet of text messages has not.
_PLAIN_VOWELS = str.maketrans("áíóúÁÍÓÚ", "aiouAIOU")
# GSM 03.38: the basic alphabet, and what takes two places.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = frozenset("^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: every message names the pharmacy and where to call it."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class NoticeText:
    """What is sent; it holds nothing that tells what the patient takes, or why.

    `link_words` say what the private link is for, where there is one, and `short` is what stands before it in a
    text message. `by_sms` is the text message where it says something else than `body`.
    """

    subject: str
    body: str
    link_words: str = ""
    short: str = ""
    by_sms: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNews:
    """What a step notice has to tell: the step as `step_words` gives it, and its first day.

    `told_on` is the patient's day at the moment of sending, which may be later than planned.
    """

    words: str
    begins_on: date
    told_on: date
    start: Start


def notice_text(
    kind: NoticeKind, sender: Sender, news: StepNews | None = None, language: Language = Language.ENGLISH
) -> NoticeText:
    """The text of a notice to a patient. A step notice needs `news`; ValueError without."""
    if kind is NoticeKind.STEP:
        if news is None:
            raise ValueError("A step notice says which step begins")
        return _step(sender, news, language)
    told = (text.format(name=sender.name, phone=sender.phone) for text in WORDINGS[language][kind])
    return NoticeText(*told)


def _step(sender: Sender, news: StepNews, language: Language) -> NoticeText:
    said, signed = STEPS[language], {"name": sender.name, "phone": sender.phone}
    subject = said.subject.format(**signed)
    if news.start is Start.CONFIRMED:
        return NoticeText(subject, said.dated.format(news=_dated(news, language), **signed))
    return NoticeText(
        subject,
        said.asked.format(words=news.words, **signed),
        link_words=said.link_words,
        short=said.short.format(**signed),
    )


def _dated(news: StepNews, language: Language) -> str:
    """The step with its first day, seen from the day of sending."""
    said = STEPS[language]
    if news.told_on + ONE_DAY == news.begins_on:
        return said.tomorrow.format(words=news.words)
    wording = said.begins if news.told_on < news.begins_on else said.began
    return wording.format(words=news.words, day=day_said(news.begins_on, language))


def day_said(day: date, language: Language) -> str:
    """ "Wed 4 Mar", "mié 4 mar"."""
    frame = FRAMES[language]
    return frame.day.format(
        weekday=frame.weekdays[day.weekday()], day=day.day, month=frame.months[day.month - 1]
    )


def sms_text(text: NoticeText, link: str | None, language: Language = Language.ENGLISH) -> str | None:
    """The text message: with the link where it fits, else without; None when it fits in no way."""
    opt_out = FRAMES[language].opt_out
    tries = [f"{text.short} {link} {opt_out}"] if link and text.short else []
    tries += [f"{text.by_sms or text.body} {opt_out}"]
    return next((said for each in tries if fits_sms(said := in_gsm(each))), None)


def in_gsm(text: str) -> str:
    """The text without the accents that the GSM alphabet lacks: people write Spanish messages so themselves."""
    return text.translate(_PLAIN_VOWELS)


def fits_sms(text: str) -> bool:
    """Whether the text is one message: the GSM alphabet only, 160 places at most."""
    places = sum(2 if letter in _GSM_DOUBLE else 1 for letter in text)
    return all(letter in _GSM or letter in _GSM_DOUBLE for letter in text) and places <= LONGEST_SMS


def step_words(supply: Supply, position: int, language: Language = Language.ENGLISH) -> str:
    """The step in words that tell a stranger nothing: "Step 2, 1 capsule at bedtime"."""
    counts = {time: _taken_at(supply, position, time) for time in TimeOfDay}
    amounts = [
        f"{_amount(supply, count, language)} {say(language, TIMES[time])}"
        for time, count in counts.items()
        if count
    ]
    step = STEPS[language].position.format(position=position)
    return f"{step}, {both_said(amounts, language) if amounts else STEPS[language].no_capsules}"


def _amount(supply: Supply, count: int, language: Language) -> str:
    """So many capsules, or so many millilitres of a liquid."""
    unit_ml = supply.lines[0].unit_ml if supply.lines else None
    return say_capsules(language, count) if unit_ml is None else amount_text(count, unit_ml)


def _taken_at(supply: Supply, position: int, time_of_day: TimeOfDay) -> int:
    """The capsules of one dose, of all strengths together."""
    # The step of a line too large for one vial is in two of them; a dose of that strength comes from one.
    return sum(
        max(
            (
                step.capsules_per_dose
                for vial in line.vials
                for step in vial.steps
                if step.position == position and step.time_of_day == time_of_day
            ),
            default=0,
        )
        for line in supply.lines
    )
