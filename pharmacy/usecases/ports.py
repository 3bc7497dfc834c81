"""What the use cases need of the outside, and how the outside may fail them.

A gateway does one thing for one outside system and says how it went in a fixed number of
ways. For whatever is *sent* there are four: it returns (the other side has it),
`Unreachable` (the other side certainly does not have it: again later), `Refused` (it
never will: do not ask again) and `Uncertain` (nobody can know; sending again might send
twice, so a person must see it). The errors carry codes and places, never an address, a
name or the other side's own words, because errors end in logs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.labels import LabelContent, LabelTemplate
from pharmacy.domain.money import Money
from pharmacy.domain.payments import OperationKind, PaymentMethod
from pharmacy.domain.receipts import Receipt


class Stage(StrEnum):
    """How far we had come with the other side."""

    COMPOSING = "composing"
    CONNECTING = "connecting"
    ADDRESSING = "addressing"
    SENDING = "sending"


@dataclass(eq=False)
class NotDelivered(Exception):
    """Something was not, or not certainly, handed over. `code` is the other side's reply, if it gave one."""

    stage: Stage
    code: int | None = None

    def __str__(self) -> str:
        reply = "no reply" if self.code is None else f"reply {self.code}"
        return f"{type(self).__name__} while {self.stage}: {reply}"


class Unreachable(NotDelivered):
    """The other side has not taken it, and may take it later."""


class Refused(NotDelivered):
    """The other side, or our own check, will never take it as it is."""


class Uncertain(NotDelivered):
    """The other side may have taken it: the line went silent after everything had been said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingWebhook:
    """One signed message to one subscriber."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Webhooks(Protocol):
    """Tells subscribers. `may_be_private` says whether this machine is spoken to, as in a demonstration."""

    @property
    def may_be_private(self) -> bool: ...

    def tell(self, message: OutgoingWebhook) -> int:
        """The status of the answer. Raises Refused for an address that is never spoken to, Unreachable for silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """One message to one address: plain text, and the same as a page where `html` is given.

    `unsubscribe_url` is where one press ends such messages (RFC 8058).

    `message_id` is chosen by the caller before the first attempt, "<opaque@domain>", and stays
    the same in every further attempt, so that a doubled message can be recognised as one.
    """

    to: str
    subject: str
    body: str
    message_id: str
    html: str | None = None
    unsubscribe_url: str | None = None


class Mail(Protocol):
    """Hands a message to a mail server. Raises `Unreachable`, `Refused` or `Uncertain`."""

    def send(self, message: OutgoingMail, /) -> None:
        """The server has taken responsibility for the message when this returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingSms:
    """One text message to one number, of 160 characters of the GSM alphabet at most.

    `key` is chosen by the caller before the first attempt and stays the same in every further one: the gateway
    sends it once.
    """

    to: str
    body: str
    key: UUID


class Sms(Protocol):
    """Hands a text message to a gateway. Raises `Unreachable`, `Refused` or `Uncertain`."""

    def send(self, message: OutgoingSms, /) -> str:
        """The gateway has taken the message when this returns; what it calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAsked:
    """One operation asked of a payment provider.

    `key` is chosen by the caller before the first attempt and stays the same in every further one: the provider
    does it once. `account` is the charge that authorisation, capture, void and refund belong to; `authorisation`
    is the provider's own reference of the authorisation that a capture or a void is about.
    """

    key: UUID
    account: UUID
    kind: OperationKind
    amount: Money
    method: PaymentMethod
    payer_reference: str
    authorisation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAnswer:
    """What the provider answered: done under its `reference`, or refused with a code in `refusal`.

    `lapses_at` is when an authorisation ends by itself.
    """

    reference: str
    refusal: str | None = None
    lapses_at: datetime | None = None


class PaymentProvider(Protocol):
    """Holds, takes and gives back money. Raises `Unreachable` or `Uncertain`; a refusal is an answer."""

    def ask(self, asked: PaymentAsked, /) -> PaymentAnswer:
        """The operation has been done or refused, once for its key, when this returns."""

    def look_up(self, key: UUID, /) -> PaymentAnswer | None:
        """What became of the operation with that key; None when the provider never took it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptHead:
    """The head of one seal of the audit trail, as it is kept outside the database."""

    number: int
    head: bytes
    signature: bytes


class Notary(Protocol):
    """Signs heads of the audit trail with a key that the database never sees, and keeps them outside it."""

    def sign(self, head: bytes, /) -> bytes: ...

    def is_signed(self, head: bytes, signature: bytes, /) -> bool: ...

    def keep(self, head: KeptHead, /) -> None:
        """The head is kept for good when this returns."""

    def kept(self) -> Iterable[KeptHead]:
        """Every head that was kept; what was not signed here is left out."""

    def newest(self) -> KeptHead | None:
        """The head that was kept last."""


@dataclass(eq=False)
class LabelDoesNotFit(Unfit):
    """A field is too long for the label at the smallest type we print. Nothing was cut."""

    label_field: str

    def __str__(self) -> str:
        return f"The label has no room for {self.label_field.replace('_', ' ')} in readable type."


@dataclass(eq=False)
class UnprintableCharacter(Unfit):
    """The label's typeface has no such character; a blank or a box in its place would mislead."""

    label_field: str
    character: str

    def __str__(self) -> str:
        named = " ".join(f"U+{ord(letter):04X}" for letter in self.character)
        return f"The label cannot show the character {named} in {self.label_field.replace('_', ' ')}."


@dataclass(eq=False)
class ProofNotPrinted(Conflict):
    """A proof is there to be looked at; no printer is given one."""

    def __str__(self) -> str:
        return "This is a proof and not for dispensing; it is not printed."


class LabelRenderer(Protocol):
    """Makes the file that is printed and stuck on one vial."""

    @property
    def template_version(self) -> str:
        """Changes whenever the same content would give other bytes."""

    def render(
        self,
        content: LabelContent,
        barcode: str | None,
        template: LabelTemplate = LabelTemplate.FOUR_BY_TWO,
        /,
    ) -> bytes:
        """The same content, barcode and template give the same bytes, always.

        A dispensing label has a barcode and a proof has none. Raises `LabelDoesNotFit`,
        `UnprintableCharacter`, or `ProofNotPrinted` where the file goes to a printer as it is.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """What a printer is given. `key` is chosen before the first attempt and stays the same in every further one."""

    key: UUID
    content: bytes


class Printer(Protocol):
    """Takes labels. Raises `Unreachable`, `Refused` or `Uncertain`."""

    def take(self, job: PrintJob, /) -> None:
        """The printer has taken responsibility for the label when this returns."""


class ReceiptRenderer(Protocol):
    """Makes the file of a receipt."""

    def render(self, receipt: Receipt, /) -> bytes:
        """The same receipt gives the same bytes, always. Raises `UnprintableCharacter`."""


class Tally(Protocol):
    """Counts by name within windows of whole `seconds` of the clock; never fails and never takes long."""

    def count(self, name: str, *, now: datetime, seconds: int) -> int:
        """How often that name was counted in the window of `now`, this time included."""
