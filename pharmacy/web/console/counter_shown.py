"""What was settled about one bag, in words: counselling, closure, how it left, how it came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pharmacy.domain.hand_over import (
    Carrier,
    ClosureAsker,
    CounsellingOutcome,
    CounsellingWay,
    IdentityDocument,
    Relation,
    ReturnKind,
)
from pharmacy.store.hand_overs import ClosureRequest, CounsellingOffer, HandOver, ReturnedOrder
from pharmacy.store.patients import Patient
from pharmacy.store.staff import StaffMember
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.words import instant_moment

_ = lazy_gettext
_Row = TypeVar("_Row")

WORDS: Mapping[StrEnum, str] = {
    Carrier.USPS: "USPS",
    Carrier.UPS: "UPS",
    Carrier.FEDEX: "FedEx",
    Carrier.COURIER: _("Courier"),
    Relation.PATIENT: _("The patient"),
    Relation.FAMILY: _("Family"),
    Relation.CAREGIVER: _("Caregiver"),
    Relation.AGENT: _("Somebody the patient sent"),
    IdentityDocument.DRIVING_LICENCE: _("Driving licence"),
    IdentityDocument.STATE_IDENTITY_CARD: _("State identity card"),
    IdentityDocument.PASSPORT: _("Passport"),
    IdentityDocument.MILITARY_IDENTITY_CARD: _("Military identity card"),
    IdentityDocument.KNOWN: _("Known to the staff"),
    CounsellingWay.IN_PERSON: _("In person"),
    CounsellingWay.BY_TELEPHONE: _("By telephone"),
    CounsellingWay.IN_WRITING: _("In writing, with the parcel"),
    CounsellingOutcome.ACCEPTED: _("Accepted: a pharmacist has counselled"),
    CounsellingOutcome.REFUSED: _("Refused"),
    CounsellingOutcome.OFFERED: _("Offered in writing; no answer yet"),
    ClosureAsker.PATIENT: _("The patient"),
    ClosureAsker.PRESCRIBER: _("The prescriber"),
    ReturnKind.UNDELIVERED: _("The carrier could not deliver it"),
    ReturnKind.REFUSED_BY_PATIENT: _("The patient refused it"),
    ReturnKind.BROUGHT_BACK: _("Somebody brought it back"),
}


def _options(members: type[StrEnum]) -> tuple[tuple[str, str], ...]:
    return tuple((member.value, WORDS[member]) for member in members)


OPTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "carrier": _options(Carrier),
    "relation": _options(Relation),
    "identity": _options(IdentityDocument),
    "way": _options(CounsellingWay),
    "outcome": _options(CounsellingOutcome),
    "asked_by": _options(ClosureAsker),
    "return": _options(ReturnKind),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BagShown:
    """Each is a sentence, or empty where nothing was settled yet."""

    address: tuple[str, ...]
    counselling: str
    closure: str
    is_child_resistant: bool
    left: str
    has_drawing: bool
    came_back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What is on record about one bag; of several offers and requests the newest counts."""

    offer: CounsellingOffer | None
    closure: ClosureRequest | None
    left: HandOver | None
    back: ReturnedOrder | None
    # Who recorded it, by id.
    names: Mapping[UUID, str]

    @classmethod
    def of(
        cls,
        offers: Sequence[CounsellingOffer],
        closures: Sequence[ClosureRequest],
        left: Sequence[HandOver],
        back: Sequence[ReturnedOrder],
        people: Sequence[StaffMember],
    ) -> Settled:
        """From the rows of the order, oldest first, and of whoever wrote them."""
        return cls(
            offer=_last(offers),
            closure=_last(closures),
            left=_last(left),
            back=_last(back),
            names={each.id: each.full_name for each in people},
        )


def _last(rows: Sequence[_Row]) -> _Row | None:
    return rows[-1] if rows else None


def bag_shown(patient: Patient, settled: Settled, zone: ZoneInfo) -> BagShown:
    """That bag in words."""
    names = settled.names
    offer, closure, left, back = settled.offer, settled.closure, settled.left, settled.back
    return BagShown(
        address=(
            patient.full_name,
            patient.address_line,
            f"{patient.city}, {patient.state} {patient.postal_code}",
        ),
        counselling=_offered(offer, names, zone) if offer else "",
        closure=_asked(closure, names, zone) if closure else "",
        is_child_resistant=closure is None,
        left=_left(left, names, zone) if left else "",
        has_drawing=bool(left and left.signature),
        came_back=_back(back, names, zone) if back else "",
    )


def _offered(offer: CounsellingOffer, names: Mapping[UUID, str], zone: ZoneInfo) -> str:
    note = f" ({offer.note})" if offer.note else ""
    at = instant_moment(offer.recorded_at, zone).words
    return gettext(
        "%(way)s, to %(offered_to)s: %(outcome)s%(note)s. %(recorded_by)s, %(at)s",
        way=WORDS[offer.way],
        offered_to=offer.offered_to,
        outcome=WORDS[offer.outcome],
        note=note,
        recorded_by=names[offer.recorded_by],
        at=at,
    )


def _asked(closure: ClosureRequest, names: Mapping[UUID, str], zone: ZoneInfo) -> str:
    at = instant_moment(closure.recorded_at, zone).words
    return (
        f"{WORDS[closure.asked_by]} ({closure.asked_by_name}): {closure.reason}."
        f" {names[closure.recorded_by]}, {at}"
    )


def _left(left: HandOver, names: Mapping[UUID, str], zone: ZoneInfo) -> str:
    at = instant_moment(left.handed_at, zone).words
    if left.carrier is not None:
        return f"{WORDS[left.carrier]} {left.tracking_number}. {names[left.handed_by]}, {at}"
    who = f"{left.taken_by} ({WORDS[left.relation]})" if left.relation else ""
    shown = f"{WORDS[left.identity]}" if left.identity else ""
    signed = (
        gettext("signed “%(signed_as)s”", signed_as=left.signed_as)
        if left.signed_as
        else gettext("signed by hand")
    )
    return f"{who}, {shown}, {signed}. {names[left.handed_by]}, {at}"


def _back(back: ReturnedOrder, names: Mapping[UUID, str], zone: ZoneInfo) -> str:
    at = instant_moment(back.came_back_at, zone).words
    return f"{WORDS[back.kind]}: {back.reason}. {names[back.recorded_by]}, {at}"
