"""Component lots: how long one lasts, when it may be released, and which is used first.

An expiry printed as a month means its last day. Without a printed expiry a lot lasts twelve months from receipt
(house policy); a retest date that comes earlier ends it earlier. A pharmacist releases a lot of naltrexone after
the certificate: identity, grade, a maker registered with the FDA (21 USC 353a(b)(1)(A)), and an assay of 98.0 to
102.0 % on the anhydrous, solvent-free basis (USP naltrexone hydrochloride). Of what is released, the first to
expire is used first, *as long as it still serves on the last day that is wanted*: first-expired-first-out alone
would quietly shorten the beyond-use date of a whole batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar

from pharmacy.domain.beyond_use import month_end
from pharmacy.domain.calendar import months_after
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.potency import HUNDRED, AssayBasis, Certificate

# USP naltrexone hydrochloride, assay on the anhydrous, solvent-free basis, per cent.
LEAST_ASSAY, MOST_ASSAY = Decimal("98.0"), Decimal("102.0")


class LotStatus(StrEnum):
    """Where a component lot stands; only what is released may be used."""

    QUARANTINED = "quarantined"
    RELEASED = "released"
    REJECTED = "rejected"
    EXPIRED = "expired"
    RECALLED = "recalled"
    DEPLETED = "depleted"


class LotAct(StrEnum):
    """What a pharmacist decides about a lot. Recalling one is more than that: it is a recall of its own."""

    RELEASE = "release"
    REJECT = "reject"
    QUARANTINE = "quarantine"


_S = LotStatus
# Out of which states each act leads, and into which. A recalled or rejected lot never comes back.
LOT_ACTS: Mapping[LotAct, tuple[frozenset[LotStatus], LotStatus]] = {
    # What was used up and found again, or came in another container, is reviewed again.
    LotAct.RELEASE: (frozenset({_S.QUARANTINED, _S.DEPLETED}), _S.RELEASED),
    LotAct.REJECT: (frozenset({_S.QUARANTINED, _S.RELEASED}), _S.REJECTED),
    LotAct.QUARANTINE: (frozenset({_S.RELEASED}), _S.QUARANTINED),
}


class PrintedExpiry(StrEnum):
    """How the vendor prints when a lot ends."""

    DAY = "day"
    MONTH = "month"
    NONE = "none"


@dataclass(eq=False)
class LotActRefused(Conflict):
    """The lot stands where this act does not lead on from."""

    number: str
    act: LotAct
    status: LotStatus

    def __str__(self) -> str:
        return f"Lot {self.number} is {self.status}; it cannot be put to {self.act}."


@dataclass(eq=False)
class NotFitForRelease(Unfit):
    """The review of a lot found what keeps it in quarantine."""

    number: str
    faults: tuple[str, ...]

    def __str__(self) -> str:
        return f"Lot {self.number} stays in quarantine: {'; '.join(self.faults)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What container and certificate say about the end of a lot."""

    expiry: PrintedExpiry
    year: int | None = None
    month: int | None = None
    day: int | None = None
    retest_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What the review of a lot of naltrexone looks at besides its last day."""

    certificate: Certificate
    identity_confirmed: bool
    grade: str
    maker_is_registered: bool


class Lasting(Protocol):
    """Something that may be used through its last day."""

    @property
    def last_on(self) -> date: ...


class Shelved(Lasting, Protocol):
    """Something that lasts, of which so much is on hand."""

    @property
    def on_hand_ug(self) -> int: ...


_Lasting = TypeVar("_Lasting", bound=Lasting)
_Shelved = TypeVar("_Shelved", bound=Shelved)


def last_day(printed: Printed, received_on: date, months_without_expiry: int) -> date:
    """The last day on which the lot may be used, itself included: the earlier of expiry and retest date.

    A month without a day is its last day; without any printed expiry, so many months after receipt, the same day
    of the month or the last of a shorter one. Receipt on 31 August 2026 gives 31 August 2027.
    """
    if printed.expiry is PrintedExpiry.NONE or printed.year is None or printed.month is None:
        ends_on = months_after(received_on, months_without_expiry)
    elif printed.day is None:
        ends_on = month_end(printed.year, printed.month)
    else:
        ends_on = date(printed.year, printed.month, printed.day)
    return min(ends_on, printed.retest_on or ends_on)


def release_faults(papers: Papers) -> tuple[str, ...]:
    """What keeps a lot of naltrexone from being released, in the order of the review; nothing when it may be."""
    found = (
        None if papers.identity_confirmed else "its identity is not confirmed",
        None if papers.grade.strip().upper() == "USP" else f"its grade is {papers.grade}, not USP",
        None if papers.maker_is_registered else "its maker is not known to be registered with the FDA",
        _assay_fault(papers.certificate),
    )
    return tuple(fault for fault in found if fault is not None)


def _assay_fault(certificate: Certificate) -> str | None:
    """Compared without a division: an as-is assay is held against the limits times the dry share."""
    dry_pct = HUNDRED
    if certificate.basis is AssayBasis.AS_IS:
        if certificate.water_pct is None:
            return "its assay is as is, and without a water figure it cannot be held against the monograph"
        dry_pct = HUNDRED - certificate.water_pct - certificate.solvents_pct
    if LEAST_ASSAY * dry_pct <= certificate.assay_pct * HUNDRED <= MOST_ASSAY * dry_pct:
        return None
    return (
        f"its assay of {certificate.assay_pct} % ({certificate.basis.replace('_', ' ')}) is not within"
        f" {LEAST_ASSAY} to {MOST_ASSAY} % on the anhydrous basis"
    )


def in_turn(stocked: Sequence[_Lasting], through: date | None) -> Sequence[_Lasting]:
    """Those that serve through that day, first to expire first; then the others, longest-lasting first.

    `stocked` comes first to expire first; without a day all of them serve.
    """
    serving = [each for each in stocked if through is None or each.last_on >= through]
    too_short = [each for each in stocked if through is not None and each.last_on < through]
    return [*serving, *too_short[::-1]]


def first_to_use(stocked: Sequence[_Shelved], need_ug: int, through: date | None) -> _Shelved | None:
    """The lot to use: the first to expire that holds enough by itself and serves through that day; None if none.

    One lot per ingredient and batch: what two lots hold together is not weighed as one (house policy).
    """
    enough = sorted((each for each in stocked if each.on_hand_ug >= need_ug), key=lambda each: each.last_on)
    first = next(iter(in_turn(enough, through)), None)
    return None if first is None or (through is not None and first.last_on < through) else first
