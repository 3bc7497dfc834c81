"""Labels and prints in lists: a row for each, the filters over them, and what an empty list says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from pharmacy.store.label_prints import LabelPrint, PrintState
from pharmacy.store.labels import Label
from pharmacy.usecases.request_labels import content_from_facts
from pharmacy.web.console.label_sheet import KIND_WORDS, label_chip, print_shown
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.words import Chip, Moment, instant_moment


class LabelFilter(StrEnum):
    """Which labels are looked at: the first three wait for somebody."""

    TO_PRINT = "to_print"
    TROUBLE = "trouble"
    GIVEN_UP = "given_up"
    PRINTED = "printed"
    VOID = "void"


FILTER_WORDS: Mapping[LabelFilter, object] = {
    LabelFilter.TO_PRINT: lazy_gettext("To be printed"),
    LabelFilter.TROUBLE: lazy_gettext("Trouble at a printer"),
    LabelFilter.GIVEN_UP: lazy_gettext("Could not be drawn"),
    LabelFilter.PRINTED: lazy_gettext("Print history"),
    LabelFilter.VOID: lazy_gettext("Void"),
}
_EMPTY: Mapping[LabelFilter, object] = {
    LabelFilter.TO_PRINT: lazy_gettext("Every label of the orders at the bench has been printed."),
    LabelFilter.TROUBLE: lazy_gettext("No printer has failed a label of an order at the bench."),
    LabelFilter.GIVEN_UP: lazy_gettext("Every label that was asked for could be drawn."),
    LabelFilter.PRINTED: lazy_gettext("Nothing has been printed yet."),
    LabelFilter.VOID: lazy_gettext("No dispensing label is void."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    """One label, or one print of it, in a list."""

    label_id: UUID
    rx_number: str
    patient: str
    what: str
    kind: str
    state: Chip
    detail: str
    at: Moment


def label_row(label: Label, failures: Mapping[UUID, str], zone: ZoneInfo) -> LabelRow:
    content, failure = content_from_facts(label.content), failures.get(label.id, "")
    return LabelRow(
        label_id=label.id,
        rx_number=content.rx_number,
        patient=content.patient,
        what=f"{content.drug_and_strength}, {content.quantity}",
        kind=str(KIND_WORDS[label.kind]),
        state=label_chip(label, failure, is_printed=False),
        detail=label.void_reason or failure,
        at=instant_moment(label.voided_at or label.made_at or label.requested_at, zone),
    )


def print_row(printed: LabelPrint, label: Label, names: Mapping[UUID, str], zone: ZoneInfo) -> LabelRow:
    content, shown = content_from_facts(label.content), print_shown(printed, names, zone)
    asked = gettext(
        "%(copy)s by %(person)s at %(printer)s", copy=shown.number, person=shown.person, printer=shown.printer
    )
    why = shown.detail if printed.state in {PrintState.FAILED, PrintState.UNCERTAIN} else shown.reason
    return LabelRow(
        label_id=label.id,
        rx_number=content.rx_number,
        patient=content.patient,
        what=f"{content.drug_and_strength}, {content.quantity}",
        kind=asked,
        state=shown.state,
        detail=why,
        at=shown.at,
    )


def empty_of(chosen: LabelFilter) -> str:
    """Why the list is empty."""
    return str(_EMPTY[chosen])
