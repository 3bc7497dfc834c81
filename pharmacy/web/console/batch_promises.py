"""The capsules of a batch and whom they are promised to: given by hand to lines that lack some, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from pharmacy.domain.batches import PROMISABLE, BatchKind
from pharmacy.domain.orders import OrderStatus
from pharmacy.store.batch_plans import LackingLine
from pharmacy.usecases.allocate_capsules import TAKES_CAPSULES
from pharmacy.usecases.bench_room import BenchRoom
from pharmacy.web.console.language import gettext, ngettext
from pharmacy.web.console.words import STATUS_WORDS, day_text


class PromiseAct(StrEnum):
    """What is done with capsules, by the address that does it."""

    ALLOCATE = "allocate"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseShown:
    """What one line was promised; `why_not` is why it is not taken back, "" when it may be."""

    order_line_id: UUID
    order_number: int
    amount: str
    is_destroyed: bool
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisesShown:
    """All promises; `why_not` is why no more are given, "" when some may be, and then `lines` are to choose from."""

    made: tuple[PromiseShown, ...]
    left: str
    lines: tuple[tuple[str, str], ...]
    why_not: str
    is_of_capsules: bool


def promises_shown(facts: BenchRoom, *, is_bench: bool) -> PromisesShown:
    """The promises as somebody sees them who may give and take them, or who may not."""
    batch = facts.batch
    left = (batch.capsules_on_offer or 0) - batch.capsules_allocated
    return PromisesShown(
        made=tuple(_made(each, is_bench) for each in facts.record["allocations"]),
        left=str(ngettext("%(num)s capsule is left.", "%(num)s capsules are left.", left)),
        lines=tuple((str(each.id), _line(each)) for each in facts.lacking),
        why_not=_why_not(facts, left, is_bench),
        is_of_capsules=batch.kind is BatchKind.CAPSULES,
    )


def _why_not(facts: BenchRoom, left: int, is_bench: bool) -> str:
    if not is_bench:
        return str(gettext("This is for the bench."))
    if facts.batch.status not in PROMISABLE:
        status = facts.batch.status.replace("_", " ").replace("qc", "QC")
        return str(gettext("Not while it is %(status)s.", status=status))
    if left < 1:
        return str(gettext("No capsule is left to promise."))
    return "" if facts.lacking else str(gettext("No order lacks capsules of this strength."))


def _line(line: LackingLine) -> str:
    """ "Rx 100234-1: lacks 7 of 7, promised Wed 26 Nov 2026"."""
    told: str = gettext(
        "Rx %(order)s-%(line)s: lacks %(lacks)s of %(all)s",
        order=line.order_number,
        line=line.position,
        lacks=line.lacks,
        all=line.capsules,
    )
    if line.promised_on is None:
        return told
    return f"{told}, {gettext('promised %(day)s', day=day_text(line.promised_on))}"


def _made(told: Mapping[str, Any], is_bench: bool) -> PromiseShown:
    status: OrderStatus = told["order_status"]
    why_not = ""
    if not is_bench:
        why_not = str(gettext("This is for the bench."))
    elif status not in TAKES_CAPSULES:
        why_not = str(gettext("The order is %(status)s.", status=STATUS_WORDS[status].lower()))
    return PromiseShown(
        order_line_id=told["order_line_id"],
        order_number=told["order_number"],
        amount=told["amount"],
        is_destroyed=told["is_destroyed"],
        why_not=why_not,
    )
