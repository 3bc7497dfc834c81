"""What stands between an order and an act, besides role and state: answers, proofs, lots, and time.

Nobody approves or pays for what cannot be made, nothing is labelled without its label, and no capsule leaves
that its beyond-use date would not carry to the last planned dose. The same gates word the console's "why not"
and hold the act itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import MADE, words
from pharmacy.domain.dose_text import capsules_text
from pharmacy.domain.hand_over import ScanPurpose, counselling_missing, scans_missing
from pharmacy.domain.orders import (
    Act,
    OrderStatus,
    Refusal,
    Role,
    act_allowed,
    answers_missing,
    beyond_use_too_early,
    cannot_be_made,
    labels_missing,
)
from pharmacy.domain.payments import OperationKind, OperationState
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.screening import is_question, screen
from pharmacy.store import orders
from pharmacy.store.batches import Batch, BatchStatus
from pharmacy.store.labels import LabelKind
from pharmacy.store.order_rows import OrderRows, order_rows
from pharmacy.store.orders import Order, OrderLine
from pharmacy.store.payments import Payment
from pharmacy.store.screening import FindingOverride
from pharmacy.usecases.fill_start import start_of
from pharmacy.usecases.known_profile import known_profile
from pharmacy.usecases.order_document import planned_batch
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.request_labels import living_label
from pharmacy.usecases.screen_order import not_overridden


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What gates look at besides the order: today's bench, batches by line, labels that were given up.

    `is_screened` is whether the rules have seen what is known now; `against` are grave findings nobody set aside.
    """

    reference: Reference
    batches: Mapping[UUID, list[Batch]]
    # Capsules that are promised to each line; lines without are left out.
    promised: Mapping[UUID, int]
    failures: Mapping[UUID, str]
    is_screened: bool
    against: tuple[str, ...]
    # The first day from which a later version of the plan differs from the one that the order was made up by.
    changed_from: int | None
    # Why the order's money stands against going on, in words; None when it does not.
    unpaid: str | None = None
    # Labels that were scanned, by purpose, and whether the offer of counselling is on record.
    scanned: Mapping[ScanPurpose, frozenset[UUID]] = field(default_factory=dict)
    is_counselled: bool = False
    # Whether a pharmacy of one pharmacist is excepted from the rule of two people.
    excepts_single_pharmacist: bool = False


def standing_of(session: Session, order: Order, reference: Reference) -> Standing:
    """How things stand with the order today."""
    return standing_by(session, order, reference, order_rows(session, order))


def standing_by(session: Session, order: Order, reference: Reference, rows: OrderRows) -> Standing:
    """The same, for whoever has just read these rows."""
    is_at_the_door = order.status in {OrderStatus.LABELLED, OrderStatus.VERIFIED}
    return Standing(
        reference=reference,
        batches=rows.batches,
        promised=rows.promised,
        failures=rows.failures,
        is_screened=_is_freshly_screened(order, rows.screened_at),
        against=_against(session, order, reference, rows.overrides),
        changed_from=rows.changed_from,
        unpaid=_unpaid(rows.payments),
        scanned=rows.scanned() if is_at_the_door else {},
        is_counselled=is_at_the_door and bool(rows.offers),
        excepts_single_pharmacist=order.status is OrderStatus.LABELLED and rows.excepts_single_pharmacist,
    )


def _is_freshly_screened(order: Order, screened_at: datetime | None) -> bool:
    """Whether the newest look of the rules is as new as what is known of the patient."""
    if order.status not in _SCREENED_BEFORE or order.patient.profile_changed_at is None:
        return True
    return screened_at is not None and screened_at >= order.patient.profile_changed_at


def _against(
    session: Session, order: Order, reference: Reference, overrides: Sequence[FindingOverride]
) -> tuple[str, ...]:
    """The codes of what the rules say today that nobody has set aside, once the capsules are labelled."""
    if order.status is not OrderStatus.LABELLED:
        return ()
    profile = known_profile(session, order.patient, reference, prescription_id=order.prescription_id)
    found = screen(profile, order.plan_version.plan(), reference.screening.rules)
    return tuple(dict.fromkeys(each.code for each in not_overridden(found, overrides)))


def why_not(order: Order, act: Act, by: Actor, standing: Standing) -> Refusal | None:
    """Why this person may not do this now, in words; None when they may."""
    if by.role is None:
        return Refusal("Only staff may do this")
    refused = act_allowed(act, order.status, by.role)
    if refused is not None:
        return refused
    found = (gate(order, by, standing) for gate in _GATES.get(act, ()))
    return next((refusal for refusal in found if refusal is not None), None)


def open_questions(order: Order) -> tuple[str, ...]:
    """The codes of what was asked and not answered, in the order of the form."""
    return tuple(finding.code for finding in order.findings if is_question(finding.code))


def _all_answered(order: Order, _: Actor, __: Standing) -> Refusal | None:
    if order.status is OrderStatus.ON_HOLD:
        return None  # Going on from a hold leads only to where the order was, and the questions wait there.
    return answers_missing(len(open_questions(order)))


def _proofs_made(order: Order, _: Actor, standing: Standing) -> Refusal | None:
    return _made(order, LabelKind.PROOF, "proof", standing)


def _labels_made(order: Order, _: Actor, standing: Standing) -> Refusal | None:
    return _made(order, LabelKind.DISPENSING, "label", standing)


def _made(order: Order, kind: LabelKind, thing: str, standing: Standing) -> Refusal | None:
    vials = [vial for _, vial in orders.vials_of(order)]
    missing = [vial for vial in vials if living_label(vial, kind) is None]
    awaited = chain.from_iterable(vial.labels for vial in missing)
    subjects = [label.id for label in awaited if label.kind is kind and label.voided_at is None]
    failures = [standing.failures[each] for each in (*subjects, order.id) if each in standing.failures]
    return labels_missing(thing, len(missing), len(vials), failures[0] if failures else None)


def _makeable(order: Order, _: Actor, standing: Standing) -> Refusal | None:
    """Today's bench can make every line, and it would last to the last dose."""
    reference, window = standing.reference, order.window()
    for line in order.lines:
        planned = planned_batch(line, window, order.prescription.strength_basis, reference)
        if planned.beyond_use is None or planned.refusal is not None:
            return cannot_be_made(line.position, planned.refusal or "It cannot be derived")
        if not planned.covers_last_dose:
            on = planned.beyond_use.on.isoformat()
            return Refusal(
                f"Line {line.position} would not last: made today, its beyond-use date {on}"
                " is before the last planned dose"
            )
    return None


def _screened(_: Order, __: Actor, standing: Standing) -> Refusal | None:
    if standing.is_screened:
        return None
    return Refusal("What is known of the patient has changed since the order was screened: screen it again")


def _nothing_against(_: Order, __: Actor, standing: Standing) -> Refusal | None:
    if not standing.against:
        return None
    return Refusal(
        f"{', '.join(standing.against)} stand against it: override them with a reason, or hold the order"
    )


def _not_the_compounder(order: Order, by: Actor, standing: Standing) -> Refusal | None:
    if compounded_it(order, by, standing) and not _is_excepted(by, standing):
        return Refusal("Whoever compounded an order may not verify it")
    return None


def compounded_it(order: Order, by: Actor, standing: Standing) -> bool:
    """Whether that person compounded any of it. That a batch was released by exception says nothing of the order."""
    made = (batch for each in standing.batches.values() for batch in each)
    return order.compounded_by == by.id or any(batch.compounded_by == by.id for batch in made)


def _is_excepted(by: Actor, standing: Standing) -> bool:
    """The exception of a pharmacy of one pharmacist, which is the pharmacist-in-charge's to invoke."""
    return standing.excepts_single_pharmacist and by.role is Role.PHARMACIST_IN_CHARGE


def exception_due(order: Order, act: Act, by: Actor, standing: Standing) -> str | None:
    """What must be said in words when the act is done by exception, or None when it is not."""
    if act is Act.VERIFY and compounded_it(order, by, standing) and _is_excepted(by, standing):
        return "Reason for verifying what you compounded yourself"
    return None


def _made_to_the_last(order: Order, _: Actor, standing: Standing) -> Refusal | None:
    """Labels go on capsules that exist."""
    return _batches_are(order, standing, MADE)


def _released(order: Order, _: Actor, standing: Standing) -> Refusal | None:
    return _batches_are(order, standing, frozenset({BatchStatus.RELEASED}))


def _batches_are(order: Order, standing: Standing, wanted: frozenset[BatchStatus]) -> Refusal | None:
    for line in order.lines:
        made = standing.batches.get(line.id)
        if not made:
            return Refusal(f"Line {line.position} has no batch")
        for batch in made:
            if batch.status not in wanted:
                return Refusal(f"Batch {batch.number} is {words(batch.status)}")
        if missing := line.capsules - standing.promised.get(line.id, 0):
            return Refusal(
                f"Line {line.position} lacks {capsules_text(missing)}: a batch that served it ended"
            )
    return None


def _lasts(order: Order, _: Actor, standing: Standing) -> Refusal | None:
    """Every batch lasts to the last dose, counted from the start that is assumed today."""
    found = (
        covers_last_dose(order, line, batch, standing.reference)
        for line in order.lines
        for batch in standing.batches[line.id]
    )
    return next((refusal for refusal in found if refusal is not None), None)


def covers_last_dose(order: Order, line: OrderLine, batch: Batch, reference: Reference) -> Refusal | None:
    """The batch lasts to the line's last dose, from the start that is confirmed or assumed today."""
    day_1, _start = start_of(order, reference)
    return beyond_use_too_early(
        line.position,
        batch.beyond_use_on,
        first_dose_on=day_1 + timedelta(days=order.first_day - 1),
        days=order.days,
    )


def _plan_in_force(order: Order, _: Actor, standing: Standing) -> Refusal | None:
    """Nothing made up for a plan that has changed since goes out with the directions of the old one."""
    from_day = standing.changed_from
    if from_day is None or from_day > order.window().last_day:
        return None
    return Refusal(f"The plan has changed from day {from_day}; cancel this order and fill anew")


def _unpaid(made: Sequence[Payment]) -> str | None:
    """Why the newest payment stands against going on; an order from before payments were kept has none."""
    if not made:
        return None
    asked = [
        each for each in made[-1].operations if each.kind in {OperationKind.AUTHORISE, OperationKind.VOID}
    ]
    newest = asked[-1] if asked else None
    if newest is None or newest.state not in {OperationState.REFUSED, OperationState.UNCERTAIN}:
        return "The payment was voided" if newest and newest.kind is OperationKind.VOID else None
    if newest.kind is OperationKind.VOID:
        return None
    uncertain = newest.state is OperationState.UNCERTAIN
    return "The payment is uncertain: look up what became of it" if uncertain else "The payment was declined"


def _paid(_: Order, __: Actor, standing: Standing) -> Refusal | None:
    return None if standing.unpaid is None else Refusal(standing.unpaid)


def _licensed_there(order: Order, _: Actor, standing: Standing) -> Refusal | None:
    """Nothing is mailed to a state without a licence there, wherever the patient has moved since."""
    if order.delivery is not Delivery.MAIL or order.patient.state in standing.reference.licensed_states:
        return None
    return Refusal(f"The pharmacy has no licence to ship to {order.patient.state}")


def _scanned(order: Order, _: Actor, standing: Standing) -> Refusal | None:
    return _all_scanned(order, ScanPurpose.VERIFICATION, standing)


def _bagged(order: Order, _: Actor, standing: Standing) -> Refusal | None:
    return _all_scanned(order, ScanPurpose.BAG, standing)


def _all_scanned(order: Order, purpose: ScanPurpose, standing: Standing) -> Refusal | None:
    """Every vial bears its label by now: that gate stands before."""
    found = (living_label(vial, LabelKind.DISPENSING) for _, vial in orders.vials_of(order))
    labels = [label.id for label in found if label is not None]
    return scans_missing(purpose, labels, standing.scanned.get(purpose, ()))


def _counselled(_: Order, __: Actor, standing: Standing) -> Refusal | None:
    return counselling_missing(standing.is_counselled)


def _by_mail(order: Order, _: Actor, __: Standing) -> Refusal | None:
    return None if order.delivery is Delivery.MAIL else Refusal("This order is to be picked up")


def _at_the_counter(order: Order, _: Actor, __: Standing) -> Refusal | None:
    return None if order.delivery is Delivery.PICK_UP else Refusal("This order is to be mailed")


# The states in which a pharmacist is about to decide.
_SCREENED_BEFORE = frozenset({OrderStatus.IN_REVIEW, OrderStatus.LABELLED})
_Gate = Callable[[Order, Actor, Standing], Refusal | None]

_LEAVES: tuple[_Gate, ...] = (_bagged, _counselled)

# The first that refuses is told, so what waits for people stands before what waits for machines.
_GATES: Mapping[Act, tuple[_Gate, ...]] = {
    Act.APPROVE: (_plan_in_force, _licensed_there, _all_answered, _screened, _makeable, _proofs_made),
    Act.RECORD_PAYMENT: (_plan_in_force, _all_answered, _makeable),
    Act.START_COMPOUNDING: (_plan_in_force, _all_answered, _paid),
    Act.FINISH_LABELLING: (_made_to_the_last, _labels_made),
    Act.VERIFY: (
        _plan_in_force,
        _all_answered,
        _not_the_compounder,
        _screened,
        _nothing_against,
        _released,
        _lasts,
        _labels_made,
        _scanned,
    ),
    Act.SHIP: (_plan_in_force, _by_mail, _licensed_there, _paid, _released, _lasts, _labels_made, *_LEAVES),
    Act.PICK_UP: (_plan_in_force, _at_the_counter, _paid, _released, _lasts, _labels_made, *_LEAVES),
    Act.RESUME: (_plan_in_force, _all_answered),
}
