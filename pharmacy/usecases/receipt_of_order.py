"""The receipt of one order: its price line by line, and every dollar taken or given back for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.calendar import local_day
from pharmacy.domain.dose_text import amount_text, format_dose, strength_text
from pharmacy.domain.errors import Conflict
from pharmacy.domain.labels import DRUG, PharmacyOnLabel
from pharmacy.domain.money import ZERO, Money
from pharmacy.domain.payments import OperationKind, OperationState, Payer, PaymentMethod
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.receipts import Receipt, ReceiptLine
from pharmacy.store import payments, practices
from pharmacy.store.orders import Order
from pharmacy.store.payments import Payment

_BY: Mapping[PaymentMethod, str] = {
    PaymentMethod.CASH: "Cash",
    PaymentMethod.TERMINAL_SLIP: "Card terminal",
    PaymentMethod.PRACTICE_ACCOUNT: "Practice account",
}
_MOVES: Mapping[OperationKind, int] = {OperationKind.CAPTURE: 1, OperationKind.REFUND: -1}


@dataclass(eq=False)
class NothingPaid(Conflict):
    """A receipt tells of money that has moved."""

    def __str__(self) -> str:
        return "Nothing was paid for this order yet, so there is no receipt."


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedBy:
    """The pharmacy, its zone, and its day on which the receipt is written."""

    identity: PharmacyOnLabel
    zone: ZoneInfo
    today: date


def receipt_of_order(session: Session, order: Order, issued: IssuedBy) -> Receipt:
    """The receipt as of today. Raises NothingPaid while nothing was taken."""
    movements = tuple(
        line for payment in payments.of_order(session, order.id) for line in _movements(payment, issued.zone)
    )
    if not movements:
        raise NothingPaid
    identity = issued.identity
    return Receipt(
        number=f"{order.number}-{len(movements)}",
        issued_on=issued.today,
        pharmacy=(identity.name, identity.address, identity.phone),
        payer=_payer(session, order),
        prescription=_prescription(order),
        supplied=_supplied(order),
        lines=tuple(ReceiptLine(each.wording, Money(each.amount_cents)) for each in order.price_lines),
        movements=movements,
    )


def _supplied(order: Order) -> tuple[str, ...]:
    first, *others = (
        f"{line.capsules} x {format_dose(Micrograms(line.strength_ug))}"
        if line.unit_ml is None
        else f"{amount_text(line.capsules, line.unit_ml)} of "
        f"{strength_text(Micrograms(line.strength_ug), line.unit_ml)}"
        for line in order.lines
    )
    what = "capsules" if order.lines[0].unit_ml is None else "oral liquid"
    return (f"Compounded {what} of {DRUG}: {first}", *others)


def _movements(payment: Payment, zone: ZoneInfo) -> Iterator[ReceiptLine]:
    """What was certainly taken and given back, in the order in which it was."""
    for each in payment.operations:
        sign = _MOVES.get(each.kind)
        if sign is None or each.state is not OperationState.DONE or each.settled_at is None:
            continue
        amount = Money(each.amount_cents).times(sign)
        words = [_BY[payment.method], payment.payer_reference, "refund" if amount < ZERO else ""]
        yield ReceiptLine(", ".join(word for word in words if word), amount, local_day(each.settled_at, zone))


def _payer(session: Session, order: Order) -> tuple[str, ...]:
    patient = order.patient
    accepted = payments.acceptance_of(session, order.id, order.total_cents)
    if accepted is not None and accepted.payer is Payer.PRACTICE:
        return (practices.name_of(session, order.practice_id), f"for {patient.full_name}")
    return (
        patient.full_name,
        patient.address_line,
        f"{patient.city}, {patient.state} {patient.postal_code}",
    )


def _prescription(order: Order) -> tuple[tuple[str, str], ...]:
    signer = order.prescription
    handed = (
        ()
        if order.shipped_on is None
        else (("Dispensed", f"{order.shipped_on:%b %d, %Y}".replace(" 0", " ")),)
    )
    return (
        ("Rx", str(order.number)),
        *handed,
        ("Days of supply", str(order.days)),
        ("Prescriber", signer.prescriber_name),
        ("NPI", signer.prescriber_npi),
    )
