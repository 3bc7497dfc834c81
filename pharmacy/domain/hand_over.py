"""How an order leaves: every vial scanned, counselling offered, the closure child-resistant, the taker named.

An order leaves in child-resistant packaging unless the patient or the prescriber asks for another (Poison
Prevention Packaging Act, 16 CFR 1700.14 and 1701.1); the request is a record. Counselling is offered with every
order (42 CFR 1396r-8(g), OBRA '90): anybody at the counter may offer and write down a refusal, a pharmacist alone
gives it. Nothing leaves of which a vial was not scanned, and what comes back is never restocked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.orders import Refusal, Role


class ScanPurpose(StrEnum):
    """What a vial is scanned for: the pharmacist's last look, and the bag it leaves in."""

    VERIFICATION = "verification"
    BAG = "bag"


class Carrier(StrEnum):
    USPS = "usps"
    UPS = "ups"
    FEDEX = "fedex"
    COURIER = "courier"


class Relation(StrEnum):
    """Who takes the bag at the counter, to the patient."""

    PATIENT = "patient"
    FAMILY = "family"
    CAREGIVER = "caregiver"
    AGENT = "agent"


class IdentityDocument(StrEnum):
    """What they showed; `known` is somebody whom the staff knows."""

    DRIVING_LICENCE = "driving_licence"
    STATE_IDENTITY_CARD = "state_identity_card"
    PASSPORT = "passport"
    MILITARY_IDENTITY_CARD = "military_identity_card"
    KNOWN = "known"


class CounsellingWay(StrEnum):
    """How counselling was offered; a parcel brings its offer in writing, with a telephone number."""

    IN_PERSON = "in_person"
    BY_TELEPHONE = "by_telephone"
    IN_WRITING = "in_writing"


class CounsellingOutcome(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    # Offered in writing with a parcel; the patient may call.
    OFFERED = "offered"


class ClosureAsker(StrEnum):
    """Who may ask for a closure that is not child-resistant (16 CFR 1700.14 and PPPA section 4(b))."""

    PATIENT = "patient"
    PRESCRIBER = "prescriber"


class ReturnKind(StrEnum):
    """Why it came back."""

    UNDELIVERED = "undelivered"
    REFUSED_BY_PATIENT = "refused_by_patient"
    BROUGHT_BACK = "brought_back"


@dataclass(eq=False)
class WrongVial(Conflict):
    """The label that was scanned is another order's, void, or none of ours: it does not go on."""

    because: str

    def __str__(self) -> str:
        return self.because


@dataclass(eq=False)
class CounsellingUnfit(Unfit):
    because: str

    def __str__(self) -> str:
        return self.because


@dataclass(eq=False)
class HandOverMissing(Unfit):
    """What is to be written down when an order leaves was not given; `due` says what."""

    due: str

    def __str__(self) -> str:
        return f"{self.due} is due."


_PHARMACISTS = frozenset({Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE})


def counselling_allowed(
    role: Role | None, way: CounsellingWay, outcome: CounsellingOutcome
) -> Refusal | None:
    """None when that person may write this down: counselling that was accepted is given by a pharmacist."""
    if outcome is CounsellingOutcome.ACCEPTED and role not in _PHARMACISTS:
        return Refusal("Only a pharmacist may counsel; call one")
    return None


def require_sensible(way: CounsellingWay, outcome: CounsellingOutcome) -> None:
    """Whoever was asked in person or by telephone said yes or no; paper alone gets no answer. CounsellingUnfit."""
    is_written = way is CounsellingWay.IN_WRITING
    if is_written != (outcome is CounsellingOutcome.OFFERED):
        because = (
            "An offer in writing has no answer yet: record it as offered."
            if is_written
            else "Say whether it was accepted or refused."
        )
        raise CounsellingUnfit(because, where=("outcome",))


def scans_missing(purpose: ScanPurpose, labels: Iterable[UUID], scanned: Iterable[UUID]) -> Refusal | None:
    """Every label that stands on a vial was scanned, or how many are still to be."""
    wanted = set(labels)
    left = len(wanted - set(scanned))
    if not left:
        return None
    where = "into the bag" if purpose is ScanPurpose.BAG else "against the order"
    return Refusal(f"Scan {left} of {len(wanted)} vial{'' if len(wanted) == 1 else 's'} {where}")


def counselling_missing(is_recorded: bool) -> Refusal | None:
    """Nothing leaves before counselling was offered and the answer written down."""
    return None if is_recorded else Refusal("Waits for the offer of counselling to be recorded")
