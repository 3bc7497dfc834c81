"""Whether a notice goes now, on which channel, later, or never: a pure decision with its reason.

When a cap bites, the order among a patient's notices is: recall (outside the caps), step, ready or shipped, refill,
check-in, expiry (house policy). Each channel has the caps of its own: a text message that may not go becomes an
e-mail, and what may go nowhere waits.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from pharmacy.domain.calendar import local_day
from pharmacy.domain.notice_policy import NoticePolicy
from pharmacy.domain.notices import NoticeKind, next_morning, next_sendable


class Channel(StrEnum):
    """How a message reaches a patient."""

    EMAIL = "email"
    SMS = "sms"


class ConsentChannel(StrEnum):
    """What a patient agrees to: messages by one of the channels, or calls."""

    EMAIL = "email"
    SMS = "sms"
    PHONE = "phone"


PRIORITY: Mapping[NoticeKind, int] = {
    NoticeKind.RECALL: 0,
    NoticeKind.RENEWAL: 0,
    NoticeKind.STEP: 1,
    NoticeKind.READY: 2,
    NoticeKind.PRICE: 2,
    NoticeKind.SHIPPED: 2,
    NoticeKind.REFILL: 3,
    NoticeKind.FOLLOW_UP: 3,
    NoticeKind.CHECK_IN: 4,
    NoticeKind.EXPIRING: 5,
    NoticeKind.HOME_EXPIRED: 5,
}


@dataclass(frozen=True, slots=True)
class Go:
    """It goes now by that channel; `because` says why by this one."""

    channel: Channel
    because: str


@dataclass(frozen=True, slots=True)
class Wait:
    """It waits until then."""

    until: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Never:
    """It does not go; `call` when a person is to call instead."""

    because: str
    call: bool = False


Decision = Go | Wait | Never


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStanding:
    """One channel of a patient: why it may not be used, if so, and when messages went by it lately."""

    channel: Channel
    closed_because: str | None
    sent_at: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Now at the patient's, and how many notices that go before this one are due on the same day."""

    now: datetime
    zone: ZoneInfo
    ahead_today: int = 0


def decide(
    kind: NoticeKind, standings: Sequence[ChannelStanding], moment: Moment, policy: NoticePolicy
) -> Decision:
    """Where the notice goes. `standings` are in the order of the patient's preference.

    A recall heeds quiet hours and stopped channels and nothing else.
    """
    usable = [each for each in standings if each.closed_because is None]
    if not usable:
        reasons = "; ".join(f"{each.channel}: {each.closed_because}" for each in standings)
        return Never(f"no channel to the patient ({reasons}): call the patient", call=True)
    allowed_at = next_sendable(moment.now, moment.zone, policy)
    if allowed_at > moment.now:
        return Wait(allowed_at, "quiet hours at the patient's")
    if kind is NoticeKind.RECALL:
        return Go(usable[0].channel, "a recall is outside the caps")
    caps = [(each, _capped(each, moment, policy)) for each in usable]
    free = [each for each, capped in caps if capped is None]
    if not free:
        waits = [capped for _, capped in caps if capped is not None]
        first = min(waits, key=lambda each: each.until)
        if kind is NoticeKind.STEP:
            return Never(f"{first.because}: call the patient about the step", call=True)
        return first
    moved = free[0] is not usable[0]
    return Go(free[0].channel, f"{usable[0].channel} is at its cap" if moved else "the patient's channel")


def _capped(standing: ChannelStanding, moment: Moment, policy: NoticePolicy) -> Wait | None:
    """Until when the caps keep the channel shut; None when it is open."""
    today = local_day(moment.now, moment.zone)
    recent = sorted(at for at in standing.sent_at if at > moment.now - policy.week)
    sent_today = sum(local_day(at, moment.zone) == today for at in recent)
    left = min(policy.most_a_day - sent_today, policy.most_a_week - len(recent))
    if left > moment.ahead_today:
        return None
    tomorrow = next_morning(moment.now, moment.zone, policy)
    if len(recent) >= policy.most_a_week > 0:
        frees = recent[-policy.most_a_week] + policy.week
        later = next_sendable(max(frees, tomorrow), moment.zone, policy)
        return Wait(later, f"{policy.most_a_week} messages in 7 days by {standing.channel}")
    if left > 0:
        return Wait(tomorrow, "a notice that goes first is due today")
    return Wait(tomorrow, f"{policy.most_a_day} message today by {standing.channel}")


class Intent(StrEnum):
    """What an inbound text message wants."""

    STOP = "stop"
    HELP = "help"
    START = "start"
    REFILL = "refill"
    OTHER = "other"


_STOP_WORDS = frozenset(
    ("stop", "stopall", "end", "cancel", "unsubscribe", "quit", "revoke", "optout", "opt out", "stop all")
)
# A wish to stop in any words counts (47 CFR 64.1200(a)(10)): better one message too few.
_STOP_WISH = re.compile(
    r"\b(stop|unsubscribe|opt[ -]?out|optout|revoke|remove me|take me off|leave me alone|wrong (number|person))\b"
    r"|\b(do ?n[o'’]?t|do not|never|no more|no longer|quit|cease|end|cancel)\b.{0,25}"
    r"\b(text|texts|texting|message|messages|messaging|contact|contacting|write|send|sending|sms|reminders?)\b"
    r"|\b(baja|parar?|pare|alto|no m[aá]s|cancelar)\b"
)
_START_WORDS = frozenset(("start", "unstop", "yes start"))


def intent_of(text: str) -> Intent:
    """What the sender wants: one word of the usual families, a wish to stop in any words, "1", or anything else."""
    said = " ".join(re.sub(r"[^\w\s'’-]", " ", text.casefold()).split())
    if said in _START_WORDS:
        return Intent.START
    if said in _STOP_WORDS or _STOP_WISH.search(said):
        return Intent.STOP
    if said in {"help", "info", "ayuda"}:
        return Intent.HELP
    return Intent.REFILL if said == "1" else Intent.OTHER


def is_wrong_number(text: str) -> bool:
    """Whether the sender says that they are somebody else: then the number is the patient's no more."""
    return re.search(r"\bwrong (number|person)\b", text.casefold()) is not None
