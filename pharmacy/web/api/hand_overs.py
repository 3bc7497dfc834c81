"""How an order is verified and leaves: scans, counselling, closure, parcel or pick-up, and what comes back."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from pharmacy.domain.orders import Act, Role
from pharmacy.store import hand_overs as books
from pharmacy.store import orders
from pharmacy.usecases.act_on_order import ActRequest, Surroundings, act_on_order
from pharmacy.usecases.offer_counselling import Offer, OtherClosure, ask_closure, offer_counselling
from pharmacy.usecases.record_leaving import ComeBack, Leaving, Parcel, PickUp
from pharmacy.usecases.scan_vial import Scan, scan_vial
from pharmacy.web.api.hand_over_shapes import (
    ClosureInput,
    ClosureOutput,
    CounsellingInput,
    CounsellingOutput,
    HandOverOutput,
    PickUpInput,
    ReturnInput,
    ShipInput,
    VerifyInput,
    VialScanInput,
    VialScanOutput,
)
from pharmacy.web.api.patients import reference_today
from pharmacy.web.api.screening_shapes import StandingOutput
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint(
    "hand_overs", __name__, url_prefix="/api/v1/orders", description="Verification and hand-over"
)
_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_COUNTER = (*_PHARMACISTS, Role.TECHNICIAN, Role.SHIPPING)
_SCANNED = worded_by(VialScanOutput())
_COUNSELLED = worded_by(CounsellingOutput())
_CLOSED = worded_by(ClosureOutput())


@blueprint.post("/<uuid:order_id>/scans")
@needs_staff(*_COUNTER)
@blueprint.arguments(VialScanInput())
@blueprint.response(201, VialScanOutput)
def scan(asked: dict[str, Any], order_id: UUID) -> Any:
    """A vial is scanned against its order, or into the bag; a vial of another order is refused."""
    pharmacy = the_pharmacy()
    what, now = Scan(order_id=order_id, **asked), pharmacy.clock()
    return staff_answer_once(
        lambda session, actor: cast(Any, scan_vial(session, what, pharmacy.imprint.codes, by=actor, now=now)),
        _SCANNED,
    )


@blueprint.post("/<uuid:order_id>/counselling")
@needs_staff(*_COUNTER)
@blueprint.arguments(CounsellingInput())
@blueprint.response(201, CounsellingOutput)
def counselling(asked: dict[str, Any], order_id: UUID) -> Any:
    """Counselling was offered; an order leaves only once this is on record."""
    offer, now = Offer(order_id=order_id, **asked), the_pharmacy().clock()
    return staff_answer_once(
        lambda session, actor: cast(Any, offer_counselling(session, offer, by=actor, now=now)), _COUNSELLED
    )


@blueprint.post("/<uuid:order_id>/closure-requests")
@needs_staff(*_COUNTER)
@blueprint.arguments(ClosureInput())
@blueprint.response(201, ClosureOutput)
def closure(asked: dict[str, Any], order_id: UUID) -> Any:
    """The patient or the prescriber asks for vials that are not child-resistant."""
    other, now = OtherClosure(order_id=order_id, **asked), the_pharmacy().clock()
    return staff_answer_once(
        lambda session, actor: cast(Any, ask_closure(session, other, by=actor, now=now)), _CLOSED
    )


@blueprint.post("/<uuid:order_id>/verify")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(VerifyInput())
@blueprint.response(200, StandingOutput)
def verify(asked: dict[str, Any], order_id: UUID) -> Any:
    """A pharmacist other than the compounder answers for the order, every vial of which was scanned."""
    return _acted(order_id, Act.VERIFY, asked["version"], reason=asked["reason"])


@blueprint.post("/<uuid:order_id>/ship")
@needs_staff(*_COUNTER)
@blueprint.arguments(ShipInput())
@blueprint.response(200, StandingOutput)
def ship(asked: dict[str, Any], order_id: UUID) -> Any:
    """The parcel leaves; the calendar begins to count."""
    version = asked.pop("version")
    return _acted(order_id, Act.SHIP, version, Parcel(**asked))


@blueprint.post("/<uuid:order_id>/pickup")
@needs_staff(*_COUNTER)
@blueprint.arguments(PickUpInput())
@blueprint.response(200, StandingOutput)
def pick_up(asked: dict[str, Any], order_id: UUID) -> Any:
    """Somebody takes the order at the counter, shows who they are, and signs."""
    version, signature = asked.pop("version"), asked.pop("signature") or b""
    return _acted(order_id, Act.PICK_UP, version, PickUp(**asked, signature=signature))


@blueprint.post("/<uuid:order_id>/return")
@needs_staff(*_COUNTER)
@blueprint.arguments(ReturnInput())
@blueprint.response(200, StandingOutput)
def come_back(asked: dict[str, Any], order_id: UUID) -> Any:
    """The order came back: destroyed, never restocked; the pharmacist-in-charge decides what follows."""
    return _acted(order_id, Act.RETURN, asked["version"], ComeBack(kind=asked["kind"]), asked["reason"])


@blueprint.get("/<uuid:order_id>/hand-over")
@needs_staff()
@blueprint.response(200, HandOverOutput)
def read(order_id: UUID) -> Any:
    """What was written down at the counter about this order; the reading is on record."""
    with staff_reading() as (session, _):
        orders.get(session, order_id)
        return {
            "scans": books.scans_of(session, order_id),
            "counselling": books.newest_offer(session, order_id),
            "closure": books.newest_closure(session, order_id),
            "hand_over": books.of_order(session, order_id),
            "came_back": books.return_of(session, order_id),
        }


def _acted(
    order_id: UUID, act: Act, seen_version: int, leaving: Leaving | None = None, reason: str = ""
) -> Any:
    pharmacy = the_pharmacy()
    request = ActRequest(
        order_id=order_id, act=act, seen_version=seen_version, reason=reason, leaving=leaving
    )
    with staff_writing() as (session, actor):
        around = Surroundings(reference=reference_today(session), imprint=pharmacy.imprint)
        act_on_order(session, request, around, by=actor, now=pharmacy.clock())
        session.flush()  # The answer names the version that the order has from now on.
        return orders.get(session, order_id)
