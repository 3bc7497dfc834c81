"""What a notice may say.

A message may be read by others, so it names the pharmacy and its telephone, and never drug, strength or condition:
naltrexone itself suggests addiction. A text message has at most 160 characters of the GSM alphabet, so that it is
one message and not several (the exemption for health-care messages, 47 CFR 64.1200(a)(9)(iv), counts them).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from pharmacy.domain.calendar import ONE_DAY
from pharmacy.domain.dose_text import capsules_text
from pharmacy.domain.notices import NoticeKind, Start
from pharmacy.domain.supply import Supply
from pharmacy.domain.titration import TimeOfDay

LONGEST_SMS = 160
_OPT_OUT = "STOP to opt out."
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
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


def notice_text(kind: NoticeKind, sender: Sender, news: StepNews | None = None) -> NoticeText:
    """The text of a notice to a patient. A step notice needs `news`; ValueError without."""
    if kind is NoticeKind.STEP:
        if news is None:
            raise ValueError("A step notice says which step begins")
        return _step(sender, news)
    return _TEXTS[kind](sender)


def _shipped(sender: Sender) -> NoticeText:
    return NoticeText(
        f"A parcel from {sender.name} is on its way",
        f"Your prescription from {sender.name} has been shipped. Questions? Call {sender.phone}.",
    )


def _ready(sender: Sender) -> NoticeText:
    return NoticeText(
        f"Ready for you at {sender.name}",
        f"Your prescription is ready to be picked up at {sender.name}. Questions? Call {sender.phone}.",
    )


def _price(sender: Sender) -> NoticeText:
    """No sum: a message may be read by others, and the price stands behind the link."""
    return NoticeText(
        f"A question from {sender.name}",
        f"{sender.name} has a price for you to look at before your prescription is made. "
        f"Questions? Call {sender.phone}.",
        link_words="See the price",
        short=f"{sender.name}, {sender.phone}: see the price of your prescription:",
    )


def _check_in(sender: Sender) -> NoticeText:
    return NoticeText(
        f"How are you doing? A question from {sender.name}",
        f"{sender.name} asks how you are doing. Anything that troubles you? Call {sender.phone}.",
        link_words="Tell us in one tap",
        short=f"{sender.name}, {sender.phone}: how are you doing?",
    )


def _refill(sender: Sender) -> NoticeText:
    return NoticeText(
        f"Your prescription from {sender.name} is due",
        f"Your prescription from {sender.name} is due. Call {sender.phone} to refill.",
        link_words="Ask for your refill",
        by_sms=f"Your prescription from {sender.name} is due. Reply 1 to refill or call {sender.phone}.",
    )


def _follow_up(sender: Sender) -> NoticeText:
    return NoticeText(
        f"A reminder from {sender.name}",
        f"Your prescription from {sender.name} is still due. Call {sender.phone} to refill.",
        link_words="Ask for your refill",
        by_sms=f"Your prescription from {sender.name} is still due. Reply 1 to refill or call {sender.phone}.",
    )


def _expiring(sender: Sender) -> NoticeText:
    return NoticeText(
        f"A message from {sender.name}",
        f"Your prescription with {sender.name} can soon be filled no more. Ask your prescriber for a new one, "
        f"or call {sender.phone}.",
    )


def _home_expired(sender: Sender) -> NoticeText:
    return NoticeText(
        f"A message from {sender.name}",
        f"Please look at your vial from {sender.name}: do not use it past the date on its label. "
        f"Call {sender.phone}.",
    )


def _recall(sender: Sender) -> NoticeText:
    return NoticeText(
        f"Important: please call {sender.name}",
        f"Important: do not use your vial from {sender.name}, and call us now: {sender.phone}.",
    )


_TEXTS: Mapping[NoticeKind, Callable[[Sender], NoticeText]] = {
    NoticeKind.SHIPPED: _shipped,
    NoticeKind.READY: _ready,
    NoticeKind.PRICE: _price,
    NoticeKind.CHECK_IN: _check_in,
    NoticeKind.REFILL: _refill,
    NoticeKind.FOLLOW_UP: _follow_up,
    NoticeKind.EXPIRING: _expiring,
    NoticeKind.HOME_EXPIRED: _home_expired,
    NoticeKind.RECALL: _recall,
}


def _step(sender: Sender, news: StepNews) -> NoticeText:
    subject, signed = f"A message from {sender.name}", f"{sender.name}, {sender.phone}"
    if news.start is Start.CONFIRMED:
        return NoticeText(subject, f"{_dated(news)}. Questions? {signed}.")
    return NoticeText(
        subject,
        f"Have you started? After your present step, go on to {news.words}. Not started? {signed}.",
        link_words="Tell us when you started",
        short=f"{signed}: have you started?",
    )


def _dated(news: StepNews) -> str:
    """The step with its first day, seen from the day of sending."""
    if news.told_on + ONE_DAY == news.begins_on:
        return f"Tomorrow: {news.words}"
    first = f"{_WEEKDAYS[news.begins_on.weekday()]} {news.begins_on.day} {_MONTHS[news.begins_on.month - 1]}"
    return f"{news.words}, {'begins' if news.told_on < news.begins_on else 'began'} on {first}"


def sms_text(text: NoticeText, link: str | None) -> str | None:
    """The text message: with the link where it fits, else without; None when it fits in no way."""
    tries = [f"{text.short} {link} {_OPT_OUT}"] if link and text.short else []
    tries += [f"{text.by_sms or text.body} {_OPT_OUT}"]
    return next((each for each in tries if fits_sms(each)), None)


def fits_sms(text: str) -> bool:
    """Whether the text is one message: the GSM alphabet only, 160 places at most."""
    places = sum(2 if letter in _GSM_DOUBLE else 1 for letter in text)
    return all(letter in _GSM or letter in _GSM_DOUBLE for letter in text) and places <= LONGEST_SMS


def step_words(supply: Supply, position: int) -> str:
    """The step in words that tell a stranger nothing: "Step 2, 1 capsule at bedtime"."""
    counts = {time: _taken_at(supply, position, time) for time in TimeOfDay}
    amounts = [f"{capsules_text(count)} {time.words}" for time, count in counts.items() if count]
    return f"Step {position}, {' and '.join(amounts) or 'no capsules'}"


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
