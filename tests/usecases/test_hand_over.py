"""Nothing is verified or leaves before every vial was scanned and counselling offered; what comes back is destroyed."""

from typing import Any
from uuid import UUID

import pytest

from pharmacy.domain.hand_over import (
    Carrier,
    ClosureAsker,
    CounsellingOutcome,
    CounsellingUnfit,
    CounsellingWay,
    HandOverMissing,
    IdentityDocument,
    Relation,
    ReturnKind,
    ScanPurpose,
    WrongVial,
)
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.pictures import NotAPicture
from pharmacy.store import batches, hand_overs, orders, tasks
from pharmacy.store.labels import LabelKind
from pharmacy.usecases.act_on_order import (
    ActNotOpen,
    ActRequest,
    NotYourAct,
    ReasonMissing,
    Surroundings,
    act_on_order,
)
from pharmacy.usecases.offer_counselling import Offer, OtherClosure, ask_closure, offer_counselling
from pharmacy.usecases.record_leaving import ComeBack, Parcel, PickUp
from pharmacy.usecases.scan_vial import Scan, Scanned, scan_vial
from tests.builders import an_order
from tests.work import Work

S = OrderStatus


def codes_of(work: Work, order_id: UUID) -> list[str]:
    living = (label for label in work.labels(order_id) if label.voided_at is None)
    return [label.barcode or "" for label in living if label.kind is LabelKind.DISPENSING]


def scan(
    work: Work, order_id: UUID, code: str, purpose: ScanPurpose, role: Role = Role.PHARMACIST
) -> Scanned:
    with work.sessions.write() as session:
        return scan_vial(
            session,
            Scan(order_id=order_id, code=code, purpose=purpose),
            work.pharmacy.imprint.codes,
            by=work.member_in(session, role),
            now=work.pharmacy.clock(),
        )


def plainly(
    work: Work, order_id: UUID, act: Act, role: Role = Role.PHARMACIST, **request: Any
) -> OrderStatus:
    """The act, with nothing made ready before it."""
    with work.sessions.write() as session:
        seen = orders.get(session, order_id).version
        around = Surroundings(reference=work.reference(session), imprint=work.pharmacy.imprint)
        asked = ActRequest(order_id=order_id, act=act, seen_version=seen, **request)
        by = work.member_in(session, role)
        return act_on_order(session, asked, around, by=by, now=work.pharmacy.clock()).status


def offer(work: Work, order_id: UUID, role: Role = Role.SHIPPING, **fields: Any) -> None:
    told = {"way": CounsellingWay.IN_PERSON, "outcome": CounsellingOutcome.REFUSED, "offered_to": "Ada"}
    with work.sessions.write() as session:
        by = work.member_in(session, role)
        offer_counselling(
            session, Offer(order_id=order_id, **{**told, **fields}), by=by, now=work.pharmacy.clock()
        )


def test_an_order_is_verified_once_every_vial_was_scanned_against_it(work: Work) -> None:
    order_id = work.bring_to(S.LABELLED)
    first, *others = codes_of(work, order_id)
    with pytest.raises(ActNotOpen, match="Scan 3 of 3 vials against the order"):
        plainly(work, order_id, Act.VERIFY)

    scan(work, order_id, first, ScanPurpose.VERIFICATION)
    again = scan(work, order_id, first, ScanPurpose.VERIFICATION)
    assert (again.is_repeated, again.scanned, again.vials) == (True, 1, 3)
    with pytest.raises(ActNotOpen, match="Scan 2 of 3 vials against the order"):
        plainly(work, order_id, Act.VERIFY)
    for code in others:
        scan(work, order_id, code, ScanPurpose.VERIFICATION)

    assert plainly(work, order_id, Act.VERIFY) is S.VERIFIED


def test_a_vial_of_another_order_a_void_label_and_a_foreign_code_are_told_apart(work: Work) -> None:
    order_id, other = (work.bring_to(S.LABELLED) for _ in range(2))
    (code, *_) = codes_of(work, other)
    work.act(other, Act.CANCEL, reason="The patient has moved")

    with pytest.raises(WrongVial, match="void"):
        scan(work, order_id, code, ScanPurpose.VERIFICATION)
    another = work.bring_to(S.LABELLED)
    with pytest.raises(WrongVial, match="belongs to another order"):
        scan(work, order_id, codes_of(work, another)[0], ScanPurpose.VERIFICATION)
    with pytest.raises(WrongVial, match="no label of this pharmacy"):
        scan(work, order_id, "012345678901234567890123", ScanPurpose.VERIFICATION)

    with work.sessions.read() as session:
        assert hand_overs.scans_of(session, order_id) == []


@pytest.mark.parametrize(
    ("status", "purpose", "role", "refusal", "words"),
    [
        (S.LABELLED, ScanPurpose.VERIFICATION, Role.TECHNICIAN, NotYourAct, "Only a pharmacist may verify"),
        (S.LABELLED, ScanPurpose.BAG, Role.SHIPPING, ActNotOpen, "Waits for final verification"),
        (S.VERIFIED, ScanPurpose.VERIFICATION, Role.PHARMACIST, ActNotOpen, "The order is verified"),
    ],
)
def test_vials_are_scanned_when_it_is_their_turn_and_by_whose_turn_it_is(
    work: Work, status: OrderStatus, purpose: ScanPurpose, role: Role, refusal: type[Exception], words: str
) -> None:
    order_id = work.bring_to(status)

    with pytest.raises(refusal, match=words):
        scan(work, order_id, codes_of(work, order_id)[0], purpose, role)


def test_a_parcel_leaves_bagged_with_its_offer_its_carrier_and_its_number(work: Work) -> None:
    order_id = work.bring_to(S.VERIFIED)
    parcel = Parcel(carrier=Carrier.UPS, tracking_number=" 1z 999 aa1 ")
    with pytest.raises(ActNotOpen, match="Scan 3 of 3 vials into the bag"):
        plainly(work, order_id, Act.SHIP, leaving=parcel)
    for code in codes_of(work, order_id):
        scan(work, order_id, code, ScanPurpose.BAG, Role.SHIPPING)
    with pytest.raises(ActNotOpen, match="Waits for the offer of counselling to be recorded"):
        plainly(work, order_id, Act.SHIP, leaving=parcel)
    offer(work, order_id, way=CounsellingWay.IN_WRITING, outcome=CounsellingOutcome.OFFERED)
    for missing in (None, Parcel(carrier=Carrier.UPS, tracking_number="  ")):
        with pytest.raises(HandOverMissing):
            plainly(work, order_id, Act.SHIP, leaving=missing)

    assert plainly(work, order_id, Act.SHIP, Role.SHIPPING, leaving=parcel) is S.SHIPPED

    with work.sessions.read() as session:
        left = hand_overs.of_order(session, order_id)
    assert left is not None
    assert (left.carrier, left.tracking_number, left.is_child_resistant) == (Carrier.UPS, "1Z999AA1", True)


def test_at_the_counter_somebody_shows_who_they_are_and_signs(work: Work) -> None:
    order_id = work.bring_to(S.VERIFIED, an_order(delivery="pick_up"))
    for code in codes_of(work, order_id):
        scan(work, order_id, code, ScanPurpose.BAG, Role.SHIPPING)
    offer(work, order_id, Role.PHARMACIST, outcome=CounsellingOutcome.ACCEPTED)
    who = {"taken_by": "Bea Sample", "relation": Relation.FAMILY, "identity": IdentityDocument.PASSPORT}
    with pytest.raises(HandOverMissing, match="A signature, drawn or typed, is due"):
        plainly(work, order_id, Act.PICK_UP, leaving=PickUp(**who))
    with pytest.raises(NotAPicture):
        plainly(work, order_id, Act.PICK_UP, leaving=PickUp(**who, signature=b"<svg onload=alert(1)>"))
    with work.sessions.write() as session:
        asked = OtherClosure(
            order_id=order_id, asked_by=ClosureAsker.PATIENT, asked_by_name="Ada Sample", reason="arthritis"
        )
        ask_closure(session, asked, by=work.member_in(session, Role.SHIPPING), now=work.pharmacy.clock())

    signed = PickUp(**who, signature=b"\x89PNG\r\n\x1a\nstrokes")
    assert plainly(work, order_id, Act.PICK_UP, Role.SHIPPING, leaving=signed) is S.PICKED_UP

    with work.sessions.read() as session:
        left = hand_overs.of_order(session, order_id)
    assert left is not None
    assert (left.taken_by, left.is_child_resistant) == ("Bea Sample", False)
    assert left.signature == signed.signature


def test_only_a_pharmacist_counsels_and_an_offer_says_how_it_was_met(work: Work) -> None:
    order_id = work.bring_to(S.VERIFIED)

    with pytest.raises(NotYourAct, match="Only a pharmacist may counsel"):
        offer(work, order_id, Role.TECHNICIAN, outcome=CounsellingOutcome.ACCEPTED)
    with pytest.raises(CounsellingUnfit, match="no answer yet"):
        offer(work, order_id, way=CounsellingWay.IN_WRITING)
    with pytest.raises(CounsellingUnfit, match="accepted or refused"):
        offer(work, order_id, outcome=CounsellingOutcome.OFFERED)
    plainly(work, order_id, Act.CANCEL, reason="The patient has moved")
    with pytest.raises(ActNotOpen, match="The order is cancelled"):
        offer(work, order_id)


def test_what_comes_back_is_destroyed_and_somebody_decides_what_follows(work: Work) -> None:
    order_id = work.bring_to(S.SHIPPED)
    back = ComeBack(kind=ReturnKind.UNDELIVERED)
    with pytest.raises(ReasonMissing):
        plainly(work, order_id, Act.RETURN, leaving=back)
    with pytest.raises(HandOverMissing, match="Why it came back"):
        plainly(work, order_id, Act.RETURN, reason="unknown at this address")

    assert plainly(work, order_id, Act.RETURN, leaving=back, reason="unknown at this address") is S.RETURNED

    order = work.order(order_id)
    with work.sessions.read() as session:
        allocations = batches.allocations_of(session, [line.id for line in order.lines])
        assert all(each.destroyed_at is not None for each in allocations)
        came = hand_overs.return_of(session, order_id)
        assert came is not None
        assert came.kind is ReturnKind.UNDELIVERED
        assert tasks.is_open(session, "order.returned", order_id)
    assert all(label.voided_at for label in work.labels(order_id))
