"""Batches as their list shows them, and what a plan comes to in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pharmacy.domain.batches import AT_THE_BENCH, BatchKind, BatchStatus
from pharmacy.domain.figures import shown
from pharmacy.store.batches import Batch
from pharmacy.usecases.compounding_record import made_text
from pharmacy.web.console.batch_room import batch_chip
from pharmacy.web.console.language import gettext, ngettext
from pharmacy.web.console.words import Chip, Moment, day_moment

_S = BatchStatus
STOPPED = (_S.QC_FAILED, _S.QUARANTINED, _S.RECALLED)
ON_THE_SHELF = (_S.RELEASED,)
OVER = (_S.REJECTED, _S.DEPLETED, _S.EXPIRED, _S.DESTROYED)
# What the bench has to do something about, what stopped, what lies on the shelf, and what is over.
VIEWS: Mapping[str, Collection[BatchStatus]] = {
    "bench": AT_THE_BENCH,
    "stopped": STOPPED,
    "shelf": ON_THE_SHELF,
    "over": OVER,
}
_HUNDRED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    number: str
    what: str
    state: Chip
    compounded: Moment
    use_by: Moment
    promised: str


def view_words(view: str) -> str:
    """How a view of the list is called."""
    words: Mapping[str, str] = {
        "bench": gettext("At the bench"),
        "stopped": gettext("Stopped"),
        "shelf": gettext("On the shelf"),
        "over": gettext("Over"),
    }
    return words[view]


def batch_row(batch: Batch, today: date) -> BatchRow:
    return BatchRow(
        number=batch.number,
        what=_what(batch),
        state=batch_chip(batch.status, is_mine=batch.status in AT_THE_BENCH),
        compounded=day_moment(batch.compounded_on, today),
        use_by=day_moment(batch.beyond_use_on, today),
        promised=_promised(batch),
    )


def _what(batch: Batch) -> str:
    if batch.strength_fraction is not None:
        return f"{gettext('Triturate')}, {shown(batch.strength_fraction * _HUNDRED, 2)} % w/w"
    return made_text(batch)


def _promised(batch: Batch) -> str:
    """How many capsules of how many; a liquid is mixed for one order, or for none."""
    if batch.kind is BatchKind.LIQUID:
        return str(gettext("for one order")) if batch.capsules_allocated else ""
    if batch.capsules_on_offer is None:
        return ""
    told: str = gettext(
        "%(promised)s of %(all)s", promised=batch.capsules_allocated, all=batch.capsules_on_offer
    )
    return told


def plan_verdict(plan: Mapping[str, Any]) -> str:
    """How good the plan is proven to be, in a sentence."""
    made, bound = plan["made_batches"], plan["bound"]
    if not made:
        return str(gettext("Nothing is to be made."))
    batches = ngettext("%(num)s batch", "%(num)s batches", made)
    if made == bound:
        return str(
            gettext("%(batches)s, and fewer are impossible: that is the proven bound.", batches=batches)
        )
    told: str = gettext(
        "%(batches)s; fewer than %(bound)s are impossible. The plan lies %(gap)s %% above that bound.",
        batches=batches,
        bound=bound,
        gap=plan["gap_pct"],
    )
    return told
