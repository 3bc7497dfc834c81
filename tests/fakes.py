"""Stand-ins for the outside, each proved by the same contract tests as the real gateway.

A fake remembers what it was given, or fails in exactly one of the ways in which the real
one can fail. It checks what the real one checks, so that a use case tested with a fake
does not meet its first refusal in production.
"""

from dataclasses import dataclass, field

from pharmacy.domain.notice_texts import fits_sms
from pharmacy.usecases.ports import (
    OutgoingMail,
    OutgoingSms,
    PrintJob,
    Refused,
    Stage,
    Uncertain,
    Unreachable,
)


def _composed(message: OutgoingMail) -> OutgoingMail:
    texts = (message.to, message.subject, message.message_id)
    is_one_address = (
        message.to.count("@") == 1 and not set(message.to) & set(" ,;<>") and message.to.isascii()
    )
    is_identified = message.message_id.startswith("<") and message.message_id.endswith(">")
    if not is_one_address or not is_identified or any(set(text) & {"\r", "\n"} for text in texts):
        raise Refused(Stage.COMPOSING)
    return message


@dataclass
class MailThatRemembers:
    """Takes every message."""

    sent: list[OutgoingMail] = field(default_factory=list)

    def send(self, message: OutgoingMail) -> None:
        self.sent.append(_composed(message))


@dataclass
class MailThatTimesOutAfterAccepting:
    """Takes every message, and never gets to say so."""

    sent: list[OutgoingMail] = field(default_factory=list)

    def send(self, message: OutgoingMail) -> None:
        self.sent.append(_composed(message))
        raise Uncertain(Stage.SENDING)


@dataclass
class UnreachableMail:
    """Nobody answers. `attempts` counts the calls."""

    attempts: int = 0

    def send(self, message: OutgoingMail) -> None:
        _composed(message)
        self.attempts += 1
        raise Unreachable(Stage.CONNECTING)


@dataclass
class MailThatRefuses:
    """Knows no such mailbox, whoever is addressed."""

    attempts: int = 0

    def send(self, message: OutgoingMail) -> None:
        _composed(message)
        self.attempts += 1
        raise Refused(Stage.ADDRESSING, 550)


def _fits(message: OutgoingSms) -> OutgoingSms:
    if not message.to or not fits_sms(message.body):
        raise Refused(Stage.COMPOSING)
    return message


@dataclass
class SmsThatRemembers:
    """Takes every text message, and calls it by its number."""

    sent: list[OutgoingSms] = field(default_factory=list)

    def send(self, message: OutgoingSms) -> str:
        self.sent.append(_fits(message))
        return f"sms-{len(self.sent)}"


@dataclass
class SmsThatTimesOutAfterAccepting:
    """Takes every text message, and never gets to say so."""

    sent: list[OutgoingSms] = field(default_factory=list)

    def send(self, message: OutgoingSms) -> str:
        self.sent.append(_fits(message))
        raise Uncertain(Stage.SENDING)


@dataclass
class PrinterThatRemembers:
    """Prints every label. With `drops`, the line goes silent after it took one; with `is_away`, nobody answers."""

    printed: list[PrintJob] = field(default_factory=list)
    drops: bool = False
    is_away: bool = False

    def take(self, job: PrintJob) -> None:
        if self.is_away:
            raise Unreachable(Stage.CONNECTING)
        self.printed.append(job)
        if self.drops:
            raise Uncertain(Stage.SENDING)
