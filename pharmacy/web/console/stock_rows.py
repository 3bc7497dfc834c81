"""Lots, ledgers and levels as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pharmacy.domain.lots import LOT_ACTS, LotAct, LotStatus
from pharmacy.domain.orders import Role
from pharmacy.domain.stock import mass_text
from pharmacy.store.stock_ledger import StockMovement
from pharmacy.web.console.language import gettext
from pharmacy.web.console.names import named
from pharmacy.web.console.words import Chip, Moment, Tone, day_moment, instant_moment, with_days_in_words

PHARMACISTS = frozenset({Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE})
BENCH = PHARMACISTS | {Role.TECHNICIAN}
_TONES: Mapping[LotStatus, Tone] = {
    LotStatus.QUARANTINED: Tone.HELD,
    LotStatus.RELEASED: Tone.DONE,
    LotStatus.REJECTED: Tone.BLOCKED,
    LotStatus.RECALLED: Tone.BLOCKED,
    LotStatus.EXPIRED: Tone.ENDED,
    LotStatus.DEPLETED: Tone.ENDED,
}
_SOON_DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRow:
    id: UUID
    number: str
    name: str
    kind: str
    state: Chip
    expires: Moment
    is_soon: bool
    on_hand: str
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LotActShown:
    """A decision about a lot: what it will do, or why it is not open."""

    value: str
    words: str
    will_do: str
    why_not: str
    is_harsh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRow:
    id: UUID
    at: Moment
    kind: str
    change: str
    after: str
    reason: str
    by: str
    is_reversal: bool


def lot_row(told: Mapping[str, Any], today: date) -> LotRow:
    """A lot in the list, from how it is told."""
    status, expires_on = told["status"], told["expires_on"]
    return LotRow(
        id=told["id"],
        number=told["number"],
        name=told["name"],
        kind=told["kind"],
        state=lot_chip(status),
        expires=day_moment(expires_on, today),
        is_soon=status in {LotStatus.RELEASED, LotStatus.QUARANTINED}
        and (expires_on - today).days <= _SOON_DAYS,
        on_hand=mass_text(told["on_hand_mg"])
        if told["shells_on_hand"] is None
        else gettext("%(many)s shells", many=told["shells_on_hand"]),
        why_not=with_days_in_words(told["why_not"] or ""),
    )


def lot_chip(status: LotStatus) -> Chip:
    return Chip(named(status.value).capitalize(), _TONES[status])


def lot_acts(status: LotStatus, role: Role) -> tuple[LotActShown, ...]:
    """What a pharmacist may decide about a lot that stands so."""
    return tuple(_lot_act(act, status, role) for act in LotAct)


def _lot_act(act: LotAct, status: LotStatus, role: Role) -> LotActShown:
    why_not = ""
    if role not in PHARMACISTS:
        why_not = gettext("This is for a pharmacist.")
    elif status not in LOT_ACTS[act][0]:
        why_not = gettext("Not while it is %(status)s.", status=status.value)
    words, will_do = {
        LotAct.RELEASE: (
            gettext("Release"),
            gettext("You have reviewed the certificate: identity, grade, maker, assay. It may be weighed."),
        ),
        LotAct.REJECT: (gettext("Reject"), gettext("The lot is never used.")),
        LotAct.QUARANTINE: (
            gettext("Back into quarantine"),
            gettext("Nothing is weighed from it until it is released again."),
        ),
    }[act]
    return LotActShown(
        value=act.value, words=words, will_do=will_do, why_not=why_not, is_harsh=act is LotAct.REJECT
    )


def movement_rows(
    lines: Sequence[StockMovement], names: Mapping[UUID, str], zone: ZoneInfo
) -> tuple[MovementRow, ...]:
    """The ledger, newest first."""
    return tuple(
        MovementRow(
            id=line.id,
            at=instant_moment(line.moved_at, zone),
            kind=line.kind.value,
            change=f"{'+' if line.ug > 0 else '−'}{mass_text(abs(line.ug))}",
            after=mass_text(line.on_hand_after_ug),
            reason=line.reason or "",
            by=names.get(line.moved_by, gettext("the pharmacy's clockwork")),
            is_reversal=line.reverses_id is not None,
        )
        for line in reversed(lines)
    )
